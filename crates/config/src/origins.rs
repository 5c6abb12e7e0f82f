//! Origins as the file writes them: a scheme, which tells the protocol, and a place behind it.

use crate::hosts::check_name;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

/// What is spoken to an origin, told by its scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// HTTP/1.1 in clear.
    Http,
    /// HTTP/1.1 over TLS.
    Https,
    /// HTTP/2 in clear, by prior knowledge (RFC 9113 §3.3).
    H2c,
    /// HTTP/2 over TLS; the origin must agree to it by ALPN (RFC 9113 §3.2).
    H2,
}

impl Protocol {
    const ALL: [Self; 4] = [Self::Http, Self::Https, Self::H2c, Self::H2];

    /// The scheme that stands for it.
    pub fn scheme(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
            Self::H2c => "h2c",
            Self::H2 => "h2",
        }
    }

    /// Whether it runs over TLS.
    pub fn is_tls(self) -> bool {
        match self {
            Self::Https | Self::H2 => true,
            Self::Http | Self::H2c => false,
        }
    }

    /// Whether it is HTTP/2.
    pub fn is_http2(self) -> bool {
        match self {
            Self::H2c | Self::H2 => true,
            Self::Http | Self::Https => false,
        }
    }

    /// Port of an origin that names none (RFC 9110 §4.2.1 and §4.2.2).
    fn default_port(self) -> u16 {
        if self.is_tls() { 443 } else { 80 }
    }
}

/// An origin as written: `http://10.0.0.5:8080`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OriginUrl {
    /// What is spoken to it.
    pub protocol: Protocol,
    /// Name or address, without brackets.
    pub host: String,
    /// Port.
    pub port: u16,
}

impl OriginUrl {
    /// Whether a connection to this origin would reach `listener`, as far as its text tells.
    ///
    /// `localhost` and loopback addresses reach a listener on every address.
    /// A name is not resolved.
    pub(crate) fn reaches(&self, listener: SocketAddr) -> bool {
        if self.port != listener.port() {
            return false;
        }
        let address = match self.host.parse::<IpAddr>() {
            Ok(address) => address,
            Err(_) if self.host == "localhost" => return is_local(listener.ip()),
            Err(_) => return false,
        };
        address == listener.ip() || (listener.ip().is_unspecified() && is_local(address))
    }
}

fn is_local(address: IpAddr) -> bool {
    address.is_loopback() || address.is_unspecified()
}

impl FromStr for OriginUrl {
    type Err = NotAnOrigin;

    fn from_str(text: &str) -> Result<Self, NotAnOrigin> {
        let (scheme, rest) = text.split_once("://").ok_or(NotAnOrigin::NoScheme)?;
        let mut known = Protocol::ALL.into_iter();
        let protocol = known
            .find(|protocol| protocol.scheme().eq_ignore_ascii_case(scheme))
            .ok_or(NotAnOrigin::OtherScheme)?;
        if rest.contains('@') {
            return Err(NotAnOrigin::Credentials);
        }
        if rest.contains(['/', '?', '#']) {
            return Err(NotAnOrigin::Path);
        }
        let (host, port) = split_port(rest)?;
        let port = port.unwrap_or(protocol.default_port());
        Ok(Self { protocol, host: check_host(host)?, port })
    }
}

/// Splits `host:port`; a bracketed IPv6 address keeps its brackets.
fn split_port(authority: &str) -> Result<(&str, Option<u16>), NotAnOrigin> {
    let colon = match authority.rfind(']') {
        Some(bracket) => authority[bracket..].find(':').map(|at| bracket + at),
        // An IPv6 address without brackets, or with one.
        None if authority.matches(':').count() > 1 => return Err(NotAnOrigin::Host),
        None => authority.find(':'),
    };
    let Some(colon) = colon else {
        return Ok((authority, None));
    };
    let port = &authority[colon + 1..];
    let digits = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    match port.parse() {
        Ok(port) if digits && port != 0 => Ok((&authority[..colon], Some(port))),
        _ => Err(NotAnOrigin::Port),
    }
}

/// A name, or an address without brackets, in lower case.
pub(crate) fn check_host(host: &str) -> Result<String, NotAnOrigin> {
    if let Some(inner) = host.strip_prefix('[') {
        let inner = inner.strip_suffix(']').ok_or(NotAnOrigin::Host)?;
        let address: Ipv6Addr = inner.parse().map_err(|_| NotAnOrigin::Host)?;
        return Ok(address.to_string());
    }
    let host = host.to_ascii_lowercase();
    check_name(&host).map_err(|_| NotAnOrigin::Host)?;
    Ok(host)
}

impl fmt::Display for OriginUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = self.protocol.scheme();
        if self.host.contains(':') {
            return write!(f, "{scheme}://[{}]:{}", self.host, self.port);
        }
        write!(f, "{scheme}://{}:{}", self.host, self.port)
    }
}

/// Why a text is not the URL of an origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotAnOrigin {
    /// No scheme stands before the host.
    NoScheme,
    /// A scheme that no origin has.
    OtherScheme,
    /// A user or a password.
    Credentials,
    /// A path, a query or a fragment stands behind the host.
    Path,
    /// The port is not a number from 1 to 65535.
    Port,
    /// The host is neither a name nor an address.
    Host,
}

impl fmt::Display for NotAnOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoScheme => "an origin begins with its scheme, such as \"http://10.0.0.5:8080\"",
            Self::OtherScheme => {
                "the scheme of an origin is http, https, h2c (HTTP/2 in clear) or h2 (HTTP/2 over \
                 TLS)"
            }
            Self::Credentials => "an origin carries no user and no password",
            Self::Path => {
                "an origin ends after its port, without a path; requests keep their own path"
            }
            Self::Port => "the port of an origin is a number from 1 to 65535",
            Self::Host => {
                "the host of an origin is a name, an IPv4 address, or an IPv6 address in brackets"
            }
        })
    }
}

impl std::error::Error for NotAnOrigin {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_a_scheme_a_host_and_perhaps_a_port() {
        for (text, protocol, host, port) in [
            ("http://10.0.0.5:8080", Protocol::Http, "10.0.0.5", 8080),
            ("HTTP://Origin.Example.org", Protocol::Http, "origin.example.org", 80),
            ("http://[2001:DB8::5]:8080", Protocol::Http, "2001:db8::5", 8080),
            ("http://[2001:db8::5]", Protocol::Http, "2001:db8::5", 80),
            ("https://10.0.0.5", Protocol::Https, "10.0.0.5", 443),
            ("https://10.0.0.5:80", Protocol::Https, "10.0.0.5", 80),
            ("h2c://origin.example.org", Protocol::H2c, "origin.example.org", 80),
            ("H2://[2001:db8::5]", Protocol::H2, "2001:db8::5", 443),
        ] {
            let origin: OriginUrl = text.parse().unwrap();
            assert_eq!(
                (origin.protocol, origin.host.as_str(), origin.port),
                (protocol, host, port)
            );
            assert_eq!(origin.to_string().parse(), Ok(origin));
        }
    }

    #[test]
    fn anything_else_is_refused_with_its_own_reason() {
        for (text, reason) in [
            ("10.0.0.5:8080", NotAnOrigin::NoScheme),
            ("", NotAnOrigin::NoScheme),
            ("ftp://10.0.0.5", NotAnOrigin::OtherScheme),
            ("h3://10.0.0.5", NotAnOrigin::OtherScheme),
            ("://10.0.0.5", NotAnOrigin::OtherScheme),
            ("http://me:secret@10.0.0.5", NotAnOrigin::Credentials),
            ("http://10.0.0.5/", NotAnOrigin::Path),
            ("http://10.0.0.5:80/app", NotAnOrigin::Path),
            ("http://10.0.0.5?x", NotAnOrigin::Path),
            ("http://10.0.0.5:0", NotAnOrigin::Port),
            ("http://10.0.0.5:65536", NotAnOrigin::Port),
            ("http://10.0.0.5:+80", NotAnOrigin::Port),
            ("http://10.0.0.5:", NotAnOrigin::Port),
            ("http://2001:db8::5", NotAnOrigin::Host),
            ("http://[2001:db8::5", NotAnOrigin::Host),
            ("http://[x]:80", NotAnOrigin::Host),
            ("http://", NotAnOrigin::Host),
            ("http://a b", NotAnOrigin::Host),
            ("http://*.example.org", NotAnOrigin::Host),
        ] {
            assert_eq!(text.parse::<OriginUrl>(), Err(reason), "{text}");
        }
    }

    #[test]
    fn an_origin_that_is_the_shield_itself_is_known_by_its_address() {
        let reaches = |origin: &str, listener: &str| {
            let origin: OriginUrl = origin.parse().unwrap();
            origin.reaches(listener.parse().unwrap())
        };
        assert!(reaches("http://192.0.2.1:80", "192.0.2.1:80"));
        assert!(reaches("http://127.0.0.1:80", "0.0.0.0:80"));
        assert!(reaches("http://localhost:80", "127.0.0.1:80"));
        assert!(!reaches("http://192.0.2.1:80", "0.0.0.0:80"));
        assert!(!reaches("http://192.0.2.1:81", "192.0.2.1:80"));
        assert!(!reaches("http://origin.example.org:80", "0.0.0.0:80"));
    }
}
