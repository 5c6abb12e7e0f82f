//! Interim answers of an origin, freed of what concerns our connection and written for the client
//! (RFC 9110 §15.2).
//!
//! `100 Continue` is none of these: it is the engine's own word to a client that waits for it.
//! Bounds: [`HEADS_MAX`] heads and [`BYTES_MAX`] bytes a request; the rest is dropped, which every
//! client bears.

use super::request::write_field;
use http::{HeaderMap, Response, StatusCode};

/// Interim heads that a client is sent before one answer.
const HEADS_MAX: u8 = 8;
/// Bytes of them.
const BYTES_MAX: usize = 16 * 1024;

/// The head of an interim answer.
#[derive(Debug)]
pub(crate) struct Interim {
    pub(crate) status: StatusCode,
    pub(crate) fields: HeaderMap,
}

/// What the client of one request may still be sent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Allowance {
    heads: u8,
    bytes: usize,
}

impl Allowance {
    /// For a client that knows what to do with interim answers.
    pub(crate) const FULL: Self = Self { heads: HEADS_MAX, bytes: BYTES_MAX };
    /// For one that does not, or whom they cannot reach.
    pub(crate) const NONE: Self = Self { heads: 0, bytes: 0 };

    /// The bytes of `interim` for the client, when there is still room for them.
    pub(crate) fn encode(&mut self, interim: &Interim) -> Option<Vec<u8>> {
        let heads = self.heads.checked_sub(1)?;
        let head = interim.encoded();
        let bytes = self.bytes.checked_sub(head.len())?;
        *self = Self { heads, bytes };
        Some(head)
    }
}

impl Interim {
    /// The same for an HTTP/2 client.
    pub(crate) fn into_response(self) -> Response<()> {
        let mut response = Response::new(());
        *response.status_mut() = self.status;
        *response.headers_mut() = self.fields;
        response
    }

    fn encoded(&self) -> Vec<u8> {
        let mut head = Vec::with_capacity(256);
        head.extend_from_slice(b"HTTP/1.1 ");
        head.extend_from_slice(self.status.as_str().as_bytes());
        head.push(b' ');
        head.extend_from_slice(self.status.canonical_reason().unwrap_or_default().as_bytes());
        head.extend_from_slice(b"\r\n");
        for (name, value) in &self.fields {
            write_field(&mut head, name.as_str(), value.as_bytes());
        }
        head.extend_from_slice(b"\r\n");
        head
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn hint(length: usize) -> Interim {
        let value = HeaderValue::from_str(&"a".repeat(length)).unwrap();
        let fields = HeaderMap::from_iter([(http::header::LINK, value)]);
        Interim { status: StatusCode::EARLY_HINTS, fields }
    }

    #[test]
    fn an_interim_answer_is_written_as_a_head_of_its_own() {
        let mut allowance = Allowance::FULL;
        let head = allowance.encode(&hint(2)).unwrap();
        assert_eq!(head, b"HTTP/1.1 103 Early Hints\r\nlink: aa\r\n\r\n");
        let mut none = Allowance::NONE;
        assert!(none.encode(&hint(2)).is_none());
    }

    #[test]
    fn heads_and_bytes_beyond_their_bounds_are_dropped() {
        let mut allowance = Allowance::FULL;
        let sent = (0..20).filter_map(|_| allowance.encode(&hint(1))).count();
        assert_eq!(sent, usize::from(HEADS_MAX));
        let mut allowance = Allowance::FULL;
        let frame = hint(0).encoded().len();
        assert!(allowance.encode(&hint(BYTES_MAX - frame + 1)).is_none());
        assert!(allowance.encode(&hint(BYTES_MAX - frame)).is_some());
        assert!(allowance.encode(&hint(1)).is_none(), "no room is left");
    }
}
