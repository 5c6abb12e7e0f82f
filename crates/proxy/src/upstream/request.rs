//! The head that an origin gets, written from the client's.
//!
//! Hop-by-hop fields end here (RFC 9110 §7.6.1), forged client addresses are left out, and framing
//! is written anew (RFC 9112 §6).

use crate::connection::Connection;
use http::header::{CONNECTION, CONTENT_LENGTH, COOKIE, HOST, HeaderMap, HeaderName, HeaderValue};
use http::{Method, request::Parts};

/// How a request's body is framed towards the origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UploadFraming {
    /// There is none.
    None,
    /// As long as the client said.
    Length,
    /// In chunks, as its length is not known.
    Chunked,
}

/// How the body of `parts` is framed, given whether it has ended already.
pub(crate) fn framing(parts: &Parts, body_is_empty: bool) -> UploadFraming {
    if body_is_empty {
        UploadFraming::None
    } else if parts.headers.contains_key(CONTENT_LENGTH) {
        UploadFraming::Length
    } else {
        UploadFraming::Chunked
    }
}

/// What is said about the client.
pub(crate) struct Forwarded<'a> {
    pub(crate) connection: &'a Connection,
    /// Whether the client may leave HTTP for another protocol.
    pub(crate) upgrade: bool,
}

/// Writes the head that goes to the origin.
pub(crate) fn write_head(
    parts: &Parts,
    framing: UploadFraming,
    forwarded: &Forwarded<'_>,
) -> Vec<u8> {
    let mut head = Vec::with_capacity(1024);
    head.extend_from_slice(parts.method.as_str().as_bytes());
    head.push(b' ');
    let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
    if !target.starts_with('/') && target != "*" {
        // An absolute form may have a query and no path (RFC 9112 §3.2.1).
        head.push(b'/');
    }
    head.extend_from_slice(target.as_bytes());
    head.extend_from_slice(b" HTTP/1.1\r\n");
    let host = host(parts);
    if let Some(host) = host {
        write_field(&mut head, HOST.as_str(), host);
    }
    let nominated = Nominated::by(&parts.headers);
    for (name, value) in &parts.headers {
        if passes(name.as_str(), forwarded.upgrade) && !nominated.names(name) {
            write_field(&mut head, name.as_str(), value.as_bytes());
        }
    }
    write_cookies(&mut head, &parts.headers);
    write_own(&mut head, host, forwarded);
    match framing {
        UploadFraming::Chunked => write_field(&mut head, "transfer-encoding", b"chunked"),
        UploadFraming::None if expects_length(parts) => {
            write_field(&mut head, "content-length", b"0");
        }
        UploadFraming::None | UploadFraming::Length => {}
    }
    head.extend_from_slice(b"\r\n");
    head
}

/// HTTP/2 clients send cookies in crumbs, which HTTP/1 knows as one field (RFC 9113 §8.2.3).
fn write_cookies(head: &mut Vec<u8>, headers: &HeaderMap) {
    for (nth, crumb) in headers.get_all(COOKIE).iter().enumerate() {
        head.extend_from_slice(if nth == 0 { b"cookie: " } else { b"; " });
        head.extend_from_slice(crumb.as_bytes());
    }
    if headers.contains_key(COOKIE) {
        head.extend_from_slice(b"\r\n");
    }
}

/// What the shield says itself.
fn write_own(head: &mut Vec<u8>, host: Option<&[u8]>, forwarded: &Forwarded<'_>) {
    let connection = forwarded.connection;
    write_field(head, "x-forwarded-for", connection.forwarded_for.as_bytes());
    write_field(head, "x-forwarded-proto", if connection.tls { b"https" } else { b"http" });
    if let Some(host) = host {
        write_field(head, "x-forwarded-host", host);
    }
    if forwarded.upgrade {
        write_field(head, "connection", b"upgrade");
    }
}

fn write_field(head: &mut Vec<u8>, name: &str, value: &[u8]) {
    head.extend_from_slice(name.as_bytes());
    head.extend_from_slice(b": ");
    head.extend_from_slice(value);
    head.extend_from_slice(b"\r\n");
}

/// The client's `Host`, or its HTTP/2 authority.
fn host(parts: &Parts) -> Option<&[u8]> {
    let field = parts.headers.get(HOST).map(HeaderValue::as_bytes);
    field.or_else(|| Some(parts.uri.authority()?.as_str().as_bytes()))
}

/// Methods whose requests have a body, so that an empty one must be told (RFC 9110 §8.6).
fn expects_length(parts: &Parts) -> bool {
    let has_body = matches!(parts.method, Method::POST | Method::PUT | Method::PATCH);
    has_body && !parts.headers.contains_key(CONTENT_LENGTH)
}

/// Whether a client's field may reach the origin as it is.
fn passes(name: &str, upgrade: bool) -> bool {
    match name.len() {
        // Most fields have none of the lengths below.
        2 => name != "te",
        4 => name != "host",
        6 => !matches!(name, "expect" | "cookie"),
        7 => name != "upgrade" || upgrade,
        9 => !matches!(name, "forwarded" | "x-real-ip" | "client-ip"),
        10 => !matches!(name, "connection" | "keep-alive"),
        11 => name != "x-client-ip",
        14 => !matches!(name, "true-client-ip" | "x-forwarded-by" | "http2-settings"),
        15 => !matches!(name, "seawall-verdict") && !is_forwarded(name),
        16 => {
            !matches!(name, "proxy-connection" | "cf-connecting-ip" | "fastly-client-ip")
                && !is_forwarded(name)
        }
        17 => name != "transfer-encoding" && !is_forwarded(name),
        19 => name != "proxy-authorization" && name != "x-cluster-client-ip" && !is_forwarded(name),
        _ => name != "x-original-forwarded-for" && !is_forwarded(name),
    }
}

fn is_forwarded(name: &str) -> bool {
    name.starts_with("x-forwarded-")
}

/// Fields that `Connection` declares to concern one connection only.
struct Nominated<'a>(Vec<&'a str>);

impl<'a> Nominated<'a> {
    fn by(headers: &'a HeaderMap) -> Self {
        let fields = headers.get_all(CONNECTION).iter();
        let words = fields.flat_map(|field| field.to_str().unwrap_or_default().split(','));
        let usual = ["keep-alive", "close", "upgrade", ""];
        let is_usual = |word: &&str| usual.iter().any(|usual| word.eq_ignore_ascii_case(usual));
        // Nothing but the usual words is usual: no allocation then.
        Self(words.map(str::trim).filter(|word| !is_usual(word)).collect())
    }

    fn names(&self, name: &HeaderName) -> bool {
        self.0.iter().any(|word| word.eq_ignore_ascii_case(name.as_str()))
    }
}

#[cfg(test)]
mod agree;
#[cfg(test)]
mod tests;
