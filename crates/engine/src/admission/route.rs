//! Like questions are one route: the kind of method and the path with what varies taken out.
//!
//! Takes a method and a path; gives a [`RouteKey`].
//! Never allocates, keeps text, or looks at more than [`PATH_BYTES_MAX`] of a path.

use siphasher::sip::SipHasher13;
use std::hash::Hasher as _;

/// Bytes of a path that are looked at; longer ones are alike behind that.
pub const PATH_BYTES_MAX: usize = 256;
/// Segments that are looked at; deeper ones are alike behind that.
pub const SEGMENTS_MAX: usize = 6;
/// A longer segment is an identifier, not a word: the longest common English words have fewer.
const WORD_BYTES_MAX: usize = 24;

/// Whether a request reads or changes something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MethodKind {
    /// GET, HEAD, OPTIONS.
    Read,
    /// Everything else.
    Write,
}

impl MethodKind {
    /// The kind of a method by its name.
    pub fn of(method: &str) -> Self {
        match method {
            "GET" | "HEAD" | "OPTIONS" => Self::Read,
            _ => Self::Write,
        }
    }
}

/// Keys the hash, so that nobody can make their route meet another's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RouteSeed(pub [u64; 2]);

/// A class of like questions, as a keyed hash of its template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RouteKey(u64);

impl RouteKey {
    /// The route of a request with this method and target path (a query may follow).
    pub fn of(seed: RouteSeed, method: MethodKind, path_and_query: &str) -> Self {
        let bytes = path_and_query.as_bytes();
        let looked_at = &bytes[..bytes.len().min(PATH_BYTES_MAX)];
        let (path, query) = match looked_at.iter().position(|byte| *byte == b'?') {
            Some(at) => (&looked_at[..at], true),
            None => (looked_at, false),
        };
        let mut template = Template::default();
        for segment in path.split(|byte| *byte == b'/').take(SEGMENTS_MAX + 1) {
            match shape(segment) {
                Shape::Word => template.push(segment),
                Shape::Varies { ending } => {
                    template.push(&[0]);
                    template.push(ending);
                }
            }
            template.push(b"/");
        }
        template.push(&[u8::from(query) << 1 | u8::from(method == MethodKind::Write)]);
        let mut hasher = SipHasher13::new_with_keys(seed.0[0], seed.0[1]);
        hasher.write(&template.bytes[..template.length]);
        Self(hasher.finish() | 1)
    }

    /// As a number; never zero.
    pub fn to_bits(self) -> u64 {
        self.0
    }
}

/// A path without what varies; hashed as one piece, which costs half of many.
struct Template {
    bytes: [u8; TEMPLATE_BYTES],
    length: usize,
}

/// A mark for each segment, a slash behind each, and the last byte.
const TEMPLATE_BYTES: usize = PATH_BYTES_MAX + 2 * (SEGMENTS_MAX + 1) + 1;

impl Default for Template {
    fn default() -> Self {
        Self { bytes: [0; TEMPLATE_BYTES], length: 0 }
    }
}

impl Template {
    fn push(&mut self, bytes: &[u8]) {
        let end = self.length + bytes.len();
        if let Some(room) = self.bytes.get_mut(self.length..end) {
            room.copy_from_slice(bytes);
            self.length = end;
        }
    }
}

/// What one segment of a path is.
#[derive(Debug, PartialEq, Eq)]
enum Shape<'a> {
    /// Part of the template.
    Word,
    /// An identifier; its file ending, if any, is part of the template.
    Varies { ending: &'a [u8] },
}

/// What a byte is not.
const NOT_OF_WORD: u8 = 1;
const NOT_LOWER: u8 = 2;
const BYTES: [u8; 256] = {
    let mut bytes = [NOT_OF_WORD | NOT_LOWER; 256];
    let mut byte = b'a';
    while byte <= b'z' {
        bytes[byte as usize] = 0;
        byte += 1;
    }
    bytes[b'-' as usize] = NOT_LOWER;
    bytes[b'_' as usize] = NOT_LOWER;
    bytes[b'.' as usize] = NOT_LOWER;
    bytes
};

fn shape(segment: &[u8]) -> Shape<'_> {
    let Some((first, rest)) = segment.split_first() else {
        return Shape::Word;
    };
    if segment.len() > WORD_BYTES_MAX {
        return Shape::Varies { ending: ending(segment) };
    }
    let rest = rest.iter().fold(0, |flags, byte| flags | BYTES[usize::from(*byte)]);
    let word = (rest | BYTES[usize::from(*first)]) & NOT_OF_WORD == 0;
    // A first capital is a name; capitals inside are what encoders of random bytes make.
    let name = first.is_ascii_uppercase() && rest == 0;
    if word || name { Shape::Word } else { Shape::Varies { ending: ending(segment) } }
}

/// `.js` of `app.8f3a1c.js`; nothing when there is none of two to five letters.
fn ending(segment: &[u8]) -> &[u8] {
    let Some(dot) = segment.iter().rposition(|byte| *byte == b'.') else {
        return &[];
    };
    let ending = &segment[dot..];
    let plausible = (3..=6).contains(&ending.len());
    if plausible && ending[1..].iter().all(u8::is_ascii_lowercase) { ending } else { &[] }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(path: &str) -> RouteKey {
        RouteKey::of(RouteSeed([3, 4]), MethodKind::Read, path)
    }

    #[test]
    fn identifiers_and_queries_do_not_make_new_routes() {
        for (one, other) in [
            ("/donate/123", "/donate/99887"),
            ("/user/5f3e9c1a/photo", "/user/00ff00ff/photo"),
            ("/s/aGVsbG8gd29ybGQ", "/s/Zm9vYmFyYmF6cXV4"),
            ("/static/app.8f3a1c.js", "/static/app.11bb22.js"),
            ("/search?q=one", "/search?q=two&page=3"),
            ("/a/b/c/d/e/f/g", "/a/b/c/d/e/f/h"),
        ] {
            assert_eq!(key(one), key(other), "{one} {other}");
        }
    }

    #[test]
    fn different_questions_stay_different_routes() {
        let paths = ["/", "/dyn", "/dyn?x", "/donate/1", "/donate/1/receipt", "/about", "/News"];
        let mut keys: Vec<_> = paths.iter().map(|path| key(path)).collect();
        keys.push(key("/static/app.8f3a1c.css"));
        keys.push(key("/static/app.8f3a1c.js"));
        keys.push(RouteKey::of(RouteSeed([3, 4]), MethodKind::of("POST"), "/dyn"));
        keys.push(RouteKey::of(RouteSeed([5, 4]), MethodKind::Read, "/dyn"));
        let all = keys.len();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), all);
    }

    #[test]
    fn a_path_of_any_bytes_has_a_route() {
        for path in ["", "?", "//", "*", "/é/ü", &"/x".repeat(10_000), &"a".repeat(10_000)] {
            assert_ne!(key(path).to_bits(), 0, "{path:.20}");
        }
    }
}
