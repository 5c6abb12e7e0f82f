//! Where a flood's sources stand: how many, in what networks, how close together.
//!
//! A source's address follows from its number, except for those that take a new one each time.
//! Bounds: [`SOURCES_MAX`] sources; networks as the world has them.

use crate::Chance;
use crate::casting::{Miscast, Pools, share, whole};
use crate::network::{Network, NetworkClass};
use serde::Deserialize;
use std::net::IpAddr;

/// Sources of one flood: more than the largest HTTP floods that were counted in public.
pub const SOURCES_MAX: u32 = 1_000_000;
/// Addresses that a /24 has for sources.
const HOSTS: u32 = 250;

/// Where a flood's sources stand.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sources {
    /// How many.
    pub count: u32,
    /// In which part of the world.
    #[serde(default)]
    pub place: Place,
    /// What kind of networks, where they are not the people's own.
    #[serde(default)]
    pub class: Class,
    /// How many share one network, a /24 or a /48.
    #[serde(default = "one")]
    pub per_network: u32,
    /// A country that more of them stand in than elsewhere.
    #[serde(default)]
    pub mostly_in: Option<MostlyIn>,
}

/// A country and the share of networks that lie in it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MostlyIn {
    /// Two capital letters.
    pub country: String,
    /// From 0 to 1.
    pub share: f64,
}

/// The part of the world that sources stand in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// Networks that no visitor has been in.
    #[default]
    Apart,
    /// The very networks that people live in, behind the same addresses.
    AmongPeople,
    /// Behind the addresses that groups of people share, a campus or a carrier's NAT; those groups
    /// must have been cast before.
    BehindNats,
    /// IPv6 networks that no visitor has been in; each source has a /64 of its own.
    Ipv6,
    /// The same, with a new /64 and a new address for every request.
    Ipv6Rotating,
}

/// The kind of networks that sources stand in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Homes: hijacked devices and residential proxies.
    #[default]
    Residential,
    /// Phones.
    Mobile,
    /// Rented machines.
    Hosting,
    /// Known open or rented proxies.
    Proxy,
    /// Of each some: six homes and two phones to every two rented machines.
    Mixed,
}

/// Where each source stands.
#[derive(Debug)]
pub(super) enum Standing {
    /// In these networks in turn.
    Within { networks: Vec<Network>, place: Place },
    /// Behind these addresses in turn.
    Behind(Vec<(Network, IpAddr)>),
}

impl Sources {
    /// `count` sources in homes, each in a network of its own.
    pub const fn homes(count: u32) -> Self {
        Self {
            count,
            place: Place::Apart,
            class: Class::Residential,
            per_network: 1,
            mostly_in: None,
        }
    }

    /// Gives each source its place.
    pub(super) fn stand(&self, pools: &mut Pools) -> Result<Standing, Miscast> {
        self.check()?;
        let wanted = self.count.div_ceil(self.per_network);
        let networks = match self.place {
            Place::BehindNats if pools.shared().is_empty() => {
                let must = "another where no group of people shares addresses";
                return Err(Miscast::value("sources.place", "behind-nats", must));
            }
            Place::BehindNats => return Ok(Standing::Behind(pools.shared().to_vec())),
            Place::AmongPeople => spread(pools.people_networks(), wanted),
            Place::Apart | Place::Ipv6 | Place::Ipv6Rotating => self.fresh(wanted, pools),
        };
        // IPv6 subscribers of one network are counted by 16 bits.
        let room = if self.place == Place::Ipv6 { 1 << 16 } else { HOSTS };
        let found = u64::try_from(networks.len()).unwrap_or(u64::MAX);
        let full = found * u64::from(room) < u64::from(self.count);
        if networks.is_empty() || (full && self.place != Place::Ipv6Rotating) {
            return Err(Miscast::Networks);
        }
        Ok(Standing::Within { networks, place: self.place })
    }

    fn fresh(&self, wanted: u32, pools: &mut Pools) -> Vec<Network> {
        let class = self.class.fixed().unwrap_or(NetworkClass::Residential);
        let mut fresh = pools.fresh_networks(wanted, class);
        for network in &mut fresh {
            self.settle(network);
        }
        fresh
    }

    fn check(&self) -> Result<(), Miscast> {
        whole("sources.count", self.count, 1..=SOURCES_MAX)?;
        whole("sources.per_network", self.per_network, 1..=SOURCES_MAX)?;
        if let Some(mostly) = &self.mostly_in {
            let letters = mostly.country.bytes().filter(u8::is_ascii_uppercase).count();
            if mostly.country.len() != 2 || letters != 2 {
                return Err(Miscast::value("country", &mostly.country, "two letters, as BR"));
            }
            share("mostly_in.share", mostly.share)?;
            if matches!(self.place, Place::AmongPeople | Place::BehindNats) {
                let must = "left out: the people's networks lie where they lie";
                return Err(Miscast::value("mostly_in", &mostly.country, must));
            }
        }
        Ok(())
    }

    /// Puts a fresh network into a country, of a kind.
    fn settle(&self, network: &mut Network) {
        // By the network alone, so that one more network moves none of the others.
        let mut chance = Chance::for_part(0x666c_6f6f, u64::from(network.index));
        let mostly = chance.unit();
        network.country = *chance.pick(&COUNTRIES).unwrap_or(b"US");
        let mixed = *chance.pick(&MIXED).unwrap_or(&NetworkClass::Residential);
        network.class = self.class.fixed().unwrap_or(mixed);
        if network.class == NetworkClass::Hosting {
            network.asn = 64_912 + network.asn % 40;
        }
        let here = self.mostly_in.as_ref().filter(|here| mostly < here.share);
        if let Some([first, second]) = here.map(|here| here.country.as_bytes()) {
            network.country = [*first, *second];
        }
    }
}

impl Class {
    const fn fixed(self) -> Option<NetworkClass> {
        match self {
            Self::Residential => Some(NetworkClass::Residential),
            Self::Mobile => Some(NetworkClass::Mobile),
            Self::Hosting => Some(NetworkClass::Hosting),
            Self::Proxy => Some(NetworkClass::Proxy),
            Self::Mixed => None,
        }
    }
}

impl Standing {
    /// The address of a source, and its network.
    pub(super) fn source(&self, member: u32, chance: &mut Chance) -> Option<(IpAddr, Network)> {
        match self {
            Self::Behind(addresses) => {
                let (network, address) =
                    *addresses.get(member as usize % addresses.len().max(1))?;
                Some((address, network))
            }
            Self::Within { networks, place } => {
                let many = u32::try_from(networks.len()).unwrap_or(u32::MAX).max(1);
                let network = *networks.get((member % many) as usize)?;
                Some((place.address(network, member / many, chance), network))
            }
        }
    }
}

impl Place {
    /// The address of a network's source number `host`.
    fn address(self, network: Network, host: u32, chance: &mut Chance) -> IpAddr {
        match self {
            // Not all begin with the first address of their network.
            Self::Apart | Self::AmongPeople | Self::BehindNats => {
                network.v4(host.wrapping_add(network.index.wrapping_mul(0x9E37) >> 4) % HOSTS)
            }
            Self::Ipv6 => {
                let own = Chance::for_part(u64::from(network.index), u64::from(host)).next_u64();
                network.v6(low_16(host), own)
            }
            Self::Ipv6Rotating => {
                let bits = chance.next_u64();
                network.v6(low_16(chance.below(1 << 16)), bits)
            }
        }
    }
}

fn low_16(bits: u32) -> u16 {
    u16::try_from(bits & 0xffff).unwrap_or(0)
}

/// `wanted` of `all`, evenly chosen.
fn spread(all: &[Network], wanted: u32) -> Vec<Network> {
    let wanted = (wanted as usize).min(all.len());
    (0..wanted).map(|index| all[index * all.len() / wanted]).collect()
}

const fn one() -> u32 {
    1
}

/// Countries that a flood's networks lie in, unless a scenario says otherwise.
const COUNTRIES: [[u8; 2]; 16] = [
    *b"US", *b"BR", *b"IN", *b"ID", *b"VN", *b"TH", *b"TR", *b"MX", *b"CO", *b"UA", *b"RU", *b"CN",
    *b"DE", *b"FR", *b"GB", *b"ZA",
];

/// Kinds of networks in a mixed flood; assumed.
const MIXED: [NetworkClass; 10] = {
    use NetworkClass::{Hosting, Mobile, Residential};
    [
        Residential,
        Residential,
        Residential,
        Residential,
        Residential,
        Residential,
        Mobile,
        Mobile,
        Hosting,
        Hosting,
    ]
};

#[cfg(test)]
mod tests;
