//! The head of an origin's answer, parsed strictly and freed of what concerns only our connection.
//!
//! An answer whose body could be read in two ways is refused: what one reader takes for the body
//! another would take for the next answer (RFC 9112 §6.3).

use super::body::Framing;
use super::interim::Interim;
use super::names::{Names, Use};
use super::same::Same;
use super::tells::{Tells, lasts};
use bytes::{Bytes, BytesMut};
use http::header::{HeaderMap, HeaderValue};
use http::{Method, Response, StatusCode, Version, response::Parts};
use httparse::{ParserConfig, Status};
use hyper::ext::ReasonPhrase;
use std::mem::MaybeUninit;
use thiserror::Error;

/// Bytes of an answer's head.
pub(crate) const HEAD_MAX: usize = 64 * 1024;
/// Fields of an answer's head.
const FIELDS_MAX: usize = 128;
/// Most digits of a `Content-Length`: below 10^18, which every signed 64-bit counter holds.
const LENGTH_DIGITS_MAX: usize = 18;

/// What of an answer breaks the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum ResponseFault {
    #[error("its head cannot be parsed")]
    Grammar,
    #[error("its head is larger than {HEAD_MAX} bytes")]
    TooLarge,
    #[error("the length of its body is told twice or wrongly")]
    Length,
    #[error("its chunks are broken")]
    Chunks,
    #[error("its body ended early")]
    Short,
}

/// A final answer's head.
#[derive(Debug)]
pub(crate) struct ResponseHead {
    pub(crate) parts: Parts,
    pub(crate) framing: Framing,
    /// Whether the connection can carry another request after the body.
    pub(crate) persists: bool,
    pub(crate) tells: Tells,
}

/// A whole head.
#[derive(Debug)]
pub(crate) enum Said {
    /// Of 1xx, but for 101: more will come.
    Interim(Interim),
    Final(ResponseHead),
}

/// What a connection keeps from one head to the next, so that reading one makes nothing anew.
#[derive(Debug, Default)]
pub(super) struct Room {
    names: Names,
    ranges: Vec<FieldRange>,
    /// Of a request, which needs it no longer.
    fields: HeaderMap,
    same: Same,
}

/// More than nearly all heads need: a larger room is not kept.
const ROOM_MAX: usize = 48;

impl Room {
    /// Takes the room of fields that are needed no longer.
    pub(super) fn lend(&mut self, mut fields: HeaderMap) {
        if fields.capacity() <= ROOM_MAX {
            fields.clear();
            self.fields = fields;
        }
    }
}

/// What the fields say to us.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is what another field says")]
struct Told {
    tells: Tells,
    /// Whether there was a `Content-Type`, of which the first counts.
    is_typed: bool,
    chunked: bool,
    closes: bool,
    keeps_alive: bool,
}

/// Takes a whole head out of `buffer`, if there is one.
///
/// # Errors
/// The head breaks the protocol.
pub(super) fn parse(
    buffer: &mut BytesMut,
    method: &Method,
    room: &mut Room,
) -> Result<Option<Said>, ResponseFault> {
    if buffer.is_empty() {
        return Ok(None);
    }
    if let Some(head) = room.same.take(buffer, method) {
        return Ok(Some(Said::Final(head)));
    }
    let mut slots = [const { MaybeUninit::uninit() }; FIELDS_MAX];
    let mut parsed = httparse::Response::new(&mut []);
    let outcome =
        ParserConfig::default().parse_response_with_uninit_headers(&mut parsed, buffer, &mut slots);
    let length = match outcome {
        Ok(Status::Complete(length)) => length,
        Ok(Status::Partial) if buffer.len() > HEAD_MAX => return Err(ResponseFault::TooLarge),
        Ok(Status::Partial) => return Ok(None),
        Err(httparse::Error::TooManyHeaders) => return Err(ResponseFault::TooLarge),
        Err(_) => return Err(ResponseFault::Grammar),
    };
    let code = parsed.code.ok_or(ResponseFault::Grammar)?;
    let is_http_11 = parsed.version == Some(1);
    let status = StatusCode::from_u16(code).map_err(|_| ResponseFault::Grammar)?;
    let reason = own_reason(status, parsed.reason.unwrap_or_default());
    // Ranges of names and values, since the bytes are about to move out of the buffer.
    let start = buffer.as_ptr() as usize;
    room.ranges.clear();
    for field in parsed.headers.iter() {
        room.ranges.push(field_range(start, field)?);
    }
    let begins = room.ranges.iter().map(|range: &FieldRange| range.0 as usize);
    // The parser passes over empty lines in front and takes a bare LF for a line's end.
    if !buffer.starts_with(b"HTTP/") || !every_line_ends(&buffer[..length], begins) {
        return Err(ResponseFault::Grammar);
    }
    let head = buffer.split_to(length).freeze();
    let switches = status == StatusCode::SWITCHING_PROTOCOLS;
    let mut told = Told::default();
    let headers = fields_of(&head, room, (&mut told, switches))?;
    if status.is_informational() && !switches {
        return told
            .without_body()
            .map(|()| Some(Said::Interim(Interim { status, fields: headers })));
    }
    if told.chunked && !is_http_11 {
        // HTTP/1.0 has no chunks: who wrote them, and for whom, is not known (RFC 9112 §6.1).
        return Err(ResponseFault::Length);
    }
    let framing = framing(status, method, &told)?;
    let persists = !told.closes && (is_http_11 || told.keeps_alive) && framing != Framing::ToClose;
    let (mut parts, ()) = Response::new(()).into_parts();
    (parts.status, parts.version, parts.headers) = (status, Version::HTTP_11, headers);
    if let Some(reason) = reason {
        parts.extensions.insert(reason);
    }
    let said = ResponseHead { parts, framing, persists, tells: told.tells };
    room.same.note(&head, method, &said);
    Ok(Some(Said::Final(said)))
}

/// What an origin says beside its status, where it is not what everybody says.
fn own_reason(status: StatusCode, said: &str) -> Option<ReasonPhrase> {
    let usual = said.is_empty() || status.canonical_reason() == Some(said);
    if usual { None } else { ReasonPhrase::try_from(said.as_bytes()).ok() }
}

/// Whether every line of a head ends in CRLF, given where its fields' names begin.
pub(super) fn every_line_ends(head: &[u8], mut names: impl Iterator<Item = usize>) -> bool {
    let begins = |at: usize| at == 0 || head.get(..at).is_some_and(|line| line.ends_with(b"\r\n"));
    names.all(begins) && head.ends_with(b"\r\n\r\n")
}

type FieldRange = (u32, u32, u32, u32);

fn field_range(start: usize, field: &httparse::Header<'_>) -> Result<FieldRange, ResponseFault> {
    let offset = |at: usize| u32::try_from(at - start).map_err(|_| ResponseFault::TooLarge);
    let name = offset(field.name.as_ptr() as usize)?;
    let value = if field.value.is_empty() { name } else { offset(field.value.as_ptr() as usize)? };
    let length = |length: usize| u32::try_from(length).map_err(|_| ResponseFault::TooLarge);
    Ok((name, length(field.name.len())?, value, length(field.value.len())?))
}

/// The fields that go to the client; what the others say is noted.
fn fields_of(
    head: &Bytes,
    room: &mut Room,
    (told, switches): (&mut Told, bool),
) -> Result<HeaderMap, ResponseFault> {
    let Room { names, ranges, fields, .. } = room;
    let mut headers = std::mem::take(fields);
    headers.reserve(ranges.len());
    let mut nominated: Vec<&[u8]> = Vec::new();
    for (nth, &(name_at, name_length, value_at, value_length)) in ranges.iter().enumerate() {
        let name = &head[name_at as usize..(name_at + name_length) as usize];
        let value = &head[value_at as usize..(value_at + value_length) as usize];
        let (name, means) = names.read(nth, name).map_err(|_| ResponseFault::Grammar)?;
        match means {
            Use::Length => told.content_length(value)?,
            Use::Type => told.content_type(value),
            Use::Cookie => told.tells.sets_cookies = true,
            Use::Coding => {
                told.transfer_encoding(value)?;
                continue;
            }
            Use::Connection => {
                let others = told.connection(value);
                if !switches {
                    nominated.extend(others.then_some(value));
                    continue;
                }
            }
            Use::Upgrade if !switches => continue,
            Use::Ends => continue,
            Use::Upgrade | Use::Passes => {}
        }
        let value = match names.value(nth, value) {
            Some(known) => known,
            None => HeaderValue::from_maybe_shared(head.slice_ref(value))
                .map_err(|_| ResponseFault::Grammar)?,
        };
        headers.append(name, value);
    }
    for named in nominated.iter().filter_map(|field| std::str::from_utf8(field).ok()) {
        let names = named.split(',').map(str::trim);
        let usual = |name: &&str| !name.is_empty() && *name != "close" && *name != "keep-alive";
        names.filter(usual).for_each(|name| drop(headers.remove(name)));
    }
    Ok(headers)
}

impl Told {
    /// An answer that never has a body must not speak of one (RFC 9110 §8.6, RFC 9112 §6.1).
    fn without_body(&self) -> Result<(), ResponseFault> {
        match (self.tells.length, self.chunked) {
            (None | Some(0), false) => Ok(()),
            _ => Err(ResponseFault::Length),
        }
    }

    fn content_length(&mut self, value: &[u8]) -> Result<(), ResponseFault> {
        let digits = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
        let text = std::str::from_utf8(value).map_err(|_| ResponseFault::Length)?;
        let length = text.parse().map_err(|_| ResponseFault::Length)?;
        if !digits || value.len() > LENGTH_DIGITS_MAX || self.tells.length.is_some() {
            return Err(ResponseFault::Length);
        }
        self.tells.length = Some(length);
        Ok(())
    }

    fn content_type(&mut self, value: &[u8]) {
        if !std::mem::replace(&mut self.is_typed, true) {
            self.tells.lasts = lasts(value);
        }
    }

    fn transfer_encoding(&mut self, value: &[u8]) -> Result<(), ResponseFault> {
        if self.chunked || !value.eq_ignore_ascii_case(b"chunked") {
            return Err(ResponseFault::Length);
        }
        self.chunked = true;
        Ok(())
    }

    /// Whether other fields are named.
    fn connection(&mut self, value: &[u8]) -> bool {
        let mut others = false;
        for word in value.split(|&byte| byte == b',').map(<[u8]>::trim_ascii) {
            if word.eq_ignore_ascii_case(b"close") {
                self.closes = true;
            } else if word.eq_ignore_ascii_case(b"keep-alive") {
                self.keeps_alive = true;
            } else {
                others |= !word.is_empty();
            }
        }
        others
    }
}

/// How the body ends (RFC 9112 §6.3).
fn framing(status: StatusCode, method: &Method, told: &Told) -> Result<Framing, ResponseFault> {
    if told.chunked && told.tells.length.is_some() {
        return Err(ResponseFault::Length);
    }
    if matches!(status, StatusCode::NO_CONTENT | StatusCode::SWITCHING_PROTOCOLS) {
        told.without_body()?;
    }
    let bodiless = method == Method::HEAD
        || status == StatusCode::NO_CONTENT
        || status == StatusCode::NOT_MODIFIED
        || status == StatusCode::SWITCHING_PROTOCOLS;
    Ok(match told.tells.length {
        _ if bodiless => Framing::Ended,
        Some(0) => Framing::Ended,
        Some(length) => Framing::Length(length),
        None if told.chunked => Framing::chunked(),
        None => Framing::ToClose,
    })
}

#[cfg(test)]
mod tests;
