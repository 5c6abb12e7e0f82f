//! The networks that sources lie in: prefixes with a class, a country and a number of their own.
//!
//! Addresses are of `10.0.0.0/8` and `2001:db8::/32`, which nobody on the internet has, so that a
//! recording of a world can never be mistaken for one of people.
//! The first octet alone says "10": put 127 in its place and the same sources stand on loopback.
//! Bounds: [`NETWORKS_MAX`] networks of one world.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// One /24 (or /48) each, from 10.1.0.0 up.
pub const NETWORKS_MAX: u32 = 60_000;

/// What kind of network a table would call it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NetworkClass {
    /// Lines to homes.
    Residential,
    /// Phones.
    Mobile,
    /// Rented machines.
    Hosting,
    /// Known open or rented proxies.
    Proxy,
}

impl NetworkClass {
    /// The word of the record format.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Residential => "residential",
            Self::Mobile => "mobile",
            Self::Hosting => "hosting",
            Self::Proxy => "proxy",
        }
    }
}

/// One network: a /24, or a /48 of IPv6.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    /// Which of the world's networks it is; fixes its prefix.
    pub index: u32,
    /// What kind it is.
    pub class: NetworkClass,
    /// Two letters.
    pub country: [u8; 2],
    /// Number of the autonomous system that announces it.
    pub asn: u32,
}

impl Network {
    /// Address `host` of this network; hosts wrap around after 250.
    pub fn v4(self, host: u32) -> IpAddr {
        let block = 256 + self.index % NETWORKS_MAX;
        let [_, _, high, low] = block.to_be_bytes();
        let host = u8::try_from(host % 250 + 1).unwrap_or(1);
        IpAddr::V4(Ipv4Addr::new(10, high, low, host))
    }

    /// Address `interface` in subscriber `host`'s /64 of this network.
    pub fn v6(self, host: u16, interface: u64) -> IpAddr {
        let prefix = (0x2001_0db8_u128 << 96)
            | (u128::from(self.index & 0xffff) << 80)
            | (u128::from(host) << 64);
        IpAddr::V6(Ipv6Addr::from(prefix | u128::from(interface)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_do_not_overlap_and_stay_in_their_block() {
        let network = |index| Network {
            index,
            class: NetworkClass::Residential,
            country: *b"GB",
            asn: 64_496,
        };
        assert_eq!(network(0).v4(0).to_string(), "10.1.0.1");
        assert_eq!(network(NETWORKS_MAX - 1).v4(249).to_string(), "10.235.95.250");
        assert_eq!(network(1).v6(2, 3).to_string(), "2001:db8:1:2::3");
        assert_ne!(network(4).v4(0), network(5).v4(0));
    }
}
