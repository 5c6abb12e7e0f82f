//! A network party that we count: an address, or the prefix one subscriber is given.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// What budgets are kept by: an IPv4 address, or an IPv6 /64.
///
/// A /64 is what one subscriber is handed, so a sender cannot multiply itself inside it
/// (RFC 6177, RFC 7934).
/// An IPv4 address mapped into IPv6 counts as the IPv4 address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceKey(u64);

impl SourceKey {
    /// The key under which `address` is counted.
    pub fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(v4) => Self(u64::from(u32::from(v4))),
            // Prefixes below 2^32 lie in ::/32, which is never routed: no clash with IPv4.
            IpAddr::V6(v6) => Self((u128::from(v6) >> 64) as u64),
        }
    }

    /// The key as a number, for hashing.
    pub fn to_bits(self) -> u64 {
        self.0
    }

    /// The whole address of one far end of this source.
    pub fn address(self, far: FarEnd) -> IpAddr {
        match self.network().address {
            v4 @ IpAddr::V4(_) => v4,
            IpAddr::V6(v6) => Ipv6Addr::from(u128::from(v6) | u128::from(far.interface)).into(),
        }
    }

    /// The network that this key stands for, for people.
    pub fn network(self) -> SourceNetwork {
        match u32::try_from(self.0) {
            Ok(v4) => SourceNetwork { address: IpAddr::V4(Ipv4Addr::from(v4)), prefix: 32 },
            Err(_) => SourceNetwork {
                address: IpAddr::V6(Ipv6Addr::from(u128::from(self.0) << 64)),
                prefix: 64,
            },
        }
    }
}

/// What tells one far end of a connection from another within a source.
///
/// A network behind shared addresses finds nobody without the port, and a source of IPv6 is a prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FarEnd {
    /// Port of the connection; 0 where it is another's, such as a trusted proxy's.
    pub port: u16,
    /// The low 64 bits of an IPv6 address; 0 of an IPv4 address.
    pub interface: u64,
}

impl FarEnd {
    /// Of a connection from `address` and `port`.
    pub fn of(address: IpAddr, port: u16) -> Self {
        let interface = match address.to_canonical() {
            IpAddr::V4(_) => 0,
            IpAddr::V6(v6) => {
                let [_, _, _, _, a, b, c, d] = v6.segments().map(u64::from);
                a << 48 | b << 32 | c << 16 | d
            }
        };
        Self { port, interface }
    }
}

/// An address prefix, `192.0.2.0/24`; the bits behind the prefix are zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceNetwork {
    address: IpAddr,
    prefix: u8,
}

impl SourceNetwork {
    /// The network of `prefix` bits that `address` lies in, or `None` for too long a prefix.
    pub fn new(address: IpAddr, prefix: u8) -> Option<Self> {
        let address = address.to_canonical();
        (prefix <= width(address)).then(|| Self { address: masked(address, prefix), prefix })
    }

    /// Whether `address` lies in this network.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_ipv4() == self.address.is_ipv4() && masked(address, self.prefix) == self.address
    }

    /// The first address.
    pub fn address(&self) -> IpAddr {
        self.address
    }

    /// The length of the prefix in bits.
    pub fn prefix(&self) -> u8 {
        self.prefix
    }
}

fn width(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

fn masked(address: IpAddr, prefix: u8) -> IpAddr {
    match address {
        IpAddr::V4(v4) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0);
            IpAddr::V4(Ipv4Addr::from(u32::from(v4) & mask))
        }
        IpAddr::V6(v6) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0);
            IpAddr::V6(Ipv6Addr::from(u128::from(v6) & mask))
        }
    }
}

impl fmt::Display for SourceNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.prefix == width(self.address) {
            return write!(f, "{}", self.address);
        }
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

/// Why a text is not a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotANetwork;

impl fmt::Display for NotANetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an address or a network such as 192.0.2.0/24 or 2001:db8::/32")
    }
}

impl std::error::Error for NotANetwork {}

impl FromStr for SourceNetwork {
    type Err = NotANetwork;
    fn from_str(text: &str) -> Result<Self, NotANetwork> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| NotANetwork)?;
        let prefix = match prefix {
            Some(prefix) => prefix.parse().map_err(|_| NotANetwork)?,
            None => width(address),
        };
        Self::new(address, prefix).ok_or(NotANetwork)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ipv6_subscriber_is_one_source_and_its_neighbour_another() {
        let key = |text: &str| SourceKey::of(text.parse().unwrap());
        assert_eq!(key("2001:db8:0:1::1"), key("2001:db8:0:1:ffff::9"));
        assert_ne!(key("2001:db8:0:1::1"), key("2001:db8:0:2::1"));
        assert_eq!(key("::ffff:192.0.2.7"), key("192.0.2.7"));
        assert_eq!(key("192.0.2.7").network().to_string(), "192.0.2.7");
        assert_eq!(key("2001:db8:0:1::1").network().to_string(), "2001:db8:0:1::/64");
    }

    #[test]
    fn a_source_and_its_far_end_give_the_whole_address() {
        for text in ["192.0.2.7", "2001:db8:1:2:3:4:5:6", "2001:db8::"] {
            let address: IpAddr = text.parse().unwrap();
            assert_eq!(SourceKey::of(address).address(FarEnd::of(address, 9)), address);
        }
    }

    #[test]
    fn a_network_holds_its_own_addresses_only() {
        let network: SourceNetwork = "192.0.2.128/25".parse().unwrap();
        assert!(network.contains("192.0.2.200".parse().unwrap()));
        assert!(!network.contains("192.0.2.1".parse().unwrap()));
        assert!(!network.contains("2001:db8::1".parse().unwrap()));
        let everything: SourceNetwork = "::/0".parse().unwrap();
        assert!(everything.contains("2001:db8::1".parse().unwrap()));
        assert!("192.0.2.0/33".parse::<SourceNetwork>().is_err());
        assert!("192.0.2.0/".parse::<SourceNetwork>().is_err());
    }
}
