//! Version 1: one line of text.

use super::{ProxyFault, ProxyHeader, ProxyStep, agrees};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// The longest line, its end included (§2.1).
pub const V1_MAX: usize = 107;

const START: &[u8] = b"PROXY ";

pub(super) fn parse(stream: &[u8]) -> Result<ProxyStep, ProxyFault> {
    if !agrees(stream, START) {
        return Err(ProxyFault::Signature);
    }
    let window = &stream[..stream.len().min(V1_MAX)];
    let Some(end) = window.iter().position(|byte| matches!(byte, b'\r' | b'\n')) else {
        return if window.len() < V1_MAX {
            Ok(ProxyStep::Partial)
        } else {
            Err(ProxyFault::TooLong)
        };
    };
    match (window[end], window.get(end + 1)) {
        (b'\r', Some(b'\n')) => {}
        (b'\r', None) if window.len() < V1_MAX => return Ok(ProxyStep::Partial),
        (b'\r', None) => return Err(ProxyFault::TooLong),
        _ => return Err(ProxyFault::Line),
    }
    // An end inside the first word is no line of ours.
    let told = window[..end].strip_prefix(START).ok_or(ProxyFault::Signature)?;
    let client = client(told).ok_or(ProxyFault::Line)?;
    Ok(ProxyStep::Whole(ProxyHeader { client, length: end + 2 }))
}

/// The client that a line names; the outer nothing for a line that is wrong.
fn client(told: &[u8]) -> Option<Option<IpAddr>> {
    let told = str::from_utf8(told).ok()?;
    let (family, addresses) = told.split_once(' ').unwrap_or((told, ""));
    match family {
        // Whatever else stands there is to be ignored (§2.1).
        "UNKNOWN" => Some(None),
        "TCP4" => source::<Ipv4Addr>(addresses).map(|client| Some(IpAddr::V4(client))),
        "TCP6" => {
            source::<Ipv6Addr>(addresses).map(|client| Some(IpAddr::V6(client).to_canonical()))
        }
        _ => None,
    }
}

/// The first of two addresses that are followed by two ports, one space between any two.
fn source<A: FromStr>(text: &str) -> Option<A> {
    let mut words = text.split(' ');
    let source = words.next()?.parse().ok()?;
    let _destination: A = words.next()?.parse().ok()?;
    let ports = words.next().is_some_and(is_port) && words.next().is_some_and(is_port);
    (ports && words.next().is_none()).then_some(source)
}

/// A number of 16 bits without a sign or leading zeros.
fn is_port(word: &str) -> bool {
    let is_plain = word.bytes().all(|byte| byte.is_ascii_digit());
    is_plain && (word == "0" || !word.starts_with('0')) && word.parse::<u16>().is_ok()
}
