//! The headers of one frame, read exactly as the kernel's program reads them.
//!
//! Takes the bytes of a frame from its Ethernet header on; gives fields, or why there are none.
//! Stricter than [`crate::packet`], which reads captures leniently: a length that does not fit is
//! malformed here.
//! Bounds: two VLAN tags, four extension headers of IPv6.

use crate::packet::Link;
use seawall_types::PacketFields;
use seawall_types::packet::{ICMP, ICMP6, Piece, TCP, UDP};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Extension headers that are followed.
const EXTENSIONS_MAX: usize = 4;
const SYN: u8 = 0x02;

/// What a frame holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrameHeaders {
    /// A packet of the Internet protocol.
    Packet(PacketFields),
    /// Something else, such as ARP.
    Other,
    /// Not readable; with the sender, where the frame got that far.
    Malformed(Option<IpAddr>),
    /// More extension headers than are followed, or one that nobody should send.
    Extensions(Option<IpAddr>),
}

/// Reads an Ethernet frame.
pub fn ethernet(frame: &[u8]) -> FrameHeaders {
    if frame.len() < 14 {
        return FrameHeaders::Malformed(None);
    }
    let mut kind = [frame[12], frame[13]];
    let mut at = 14;
    for _ in 0..2 {
        if matches!(kind, [0x81, 0x00] | [0x88, 0xa8]) {
            let Some(tag) = frame.get(at..at + 4) else { return FrameHeaders::Malformed(None) };
            kind = [tag[2], tag[3]];
            at += 4;
        }
    }
    match kind {
        [0x08, 0x00] => four(&frame[at..]),
        [0x86, 0xdd] => six(&frame[at..]),
        _ => FrameHeaders::Other,
    }
}

/// Reads a frame of any link; what holds no packet is [`FrameHeaders::Other`].
pub fn of_link(link: Link, frame: &[u8]) -> FrameHeaders {
    if link == Link::Ethernet {
        return ethernet(frame);
    }
    match link.strip(frame) {
        Some(packet) if packet.first().is_some_and(|first| first >> 4 == 4) => four(packet),
        Some(packet) if packet.first().is_some_and(|first| first >> 4 == 6) => six(packet),
        _ => FrameHeaders::Other,
    }
}

fn pair(bytes: &[u8], at: usize) -> u16 {
    u16::from_be_bytes([bytes[at], bytes[at + 1]])
}

/// Headers before what the packet carries, and where that begins.
struct Carrier<'a> {
    fields: PacketFields,
    /// From the first carried byte to the end of the frame.
    rest: &'a [u8],
    carried: usize,
}

fn empty(source: IpAddr, target: IpAddr) -> PacketFields {
    PacketFields {
        source,
        target,
        protocol: 0,
        flags: 0,
        ttl: 0,
        tos: 0,
        source_port: 0,
        target_port: 0,
        id: 0,
        window: 0,
        piece: Piece::Whole,
        offset: 0,
        ihl: 0,
        length: 0,
        begin: [0; 16],
    }
}

fn four(ip: &[u8]) -> FrameHeaders {
    if ip.len() < 20 {
        return FrameHeaders::Malformed(None);
    }
    let header = usize::from(ip[0] & 15) * 4;
    let length = usize::from(pair(ip, 2));
    if ip[0] >> 4 != 4 || header < 20 || length < header || length > ip.len() {
        return FrameHeaders::Malformed(None);
    }
    let address = |at: usize| IpAddr::V4(Ipv4Addr::new(ip[at], ip[at + 1], ip[at + 2], ip[at + 3]));
    let mut fields = empty(address(12), address(16));
    let piece = pair(ip, 6);
    let place = usize::from(piece & 0x1fff) * 8;
    fields.piece = match (piece & 0x3fff, place) {
        (0, _) => Piece::Whole,
        (_, 0) => Piece::First,
        _ => Piece::Later,
    };
    if place + length - header > 65_535 {
        return FrameHeaders::Malformed(Some(fields.source));
    }
    fields.ttl = ip[8];
    fields.tos = ip[1];
    fields.id = pair(ip, 4);
    fields.ihl = ip[0] & 15;
    fields.protocol = ip[9];
    fields.length = pair(ip, 2);
    carried(&Carrier { fields, rest: &ip[header..], carried: length - header })
}

fn six(ip: &[u8]) -> FrameHeaders {
    if ip.len() < 40 {
        return FrameHeaders::Malformed(None);
    }
    let mut left = usize::from(pair(ip, 4));
    if ip[0] >> 4 != 6 || 40 + left > ip.len() {
        return FrameHeaders::Malformed(None);
    }
    let address = |at: usize| {
        let bytes: [u8; 16] = ip[at..at + 16].try_into().unwrap_or_default();
        IpAddr::V6(Ipv6Addr::from(bytes))
    };
    let mut fields = empty(address(8), address(24));
    fields.ttl = ip[7];
    fields.tos = (ip[0] << 4) | (ip[1] >> 4);
    #[expect(clippy::cast_possible_truncation, reason = "no frame is longer than that")]
    let length = (40 + left) as u16;
    fields.length = length;
    let (mut next, mut at) = (ip[6], 40);
    let is_extension = |next: u8| matches!(next, 0 | 43 | 44 | 60);
    for _ in 0..EXTENSIONS_MAX {
        if !is_extension(next) || fields.piece == Piece::Later {
            break;
        }
        let Some(header) = ip.get(at..at + 8) else {
            return FrameHeaders::Malformed(Some(fields.source));
        };
        let mut length = 8;
        if next == 44 {
            let piece = pair(header, 2);
            if piece & 0xfff9 != 0 {
                fields.piece = if piece & 0xfff8 == 0 { Piece::First } else { Piece::Later };
            }
        } else {
            length += usize::from(header[1]) * 8;
        }
        if next == 43 && header[2] == 0 {
            return FrameHeaders::Extensions(Some(fields.source));
        }
        if length > left {
            return FrameHeaders::Malformed(Some(fields.source));
        }
        left -= length;
        next = header[0];
        at += length;
    }
    if is_extension(next) && fields.piece != Piece::Later {
        return FrameHeaders::Extensions(Some(fields.source));
    }
    fields.protocol = next;
    carried(&Carrier { fields, rest: ip.get(at..).unwrap_or_default(), carried: left })
}

fn carried(packet: &Carrier<'_>) -> FrameHeaders {
    let Carrier { mut fields, rest, carried } = *packet;
    let malformed = FrameHeaders::Malformed(Some(fields.source));
    if fields.piece == Piece::Later {
        return FrameHeaders::Packet(fields);
    }
    let begin = match fields.protocol {
        TCP => {
            if rest.len() < 20 || carried < 20 {
                return malformed;
            }
            fields.offset = rest[12] >> 4;
            let header = usize::from(fields.offset) * 4;
            if header < 20 || header > carried {
                return malformed;
            }
            (fields.source_port, fields.target_port) = (pair(rest, 0), pair(rest, 2));
            (fields.flags, fields.window) = (rest[13], pair(rest, 14));
            if fields.flags & SYN == 0 { header } else { 20 }
        }
        UDP => {
            if rest.len() < 8 || carried < 8 {
                return malformed;
            }
            let length = usize::from(pair(rest, 4));
            if fields.piece == Piece::Whole && (length < 8 || length > carried) {
                return malformed;
            }
            (fields.source_port, fields.target_port) = (pair(rest, 0), pair(rest, 2));
            8
        }
        ICMP | ICMP6 => {
            if rest.len() < 8 || carried < 8 {
                return malformed;
            }
            (fields.source_port, fields.target_port) = (u16::from(rest[0]), u16::from(rest[1]));
            8
        }
        _ => return FrameHeaders::Packet(fields),
    };
    let first = rest.get(begin..).unwrap_or_default();
    let taken = if first.len() >= 16 { 16 } else { first.len() / 8 * 8 };
    fields.begin[..taken].copy_from_slice(&first[..taken]);
    FrameHeaders::Packet(fields)
}

#[cfg(test)]
mod tests;
