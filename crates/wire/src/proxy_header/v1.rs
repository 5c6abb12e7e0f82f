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
    let client = client(told)?;
    Ok(ProxyStep::Whole(ProxyHeader { client, length: end + 2 }))
}

/// The client that a line names; none when it names nobody.
fn client(told: &[u8]) -> Result<Option<IpAddr>, ProxyFault> {
    // Other bytes than ASCII may stand where they are ignored.
    let (family, addresses) = match told.iter().position(|&byte| byte == b' ') {
        Some(space) => (&told[..space], &told[space + 1..]),
        None => (told, &[][..]),
    };
    match family {
        // Whatever else stands there is to be ignored (§2.1).
        b"UNKNOWN" => Ok(None),
        b"TCP4" => Ok(Some(IpAddr::V4(source::<Ipv4Addr>(addresses)?))),
        b"TCP6" => Ok(Some(IpAddr::V6(source::<Ipv6Addr>(addresses)?).to_canonical())),
        _ => Err(ProxyFault::Line),
    }
}

/// The first of two addresses that are followed by two ports, one space between any two.
fn source<A: FromStr>(text: &[u8]) -> Result<A, ProxyFault> {
    let text = str::from_utf8(text).map_err(|_| ProxyFault::Line)?;
    let [source, destination, from, to] = four_words(text).ok_or(ProxyFault::Line)?;
    let (source, destination) = (source.parse::<A>(), destination.parse::<A>());
    match (source, destination) {
        (Ok(source), Ok(_)) if is_port(from) && is_port(to) => Ok(source),
        _ => Err(ProxyFault::Line),
    }
}

fn four_words(text: &str) -> Option<[&str; 4]> {
    let mut words = text.split(' ');
    let four = [words.next()?, words.next()?, words.next()?, words.next()?];
    words.next().is_none().then_some(four)
}

/// A number of 16 bits without a sign or leading zeros.
fn is_port(word: &str) -> bool {
    let is_plain = word.bytes().all(|byte| byte.is_ascii_digit());
    is_plain && (word == "0" || !word.starts_with('0')) && word.parse::<u16>().is_ok()
}
