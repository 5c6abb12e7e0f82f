//! Field names of a connection's first header block (RFC 7541).
//!
//! The dynamic table is empty when the block begins, so names can be read without keeping one
//! beyond it; values are passed by.

use super::huffman;
use std::borrow::Cow;

/// Fields that are listed; what is beyond is left out.
pub const NAMES_MAX: usize = 128;
/// Bytes of all listed names with their commas; what is beyond is left out.
pub const NAMES_BYTES_MAX: usize = 4 * 1024;

/// Room for the names of a browser.
const NAMES_USUAL: usize = 256;
/// Stands for a name that no header may have.
const UNFIT: &str = "?";

/// What the first block says of the stack that wrote it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct FirstBlock {
    /// Names in order, comma separated.
    pub(super) names: String,
    /// Initials of the pseudo-headers in order, comma separated; `pr` for `:protocol`.
    pub(super) pseudo_order: String,
}

/// Reads `block` as far as it is whole and well formed; the engine behind judges it.
pub(super) fn first_block(block: &[u8]) -> FirstBlock {
    let mut reader = BlockReader { rest: block, inserted: Vec::new() };
    let mut found =
        FirstBlock { names: String::with_capacity(NAMES_USUAL), ..FirstBlock::default() };
    for _ in 0..NAMES_MAX {
        let Some(name) = reader.next_name() else {
            break;
        };
        if found.names.len() + 1 + name.len() > NAMES_BYTES_MAX {
            break;
        }
        if let Some(word) = initial(&name) {
            push(&mut found.pseudo_order, word);
        }
        push(&mut found.names, &name);
    }
    found
}

fn push(list: &mut String, word: &str) {
    if !list.is_empty() {
        list.push(',');
    }
    list.push_str(word);
}

fn initial(name: &str) -> Option<&'static str> {
    match name {
        ":method" => Some("m"),
        ":path" => Some("p"),
        ":scheme" => Some("s"),
        ":authority" => Some("a"),
        ":protocol" => Some("pr"),
        _ => None,
    }
}

type Name = Cow<'static, str>;

struct BlockReader<'a> {
    rest: &'a [u8],
    /// Names that the block itself put into the dynamic table, oldest first.
    ///
    /// None is evicted: an index that is still valid counts from the newest.
    inserted: Vec<Name>,
}

impl BlockReader<'_> {
    /// The name of the next field, or `None` at the end or at the first fault.
    fn next_name(&mut self) -> Option<Name> {
        loop {
            let first = *self.rest.first()?;
            if first & 0x80 != 0 {
                let index = self.integer(7)?;
                return self.indexed(index);
            }
            if first & 0xe0 == 0x20 {
                self.integer(5)?;
                continue;
            }
            let inserts = first & 0x40 != 0;
            let index = self.integer(if inserts { 6 } else { 4 })?;
            let name = if index == 0 { self.literal()? } else { self.indexed(index)? };
            self.string()?;
            if inserts {
                self.inserted.push(name.clone());
            }
            return Some(name);
        }
    }

    fn indexed(&self, index: usize) -> Option<Name> {
        let index = index.checked_sub(1)?;
        if let Some(name) = STATIC_NAMES.get(index) {
            return Some(Cow::Borrowed(name));
        }
        let age = index - STATIC_NAMES.len();
        self.inserted.iter().rev().nth(age).cloned()
    }

    /// RFC 7541 §5.1, up to what a block can hold.
    fn integer(&mut self, prefix_bits: u32) -> Option<usize> {
        let most = (1_usize << prefix_bits) - 1;
        let mut value = usize::from(self.byte()?) & most;
        if value < most {
            return Some(value);
        }
        for shift in [0, 7, 14] {
            let byte = self.byte()?;
            value += usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn byte(&mut self) -> Option<u8> {
        let (&byte, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(byte)
    }

    /// RFC 7541 §5.2: whether it is Huffman-coded, and its bytes.
    fn string(&mut self) -> Option<(bool, &[u8])> {
        let coded = self.rest.first()? & 0x80 != 0;
        let length = self.integer(7)?;
        let (text, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some((coded, text))
    }

    fn literal(&mut self) -> Option<Name> {
        let (coded, text) = self.string()?;
        let plain = if coded { Cow::Owned(huffman::decoded(text)?) } else { Cow::Borrowed(text) };
        let fit = !plain.is_empty() && plain.iter().all(|byte| is_name_byte(*byte));
        match str::from_utf8(&plain) {
            Ok(name) if fit => Some(Cow::Owned(name.to_owned())),
            _ => Some(Cow::Borrowed(UNFIT)),
        }
    }
}

/// A byte that a list of names can show: a token's, or the colon of a pseudo-header.
fn is_name_byte(byte: u8) -> bool {
    let mark = b"!#$%&'*+.^_`|~:";
    byte.is_ascii_alphanumeric() || byte == b'-' || mark.contains(&byte)
}

/// Names of the static table (RFC 7541 Appendix A), from index 1.
const STATIC_NAMES: [&str; 61] = [
    ":authority",
    ":method",
    ":method",
    ":path",
    ":path",
    ":scheme",
    ":scheme",
    ":status",
    ":status",
    ":status",
    ":status",
    ":status",
    ":status",
    ":status",
    "accept-charset",
    "accept-encoding",
    "accept-language",
    "accept-ranges",
    "accept",
    "access-control-allow-origin",
    "age",
    "allow",
    "authorization",
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-length",
    "content-location",
    "content-range",
    "content-type",
    "cookie",
    "date",
    "etag",
    "expect",
    "expires",
    "from",
    "host",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "last-modified",
    "link",
    "location",
    "max-forwards",
    "proxy-authenticate",
    "proxy-authorization",
    "range",
    "referer",
    "refresh",
    "retry-after",
    "server",
    "set-cookie",
    "strict-transport-security",
    "transfer-encoding",
    "user-agent",
    "vary",
    "via",
    "www-authenticate",
];
