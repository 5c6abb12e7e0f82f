//! Trailers: which fields may follow a body, and how they are written behind the last chunk.
//!
//! A field that decides framing, routing, identity or how the body is read belongs in the head: in
//! a trailer it would come after the decision, so it is left out, both ways (RFC 9110 §6.5.1).
//! Bounds: whoever reads trailers bounds them; what is written is never more than what was read.

use super::request;
use http::HeaderMap;

/// Whether a field of this name may stand behind a body.
pub(super) fn may_trail(name: &str) -> bool {
    // What would not pass in a head does not pass behind a body.
    request::passes(name, false) && !name.starts_with("if-") && !BELONG_IN_HEAD.contains(&name)
}

/// Names that are understood before the body or not at all, beside those that never pass.
const BELONG_IN_HEAD: [&str; 22] = [
    "age",
    "authorization",
    "cache-control",
    "content-encoding",
    "content-length",
    "content-range",
    "content-type",
    "date",
    "expires",
    "location",
    "max-forwards",
    "pragma",
    "proxy-authenticate",
    "range",
    "retry-after",
    "set-cookie",
    "trailer",
    "vary",
    "via",
    "warning",
    "www-authenticate",
    "x-http-method-override",
];

/// Takes out of an answer's trailers what may not trail.
pub(crate) fn sift(fields: HeaderMap) -> HeaderMap {
    if fields.keys().all(|name| may_trail(name.as_str())) {
        return fields;
    }
    let mut sifted = HeaderMap::with_capacity(fields.len());
    for (name, value) in &fields {
        if may_trail(name.as_str()) {
            sifted.append(name.clone(), value.clone());
        }
    }
    sifted
}

/// Writes a request's trailers behind its last chunk.
///
/// Names with an underscore are left out, as no gateway may read them for names with a hyphen.
pub(super) fn write(out: &mut Vec<u8>, fields: &HeaderMap) {
    for (name, value) in fields {
        let name = name.as_str();
        if may_trail(name) && !name.contains('_') {
            request::write_field(out, name, value.as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderName, HeaderValue};

    fn fields(names: &[&str]) -> HeaderMap {
        let name = |name: &&str| HeaderName::from_bytes(name.as_bytes()).unwrap();
        names.iter().map(|n| (name(n), HeaderValue::from_static("1"))).collect()
    }

    #[test]
    fn fields_that_decide_something_do_not_trail() {
        let refused = [
            "content-length",
            "transfer-encoding",
            "te",
            "trailer",
            "connection",
            "keep-alive",
            "upgrade",
            "host",
            "forwarded",
            "x-forwarded-for",
            "x-real-ip",
            "via",
            "authorization",
            "proxy-authorization",
            "cookie",
            "set-cookie",
            "content-type",
            "content-encoding",
            "content-range",
            "range",
            "if-match",
            "expect",
            "max-forwards",
            "cache-control",
            "seawall-verdict",
        ];
        assert!(refused.iter().all(|name| !may_trail(name)));
        let (mut out, all) = (Vec::new(), fields(&refused));
        write(&mut out, &all);
        assert_eq!((out.len(), sift(all).len()), (0, 0));
    }

    #[test]
    fn sums_and_states_trail() {
        let kept = ["grpc-status", "grpc-message", "digest", "etag", "server-timing", "x-sum"];
        assert_eq!(sift(fields(&kept)).len(), kept.len());
        let mut out = Vec::new();
        write(&mut out, &fields(&["x-sum", "x_sum"]));
        assert_eq!(out, b"x-sum: 1\r\n");
    }
}
