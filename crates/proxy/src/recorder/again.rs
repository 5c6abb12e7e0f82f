//! What lines of one connection say again and again: of its client, and of fields that stay as they are.
//!
//! Takes each request of a connection; adds what its line says of client, host and fields, as one text
//! where all of that is as it was.
//! Never believes a likeness: every name is compared, and every value that the text tells.
//! Bounds: one text of [`TEXT_MAX`] bytes from [`FIELDS_MAX`] fields for each connection; whatever is
//! more is written each time.

use super::asker;
use super::pen::Pen;
use crate::client::{Client, Via};
use crate::connection::Connection;
use http::uri::Authority;
use http::{HeaderName, HeaderValue, Request, Version};
use std::cell::RefCell;

/// More than nearly all requests make of it.
const TEXT_MAX: usize = 2 * 1024;
/// More fields than a browser's request has.
const FIELDS_MAX: usize = 48;
/// Requests in a row that differ before the text is made anew, since making it takes memory: pages and
/// what belongs to them have other fields, and come in turns.
const OTHERS_MAX: u8 = 4;

/// What is remembered of the lines of a connection.
#[derive(Debug, Default)]
pub(crate) struct Again(RefCell<Memory>);

#[derive(Debug, Default)]
enum Memory {
    #[default]
    Nothing,
    /// It has asked once: most never do again, and one that idles should not keep anything for it.
    AskedOnce,
    Known(Box<Known>),
}

#[derive(Debug)]
struct Known {
    text: Box<[u8]>,
    /// Where it goes on from the client to what was asked.
    client_ends: usize,
    /// The host, where the target names it.
    authority: Option<Box<[u8]>>,
    fields: Box<[Field]>,
    /// Requests since then that were others.
    others: u8,
}

#[derive(Debug)]
struct Field {
    name: HeaderName,
    value: Value,
}

/// What a text says of a field's value.
#[derive(Debug)]
enum Value {
    Untold,
    Told(Box<[u8]>),
    /// Told behind the text.
    Referer,
}

/// What is told of a request behind a text that holds for it: the page that it comes from.
struct Behind<'r>(Option<&'r HeaderValue>);

/// Adds what is told of client, host and fields; gives the page that the request comes from.
pub(super) fn write<'r, B>(
    line: &mut Pen,
    request: &'r Request<B>,
    (connection, client): (&Connection, &Client),
) -> Option<&'r HeaderValue> {
    let is_h2 = request.version() == Version::HTTP_2;
    // A connection that carries others' requests as well says nothing again.
    let mut memory = (client.via == Via::Socket).then(|| connection.again.0.borrow_mut());
    let began = line.written().len();
    match memory.as_deref_mut() {
        Some(Memory::Known(known)) => {
            if let Some(Behind(referer)) = known.told_by(request) {
                line.plain(&known.text);
                return referer;
            }
            line.plain(&known.text[..known.client_ends]);
        }
        Some(Memory::Nothing | Memory::AskedOnce) | None => {
            asker::client(line, (connection, client), is_h2);
        }
    }
    let client_ends = line.written().len() - began;
    asker::host(line, request);
    let referer = asker::fields(line, request.headers(), is_h2);
    if let Some(memory) = memory.as_deref_mut() {
        let is_all_known = !is_h2 || connection.h2_fingerprint.get().is_some();
        memory.take(request, (&line.written()[began..], client_ends), is_all_known);
    }
    referer
}

impl Memory {
    /// Takes what was just written, where that is likely to come again.
    fn take<B>(&mut self, request: &Request<B>, text: (&[u8], usize), is_all_known: bool) {
        let fits = text.0.len() <= TEXT_MAX && request.headers().len() <= FIELDS_MAX;
        match self {
            Self::Nothing => *self = Self::AskedOnce,
            Self::AskedOnce if fits && is_all_known => {
                *self = Self::Known(Box::new(Known::of(request, text)));
            }
            Self::Known(known) if known.others >= OTHERS_MAX && fits => {
                **known = Known::of(request, text);
            }
            Self::AskedOnce | Self::Known(_) => {}
        }
    }
}

impl Known {
    fn of<B>(request: &Request<B>, (text, client_ends): (&[u8], usize)) -> Self {
        let authority = request.uri().authority().map(Authority::as_str);
        let fields = request.headers().iter();
        Self {
            text: text.into(),
            client_ends,
            authority: authority.map(|name| name.as_bytes().into()),
            fields: fields.map(|(name, value)| Field::of(name, value)).collect(),
            others: 0,
        }
    }

    /// Whether the text holds for this request, with the page that it comes from.
    fn told_by<'r, B>(&mut self, request: &'r Request<B>) -> Option<Behind<'r>> {
        let found = self.compare(request);
        self.others = if found.is_some() { 0 } else { self.others.saturating_add(1) };
        found
    }

    fn compare<'r, B>(&self, request: &'r Request<B>) -> Option<Behind<'r>> {
        let authority = request.uri().authority().map(|authority| authority.as_str().as_bytes());
        if authority != self.authority.as_deref() {
            return None;
        }
        let (mut known, mut referer) = (self.fields.iter(), None);
        for (name, value) in request.headers() {
            let field = known.next().filter(|field| field.name == *name)?;
            match &field.value {
                Value::Untold => {}
                Value::Told(told) if **told == *value.as_bytes() => {}
                Value::Told(_) => return None,
                // Of several the first counts.
                Value::Referer => referer = referer.or(Some(value)),
            }
        }
        known.next().is_none().then_some(Behind(referer))
    }
}

impl Field {
    fn of(name: &HeaderName, value: &HeaderValue) -> Self {
        let value = match name.as_str() {
            "host" | "user-agent" | "accept-language" => Value::Told(value.as_bytes().into()),
            "referer" => Value::Referer,
            _ => Value::Untold,
        };
        Self { name: name.clone(), value }
    }
}
