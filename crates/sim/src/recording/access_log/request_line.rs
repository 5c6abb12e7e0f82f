//! The request line of a log: method, target, version, and whether the gate would let it through.

use crate::recording::request::Text;
use memchr::{memchr, memrchr};
use seawall_types::Reason;
use seawall_wire::h1::check_request_line;
use std::borrow::Cow;

/// Versions whose requests have no request line on the wire: the log made one up.
const FRAMED: [&[u8]; 4] = [b"HTTP/2.0", b"HTTP/2", b"HTTP/3.0", b"HTTP/3"];

/// What a request line says.
pub(super) struct RequestLine<'a> {
    pub(super) method: Option<Text<'a>>,
    /// Path and query; the whole line when it cannot be told apart.
    pub(super) path: Text<'a>,
    /// From a target in absolute form.
    pub(super) host: Option<Text<'a>>,
    pub(super) fault: Option<Reason>,
}

impl<'a> RequestLine<'a> {
    pub(super) fn read(line: Cow<'a, [u8]>) -> Self {
        match line {
            Cow::Borrowed(line) => Self::borrowed(line),
            Cow::Owned(line) => RequestLine::borrowed(&line).into_owned(),
        }
    }

    fn borrowed(line: &'a [u8]) -> Self {
        let fault = fault(line);
        let Some((method, target)) = method_and_target(line) else {
            return Self { method: None, path: text(line), host: None, fault };
        };
        let (host, path) = match absolute(target) {
            Some((host, path)) => (Some(text(host)), path),
            None => (None, target),
        };
        let path = if path.is_empty() { b"/" } else { path };
        Self { method: Some(text(method)), path: text(path), host, fault }
    }

    fn into_owned<'b>(self) -> RequestLine<'b> {
        let owned = |text: Text<'_>| Text(Cow::Owned(text.0.into_owned()));
        RequestLine {
            method: self.method.map(owned),
            path: owned(self.path),
            host: self.host.map(owned),
            fault: self.fault,
        }
    }
}

/// What the gate says of the line; over HTTP/2 and HTTP/3, of the same line in HTTP/1.1.
fn fault(line: &[u8]) -> Option<Reason> {
    let framed = FRAMED.iter().find_map(|version| line.strip_suffix(*version));
    let checked = match framed {
        Some(front) => check_request_line(&[front, b"HTTP/1.1"].concat()),
        None => check_request_line(line),
    };
    checked.err().map(seawall_wire::h1::HeadFault::reason)
}

fn method_and_target(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let first = memchr(b' ', line)?;
    let last = memrchr(b' ', line)?;
    let target = line.get(first + 1..last)?;
    line[last + 1..].starts_with(b"HTTP/").then_some((&line[..first], target))
}

/// Host and path of `http://host/path`.
fn absolute(target: &[u8]) -> Option<(&[u8], &[u8])> {
    let rest = target.strip_prefix(b"http://").or_else(|| target.strip_prefix(b"https://"))?;
    let end = rest.iter().position(|byte| matches!(byte, b'/' | b'?')).unwrap_or(rest.len());
    Some(rest.split_at(end))
}

fn text(bytes: &[u8]) -> Text<'_> {
    Text(String::from_utf8_lossy(bytes))
}
