//! The kinds of packet that floods are made of, and their names.

use seawall_types::PacketFields;
use seawall_types::packet::{ICMP, ICMP6, Piece, TCP, UDP};

const FIN: u8 = 0x01;
const SYN: u8 = 0x02;
const RST: u8 = 0x04;
const ACK: u8 = 0x10;

/// UDP services that answer more than they are asked, by their registered or default port.
///
/// Sources: US-CERT alert TA14-017A and the services named since.
const SERVICES: [(u16, &str); 21] = [
    (17, "qotd"),
    (19, "chargen"),
    (53, "dns"),
    (111, "portmap"),
    (123, "ntp"),
    (137, "netbios"),
    (161, "snmp"),
    (389, "cldap"),
    (427, "slp"),
    (520, "rip"),
    (1194, "openvpn"),
    (1434, "mssql"),
    (1900, "ssdp"),
    (3283, "arms"),
    (3478, "stun"),
    (3702, "ws-discovery"),
    (5683, "coap"),
    (10_074, "tp240"),
    (11_211, "memcached"),
    (32_414, "plex"),
    (33_848, "jenkins"),
];

/// The service that answers from `port`, where it is known for reflection.
pub fn service(port: u16) -> Option<&'static str> {
    let at = SERVICES.binary_search_by_key(&port, |(known, _)| *known);
    at.ok().map(|at| SERVICES[at].1)
}

/// What one packet is, apart from who sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PacketKind {
    /// Opens a connection.
    Syn,
    /// Answers an opening.
    SynAck,
    /// Resets, with or without an acknowledgement.
    Rst,
    /// Says that a sender is done.
    Fin,
    /// Belongs to a connection, whether it carries anything or not.
    Ack,
    /// A web page that nobody asked for, as filters on the way send it.
    Middlebox,
    /// Flags that no connection has.
    OddFlags,
    /// From the port of a service that is used for reflection.
    Reflected(u16),
    /// Another datagram.
    Datagram,
    /// A message of ICMP, by its type.
    Icmp(u8),
    /// A piece of a packet.
    Fragment,
    /// Another protocol.
    Protocol(u8),
}

impl PacketKind {
    /// The kind of a packet.
    pub fn of(fields: &PacketFields) -> Self {
        if fields.piece != Piece::Whole {
            return Self::Fragment;
        }
        match fields.protocol {
            TCP => segment(fields),
            UDP if service(fields.source_port).is_some() => Self::Reflected(fields.source_port),
            UDP => Self::Datagram,
            // The type of ICMP stands where others have a port.
            ICMP | ICMP6 => Self::Icmp(fields.source_port.to_be_bytes()[1]),
            other => Self::Protocol(other),
        }
    }

    /// The name of a flood of it.
    pub fn vector_name(self) -> String {
        match self {
            Self::Syn => "tcp: syn".to_owned(),
            Self::SynAck => "tcp: syn-ack reflection".to_owned(),
            Self::Rst => "tcp: rst".to_owned(),
            Self::Fin => "tcp: fin".to_owned(),
            Self::Ack => "tcp: ack".to_owned(),
            Self::Middlebox => "tcp: middlebox reflection".to_owned(),
            Self::OddFlags => "tcp: odd flags".to_owned(),
            Self::Reflected(port) => {
                format!("udp: {} reflection", service(port).unwrap_or("service"))
            }
            Self::Datagram => "udp: flood".to_owned(),
            Self::Icmp(3) => "icmp: errors".to_owned(),
            Self::Icmp(_) => "icmp: flood".to_owned(),
            Self::Fragment => "ip: fragments".to_owned(),
            Self::Protocol(number) => format!("ip: protocol {number}"),
        }
    }

    /// Whether those who send it were asked in somebody else's name.
    pub const fn is_reflected(self) -> bool {
        matches!(self, Self::SynAck | Self::Reflected(_) | Self::Middlebox)
    }
}

fn segment(fields: &PacketFields) -> PacketKind {
    match fields.flags & (FIN | SYN | RST | ACK) {
        SYN => PacketKind::Syn,
        pair if pair == SYN | ACK => PacketKind::SynAck,
        flags if flags & (RST | SYN) == RST => PacketKind::Rst,
        _ if fields.begin.starts_with(b"HTTP/1.") => PacketKind::Middlebox,
        pair if pair == FIN | ACK => PacketKind::Fin,
        ACK => PacketKind::Ack,
        _ => PacketKind::OddFlags,
    }
}
