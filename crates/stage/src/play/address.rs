//! Where a source of the simulator stands on loopback.

use seawall_sim::Chance;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// First of the second octets that stand for IPv6; networks of IPv4 reach up to 235.
const V6_FIRST: u32 = 236;
/// How many second octets stand for IPv6.
const V6_COUNT: u32 = 18;

/// 127.a.b.c for 10.a.b.c; one address of 127.236.0.0 to 127.253.255.255 for each /64 of IPv6.
///
/// Loopback has a single IPv6 address, so subscribers of IPv6 stand on IPv4, one address each: what a
/// shield counts by /64 it then counts by address.
/// Two subscribers meet on one address about once in a million pairs.
pub(super) fn on_loopback(source: IpAddr) -> Ipv4Addr {
    match source {
        IpAddr::V4(address) => {
            let [_, high, low, host] = address.octets();
            Ipv4Addr::new(127, high, low, host)
        }
        IpAddr::V6(address) => subscriber(address),
    }
}

fn subscriber(address: Ipv6Addr) -> Ipv4Addr {
    let prefix = u64::try_from(address.to_bits() >> 64).unwrap_or(0);
    let mut chance = Chance::new(prefix);
    let second = u8::try_from(V6_FIRST + chance.below(V6_COUNT)).unwrap_or(u8::MAX);
    let [.., third, fourth] = chance.next_u64().to_be_bytes();
    Ipv4Addr::new(127, second, third, fourth.clamp(1, 254))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_source_stands_on_loopback(v4: u32, v6: u128) {
            prop_assert!(on_loopback(IpAddr::V4(Ipv4Addr::from(v4))).is_loopback());
            prop_assert!(on_loopback(IpAddr::V6(Ipv6Addr::from(v6))).is_loopback());
        }
    }

    #[test]
    fn a_subscriber_keeps_its_address_whatever_its_interface() {
        let place = |text: &str| on_loopback(text.parse().unwrap());
        assert_eq!(place("10.1.2.3").to_string(), "127.1.2.3");
        assert_eq!(place("2001:db8:1:2::3"), place("2001:db8:1:2::4"));
        assert_ne!(place("2001:db8:1:2::3"), place("2001:db8:1:3::3"));
    }
}
