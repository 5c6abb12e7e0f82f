//! What a kind of packets is aimed at: one address or a whole network of them, one port or many.
//!
//! How evenly it is spread is told by the effective number of what it meets (the Rényi entropy of order
//! two, as a number): as many as there are where all get the same, and one where one gets nearly all.

use seawall_types::PacketFields;
use seawall_types::packet::{Piece, TCP, UDP};
use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Addresses of one network that get about the same: more are a carpet.
const CARPET_ADDRESSES: u64 = 8;
/// Ports that get about the same: nobody serves so many.
const MANY_PORTS: u64 = 64;
/// Addresses have at least so many bits in common to be of one network.
const NETWORK_BITS: (u8, u8) = (16, 32);

/// What packets of one kind are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Aim {
    /// The narrowest network that holds all they are for.
    pub network: (IpAddr, u8),
    /// Different addresses among them.
    pub addresses: usize,
    /// Different ports; 0 where packets have none.
    pub ports: usize,
    /// Whether many addresses of one network get about the same, so that none of them stands out.
    pub is_carpet: bool,
    /// Whether many ports get about the same.
    pub is_over_ports: bool,
    /// The only port.
    pub port: Option<u16>,
}

impl Aim {
    /// What these are for; `None` for no packets.
    pub(super) fn of(packets: &[&PacketFields]) -> Option<Self> {
        let mut addresses: BTreeMap<IpAddr, u64> = BTreeMap::new();
        let mut ports: BTreeMap<u16, u64> = BTreeMap::new();
        for fields in packets {
            *addresses.entry(fields.target).or_default() += 1;
            if matches!(fields.protocol, TCP | UDP) && fields.piece != Piece::Later {
                *ports.entry(fields.target_port).or_default() += 1;
            }
        }
        let (first, _) = addresses.first_key_value()?;
        let (last, _) = addresses.last_key_value()?;
        let network = narrowest(*first, *last);
        let bits_min = if first.is_ipv4() { NETWORK_BITS.0 } else { NETWORK_BITS.1 };
        Some(Self {
            network,
            addresses: addresses.len(),
            ports: ports.len(),
            is_carpet: network.1 >= bits_min && effective(addresses.values()) >= CARPET_ADDRESSES,
            is_over_ports: effective(ports.values()) >= MANY_PORTS,
            port: ports.keys().next().copied().filter(|_| ports.len() == 1),
        })
    }
}

impl fmt::Display for Aim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ((address, bits), addresses) = (self.network, self.addresses);
        match addresses {
            1 => write!(f, "{address}")?,
            _ if self.is_carpet => {
                write!(f, "{address}/{bits} (carpet bombing: {addresses} addresses)")?;
            }
            _ => write!(f, "{addresses} addresses")?,
        }
        match self.port {
            Some(port) => write!(f, " port {port}"),
            None if self.is_over_ports => write!(f, " over {} ports", self.ports),
            None => Ok(()),
        }
    }
}

/// How many get about the same.
fn effective<'a>(counts: impl Iterator<Item = &'a u64>) -> u64 {
    let (mut sum, mut squares) = (0_u64, 0_u64);
    for count in counts {
        sum += count;
        squares += count * count;
    }
    (sum * sum).checked_div(squares).unwrap_or(0)
}

/// The narrowest network that holds both; families that differ share none of their bits.
fn narrowest(first: IpAddr, last: IpAddr) -> (IpAddr, u8) {
    match (first, last) {
        (IpAddr::V4(first), IpAddr::V4(last)) => {
            let [first, last] = [first, last].map(u32::from);
            let bits = (first ^ last).leading_zeros();
            let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
            (IpAddr::V4(Ipv4Addr::from(first & mask)), u8::try_from(bits).unwrap_or(32))
        }
        (IpAddr::V6(first), IpAddr::V6(last)) => {
            let [first, last] = [first, last].map(u128::from);
            let bits = (first ^ last).leading_zeros();
            let mask = u128::MAX.checked_shl(128 - bits).unwrap_or(0);
            (IpAddr::V6(Ipv6Addr::from(first & mask)), u8::try_from(bits).unwrap_or(128))
        }
        (first, _) => (first, 0),
    }
}
