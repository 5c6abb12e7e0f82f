//! The head of a request as an origin gets it over HTTP/2, made of the client's.
//!
//! The same fields pass as on HTTP/1.1, and the shield says the same; `:authority` is the client's
//! `Host`, and `te: trailers` stays, since trailers do (RFC 9113 §8.2.2).

use crate::upstream::place::Place;
use crate::upstream::request::{
    Fields, Forwarded, Nominated, host, names_trailers, passes, write_about,
};
use http::header::{COOKIE, HeaderMap, HeaderName, HeaderValue, TE};
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{Request, Uri, Version, request::Parts};

/// Makes the head; nothing when the client's host cannot be an authority.
pub(crate) fn head(parts: &Parts, place: &Place, forwarded: &Forwarded<'_>) -> Option<Request<()>> {
    let host = host(parts)?;
    let mut uri = http::uri::Parts::default();
    uri.scheme = Some(if place.url.protocol.is_tls() { Scheme::HTTPS } else { Scheme::HTTP });
    uri.authority = Some(Authority::try_from(host).ok()?);
    let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
    let has_path = target.starts_with('/') || target == "*";
    let whole = if has_path { target.to_owned() } else { format!("/{target}") };
    uri.path_and_query = Some(PathAndQuery::try_from(whole).ok()?);
    let mut request = Request::new(());
    *request.method_mut() = parts.method.clone();
    *request.uri_mut() = Uri::from_parts(uri).ok()?;
    *request.version_mut() = Version::HTTP_2;
    let headers = request.headers_mut();
    headers.reserve(parts.headers.len());
    let nominated = Nominated::by(&parts.headers);
    for (name, value) in &parts.headers {
        if passes(name.as_str(), false) && !nominated.names(name) && !forwarded.is_secret(name) {
            headers.append(name, value.clone());
        }
    }
    for crumb in parts.headers.get_all(COOKIE) {
        headers.append(COOKIE, crumb.clone());
    }
    if parts.headers.get_all(TE).iter().any(names_trailers) {
        headers.insert(TE, HeaderValue::from_static("trailers"));
    }
    write_about(headers, Some(host), forwarded);
    if let Some(secret) = forwarded.secret {
        // Marked as what no table may keep.
        headers.insert(secret.name.clone(), secret.value.clone());
    }
    let mut told = Vec::with_capacity(128);
    forwarded.write_value(&mut told, Some(host));
    headers.add("forwarded", &told);
    if forwarded.via {
        headers.add("via", forwarded.pseudonym.via_value(parts.version));
    }
    Some(request)
}

impl Fields for HeaderMap {
    fn add(&mut self, name: &str, value: &[u8]) {
        let name = HeaderName::from_bytes(name.as_bytes());
        // What the shield says is made of what a client's head may hold.
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(value)) {
            self.append(name, value);
        }
    }
}

/// Frees an answer of what concerns only its way here, and of what only the shield may say.
pub(crate) fn clean(headers: &mut HeaderMap) {
    for name in ["proxy-authenticate", "seawall-verdict"] {
        headers.remove(name);
    }
}

#[cfg(test)]
mod tests;
