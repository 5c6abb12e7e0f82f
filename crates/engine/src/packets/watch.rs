//! Packets second by second: when there are too many of a kind, what they are.

use super::kind::PacketKind;
use super::shape::{Vector, describe};
use super::{NORMAL_MAX, SAMPLES_MAX};
use seawall_types::{Moment, PacketFields};
use std::collections::BTreeSet;
use std::time::Duration;

/// How long is counted before it is judged.
const SECOND: Duration = Duration::from_secs(1);
/// Packets a second that are never a flood.
const FLOOR: f64 = 20_000.0;
/// How many times what is usual.
const TIMES_USUAL: f64 = 4.0;
/// How much of what is usual a calm second renews.
const RENEWAL: f64 = 0.05;
/// Sources for each packet from which nearly every packet has a source of its own.
const OWN_SOURCE_SHARE: f64 = 0.8;
/// Fewer samples say nothing about their sources.
const SOURCES_MIN: usize = 100;

/// One sampled packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sampled {
    /// Its headers.
    pub fields: PacketFields,
    /// How many it stands for.
    pub stands_for: u32,
}

/// Whether the senders of a vector are who they say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spoofed {
    /// Nearly every packet has a source of its own.
    OwnSources,
    /// Servers that answer: forged was the target's address, in what they were asked.
    Reflection,
    /// Sources repeat.
    Repeating,
    /// Too few to tell.
    Unknown,
}

impl Spoofed {
    /// The word of the summary.
    pub const fn word(self) -> &'static str {
        match self {
            Self::OwnSources => "likely",
            Self::Reflection => "unlikely",
            Self::Repeating | Self::Unknown => "unknown",
        }
    }
}

/// What a second was found to hold.
#[derive(Debug, Clone, PartialEq)]
pub struct PacketFinding {
    /// When it ended.
    pub at: Moment,
    /// Packets a second.
    pub packets_per_s: f64,
    /// Its vectors, the largest first.
    pub vectors: Vec<Vector>,
    /// Whether the senders of the largest are forged.
    pub spoofed: Spoofed,
    /// Different addresses they were for: many at once are a carpet.
    pub targets: usize,
}

/// Watches packets.
#[derive(Debug)]
pub struct PacketWatch {
    began: Moment,
    packets: f64,
    sample: Vec<PacketFields>,
    seen: u64,
    normal: Vec<PacketFields>,
    normal_seen: u64,
    usual: Option<f64>,
    chance: u64,
}

impl PacketWatch {
    /// Nothing was seen; `seed` keys which samples are kept.
    pub fn new(now: Moment, seed: u64) -> Self {
        Self {
            began: now,
            packets: 0.0,
            sample: Vec::new(),
            seen: 0,
            normal: Vec::new(),
            normal_seen: 0,
            usual: None,
            chance: seed,
        }
    }

    /// Takes a sample.
    pub fn observe(&mut self, sampled: &Sampled) {
        self.packets += f64::from(sampled.stands_for);
        self.seen += 1;
        let at = self.place(self.seen, SAMPLES_MAX);
        keep(&mut self.sample, at, sampled.fields);
    }

    /// Whether a second without a flood was seen.
    pub fn knows_usual(&self) -> bool {
        self.usual.is_some()
    }

    /// Ends a second, when it is over; gives what was found in it.
    pub fn tick(&mut self, now: Moment) -> Option<PacketFinding> {
        let span = now.since(self.began);
        if span < SECOND {
            return None;
        }
        let rate = self.packets / span.as_secs_f64();
        let sample = std::mem::take(&mut self.sample);
        (self.began, self.packets, self.seen) = (now, 0.0, 0);
        let usual = self.usual.unwrap_or(0.0);
        if rate < FLOOR || rate < TIMES_USUAL * usual {
            self.learn(rate, &sample);
            return None;
        }
        let vectors = describe(&sample, &self.normal);
        let largest = vectors.first().map(|vector| vector.kind);
        Some(PacketFinding {
            at: now,
            packets_per_s: rate,
            spoofed: largest.map_or(Spoofed::Unknown, |kind| spoofed(kind, &sample)),
            targets: sample.iter().map(|fields| fields.target).collect::<BTreeSet<_>>().len(),
            vectors,
        })
    }

    fn learn(&mut self, rate: f64, sample: &[PacketFields]) {
        let usual = self.usual.unwrap_or(rate);
        self.usual = Some(usual + RENEWAL * (rate - usual));
        for fields in sample {
            self.normal_seen += 1;
            let at = self.place(self.normal_seen, NORMAL_MAX);
            keep(&mut self.normal, at, *fields);
        }
    }

    /// Where the `seen`th of a stream goes in a reservoir of `most`, if anywhere (Vitter's R).
    fn place(&mut self, seen: u64, most: usize) -> Option<usize> {
        let most = most as u64;
        if seen <= most {
            return usize::try_from(seen - 1).ok();
        }
        // The generator of Steele, Lea and Flood (2014).
        self.chance = self.chance.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut drawn = self.chance;
        drawn = (drawn ^ (drawn >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        drawn = (drawn ^ (drawn >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let place = (drawn ^ (drawn >> 31)) % seen;
        (place < most).then(|| usize::try_from(place).ok())?
    }
}

fn keep(reservoir: &mut Vec<PacketFields>, at: Option<usize>, fields: PacketFields) {
    match at {
        Some(at) if at < reservoir.len() => reservoir[at] = fields,
        Some(_) => reservoir.push(fields),
        None => {}
    }
}

#[expect(clippy::cast_precision_loss, reason = "a share of a bounded sample")]
fn spoofed(kind: PacketKind, sample: &[PacketFields]) -> Spoofed {
    if kind.is_reflected() {
        return Spoofed::Reflection;
    }
    let own: Vec<_> = sample.iter().filter(|fields| PacketKind::of(fields) == kind).collect();
    if own.len() < SOURCES_MIN {
        return Spoofed::Unknown;
    }
    let sources: BTreeSet<_> = own.iter().map(|fields| fields.source).collect();
    let is_own = sources.len() as f64 >= OWN_SOURCE_SHARE * own.len() as f64;
    if is_own { Spoofed::OwnSources } else { Spoofed::Repeating }
}
