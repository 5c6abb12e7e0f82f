//! Whether the senders' addresses are forged, and what says so.

use super::flows::{OneWay, Seen};
use super::kind::Kind;
use super::share;
use std::fmt;

/// Sources for each packet from which nearly every packet has a source of its own.
const OWN_SOURCE_SHARE: f64 = 0.8;
/// Fewer packets say nothing about their sources.
const PACKETS_MIN: u64 = 100;
/// The share of its sources that must converse for a vector's sources to be taken as real.
const CONVERSING_SHARE: f64 = 0.5;

/// Whether the addresses of those who sent the vectors are forged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spoofed {
    /// What was seen speaks for it.
    Likely,
    /// What was seen speaks against it.
    Unlikely,
    /// Nothing speaks for either.
    Unknown,
}

impl Spoofed {
    /// The word of the summary.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Likely => "likely",
            Self::Unlikely => "unlikely",
            Self::Unknown => "unknown",
        }
    }
}

/// What the judgement rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// There is no vector.
    NoVector,
    /// Servers that were asked in the target's name answer from where they are.
    Reflection,
    /// Nearly every packet has a source of its own, and none of them completed a handshake.
    OwnSources,
    /// Most sources also took part in conversations.
    Conversing,
    /// None of these.
    Neither,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoVector => "no kind of one-way traffic makes up enough of it",
            Self::Reflection => {
                "its sources are servers that answer; forged was the target's address, in what \
                 they were asked"
            }
            Self::OwnSources => {
                "nearly every packet has a source of its own and none completed a handshake"
            }
            Self::Conversing => "most of its sources also hold conversations",
            Self::Neither => "its sources repeat, and none is seen to hold a conversation",
        })
    }
}

/// Judges the largest vector.
pub(super) fn judge(named: &[(Kind, &OneWay)], seen: &Seen) -> (Spoofed, Why) {
    let Some((kind, vector)) = named.iter().max_by_key(|(_, vector)| vector.packets) else {
        return (Spoofed::Unknown, Why::NoVector);
    };
    if kind.is_reflected() {
        return (Spoofed::Unlikely, Why::Reflection);
    }
    let sources = vector.sources.len() as u64;
    let conversing = vector.sources.intersection(&seen.conversing).count() as u64;
    if share(conversing, sources) >= CONVERSING_SHARE {
        return (Spoofed::Unlikely, Why::Conversing);
    }
    let own_sources = share(sources, vector.packets) >= OWN_SOURCE_SHARE;
    if own_sources && conversing == 0 && vector.packets >= PACKETS_MIN {
        return (Spoofed::Likely, Why::OwnSources);
    }
    (Spoofed::Unknown, Why::Neither)
}
