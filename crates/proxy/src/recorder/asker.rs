//! What a line says of who asks, for which host, and with what fields.
//!
//! Takes a request as the HTTP engine read it, and its connection; adds to a line.

use super::pen::Pen;
use crate::client::{Client, Via};
use crate::connection::Connection;
use http::{HeaderMap, HeaderValue, Request};
use seawall_wire::hello::Ja4;
use std::fmt::Write as _;
use std::net::IpAddr;

/// Who asks, and what the connection shows where it is the client's own: that of a proxy shows the proxy.
pub(super) fn client(line: &mut Pen, (connection, client): (&Connection, &Client), is_h2: bool) {
    source(line, client.address);
    line.plain(if is_h2 { b",\"proto\":\"h2\"" } else { b",\"proto\":\"h1\"" });
    if client.via == Via::Socket {
        let ja4 = connection.ja4.get().map(Ja4::as_str);
        fingerprint(line, b",\"ja4\":\"", (ja4, connection.tls));
        let h2 = connection.h2_fingerprint.get().map(|h2| &**h2);
        fingerprint(line, b",\"h2\":\"", (h2, is_h2));
    }
}

fn source(line: &mut Pen, address: IpAddr) {
    line.word(b",\"src\":\"");
    match address {
        IpAddr::V4(address) => {
            for (place, part) in address.octets().into_iter().enumerate() {
                if place > 0 {
                    line.word(b".");
                }
                line.number(part.into());
            }
        }
        // A line takes everything.
        IpAddr::V6(address) => drop(write!(line, "{address}")),
    }
    line.word(b"\"");
}

/// The host that is asked for, as the client wrote it.
pub(super) fn host<B>(line: &mut Pen, request: &Request<B>) {
    let host = match request.uri().authority() {
        Some(authority) => Some(authority.as_str().as_bytes()),
        None => crate::request::host_field(request.headers()).map(HeaderValue::as_bytes),
    };
    if let Some(host) = host {
        line.field(b",\"host\":\"", host);
    }
}

/// A fingerprint; an empty one says that there is none to take.
fn fingerprint<const LENGTH: usize>(
    line: &mut Pen,
    key: &[u8; LENGTH],
    (told, is_spoken): (Option<&str>, bool),
) {
    if told.is_some() || !is_spoken {
        line.field(key, told.unwrap_or_default().as_bytes());
    }
}

/// Names of all fields, and the values of those that tell of the client, in one walk over them; gives
/// the page that it comes from, which is another each time.
pub(super) fn fields<'r>(
    line: &mut Pen,
    headers: &'r HeaderMap,
    is_h2: bool,
) -> Option<&'r HeaderValue> {
    let (mut agent, mut referer, mut language) = (None, None, None);
    let mut bears_cookie = false;
    line.word(b",\"headers\":\"");
    let began = line.written().len();
    let mut last = "";
    for (name, value) in headers {
        let name = name.as_str();
        // Further values of one name follow its first, and show the very name.
        if std::ptr::eq(last, name) {
            continue;
        }
        last = name;
        match name {
            "user-agent" => agent = Some(value),
            "accept-language" => language = Some(value),
            "referer" => referer = Some(value),
            "cookie" => bears_cookie = true,
            _ => (),
        }
        // A name is a token, which JSON takes as it is; but HTTP/2 is read with quotes in names.
        if is_h2 {
            quoted(line, name);
        } else {
            line.listed(name.as_bytes());
        }
    }
    line.end_list(began);
    if let Some(agent) = agent {
        line.field(b",\"ua\":\"", agent.as_bytes());
    }
    if let Some(language) = language {
        line.field(b",\"lang\":\"", language.as_bytes());
    }
    if !bears_cookie {
        // Of one that is borne nobody has noted yet who set it.
        line.word(b",\"cookie\":false");
    }
    referer
}

/// A name with a backslash before each of its quotes, and a comma.
fn quoted(line: &mut Pen, name: &str) {
    let mut parts = name.split('"').map(str::as_bytes);
    let last = parts.next_back().unwrap_or_default();
    for part in parts {
        line.plain(part);
        line.word(b"\\\"");
    }
    line.listed(last);
}
