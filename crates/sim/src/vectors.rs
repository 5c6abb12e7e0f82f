//! What a capture consists of: the kinds of one-way traffic that make it up.
//!
//! Takes the frames of a capture; gives how many of its packets the named vectors explain.
//! A vector is traffic that nobody answers and that answers nobody, of one kind, making up
//! [`VECTOR_SHARE`] of the packets; what two parties say to each other is a conversation and never
//! one. That somebody meant harm is not measured, and not said.
//! Bounds: [`FLOWS_MAX`] flows are told apart; packets of further ones count by their own kind.

mod flows;
mod kind;
mod sample;
mod spoofed;

pub use flows::FLOWS_MAX;
pub use spoofed::{Spoofed, Why};

use crate::recording::capture::Frame;
use flows::{Flows, OneWay};
use kind::Kind;
use sample::Sample;
use seawall_engine::packets;
use seawall_wire::frame::FrameHeaders;
use seawall_wire::packet::Carried;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// The share of a capture's packets that makes a kind of traffic a vector.
pub const VECTOR_SHARE: f64 = 0.05;
/// Fewer packets of a kind are never a vector.
pub const VECTOR_PACKETS_MIN: u64 = 20;

/// Counts the frames of a capture.
#[derive(Debug, Default)]
pub struct Tally {
    frames: u64,
    protocols: BTreeMap<&'static str, u64>,
    flows: Flows,
    sample: Sample,
}

/// What a capture consists of.
#[derive(Debug, Clone, PartialEq)]
pub struct CaptureSummary {
    /// Frames in the capture.
    pub packets: u64,
    /// Frames by protocol.
    pub protocols: BTreeMap<&'static str, u64>,
    /// Share of the packets that the vectors explain, 0 to 1.
    pub covered: f64,
    /// What makes up the capture, the most first.
    pub vectors: Vec<Vector>,
    /// Whether the senders' addresses are forged.
    pub spoofed: Spoofed,
    /// What that rests on.
    pub why: Why,
    /// What its packets have in common, apart from those of conversations.
    pub described: Vec<packets::Vector>,
    /// Packets of flows that could not be told apart any more.
    pub untracked: u64,
}

/// One kind of one-way traffic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vector {
    /// Such as `tcp: syn` or `udp: snmp reflection`.
    pub name: String,
    /// Packets of it, those that it brings about among them.
    pub packets: u64,
    /// Different addresses that sent it.
    pub sources: u64,
}

impl Tally {
    /// Counts one frame.
    pub fn add(&mut self, frame: &Frame) {
        self.frames += 1;
        *self.protocols.entry(protocol(frame)).or_default() += 1;
        if let Some(packet) = frame {
            self.flows.add(packet);
        }
    }

    /// Keeps the headers of a frame, as one of those that are described.
    pub fn sample(&mut self, headers: &FrameHeaders) {
        if let FrameHeaders::Packet(fields) = headers {
            self.sample.add(fields);
        }
    }

    /// What was seen.
    pub fn conclude(self) -> CaptureSummary {
        let seen = self.flows.conclude();
        let named = named(&seen.one_way, self.frames);
        let spoofed = spoofed::judge(&named, &seen);
        let is_named = !named.is_empty();
        let explained = |kind: &Kind, one_way: &OneWay| {
            let by_product = seen.one_way.iter().filter(|(other, _)| other.is_brought_by(*kind));
            one_way.packets + by_product.map(|(_, one_way)| one_way.packets).sum::<u64>()
        };
        let mut vectors: Vec<_> = named
            .iter()
            .map(|(kind, one_way)| Vector {
                name: kind.vector_name(),
                packets: explained(kind, one_way),
                sources: one_way.sources.len() as u64,
            })
            .collect();
        vectors.sort_by(|a, b| b.packets.cmp(&a.packets).then_with(|| a.name.cmp(&b.name)));
        CaptureSummary {
            packets: self.frames,
            protocols: self.protocols,
            covered: share(covered(&named, &seen.one_way), self.frames),
            vectors,
            spoofed: spoofed.0,
            why: spoofed.1,
            described: if is_named { self.sample.describe(&seen.conversing) } else { Vec::new() },
            untracked: seen.untracked,
        }
    }
}

/// Kinds of one-way traffic, by kind.
type Kinds = BTreeMap<Kind, OneWay>;

/// The kinds that are vectors: large enough, and not brought about by a larger one.
fn named(one_way: &Kinds, frames: u64) -> Vec<(Kind, &OneWay)> {
    let is_large = |seen: &OneWay| {
        seen.packets >= VECTOR_PACKETS_MIN && share(seen.packets, frames) >= VECTOR_SHARE
    };
    let large: Vec<_> = one_way
        .iter()
        .filter(|(_, seen)| is_large(seen))
        .map(|(kind, seen)| (*kind, seen))
        .collect();
    let is_own = |(kind, seen): &(Kind, &OneWay)| {
        let mut causes = large.iter().filter(|(cause, _)| kind.is_brought_by(*cause));
        *kind != Kind::SolicitedSynAck && !causes.any(|(_, cause)| cause.packets >= seen.packets)
    };
    large.iter().copied().filter(is_own).collect()
}

/// Packets that at least one of the vectors explains.
fn covered(named: &[(Kind, &OneWay)], one_way: &Kinds) -> u64 {
    let is_explained =
        |kind: &Kind| named.iter().any(|(vector, _)| vector == kind || kind.is_brought_by(*vector));
    one_way.iter().filter(|(kind, _)| is_explained(kind)).map(|(_, seen)| seen.packets).sum()
}

#[expect(clippy::cast_precision_loss, reason = "a share of packets, shown with a few digits")]
fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

fn protocol(frame: &Frame) -> &'static str {
    match frame.as_ref().map(|packet| packet.carried) {
        None => "not ip",
        Some(Carried::Tcp { .. }) => "tcp",
        Some(Carried::Udp(_)) => "udp",
        Some(Carried::Icmp { .. }) => "icmp",
        Some(Carried::Fragment) => "fragments",
        Some(Carried::Other(_)) => "other",
    }
}

/// Addresses, each once.
type Addresses = std::collections::BTreeSet<IpAddr>;

#[cfg(test)]
mod captures;
#[cfg(test)]
mod tests;
