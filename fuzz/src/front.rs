//! What must hold of the word of proxies in front: PROXY headers and lists of forwarded addresses.

use seawall_wire::forwarded::{self, Field};
use seawall_wire::proxy_header::{self, HEADER_MAX, ProxyStep};
use std::net::{IpAddr, Ipv4Addr};

/// A header is judged alike however it is split, never before its last byte, and within bounds.
///
/// # Panics
/// When that does not hold.
pub fn proxy_header(bytes: &[u8]) {
    let judged = |end: usize| proxy_header::parse(&bytes[..end]);
    let last = bytes.len().min(HEADER_MAX);
    let Some(end) = (0..=last).find(|&end| judged(end) != Ok(ProxyStep::Partial)) else {
        assert!(bytes.len() < HEADER_MAX, "undecided after {HEADER_MAX} bytes");
        return;
    };
    let step = judged(end);
    for further in [end + 1, last, bytes.len()] {
        assert_eq!(judged(further.clamp(end, bytes.len())), step, "{end} of {further} bytes");
    }
    if let Ok(ProxyStep::Whole(header)) = step {
        assert_eq!(header.length, end, "whole with its last byte");
        assert_eq!(header.client, header.client.map(|client| client.to_canonical()));
    }
}

/// A list of forwarded addresses, in lines: the same client in one line as in several, and never
/// another than the one that a proxy wrote at its end.
///
/// # Panics
/// When that does not hold.
pub fn forwarded(bytes: &[u8]) {
    let trusts = |address: IpAddr| matches!(address, IpAddr::V4(v4) if v4.octets()[0] == 10);
    let lines: Vec<&[u8]> = bytes.split(|&byte| byte == b'\n').collect();
    let found = |field, lines: &[&[u8]]| forwarded::walk(field, lines.iter().copied(), trusts);
    let joined = lines.join(&b","[..]);
    let plain = found(Field::XForwardedFor, &lines);
    assert_eq!(plain, found(Field::XForwardedFor, &[&joined]));
    assert_eq!(plain.proto, None, "no list of addresses names a scheme");
    let one = found(Field::CfConnectingIp, &lines);
    assert!(lines.len() == 1 || one.client.is_none(), "two lines are two clients");
    let scheme = forwarded::proto(lines.iter().copied());
    assert_eq!(scheme, forwarded::proto([&joined[..]].into_iter()));
    let told = found(Field::Forwarded, &lines);
    assert!(told.client.is_some() || told.proto.is_none(), "a scheme of nobody");
    let written = Some(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)));
    for (field, own) in [
        (Field::XForwardedFor, &b", 192.0.2.1, 10.0.0.1"[..]),
        (Field::Forwarded, b", for=192.0.2.1;proto=http, for=\"10.0.0.1:80\""),
    ] {
        assert_eq!(found(field, &[&[bytes, own].concat()]).client, written);
    }
}
