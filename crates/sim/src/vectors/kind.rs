//! The kinds of packet that are told apart.

use seawall_engine::packets::service;
use seawall_wire::packet::{Carried, Quoted, TcpFlags};

/// What one packet is, apart from who sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Syn,
    SynAck,
    /// A SYN-ACK that answers a SYN of the capture.
    SolicitedSynAck,
    /// A reset that answers a segment with an acknowledgement (RFC 9293 §3.5.2).
    Rst,
    /// A reset that answers a segment without one, such as a SYN.
    RstAck,
    Fin,
    /// An acknowledgement that carries nothing.
    Ack,
    /// A segment with data.
    Data,
    /// Flags that no connection has: none at all, or SYN with FIN or RST.
    OddFlags,
    /// From a port whose service answers more than it is asked, by port.
    Reflected(u16),
    Datagram,
    /// An ICMP error about a segment of TCP.
    ErrorOnTcp,
    /// An ICMP error about a datagram to this port.
    ErrorOnUdp(u16),
    Icmp,
    Fragment,
    Protocol(u8),
}

impl Kind {
    pub(super) fn of(carried: Carried) -> Self {
        match carried {
            Carried::Tcp { flags, payload_bytes, .. } => segment(flags, payload_bytes),
            Carried::Udp(ports) if service(ports.source).is_some() => Self::Reflected(ports.source),
            Carried::Udp(_) => Self::Datagram,
            Carried::Icmp { quoted: Some(Quoted { protocol: 6, .. }), .. } => Self::ErrorOnTcp,
            Carried::Icmp { quoted: Some(Quoted { target_port: Some(port), .. }), .. } => {
                Self::ErrorOnUdp(port)
            }
            Carried::Icmp { .. } => Self::Icmp,
            Carried::Fragment => Self::Fragment,
            Carried::Other(protocol) => Self::Protocol(protocol),
        }
    }

    /// Whether packets of this kind come about where those of `cause` were sent.
    pub(super) fn is_brought_by(self, cause: Self) -> bool {
        match cause {
            // Whose address was forged gets our SYN-ACK and resets it, or cannot be reached.
            Self::Syn => matches!(self, Self::SolicitedSynAck | Self::Rst | Self::ErrorOnTcp),
            // Of those that were asked in the target's name some refuse, and some are not there.
            Self::SynAck => matches!(self, Self::Rst | Self::RstAck | Self::ErrorOnTcp),
            Self::Reflected(port) => self == Self::ErrorOnUdp(port),
            Self::SolicitedSynAck
            | Self::Rst
            | Self::RstAck
            | Self::Fin
            | Self::Ack
            | Self::Data
            | Self::OddFlags
            | Self::Datagram
            | Self::ErrorOnTcp
            | Self::ErrorOnUdp(_)
            | Self::Icmp
            | Self::Fragment
            | Self::Protocol(_) => false,
        }
    }

    /// Whether those who send it were asked in somebody else's name.
    pub(super) fn is_reflected(self) -> bool {
        matches!(self, Self::SynAck | Self::Reflected(_))
    }

    pub(super) fn vector_name(self) -> String {
        match self {
            Self::Syn => "tcp: syn".to_owned(),
            Self::SynAck => "tcp: syn-ack reflection".to_owned(),
            Self::SolicitedSynAck => "tcp: syn-ack".to_owned(),
            Self::Rst | Self::RstAck => "tcp: rst".to_owned(),
            Self::Fin => "tcp: fin".to_owned(),
            Self::Ack => "tcp: ack".to_owned(),
            Self::Data => "tcp: data without connection".to_owned(),
            Self::OddFlags => "tcp: odd flags".to_owned(),
            Self::Reflected(port) => {
                let name = service(port).expect("invariant: the port made it reflected");
                format!("udp: {name} reflection")
            }
            Self::Datagram => "udp: flood".to_owned(),
            Self::ErrorOnTcp | Self::ErrorOnUdp(_) => "icmp: errors".to_owned(),
            Self::Icmp => "icmp: flood".to_owned(),
            Self::Fragment => "ip: fragments".to_owned(),
            Self::Protocol(number) => format!("ip: protocol {number}"),
        }
    }
}

fn segment(flags: TcpFlags, payload_bytes: u16) -> Kind {
    const FIN: u8 = TcpFlags::FIN;
    const SYN: u8 = TcpFlags::SYN;
    const RST: u8 = TcpFlags::RST;
    const ACK: u8 = TcpFlags::ACK;
    let known = [
        (SYN, Kind::Syn),
        (SYN | ACK, Kind::SynAck),
        (RST, Kind::Rst),
        (RST | ACK, Kind::RstAck),
        (FIN | ACK, Kind::Fin),
    ];
    if let Some((_, kind)) = known.into_iter().find(|(pattern, _)| flags.are(*pattern)) {
        return kind;
    }
    match (flags.are(ACK), payload_bytes) {
        (true, 0) => Kind::Ack,
        (true, _) => Kind::Data,
        (false, _) => Kind::OddFlags,
    }
}
