//! From TLS records to one handshake message.

use super::HelloFault;
use std::borrow::Cow;

/// Bytes of a hello without its header; post-quantum key shares and padding stay below 4 KiB.
pub const HELLO_BYTES_MAX: usize = 16 * 1024;
/// Records that one hello may be split over.
///
/// Tools against censorship cut it into a handful; a hundred of single bytes only cost us.
pub const RECORDS_MAX: usize = 64;

const HANDSHAKE: u8 = 22;
const CLIENT_HELLO: u8 = 1;
const RECORD_HEADER: usize = 5;
const MESSAGE_HEADER: usize = 4;
const RECORD_BYTES_MAX: usize = 1 << 14;

/// The body of a hello, without its message header.
pub(super) enum Joined<'a> {
    Partial,
    Whole(Cow<'a, [u8]>),
}

/// Joins the records at the front of `stream` until they hold one ClientHello.
///
/// Copies only a hello that is split, and only once it is whole.
pub(super) fn join(stream: &[u8]) -> Result<Joined<'_>, HelloFault> {
    let mut rest = stream;
    let mut header = Header::default();
    let mut have = 0;
    for index in 0..RECORDS_MAX {
        let Some(record) = first_record(rest)? else {
            return Ok(Joined::Partial);
        };
        header.fill(record.fragment)?;
        have += record.fragment.len();
        rest = record.rest;
        let Some(length) = header.length() else {
            continue;
        };
        if have >= MESSAGE_HEADER + length {
            let in_place = record.fragment.get(MESSAGE_HEADER..MESSAGE_HEADER + length);
            let body = match (index, in_place) {
                (0, Some(body)) => Cow::Borrowed(body),
                _ => Cow::Owned(copied(stream, length)),
            };
            return Ok(Joined::Whole(body));
        }
    }
    Err(HelloFault::TooLong)
}

/// One record that is whole, and what follows it.
struct Record<'a> {
    fragment: &'a [u8],
    rest: &'a [u8],
}

/// The first record of `bytes`, or `None` when it is not whole.
fn first_record(bytes: &[u8]) -> Result<Option<Record<'_>>, HelloFault> {
    if bytes.first().is_some_and(|&kind| kind != HANDSHAKE)
        || bytes.get(1).is_some_and(|&major| major != 3)
    {
        return Err(HelloFault::NotTls);
    }
    let Some((&[_, _, _, high, low], rest)) = bytes.split_first_chunk::<RECORD_HEADER>() else {
        return Ok(None);
    };
    let length = usize::from(u16::from_be_bytes([high, low]));
    if length == 0 || length > RECORD_BYTES_MAX {
        return Err(HelloFault::RecordLength);
    }
    let parts = rest.split_at_checked(length);
    Ok(parts.map(|(fragment, rest)| Record { fragment, rest }))
}

/// The first four bytes of the message, gathered from however many records.
#[derive(Default)]
struct Header {
    bytes: [u8; MESSAGE_HEADER],
    filled: usize,
}

impl Header {
    fn fill(&mut self, fragment: &[u8]) -> Result<(), HelloFault> {
        let open = self.bytes.get_mut(self.filled..).unwrap_or_default();
        for (slot, byte) in open.iter_mut().zip(fragment) {
            *slot = *byte;
            self.filled += 1;
        }
        if self.filled > 0 && self.bytes[0] != CLIENT_HELLO {
            return Err(HelloFault::NotClientHello);
        }
        if self.length().is_some_and(|length| length > HELLO_BYTES_MAX) {
            return Err(HelloFault::TooLong);
        }
        Ok(())
    }

    fn length(&self) -> Option<usize> {
        let [_, high, middle, low] = self.bytes;
        (self.filled == MESSAGE_HEADER).then(|| u32::from_be_bytes([0, high, middle, low]) as usize)
    }
}

/// The `length` bytes behind the message header, from records that are known to hold them.
fn copied(stream: &[u8], length: usize) -> Vec<u8> {
    let mut message = Vec::with_capacity(MESSAGE_HEADER + length);
    let mut rest = stream;
    while let Ok(Some(record)) = first_record(rest) {
        let open = MESSAGE_HEADER + length - message.len();
        message.extend(record.fragment.iter().take(open));
        rest = record.rest;
        if message.len() == MESSAGE_HEADER + length {
            break;
        }
    }
    message.split_off(MESSAGE_HEADER)
}
