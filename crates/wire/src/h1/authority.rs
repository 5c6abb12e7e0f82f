//! A host with an optional port, and when two of them are the same.

use super::class::{self, DIGIT, HOST};
use std::net::Ipv6Addr;

/// Longest host, in bytes: a DNS name in text form (RFC 1035 §2.3.4).
const HOST_BYTES_MAX: usize = 255;
/// Longest text of an IPv6 address.
const IPV6_TEXT_MAX: usize = 45;

/// Which default port an absolute target has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scheme {
    Http,
    Https,
}

impl Scheme {
    fn port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

/// `uri-host [":" port]` of RFC 9110 §7.2, narrowed to what DNS and addresses need.
///
/// No user, no percent-encoding, no empty host, no empty port.
#[derive(Debug, Clone, Copy)]
pub(super) struct Authority<'a> {
    host: &'a [u8],
    port: Option<u16>,
}

impl<'a> Authority<'a> {
    /// The authority that `bytes` are, or `None` when they are none.
    pub(super) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let host_end = match bytes.first()? {
            b'[' => memchr::memchr(b']', bytes)? + 1,
            _ => class::run(bytes, HOST),
        };
        let (host, rest) = bytes.split_at_checked(host_end)?;
        let port = match rest {
            [] => None,
            [b':', digits @ ..] => Some(port(digits)?),
            _ => return None,
        };
        let known = match host {
            [b'[', address @ .., b']'] => is_ipv6(address),
            name => is_name(name),
        };
        known.then_some(Self { host, port })
    }

    /// Whether both mean one host and, under `scheme`, one port.
    pub(super) fn is_same(self, other: Self, scheme: Scheme) -> bool {
        let port = |authority: Self| authority.port.unwrap_or(scheme.port());
        self.host.eq_ignore_ascii_case(other.host) && port(self) == port(other)
    }
}

/// Labels of which only the last may be empty: the dot of a name that is complete.
fn is_name(name: &[u8]) -> bool {
    let whole = name.strip_suffix(b".").unwrap_or(name);
    name.len() <= HOST_BYTES_MAX && whole.split(|&byte| byte == b'.').all(|label| !label.is_empty())
}

fn is_ipv6(text: &[u8]) -> bool {
    text.len() <= IPV6_TEXT_MAX
        && str::from_utf8(text).is_ok_and(|text| text.parse::<Ipv6Addr>().is_ok())
}

fn port(digits: &[u8]) -> Option<u16> {
    if digits.is_empty() || digits.len() > 5 {
        return None;
    }
    digits.iter().try_fold(0_u16, |port, &digit| {
        class::is(digit, DIGIT).then_some(())?;
        port.checked_mul(10)?.checked_add(u16::from(digit - b'0'))
    })
}
