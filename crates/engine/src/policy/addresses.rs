//! A set of networks that is asked "is this address in it?".

use seawall_types::SourceNetwork;
use std::net::IpAddr;

/// Networks as sorted, disjoint ranges: one binary search a question.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AddressSet {
    v4: Vec<(u128, u128)>,
    v6: Vec<(u128, u128)>,
}

impl AddressSet {
    /// The union of `networks`.
    pub fn new(networks: &[SourceNetwork]) -> Self {
        let ranges = |wanted_v4: bool| {
            let of_family = networks.iter().filter(|n| n.address().is_ipv4() == wanted_v4);
            merged(of_family.map(range).collect())
        };
        Self { v4: ranges(true), v6: ranges(false) }
    }

    /// Whether no address lies in any.
    pub fn is_empty(&self) -> bool {
        self.v4.is_empty() && self.v6.is_empty()
    }

    /// Whether `address` lies in one of the networks.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        let ranges = if address.is_ipv4() { &self.v4 } else { &self.v6 };
        if ranges.is_empty() {
            return false;
        }
        let value = number(address);
        let behind = ranges.partition_point(|range| range.0 <= value);
        behind > 0 && value <= ranges[behind - 1].1
    }
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => u128::from(u32::from(v4)),
        IpAddr::V6(v6) => u128::from(v6),
    }
}

fn range(network: &SourceNetwork) -> (u128, u128) {
    let width: u8 = if network.address().is_ipv4() { 32 } else { 128 };
    let first = number(network.address());
    let host_bits = u32::from(width - network.prefix());
    let span = 1_u128.checked_shl(host_bits).map_or(u128::MAX, |size| size - 1);
    (first, first.saturating_add(span))
}

fn merged(mut ranges: Vec<(u128, u128)>) -> Vec<(u128, u128)> {
    ranges.sort_unstable();
    let mut union: Vec<(u128, u128)> = Vec::with_capacity(ranges.len());
    for (first, last) in ranges {
        match union.last_mut() {
            Some(open) if first <= open.1.saturating_add(1) => open.1 = open.1.max(last),
            _ => union.push((first, last)),
        }
    }
    union
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_set_agrees_with_asking_every_network(
            networks in proptest::collection::vec((any::<[u8; 4]>(), 0_u8..=32), 0..20),
            address in any::<[u8; 4]>(),
        ) {
            let networks: Vec<_> = networks
                .into_iter()
                .map(|(octets, prefix)| SourceNetwork::new(IpAddr::from(octets), prefix).unwrap())
                .collect();
            let address = IpAddr::from(address);
            let expected = networks.iter().any(|network| network.contains(address));
            prop_assert_eq!(AddressSet::new(&networks).contains(address), expected);
        }
    }

    #[test]
    fn the_whole_of_ipv6_is_a_network() {
        let set = AddressSet::new(&["::/0".parse().unwrap()]);
        assert!(set.contains("2001:db8::1".parse().unwrap()));
        assert!(!set.contains("192.0.2.1".parse().unwrap()));
    }
}
