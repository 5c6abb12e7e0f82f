//! What the head of an answer tells the shield itself: how long the answer is, whether it goes on for
//! as long as both like, whether it sets a cookie.
//!
//! Over HTTP/1.1 all of it is found while the fields are read: look-ups for each would cost more than
//! all else that is made of it.

use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, SET_COOKIE};
use http::{Method, StatusCode};
use seawall_engine::admission::{Head, Kind};

/// What a head tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Tells {
    /// `Content-Length`.
    pub(super) length: Option<u64>,
    /// Whether `Content-Type` is one of answers that last.
    pub(super) lasts: bool,
    /// Whether there is a `Set-Cookie`.
    pub(crate) sets_cookies: bool,
}

impl Tells {
    /// Looks for it in fields that were read by somebody else.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let length =
            headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
        Self {
            length,
            lasts: headers.get(CONTENT_TYPE).is_some_and(|value| lasts(value.as_bytes())),
            sets_cookies: headers.contains_key(SET_COOKIE),
        }
    }

    /// The same as admission asks for it, of the answer to a request of `method`.
    pub(crate) fn head(self, method: &Method, status: StatusCode) -> Head {
        let lasts = self.lasts || status == StatusCode::SWITCHING_PROTOCOLS;
        // Where nothing follows the length is that of another answer (RFC 9110 §8.6).
        let is_sent = *method != Method::HEAD && status != StatusCode::NOT_MODIFIED;
        Head {
            length: self.length.filter(|_| is_sent),
            kind: if lasts { Kind::Lasting } else { Kind::Brief },
        }
    }
}

/// Whether an answer of this type goes on for as long as both sides like.
pub(super) fn lasts(content_type: &[u8]) -> bool {
    [&b"text/event-stream"[..], b"application/grpc"]
        .iter()
        .any(|start| content_type.starts_with(start))
}
