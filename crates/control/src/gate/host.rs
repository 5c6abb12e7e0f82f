//! Which names the control plane answers to.
//!
//! A page elsewhere can point its own name at this address and then talk to us as if it were ours
//! (DNS rebinding); it cannot make the browser send another Host than that name.

use axum::extract::Request;
use axum::http::uri::Authority;
use axum::http::{StatusCode, header};
use std::net::IpAddr;

/// Why a request is not for us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Foreign {
    /// No Host, several, or one that is not a name.
    Unclear,
    /// A name that is not ours.
    Name,
}

impl Foreign {
    pub(super) const fn status(self) -> StatusCode {
        match self {
            Self::Unclear => StatusCode::BAD_REQUEST,
            Self::Name => StatusCode::MISDIRECTED_REQUEST,
        }
    }

    pub(super) const fn sentence(self) -> &'static str {
        match self {
            Self::Unclear => "The request needs exactly one Host header that holds a host.",
            Self::Name => {
                "The control plane answers to addresses and to localhost only; \
                 use its address instead of a name."
            }
        }
    }
}

/// Lets requests through that were sent to an address or to localhost.
pub(super) fn check(request: &Request) -> Result<(), Foreign> {
    let mut hosts = request.headers().get_all(header::HOST).into_iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        return Err(Foreign::Unclear);
    };
    let host: Authority =
        host.to_str().ok().and_then(|host| host.parse().ok()).ok_or(Foreign::Unclear)?;
    // A target in absolute form names a host too (RFC 9112 §3.2.2).
    let target = request.uri().authority();
    if target.into_iter().chain([&host]).all(ours) { Ok(()) } else { Err(Foreign::Name) }
}

fn ours(authority: &Authority) -> bool {
    let host = authority.host();
    let literal = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let bare = !authority.as_str().contains('@');
    bare && (host.eq_ignore_ascii_case("localhost") || literal.parse::<IpAddr>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    fn checked(target: &str, hosts: &[&str]) -> Result<(), Foreign> {
        let mut request = Request::builder().uri(target);
        for host in hosts {
            request = request.header(header::HOST, *host);
        }
        check(&request.body(Body::empty()).unwrap())
    }

    #[test]
    fn addresses_and_localhost_are_ours_and_names_are_not() {
        for host in ["127.0.0.1:9180", "192.0.2.1", "[::1]:9180", "[2001:db8::1]", "LocalHost:1"] {
            assert_eq!(checked("/", &[host]), Ok(()), "{host}");
        }
        for host in [
            "rebind.example.org:9180",
            "localhost.example.org",
            "127.0.0.1.example.org",
            "x@127.0.0.1",
            "localhost.",
        ] {
            assert_eq!(checked("/", &[host]), Err(Foreign::Name), "{host}");
        }
    }

    #[test]
    fn a_request_names_exactly_one_host() {
        assert_eq!(checked("/", &[]), Err(Foreign::Unclear));
        assert_eq!(checked("/", &["127.0.0.1", "127.0.0.1"]), Err(Foreign::Unclear));
        assert_eq!(checked("/", &["a b"]), Err(Foreign::Unclear));
        assert_eq!(checked("http://example.org/", &["127.0.0.1"]), Err(Foreign::Name));
        assert_eq!(checked("http://127.0.0.1/", &["127.0.0.1"]), Ok(()));
    }
}
