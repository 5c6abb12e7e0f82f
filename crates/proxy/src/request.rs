//! A client's request made into the one that the origin gets.
//!
//! Hop-by-hop fields end here (RFC 9110 §7.6.1), forged client addresses are taken out, and what
//! HTTP/2 allows beyond the HTTP/1 gate is held to the same rules.

use crate::connection::Connection;
use http::header::{
    CONNECTION, CONTENT_LENGTH, EXPECT, HOST, HeaderMap, HeaderName, HeaderValue, TE,
    TRANSFER_ENCODING, UPGRADE,
};
use http::{Method, Request, Uri, Version};
use seawall_types::Reason;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// Names that only a proxy may set; from a client they are forged.
fn is_forged(name: &str) -> bool {
    name.starts_with("x-forwarded-")
        || matches!(
            name,
            "forwarded"
                | "x-real-ip"
                | "x-client-ip"
                | "x-cluster-client-ip"
                | "x-original-forwarded-for"
                | "client-ip"
                | "true-client-ip"
                | "cf-connecting-ip"
                | "fastly-client-ip"
                | "seawall-verdict"
        )
}

/// Names that concern one connection only.
fn is_hop_by_hop(name: &str) -> bool {
    matches!(
        name,
        "keep-alive" | "proxy-connection" | "proxy-authenticate" | "proxy-authorization"
    )
}

/// The host that a request is for, as the client wrote it.
pub(crate) fn authority<B>(request: &Request<B>) -> Option<&str> {
    match request.uri().authority() {
        Some(authority) => Some(authority.as_str()),
        None => request.headers().get(HOST)?.to_str().ok(),
    }
}

/// Whether the client wants to leave HTTP for another protocol.
pub(crate) fn wants_upgrade<B>(request: &Request<B>) -> bool {
    let names_it = |value: &HeaderValue| {
        let mut names = value.to_str().unwrap_or_default().split(',');
        names.any(|name| name.trim().eq_ignore_ascii_case("upgrade"))
    };
    request.version() == Version::HTTP_11
        && request.headers().contains_key(UPGRADE)
        && request.headers().get_all(CONNECTION).iter().any(names_it)
}

/// Holds an HTTP/2 request to the rules that the gate enforces on HTTP/1.
///
/// # Errors
/// The reason why it must not pass.
pub(crate) fn check_h2<B: http_body::Body>(request: &Request<B>) -> Result<(), Reason> {
    let headers = request.headers();
    let authority = request.uri().authority().map(http::uri::Authority::as_str);
    let mut hosts = headers.get_all(HOST).iter();
    let host = hosts.next();
    if hosts.next().is_some() {
        return Err(Reason::Ambiguous);
    }
    match (authority, host) {
        (Some(authority), _) if authority.contains('@') => return Err(Reason::Malformed),
        (Some(authority), Some(host)) => {
            let same = host.as_bytes().eq_ignore_ascii_case(authority.as_bytes());
            if !same {
                return Err(Reason::Ambiguous);
            }
        }
        (Some(_), None) | (None, Some(_)) => {}
        (None, None) => return Err(Reason::Malformed),
    }
    let bodiless = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::TRACE
    );
    if request.method() == Method::CONNECT || (bodiless && !request.body().is_end_stream()) {
        return Err(Reason::Malformed);
    }
    if headers.get_all(CONTENT_LENGTH).iter().nth(1).is_some() {
        return Err(Reason::Ambiguous);
    }
    if headers.keys().any(|name| name.as_str().contains('_')) {
        return Err(Reason::Ambiguous);
    }
    if request
        .uri()
        .path_and_query()
        .is_some_and(|target| target.as_str().len() > TARGET_MAX)
    {
        return Err(Reason::Oversize);
    }
    Ok(())
}

/// Same as the HTTP/1 gate's.
const TARGET_MAX: usize = crate::meter::HEAD_LIMITS.target_bytes;

/// Turns the client's head into the origin's, in place.
pub(crate) fn rewrite<B>(request: &mut Request<B>, connection: &Connection) {
    let upgrade = wants_upgrade(request);
    let host = host_value(request);
    let target = request.uri().path_and_query().cloned();
    if request.uri().authority().is_some() {
        let origin_form = target.map_or(Uri::from_static("/"), Uri::from);
        *request.uri_mut() = origin_form;
    }
    *request.version_mut() = Version::HTTP_11;
    let headers = request.headers_mut();
    strip(headers, upgrade);
    if let Some(host) = host {
        if !headers.contains_key(HOST) {
            headers.insert(HOST, host.clone());
        }
        headers.insert(FORWARDED_HOST, host);
    }
    headers.insert(FORWARDED_FOR, connection.forwarded_for.clone());
    let proto = if connection.tls { "https" } else { "http" };
    headers.insert(FORWARDED_PROTO, HeaderValue::from_static(proto));
}

fn host_value<B>(request: &Request<B>) -> Option<HeaderValue> {
    match request.headers().get(HOST) {
        Some(host) => Some(host.clone()),
        None => HeaderValue::from_str(request.uri().authority()?.as_str()).ok(),
    }
}

fn strip(headers: &mut HeaderMap, upgrade: bool) {
    strip_nominated(headers, upgrade);
    let doomed = |name: &&HeaderName| is_forged(name.as_str()) || is_hop_by_hop(name.as_str());
    while let Some(name) = headers.keys().find(doomed).cloned() {
        headers.remove(name);
    }
    let trailers_only = headers.get(TE).is_some_and(|te| te != "trailers");
    if trailers_only {
        headers.remove(TE);
    }
    if !upgrade {
        headers.remove(UPGRADE);
    }
    // Framing is written anew for the origin; an expectation is met here.
    headers.remove(TRANSFER_ENCODING);
    headers.remove(EXPECT);
}

/// Removes `Connection` and every field that it names.
fn strip_nominated(headers: &mut HeaderMap, upgrade: bool) {
    let Some(connection) = headers.remove(CONNECTION) else {
        return;
    };
    let nominated = connection.to_str().unwrap_or_default();
    for name in nominated.split(',').map(str::trim) {
        let keeps = name.is_empty()
            || name.eq_ignore_ascii_case("close")
            || name.eq_ignore_ascii_case("keep-alive")
            || (upgrade && name.eq_ignore_ascii_case("upgrade"));
        if !keeps {
            headers.remove(name);
        }
    }
    if upgrade {
        headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    }
}

/// Removes what concerns only our connection to the origin, and what only we may say.
pub(crate) fn strip_answer(headers: &mut HeaderMap, switches: bool) {
    strip_nominated(headers, switches);
    for name in ["keep-alive", "proxy-connection", "proxy-authenticate"] {
        headers.remove(name);
    }
    headers.remove(crate::answer::VERDICT);
    headers.remove(TRANSFER_ENCODING);
    if !switches {
        headers.remove(UPGRADE);
    }
}

#[cfg(test)]
mod tests;
