//! What no system sends, and what nobody can have sent.

use crate::Reason;
use seawall_types::PacketFields;
use seawall_types::packet::{Piece, TCP};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

const FIN: u8 = 0x01;
const SYN: u8 = 0x02;
const RST: u8 = 0x04;
const PSH: u8 = 0x08;
const ACK: u8 = 0x10;
const URG: u8 = 0x20;

/// What is wrong with a packet that could be read.
pub(super) fn fault(fields: &PacketFields) -> Option<Reason> {
    if fields.ttl == 0 {
        return Some(Reason::Malformed);
    }
    if fields.source == fields.target {
        return Some(Reason::Land);
    }
    if is_bogon(fields.source) {
        return Some(Reason::Bogon);
    }
    if fields.piece != Piece::Later && fields.protocol == TCP {
        return segment(fields);
    }
    None
}

fn is_bogon(source: IpAddr) -> bool {
    match source {
        IpAddr::V4(source) => {
            let first = source.octets()[0];
            first == 0 || first == 127 || source >= Ipv4Addr::new(224, 0, 0, 0)
        }
        IpAddr::V6(source) => source.octets()[0] == 0xff || source == Ipv6Addr::LOCALHOST,
    }
}

fn segment(fields: &PacketFields) -> Option<Reason> {
    let flags = fields.flags & 0x3f;
    let both = |pair: u8| flags & pair == pair;
    let odd = flags == 0
        || both(SYN | FIN)
        || both(SYN | RST)
        || flags & (FIN | ACK) == FIN
        || both(FIN | PSH | URG);
    if odd {
        return Some(Reason::TcpFlags);
    }
    let is_without_port = fields.source_port == 0 || fields.target_port == 0;
    is_without_port.then_some(Reason::Malformed)
}
