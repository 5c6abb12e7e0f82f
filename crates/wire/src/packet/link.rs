//! What lies around a packet: Ethernet and its kin.

use std::fmt;

/// The kind of link that a frame was captured on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// Ethernet, with up to two VLAN tags.
    Ethernet,
    /// The packet alone.
    Raw,
    /// BSD loopback: four bytes before the packet.
    Loopback,
    /// Linux "cooked" capture, version 1: 16 bytes before the packet.
    Cooked,
    /// Linux "cooked" capture, version 2: 20 bytes before the packet.
    Cooked2,
}

/// A kind of link that is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownLink(pub u32);

impl fmt::Display for UnknownLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "link type {} is not read; capture on Ethernet or as raw IP", self.0)
    }
}

impl std::error::Error for UnknownLink {}

const VLAN_TAGS_MAX: usize = 2;
/// `EtherTypes` of VLAN tags: IEEE 802.1Q and 802.1ad.
const VLAN: [[u8; 2]; 2] = [[0x81, 0x00], [0x88, 0xa8]];
/// `EtherTypes` of IPv4 and IPv6.
const INTERNET: [[u8; 2]; 2] = [[0x08, 0x00], [0x86, 0xdd]];

impl Link {
    /// The link of a number as capture files write it.
    ///
    /// Source: the list of link-layer header types at tcpdump.org.
    ///
    /// # Errors
    /// It is none of those that are read.
    pub fn of(number: u32) -> Result<Self, UnknownLink> {
        match number {
            0 | 108 => Ok(Self::Loopback),
            1 => Ok(Self::Ethernet),
            12 | 101 | 228 | 229 => Ok(Self::Raw),
            113 => Ok(Self::Cooked),
            276 => Ok(Self::Cooked2),
            other => Err(UnknownLink(other)),
        }
    }

    /// The packet inside a frame; none when it holds none of the Internet protocol.
    pub(crate) fn strip(self, frame: &[u8]) -> Option<&[u8]> {
        match self {
            Self::Ethernet => ethernet(frame),
            Self::Raw => Some(frame),
            Self::Loopback => frame.get(4..),
            Self::Cooked => typed(frame.get(14..)?),
            Self::Cooked2 => {
                let kind = frame.get(..2)?;
                INTERNET.iter().any(|known| known == kind).then(|| frame.get(20..))?
            }
        }
    }
}

fn ethernet(frame: &[u8]) -> Option<&[u8]> {
    let mut rest = frame.get(12..)?;
    for _ in 0..VLAN_TAGS_MAX {
        let kind = rest.get(..2)?;
        if VLAN.iter().any(|known| known == kind) {
            rest = rest.get(4..)?;
        }
    }
    typed(rest)
}

/// What follows an `EtherType` of the Internet protocol.
fn typed(rest: &[u8]) -> Option<&[u8]> {
    let (kind, packet) = rest.split_at_checked(2)?;
    INTERNET.iter().any(|known| known == kind).then_some(packet)
}
