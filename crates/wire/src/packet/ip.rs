//! IPv4 and IPv6 headers, and the first bytes of what they carry.

use super::{Carried, Packet, Ports, Quoted, TcpFlags};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

const TCP: u8 = 6;
const UDP: u8 = 17;
const ICMP: u8 = 1;
const ICMPV6: u8 = 58;
/// IPv6 extension headers that are stepped over: hop-by-hop, routing, destination (RFC 8200 §4).
const STEPPED_OVER: [u8; 3] = [0, 43, 60];
/// The IPv6 fragment header.
const FRAGMENT: u8 = 44;
const EXTENSIONS_MAX: usize = 8;

/// A header that was read, and what lies behind it.
struct Header<'a> {
    source: IpAddr,
    target: IpAddr,
    protocol: u8,
    /// Whether it is a piece of a packet.
    is_fragment: bool,
    behind: &'a [u8],
    /// Bytes behind the header by the header's own word; what was captured may be less.
    behind_bytes: usize,
}

pub(super) fn packet(bytes: &[u8]) -> Option<Packet> {
    let header = header(bytes)?;
    let carried = if header.is_fragment { Carried::Fragment } else { carried(&header) };
    Some(Packet { source: header.source, target: header.target, carried })
}

fn header(bytes: &[u8]) -> Option<Header<'_>> {
    match bytes.first()? >> 4 {
        4 => v4(bytes),
        6 => v6(bytes),
        _ => None,
    }
}

/// RFC 791 §3.1.
fn v4(bytes: &[u8]) -> Option<Header<'_>> {
    let fixed: &[u8; 20] = bytes.first_chunk()?;
    let length = usize::from(fixed[0] & 0x0f) * 4;
    // The "more" flag and the offset; "do not fragment" says nothing.
    let piece = u16::from_be_bytes([fixed[6], fixed[7]]) & 0x3fff;
    Some(Header {
        source: IpAddr::V4(Ipv4Addr::new(fixed[12], fixed[13], fixed[14], fixed[15])),
        target: IpAddr::V4(Ipv4Addr::new(fixed[16], fixed[17], fixed[18], fixed[19])),
        protocol: fixed[9],
        is_fragment: piece != 0,
        behind: bytes.get(length.max(20)..)?,
        behind_bytes: usize::from(u16::from_be_bytes([fixed[2], fixed[3]])).saturating_sub(length),
    })
}

/// RFC 8200 §3 and §4.
fn v6(bytes: &[u8]) -> Option<Header<'_>> {
    let fixed: &[u8; 40] = bytes.first_chunk()?;
    let source: [u8; 16] = *fixed[8..].first_chunk()?;
    let target: [u8; 16] = *fixed[24..].first_chunk()?;
    let mut header = Header {
        source: IpAddr::V6(Ipv6Addr::from(source)),
        target: IpAddr::V6(Ipv6Addr::from(target)),
        protocol: fixed[6],
        is_fragment: false,
        behind: &bytes[40..],
        behind_bytes: usize::from(u16::from_be_bytes([fixed[4], fixed[5]])),
    };
    for _ in 0..EXTENSIONS_MAX {
        if header.protocol == FRAGMENT {
            header.is_fragment = true;
            break;
        }
        if !STEPPED_OVER.contains(&header.protocol) {
            break;
        }
        let Some([next, length, ..]) = header.behind.first_chunk::<8>() else { break };
        let length = (usize::from(*length) + 1) * 8;
        let Some(behind) = header.behind.get(length..) else { break };
        header.protocol = *next;
        header.behind = behind;
        header.behind_bytes = header.behind_bytes.saturating_sub(length);
    }
    Some(header)
}

fn carried(header: &Header<'_>) -> Carried {
    let known = match header.protocol {
        TCP => tcp(header),
        UDP => ports(header.behind).map(Carried::Udp),
        ICMP => icmp(header.behind, |kind| matches!(kind, 3 | 4 | 5 | 11 | 12)),
        ICMPV6 => icmp(header.behind, |kind| matches!(kind, 1..=4)),
        _ => None,
    };
    known.unwrap_or(Carried::Other(header.protocol))
}

fn tcp(header: &Header<'_>) -> Option<Carried> {
    let fixed: &[u8; 14] = header.behind.first_chunk()?;
    let length = usize::from(fixed[12] >> 4) * 4;
    let payload_bytes = header.behind_bytes.saturating_sub(length.max(20));
    Some(Carried::Tcp {
        ports: ports(fixed)?,
        flags: TcpFlags(fixed[13]),
        payload_bytes: u16::try_from(payload_bytes).unwrap_or(u16::MAX),
    })
}

fn ports(behind: &[u8]) -> Option<Ports> {
    let [a, b, c, d] = *behind.first_chunk()?;
    Some(Ports { source: u16::from_be_bytes([a, b]), target: u16::from_be_bytes([c, d]) })
}

/// RFC 792 and RFC 4443: an error quotes the packet that it is about behind eight bytes.
fn icmp(behind: &[u8], is_error: impl Fn(u8) -> bool) -> Option<Carried> {
    let kind = *behind.first()?;
    let quoted = is_error(kind).then(|| quoted(behind.get(8..)?)).flatten();
    Some(Carried::Icmp { kind, quoted })
}

fn quoted(bytes: &[u8]) -> Option<Quoted> {
    let header = header(bytes)?;
    let has_ports = matches!(header.protocol, TCP | UDP) && !header.is_fragment;
    let target_port = has_ports.then(|| ports(header.behind)).flatten().map(|ports| ports.target);
    Some(Quoted { protocol: header.protocol, target_port })
}
