//! Questions to a client's request, and what HTTP/2 allows beyond the HTTP/1 gate held to the same
//! rules.

mod present;

pub(crate) use present::Present;

use crate::pseudonym::Pseudonym;
use http::header::{
    CONNECTION, CONTENT_LENGTH, EXPECT, HOST, HeaderMap, HeaderValue, MAX_FORWARDS, UPGRADE,
};
use http::{Method, Request, StatusCode, Version};
use seawall_types::Reason;

/// The host that a request is for, as the client wrote it.
pub(crate) fn authority<B>(request: &Request<B>) -> Option<&str> {
    match request.uri().authority() {
        Some(authority) => Some(authority.as_str()),
        None => host_field(request.headers())?.to_str().ok(),
    }
}

/// The value of `Host`, which nearly all clients of HTTP/1.1 send first: then it costs no look-up.
pub(crate) fn host_field(headers: &HeaderMap) -> Option<&HeaderValue> {
    match headers.iter().next() {
        Some((name, value)) if *name == HOST => Some(value),
        Some(_) => headers.get(HOST),
        None => None,
    }
}

/// Whether the client wants to speak WebSocket, the one protocol that is let through.
///
/// Any other would be a way around gate and judge: `h2c` is HTTP that nobody here reads
/// (RFC 9110 §7.8, RFC 6455 §4.1).
pub(crate) fn wants_upgrade<B>(request: &Request<B>) -> bool {
    let names_it = |value: &HeaderValue| {
        let mut names = value.to_str().unwrap_or_default().split(',');
        names.any(|name| name.trim().eq_ignore_ascii_case("upgrade"))
    };
    request.version() == Version::HTTP_11
        && is_websocket_alone(request.headers())
        && request.headers().get_all(CONNECTION).iter().any(names_it)
}

/// Whether the client expects something that nobody here can promise (RFC 9110 §10.1.1).
pub(crate) fn expects_too_much<B>(request: &Request<B>) -> bool {
    let mut expectations = request.headers().get_all(EXPECT).iter();
    expectations.any(|value| !value.as_bytes().eq_ignore_ascii_case(b"100-continue"))
}

/// Why a request that breaks no rule must not reach an origin through us.
pub(crate) fn impassable<B>(
    (request, present): (&Request<B>, Present),
    pseudonym: &Pseudonym,
) -> Option<(StatusCode, Reason)> {
    if present.hops() && pseudonym.stands_in(request.headers()) {
        return Some((StatusCode::LOOP_DETECTED, Reason::Loop));
    }
    // An origin would show the client what we tell of it, and what proves us to the origin
    // (RFC 9110 §9.3.8).
    let mirrors = request.method() == Method::TRACE;
    mirrors.then_some((StatusCode::NOT_IMPLEMENTED, Reason::Method))
}

/// Whether the client sends its body only when it is asked for it, which it has not been.
pub(crate) fn keeps_its_body<B: http_body::Body>(request: &Request<B>) -> bool {
    !request.body().is_end_stream() && request.headers().contains_key(EXPECT)
}

/// How long a request says its body is.
pub(crate) fn told_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Whether a request asks about this hop and no further one (RFC 9110 §7.6.2).
pub(crate) fn ends_here<B>(request: &Request<B>) -> bool {
    let is_zero = |hops: &HeaderValue| hops.to_str().is_ok_and(|hops| hops.parse() == Ok(0_u64));
    request.method() == Method::OPTIONS && request.headers().get(MAX_FORWARDS).is_some_and(is_zero)
}

/// Whether `Upgrade` names WebSocket and nothing else, in one line.
pub(crate) fn is_websocket_alone(headers: &HeaderMap) -> bool {
    let mut lines = headers.get_all(UPGRADE).iter();
    let first = lines.next();
    first.is_some_and(|line| line.as_bytes().eq_ignore_ascii_case(b"websocket"))
        && lines.next().is_none()
}

/// Whether a host is made of what names, addresses and ports are made of.
fn is_host(text: &[u8]) -> bool {
    let belongs = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._:[]".contains(byte);
    !text.is_empty() && text.iter().all(belongs)
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
        (Some(authority), _) if !is_host(authority.as_bytes()) => return Err(Reason::Malformed),
        (Some(authority), Some(host)) => {
            let same = host.as_bytes().eq_ignore_ascii_case(authority.as_bytes());
            if !same {
                return Err(Reason::Ambiguous);
            }
        }
        (Some(_), None) => {}
        (None, Some(host)) if is_host(host.as_bytes()) => {}
        (None, Some(_) | None) => return Err(Reason::Malformed),
    }
    let bodiless = matches!(*request.method(), Method::GET | Method::HEAD | Method::TRACE);
    if request.method() == Method::CONNECT || (bodiless && !request.body().is_end_stream()) {
        return Err(Reason::Malformed);
    }
    if headers.len() > FIELDS_MAX {
        return Err(Reason::Oversize);
    }
    if headers.get_all(CONTENT_LENGTH).iter().nth(1).is_some() {
        return Err(Reason::Ambiguous);
    }
    if headers.keys().any(|name| name.as_str().contains(['_', '"'])) {
        return Err(Reason::Ambiguous);
    }
    let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
    if target.len() > TARGET_MAX {
        return Err(Reason::Oversize);
    }
    let is_visible = target.bytes().all(|byte| byte.is_ascii_graphic());
    if !is_visible || (target == "*" && request.method() != Method::OPTIONS) {
        return Err(Reason::Malformed);
    }
    Ok(())
}

/// Same as the HTTP/1 gate's; crumbs of a cookie count each.
const FIELDS_MAX: usize = crate::meter::HEAD_LIMITS.fields;
/// Same as the HTTP/1 gate's.
const TARGET_MAX: usize = crate::meter::HEAD_LIMITS.target_bytes;

#[cfg(test)]
mod tests;
