//! The body of an origin's answer: slices of the read buffer, until it ends.

use super::chunk::size_line;
use super::connection::{Upstream, UpstreamFault};
use super::response::{ResponseFault, every_line_ends};
use super::trailers;
use bytes::{Buf as _, Bytes, BytesMut};
use http::header::{HeaderMap, HeaderName, HeaderValue};
use httparse::Status;
use std::task::{Context, Poll, ready};

/// Bytes of one read of a body.
pub(crate) const READ_MAX: usize = 16 * 1024;
/// Bytes and fields of trailers.
const TRAILERS_MAX: usize = 16 * 1024;
const TRAILER_FIELDS_MAX: usize = 32;

/// How a body ends, and how far it has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    /// It has.
    Ended,
    /// After this many more bytes.
    Length(u64),
    /// With a chunk of size zero.
    Chunked(Chunk),
    /// With the connection.
    ToClose,
}

/// Where in the chunks a body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Chunk {
    /// At a size line.
    Size,
    /// Inside data, with this many bytes to come.
    Data(u64),
    /// At the line end behind data.
    DataEnd,
    /// At the trailers.
    Trailers,
}

/// A piece of a body.
pub(crate) type Piece = Poll<Option<Result<Part, UpstreamFault>>>;

/// Data, or what follows it.
#[derive(Debug, PartialEq)]
pub(crate) enum Part {
    Data(Bytes),
    Trailers(HeaderMap),
}

impl Framing {
    /// A chunked body of which nothing was read.
    pub(crate) const fn chunked() -> Self {
        Self::Chunked(Chunk::Size)
    }

    /// Bytes that are still to come, when that is known.
    pub(crate) const fn remaining(&self) -> Option<u64> {
        match self {
            Self::Ended => Some(0),
            Self::Length(length) => Some(*length),
            Self::Chunked(_) | Self::ToClose => None,
        }
    }

    /// The next piece.
    pub(super) fn poll_piece(&mut self, upstream: &mut Upstream, cx: &mut Context<'_>) -> Piece {
        loop {
            match self.next_in(&mut upstream.buffer) {
                Ok(Next::Part(part)) => return Poll::Ready(Some(Ok(part))),
                Ok(Next::Ended) => return Poll::Ready(None),
                Ok(Next::More) => {}
                Err(fault) => return Poll::Ready(Some(Err(fault.into()))),
            }
            let read = match ready!(upstream.poll_more(cx, READ_MAX)) {
                Ok(read) => read,
                Err(fault) => return Poll::Ready(Some(Err(fault))),
            };
            if read == 0 {
                let whole = *self == Self::ToClose;
                *self = Self::Ended;
                return Poll::Ready((!whole).then_some(Err(ResponseFault::Short.into())));
            }
        }
    }

    /// The next piece that the buffer holds whole.
    fn next_in(&mut self, buffer: &mut BytesMut) -> Result<Next, ResponseFault> {
        match self {
            Self::Ended => Ok(Next::Ended),
            Self::ToClose if buffer.is_empty() => Ok(Next::More),
            Self::ToClose => Ok(Next::Part(Part::Data(buffer.split().freeze()))),
            Self::Length(length) => {
                let data = take(buffer, length);
                if *length == 0 {
                    *self = Self::Ended;
                }
                Ok(data)
            }
            Self::Chunked(chunk) => {
                let next = chunk.next_in(buffer)?;
                if let Next::Ended | Next::Part(Part::Trailers(_)) = next {
                    *self = Self::Ended;
                }
                Ok(next)
            }
        }
    }
}

/// What a buffer gave.
enum Next {
    Part(Part),
    /// More must be read first.
    More,
    Ended,
}

fn take(buffer: &mut BytesMut, left: &mut u64) -> Next {
    if buffer.is_empty() {
        return Next::More;
    }
    let taken = usize::try_from(*left).unwrap_or(usize::MAX).min(buffer.len());
    *left -= taken as u64;
    Next::Part(Part::Data(buffer.split_to(taken).freeze()))
}

impl Chunk {
    fn next_in(&mut self, buffer: &mut BytesMut) -> Result<Next, ResponseFault> {
        loop {
            match self {
                Self::Size => {
                    let Some(line) = size_line(buffer)? else { return Ok(Next::More) };
                    buffer.advance(line.length);
                    *self = if line.size == 0 { Self::Trailers } else { Self::Data(line.size) };
                }
                Self::Data(left) => {
                    let data = take(buffer, left);
                    if *left == 0 {
                        *self = Self::DataEnd;
                    }
                    return Ok(data);
                }
                Self::DataEnd if buffer.len() < 2 => return Ok(Next::More),
                Self::DataEnd if buffer.starts_with(b"\r\n") => {
                    buffer.advance(2);
                    *self = Self::Size;
                }
                Self::DataEnd => return Err(ResponseFault::Chunks),
                Self::Trailers => return trailing(buffer),
            }
        }
    }
}

fn trailing(buffer: &mut BytesMut) -> Result<Next, ResponseFault> {
    if buffer.starts_with(b"\r\n") {
        buffer.advance(2);
        return Ok(Next::Ended);
    }
    let mut slots = [httparse::EMPTY_HEADER; TRAILER_FIELDS_MAX];
    match httparse::parse_headers(buffer, &mut slots) {
        Ok(Status::Complete((length, fields))) => {
            let start = buffer.as_ptr() as usize;
            let names = fields.iter().map(|field| field.name.as_ptr() as usize - start);
            if !every_line_ends(&buffer[..length], names) {
                return Err(ResponseFault::Chunks);
            }
            let mut headers = HeaderMap::with_capacity(fields.len());
            for field in fields {
                let name = HeaderName::from_bytes(field.name.as_bytes());
                let value = HeaderValue::from_bytes(field.value);
                let (Ok(name), Ok(value)) = (name, value) else {
                    return Err(ResponseFault::Chunks);
                };
                headers.append(name, value);
            }
            buffer.advance(length);
            Ok(Next::Part(Part::Trailers(trailers::sift(headers))))
        }
        Ok(Status::Partial) if buffer.len() <= TRAILERS_MAX => Ok(Next::More),
        Ok(Status::Partial) | Err(_) => Err(ResponseFault::Chunks),
    }
}

#[cfg(test)]
mod tests;
