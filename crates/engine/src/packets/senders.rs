//! Whether the senders of a kind of packets are who they say, and what says so.
//!
//! A packet proves nothing about its source, so that this is a judgement over many of them, with its reason.

use super::kind::PacketKind;
use seawall_types::PacketFields;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// Fewer packets say nothing about their sources.
const PACKETS_MIN: usize = 100;
/// Where sources are drawn there are at least one for so many packets of a second.
const PACKETS_OF_ONE: f64 = 2.0;
/// Networks (an IPv4 /16, an IPv6 /32) that are not all as many hops away.
const NETWORKS_MIN: usize = 64;
/// Of twenty packets so many show one hop limit where they come from one place.
const ONE_DISTANCE_OF_TWENTY: usize = 19;

/// Whether the senders of a vector are who they say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spoofed {
    /// Servers that answer: forged was the target's address, in what they were asked.
    Reflection,
    /// Most of them were here while it was calm.
    Known,
    /// Sources of many networks, and all as many hops away.
    OneDistance,
    /// About as many sources as packets in a second: nearly every packet has its own.
    OwnSources,
    /// Sources repeat.
    Repeating,
    /// Too few to tell.
    Unknown,
}

impl Spoofed {
    /// The judgement, one word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::OneDistance | Self::OwnSources => "likely",
            Self::Reflection | Self::Known => "unlikely",
            Self::Repeating | Self::Unknown => "unknown",
        }
    }

    /// What it rests on.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Reflection => {
                "its sources are servers that answer; forged was the target's address, in what they \
                 were asked"
            }
            Self::Known => "most of its sources were here while it was calm",
            Self::OneDistance => "its sources are of many networks, and all as many hops away",
            Self::OwnSources => "there are about as many sources as packets in a second",
            Self::Repeating => "its sources repeat",
            Self::Unknown => "too few packets to tell",
        }
    }

    /// Whether it speaks for forged sources.
    pub const fn is_likely(self) -> bool {
        matches!(self, Self::OneDistance | Self::OwnSources)
    }
}

/// Judges the sampled packets of one kind, of so many in a second, beside who sent something in calm seconds.
pub(super) fn judge(
    kind: PacketKind,
    (of, packets): (&[&PacketFields], f64),
    calm: &BTreeSet<IpAddr>,
) -> Spoofed {
    if kind.is_reflected() {
        return Spoofed::Reflection;
    }
    if of.len() < PACKETS_MIN {
        return Spoofed::Unknown;
    }
    let sources: BTreeSet<_> = of.iter().map(|fields| fields.source).collect();
    if sources.intersection(calm).count() * 2 > sources.len() {
        return Spoofed::Known;
    }
    let networks: BTreeSet<_> = sources.iter().map(|source| network(*source)).collect();
    if networks.len() >= NETWORKS_MIN && most_frequent(of) * 20 >= of.len() * ONE_DISTANCE_OF_TWENTY
    {
        return Spoofed::OneDistance;
    }
    if estimated(of) * PACKETS_OF_ONE >= packets {
        return Spoofed::OwnSources;
    }
    Spoofed::Repeating
}

/// How many sources there are, by how often two sampled packets share one: with m samples and c such pairs
/// about m²/2c.
///
/// A sample of a few hundred from a thousand real hosts shows nearly as many sources as packets, so that
/// their number alone says nothing. Without a pair it is as if there were one: no more is claimed.
#[expect(clippy::cast_precision_loss, reason = "numbers of a bounded sample")]
fn estimated(of: &[&PacketFields]) -> f64 {
    let mut counts: BTreeMap<IpAddr, usize> = BTreeMap::new();
    for fields in of {
        *counts.entry(fields.source).or_default() += 1;
    }
    let pairs: usize = counts.into_values().map(|count| count * (count - 1) / 2).sum();
    let samples = of.len() as f64;
    samples * samples / (2.0 * pairs.max(1) as f64)
}

/// How many packets show the most frequent hop limit.
fn most_frequent(of: &[&PacketFields]) -> usize {
    let mut counts: BTreeMap<u8, usize> = BTreeMap::new();
    for fields in of {
        *counts.entry(fields.ttl).or_default() += 1;
    }
    counts.into_values().max().unwrap_or(0)
}

/// What one operator's machines usually share.
fn network(of: IpAddr) -> (bool, u32) {
    match of {
        IpAddr::V4(address) => (false, u32::from(address) >> 16),
        IpAddr::V6(address) => {
            let [a, b, ..] = address.segments();
            (true, u32::from(a) << 16 | u32::from(b))
        }
    }
}
