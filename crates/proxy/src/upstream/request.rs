//! The head that an origin gets, written from the client's.
//!
//! Fields keep their order, their repetitions and their bytes; `Host` moves to the front.
//! Hop-by-hop fields end here (RFC 9110 §7.6.1), forged client addresses are left out, and framing
//! is written anew (RFC 9112 §6).

use super::{forwarded, lines};
use crate::client::Asker;
use crate::connection::Connection;
use crate::pseudonym::Pseudonym;
use crate::request::host_field;
use crate::secret::OriginSecret;
use http::header::{
    CONNECTION, CONTENT_LENGTH, COOKIE, EXPECT, HOST, HeaderMap, HeaderName, HeaderValue,
    MAX_FORWARDS, TE,
};
use http::{Method, Version, request::Parts};
use seawall_wire::forwarded::Proto;

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

/// Whether the client sends its body only once it is asked for it (RFC 9110 §10.1.1).
///
/// An HTTP/1.0 client cannot mean it.
pub(crate) fn expects_continue(parts: &Parts, framing: UploadFraming) -> bool {
    framing != UploadFraming::None
        && parts.version != Version::HTTP_10
        && parts.headers.contains_key(EXPECT)
}

/// What is said about the client.
pub(crate) struct Forwarded<'a> {
    pub(crate) connection: &'a Connection,
    pub(crate) asker: &'a Asker,
    /// Who we are, in `Forwarded` and, where the operator likes, in `Via`.
    pub(crate) pseudonym: &'a Pseudonym,
    pub(crate) via: bool,
    /// Whether the client may leave HTTP for another protocol.
    pub(crate) upgrade: bool,
    /// What the origin knows the shield by; a client's own is left out.
    pub(crate) secret: Option<&'a OriginSecret>,
}

impl Forwarded<'_> {
    /// The client's address and how it came, as origins are told.
    fn client(&self) -> (&[u8], &'static str) {
        (self.asker.client(self.connection).forwarded_for.as_bytes(), self.proto())
    }

    /// How the client came, as origins are told.
    pub(super) fn proto(&self) -> &'static str {
        match self.asker.proto(self.connection) {
            Proto::Https => "https",
            Proto::Http => "http",
        }
    }

    /// Whether a client's field bears the name of what the origin knows the shield by.
    pub(super) fn is_secret(&self, name: &HeaderName) -> bool {
        self.secret.is_some_and(|secret| secret.name == *name)
    }

    /// Writes the value of `Forwarded`, which ends with who we are.
    pub(super) fn write_value(&self, out: &mut Vec<u8>, host: Option<&[u8]>) {
        forwarded::write(out, self.client(), host);
        out.extend_from_slice(self.pseudonym.by());
    }
}

/// Writes the head that goes to the origin into `head`, which is empty.
pub(crate) fn write_head(
    mut head: Vec<u8>,
    (parts, framing): (&Parts, UploadFraming),
    forwarded: &Forwarded<'_>,
) -> Vec<u8> {
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
    let (mut crumbs, mut takes_trailers) = (0, false);
    for (name, value) in &parts.headers {
        if passes(name.as_str(), forwarded.upgrade) {
            if !nominated.names(name) && !forwarded.is_secret(name) {
                write_field(&mut head, name.as_str(), value.as_bytes());
            }
        } else if *name == COOKIE {
            // All values of a name follow each other here.
            write_crumb(&mut head, crumbs, value);
            crumbs += 1;
        } else if *name == TE {
            takes_trailers |= names_trailers(value);
        } else if *name == MAX_FORWARDS {
            write_max_forwards(&mut head, &parts.method, value);
        }
    }
    lines::write(&mut head, host, forwarded);
    if forwarded.via {
        head.extend_from_slice(forwarded.pseudonym.via(parts.version));
    }
    write_connection(&mut head, forwarded.upgrade, takes_trailers);
    if expects_continue(parts, framing) {
        head.extend_from_slice(b"expect: 100-continue\r\n");
    }
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
///
/// Each crumb but the first goes on in the line that the one before has ended.
fn write_crumb(head: &mut Vec<u8>, nth: usize, crumb: &HeaderValue) {
    if nth == 0 {
        head.extend_from_slice(b"cookie: ");
    } else {
        head.truncate(head.len() - 2);
        head.extend_from_slice(b"; ");
    }
    head.extend_from_slice(crumb.as_bytes());
    head.extend_from_slice(b"\r\n");
}

/// One hop fewer, for the method that counts them (RFC 9110 §7.6.2).
///
/// A request with none left never comes here.
fn write_max_forwards(head: &mut Vec<u8>, method: &Method, value: &HeaderValue) {
    let counted = (method == Method::OPTIONS).then(|| value.to_str().ok()?.parse::<u64>().ok());
    match counted.flatten() {
        Some(hops) => {
            let left = hops.saturating_sub(1).to_string();
            write_field(head, MAX_FORWARDS.as_str(), left.as_bytes());
        }
        None => write_field(head, MAX_FORWARDS.as_str(), value.as_bytes()),
    }
}

/// Whether a value of `TE` says that its sender takes trailers (RFC 9110 §10.1.4).
pub(super) fn names_trailers(value: &HeaderValue) -> bool {
    let mut codings = value.as_bytes().split(|&byte| byte == b',');
    codings.any(|coding| coding.trim_ascii().eq_ignore_ascii_case(b"trailers"))
}

/// What the shield says of the client itself.
pub(super) fn write_about(head: &mut impl Fields, host: Option<&[u8]>, forwarded: &Forwarded<'_>) {
    let (client, proto) = forwarded.client();
    head.add("x-forwarded-for", client);
    head.add("x-forwarded-proto", proto.as_bytes());
    if let Some(host) = host {
        head.add("x-forwarded-host", host);
    }
}

/// What concerns this connection to the origin alone.
fn write_connection(head: &mut Vec<u8>, upgrade: bool, takes_trailers: bool) {
    let lines: &[u8] = match (upgrade, takes_trailers) {
        (false, false) => return,
        (false, true) => b"te: trailers\r\nconnection: te\r\n",
        (true, false) => b"connection: upgrade\r\n",
        (true, true) => b"te: trailers\r\nconnection: upgrade, te\r\n",
    };
    head.extend_from_slice(lines);
}

/// A head under way, to which fields are added.
pub(super) trait Fields {
    fn add(&mut self, name: &str, value: &[u8]);
}

impl Fields for Vec<u8> {
    fn add(&mut self, name: &str, value: &[u8]) {
        self.extend_from_slice(name.as_bytes());
        self.extend_from_slice(b": ");
        self.extend_from_slice(value);
        self.extend_from_slice(b"\r\n");
    }
}

pub(super) fn write_field(head: &mut Vec<u8>, name: &str, value: &[u8]) {
    head.add(name, value);
}

/// The client's `Host`, or its HTTP/2 authority.
pub(super) fn host(parts: &Parts) -> Option<&[u8]> {
    let field = host_field(&parts.headers).map(HeaderValue::as_bytes);
    field.or_else(|| Some(parts.uri.authority()?.as_str().as_bytes()))
}

/// Methods whose requests have a body, so that an empty one must be told (RFC 9110 §8.6).
fn expects_length(parts: &Parts) -> bool {
    let has_body = matches!(parts.method, Method::POST | Method::PUT | Method::PATCH);
    has_body && !parts.headers.contains_key(CONTENT_LENGTH)
}

/// Whether a client's field may reach the origin as it is.
pub(super) fn passes(name: &str, upgrade: bool) -> bool {
    match name.len() {
        // Most fields have none of the lengths below.
        2 => name != "te",
        4 => name != "host",
        6 => !matches!(name, "expect" | "cookie"),
        7 => name != "upgrade" || upgrade,
        9 => !matches!(name, "forwarded" | "x-real-ip" | "client-ip"),
        10 => !matches!(name, "connection" | "keep-alive"),
        11 => name != "x-client-ip",
        12 => name != "max-forwards",
        14 => !matches!(name, "true-client-ip" | "http2-settings") && !is_forwarded(name),
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
pub(super) struct Nominated<'a>(Vec<&'a str>);

impl<'a> Nominated<'a> {
    pub(super) fn by(headers: &'a HeaderMap) -> Self {
        // Most have no such field, and a walk costs less than a look-up.
        if !headers.keys().any(|name| *name == CONNECTION) {
            return Self(Vec::new());
        }
        let fields = headers.get_all(CONNECTION).iter();
        let words = fields.flat_map(|field| field.to_str().unwrap_or_default().split(','));
        let usual = ["keep-alive", "close", "upgrade", "te", ""];
        let is_usual = |word: &&str| usual.iter().any(|usual| word.eq_ignore_ascii_case(usual));
        // Nothing but the usual words is usual: no allocation then.
        Self(words.map(str::trim).filter(|word| !is_usual(word)).collect())
    }

    pub(super) fn names(&self, name: &HeaderName) -> bool {
        self.0.iter().any(|word| word.eq_ignore_ascii_case(name.as_str()))
    }
}

#[cfg(test)]
mod agree;
#[cfg(test)]
mod tests;
