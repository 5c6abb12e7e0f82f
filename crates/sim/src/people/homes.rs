//! Where the members of a group of people stand and what they look like, from their number alone.
//!
//! A member is the same person each time it is asked for: nothing is stored for it.

use crate::Chance;
use crate::casting::{Lots, Miscast, Pools};
use crate::network::{Network, NetworkClass};
use crate::stack::Look;
use std::net::IpAddr;

/// Addresses that one network of the world has.
pub(crate) const HOSTS: u32 = 250;
/// People who read in another language than their network's country speaks, in percent.
const FOREIGN_PERCENT: u32 = 8;

/// Where members stand.
#[derive(Debug, Clone)]
pub(crate) enum Homes {
    /// On lines of their own, over these networks; some share a line, as households do.
    Spread(Vec<Network>),
    /// Behind as few addresses as said, over these networks in turn.
    Behind {
        /// Where the addresses lie.
        networks: Vec<Network>,
        /// How many there are.
        addresses: u32,
    },
    /// On IPv6 lines of their own, with an interface number that is new for each visit.
    Privacy {
        /// Where the lines lie.
        networks: Vec<Network>,
        /// Members whose /64 is new for each visit too, of all.
        hopping: f64,
    },
}

/// A member as the shield sees it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Identity {
    pub(crate) network: Network,
    pub(crate) source: IpAddr,
    pub(crate) look: Look,
    pub(crate) language: u8,
}

/// Who the members of a group are.
#[derive(Debug, Clone)]
pub(crate) struct Cast {
    /// Where they stand.
    pub(crate) homes: Homes,
    /// What they browse with.
    pub(crate) lots: Lots,
    /// Fixes who is where.
    pub(crate) seed: u64,
}

impl Cast {
    /// Member `member` on visit `visit`.
    pub(crate) fn identity(&self, member: u32, visit: u32) -> Identity {
        let mut own = Chance::for_part(self.seed, u64::from(member));
        let (network, source) = self.homes.place(member, visit, &mut own);
        let look = self.lots.draw(network.class, &mut own);
        Identity { network, source, look, language: language(network.country, &mut own) }
    }
}

impl Homes {
    /// On networks of everybody.
    pub(crate) fn spread(pools: &Pools) -> Self {
        Self::Spread(pools.people_networks().to_vec())
    }

    fn place(&self, member: u32, visit: u32, own: &mut Chance) -> (Network, IpAddr) {
        match self {
            Self::Spread(networks) => {
                let network = pick(networks, own);
                (network, network.v4(own.below(HOSTS)))
            }
            Self::Behind { networks, addresses } => {
                let address = member % (*addresses).max(1);
                let count = u32::try_from(networks.len()).unwrap_or(1).max(1);
                let network = networks.get((address % count) as usize).copied();
                let network = network.unwrap_or_else(|| pick(networks, own));
                (network, network.v4(address / count))
            }
            Self::Privacy { networks, hopping } => {
                let network = pick(networks, own);
                let hops = own.unit() < *hopping;
                let mut interface = Chance::for_part(own.next_u64(), u64::from(visit));
                let line = if hops { &mut interface } else { own };
                let line = u16::try_from(line.below(1 << 16)).unwrap_or(0);
                (network, network.v6(line, interface.next_u64()))
            }
        }
    }
}

/// Networks of a class for a group of its own.
pub(crate) fn own_networks(
    pools: &mut Pools,
    count: u32,
    class: NetworkClass,
) -> Result<Vec<Network>, Miscast> {
    let networks = pools.fresh_networks(count, class);
    if networks.is_empty() { Err(Miscast::Networks) } else { Ok(networks) }
}

fn pick(networks: &[Network], chance: &mut Chance) -> Network {
    const NOWHERE: Network =
        Network { index: 0, class: NetworkClass::Residential, country: *b"GB", asn: 64_512 };
    chance.pick(networks).copied().unwrap_or(NOWHERE)
}

/// Row of [`crate::request::LANGUAGES`].
fn language(country: [u8; 2], own: &mut Chance) -> u8 {
    if own.below(100) < FOREIGN_PERCENT {
        return u8::try_from(1 + own.below(8)).unwrap_or(1);
    }
    match &country {
        b"US" => 2,
        b"DE" => 3,
        b"FR" => 4,
        b"PL" => 6,
        b"NL" => 7,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn addresses(homes: Homes, visits: u32) -> BTreeSet<IpAddr> {
        let cast = Cast { homes, lots: Pools::new().lots().clone(), seed: 7 };
        let members = (0..1_000).flat_map(|member| (0..visits).map(move |visit| (member, visit)));
        members.map(|(member, visit)| cast.identity(member, visit).source).collect()
    }

    #[test]
    fn people_behind_few_addresses_show_just_those() {
        let networks = Pools::new().fresh_networks(2, NetworkClass::Residential);
        assert_eq!(addresses(Homes::Behind { networks, addresses: 7 }, 2).len(), 7);
    }

    #[test]
    fn people_on_lines_of_their_own_keep_their_address() {
        let pools = Pools::new();
        let once = addresses(Homes::spread(&pools), 1);
        assert!(once.len() > 990, "{}", once.len());
        assert_eq!(addresses(Homes::spread(&pools), 5), once);
    }

    #[test]
    fn a_privacy_address_is_new_each_visit_and_its_64_only_for_those_who_hop() {
        let networks = Pools::new().people_networks().to_vec();
        let lines = |hopping| {
            let homes = Homes::Privacy { networks: networks.clone(), hopping };
            let all = addresses(homes, 4);
            assert_eq!(all.len(), 4_000);
            let prefix = |source: IpAddr| match source {
                IpAddr::V6(source) => u128::from(source) >> 64,
                IpAddr::V4(_) => unreachable!("IPv6 lines"),
            };
            all.into_iter().map(prefix).collect::<BTreeSet<_>>().len()
        };
        assert!(lines(0.0) <= 1_000);
        assert!(lines(1.0) > 3_990);
    }
}
