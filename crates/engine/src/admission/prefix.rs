//! The network a request comes from: what fairness is kept by.

use std::net::IpAddr;

/// An IPv4 /24 or an IPv6 /48: about what one network operator hands to one place.
///
/// Coarser than a source, so that whoever holds a whole /24 or /48 is one party in the round.
/// Source: RFC 6177 (sites get /48 to /56).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Prefix(u64);

impl Prefix {
    /// The prefix that `address` lies in; an IPv4 address mapped into IPv6 is the IPv4 address.
    pub fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(v4) => Self(u64::from(u32::from(v4) >> 8)),
            // Bit 63 keeps the two families apart.
            IpAddr::V6(v6) => Self(((u128::from(v6) >> 80) as u64) | 1 << 63),
        }
    }

    /// As a number, for hashing.
    pub fn to_bits(self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_site_is_one_prefix_and_its_neighbour_another() {
        let of = |text: &str| Prefix::of(text.parse().unwrap());
        assert_eq!(of("192.0.2.1"), of("192.0.2.254"));
        assert_eq!(of("192.0.2.1"), of("::ffff:192.0.2.9"));
        assert_ne!(of("192.0.2.1"), of("198.51.100.1"));
        assert_eq!(of("2001:db8:1::1"), of("2001:db8:1:ffff::1"));
        assert_ne!(of("2001:db8:1::1"), of("2001:db8:2::1"));
        assert_ne!(of("::c000:2:0:0:0:0"), of("192.0.2.0"));
    }
}
