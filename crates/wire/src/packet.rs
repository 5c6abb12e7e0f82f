//! The headers of one packet, from the link to the ports.
//!
//! Takes the captured bytes of one frame and the kind of its link; gives who sent what to whom.
//! Never looks at what a packet carries, joins fragments or checks sums.
//! Bounds: two VLAN tags and eight extension headers of IPv6; a packet with more is
//! [`Carried::Other`].

mod ip;
mod link;

pub use link::{Link, UnknownLink};

use std::net::IpAddr;

/// One packet of the Internet protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packet {
    /// Who it says it is from: anybody can write that.
    pub source: IpAddr,
    /// Who it is for.
    pub target: IpAddr,
    /// What it carries.
    pub carried: Carried,
}

/// What a packet carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carried {
    /// A segment of TCP (RFC 9293).
    Tcp {
        /// Ports of sender and receiver.
        ports: Ports,
        /// The flags.
        flags: TcpFlags,
        /// Bytes behind the header, by the packet's own word.
        payload_bytes: u16,
    },
    /// A datagram of UDP (RFC 768).
    Udp(Ports),
    /// A message of ICMP, of either version.
    Icmp {
        /// Its type.
        kind: u8,
        /// What it quotes, when it reports an error about a packet.
        quoted: Option<Quoted>,
    },
    /// A piece of a packet: not whole, so its ports tell nothing.
    Fragment,
    /// Another protocol, or one whose header was cut off.
    Other(u8),
}

/// The ports of sender and receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ports {
    /// Of the sender.
    pub source: u16,
    /// Of the receiver.
    pub target: u16,
}

/// The packet that an ICMP error quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quoted {
    /// Its protocol, such as 6 for TCP.
    pub protocol: u8,
    /// The port that it was for, where the protocol has ports.
    pub target_port: Option<u16>,
}

/// The flags of a TCP segment (RFC 9293 §3.1), those of ECN included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TcpFlags(pub u8);

impl TcpFlags {
    /// No more data from the sender.
    pub const FIN: u8 = 0x01;
    /// Begins a connection.
    pub const SYN: u8 = 0x02;
    /// Resets the connection.
    pub const RST: u8 = 0x04;
    /// Asks that data be handed on.
    pub const PSH: u8 = 0x08;
    /// The acknowledgement is meant.
    pub const ACK: u8 = 0x10;
    /// The urgent pointer is meant.
    pub const URG: u8 = 0x20;

    /// Whether exactly these of FIN, SYN, RST and ACK are set; the others say nothing of the
    /// connection's state.
    pub const fn are(self, flags: u8) -> bool {
        self.0 & (Self::FIN | Self::SYN | Self::RST | Self::ACK) == flags
    }
}

impl Packet {
    /// Reads a frame as it was captured; none when it is not a packet of the Internet protocol.
    pub fn parse(link: Link, frame: &[u8]) -> Option<Self> {
        ip::packet(link.strip(frame)?)
    }
}

#[cfg(test)]
mod tests;
