//! A head that an origin says again: many who ask for one page get the same one for as long as its
//! `Date` stands, and comparing its bytes costs a fraction of reading it.
//!
//! Takes whole heads with what was read in them; gives what was read where the very bytes stand at the
//! front of an answer again.
//! Never keeps a head that came once, since keeping takes memory, nor part of what else was read.
//! Bounds: one head of [`BYTES_MAX`] bytes for each connection.

use super::response::ResponseHead;
use bytes::{Buf as _, BytesMut};
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, Version};

/// More than nearly all heads have.
const BYTES_MAX: usize = 1024;

/// The last head of a connection.
#[derive(Debug, Default)]
pub(super) struct Same {
    /// Empty where there is none.
    bytes: Vec<u8>,
    /// What was read in it, once it has come twice.
    read: Option<Box<Read>>,
}

#[derive(Debug)]
struct Read {
    /// Whether it answered HEAD, which has no body.
    to_head: bool,
    fields: HeaderMap,
    status: StatusCode,
    rest: Rest,
}

/// What is copied as it is.
type Rest = (super::body::Framing, bool, super::tells::Tells);

impl Same {
    /// Takes the head off the front of `buffer` where it is the last one again.
    #[inline]
    pub(super) fn take(&self, buffer: &mut BytesMut, method: &Method) -> Option<ResponseHead> {
        let read = self.read.as_deref()?;
        if !buffer.starts_with(&self.bytes) || read.to_head != (*method == Method::HEAD) {
            return None;
        }
        buffer.advance(self.bytes.len());
        let (mut parts, ()) = Response::new(()).into_parts();
        (parts.status, parts.version, parts.headers) =
            (read.status, Version::HTTP_11, read.fields.clone());
        let (framing, persists, tells) = read.rest;
        Some(ResponseHead { parts, framing, persists, tells })
    }

    /// Notes a head that was read: whoever says it a second time may say it a third time.
    pub(super) fn note(&mut self, bytes: &[u8], method: &Method, head: &ResponseHead) {
        let is_plain = head.parts.extensions.is_empty() && bytes.len() <= BYTES_MAX;
        if self.bytes == bytes && is_plain {
            self.read = Some(Box::new(Read::of(method, head)));
            return;
        }
        self.read = None;
        self.bytes.clear();
        if is_plain {
            self.bytes.extend_from_slice(bytes);
        }
    }
}

impl Read {
    fn of(method: &Method, head: &ResponseHead) -> Self {
        let mut fields = head.parts.headers.clone();
        for value in fields.values_mut() {
            // In memory of its own: a slice would keep all that was read with it.
            if let Ok(own) = HeaderValue::from_bytes(value.as_bytes()) {
                *value = own;
            }
        }
        Self {
            to_head: *method == Method::HEAD,
            fields,
            status: head.parts.status,
            rest: (head.framing, head.persists, head.tells),
        }
    }
}
