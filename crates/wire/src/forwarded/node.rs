//! One element of a list: an address, or a set of pairs that names one.

use super::{Proto, Told};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// An address and nothing else, as in `CF-Connecting-IP`.
pub(super) fn bare(text: &[u8]) -> Option<Told> {
    let address: IpAddr = str::from_utf8(text).ok()?.parse().ok()?;
    Some(Told { client: Some(address.to_canonical()), proto: None })
}

/// An address as in `X-Forwarded-For`: bare, or with a port, IPv6 then in brackets.
pub(super) fn plain(text: &[u8]) -> Option<Told> {
    bare(text).or_else(|| {
        let client = with_port(str::from_utf8(text).ok()?)?;
        Some(Told { client: Some(client), proto: None })
    })
}

/// An element of `Forwarded`; none when it names no address (RFC 7239 §4, §6).
pub(super) fn forwarded(element: &[u8]) -> Option<Told> {
    // No name of a node needs an escape, and with none a quote is always a quote.
    if element.contains(&b'\\') {
        return None;
    }
    let (mut told, mut rest) = (Told::NOTHING, element);
    let mut schemes = 0;
    while !rest.is_empty() {
        let pair = pair(rest)?;
        rest = pair.behind;
        if pair.name.eq_ignore_ascii_case(b"for") {
            let client = with_port(str::from_utf8(pair.value).ok()?)?;
            // A parameter stands at most once (RFC 7239 §4).
            if told.client.replace(client).is_some() {
                return None;
            }
        } else if pair.name.eq_ignore_ascii_case(b"proto") {
            schemes += 1;
            told.proto = Proto::named(pair.value).filter(|_| schemes == 1);
        }
    }
    told.client.is_some().then_some(told)
}

struct Pair<'a> {
    name: &'a [u8],
    value: &'a [u8],
    behind: &'a [u8],
}

/// The first of several pairs; values are bare or in quotes.
fn pair(text: &[u8]) -> Option<Pair<'_>> {
    let equals = text.iter().position(|&byte| byte == b'=')?;
    let (name, value) = (&text[..equals], &text[equals + 1..]);
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_".contains(byte);
    if name.is_empty() || !name.iter().all(is_name) {
        return None;
    }
    let (value, behind) = match value.strip_prefix(b"\"") {
        Some(quoted) => {
            let end = quoted.iter().position(|&byte| byte == b'"')?;
            (&quoted[..end], &quoted[end + 1..])
        }
        None => value.split_at(value.iter().position(|&b| b == b';').unwrap_or(value.len())),
    };
    let behind = match behind.trim_ascii_start() {
        [] => &[],
        [b';', behind @ ..] => behind.trim_ascii_start(),
        _ => return None,
    };
    let value = value.trim_ascii_end();
    (!value.contains(&b'"')).then_some(Pair { name, value, behind })
}

/// `192.0.2.1`, `192.0.2.1:80`, `[2001:db8::1]` or `[2001:db8::1]:80`.
fn with_port(text: &str) -> Option<IpAddr> {
    let (address, port) = if let Some(inside) = text.strip_prefix('[') {
        let (v6, behind) = inside.split_once(']')?;
        let port = if behind.is_empty() { None } else { Some(behind.strip_prefix(':')?) };
        (IpAddr::V6(v6.parse::<Ipv6Addr>().ok()?), port)
    } else {
        let (v4, port) = text.split_once(':').map_or((text, None), |(v4, port)| (v4, Some(port)));
        (IpAddr::V4(v4.parse::<Ipv4Addr>().ok()?), port)
    };
    port.is_none_or(is_port).then_some(address.to_canonical())
}

/// A number, or a name that hides one (RFC 7239 §6.3).
fn is_port(word: &str) -> bool {
    let is_hidden = |name: &str| {
        let belongs = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        !name.is_empty() && name.bytes().all(belongs)
    };
    let is_number = word.bytes().all(|byte| byte.is_ascii_digit()) && word.parse::<u16>().is_ok();
    is_number || word.strip_prefix('_').is_some_and(is_hidden)
}
