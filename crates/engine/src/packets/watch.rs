//! Packets second by second: when there are too many of a kind, what they are.
//!
//! Too many is more than is usual; where that is not known yet, more of a kind than any service consists of.
//! A calm second is learned only [`HELD_BACK`] later, and not at all when a flood has followed: how one
//! begins and ebbs is nothing normal.

use super::kind::PacketKind;
use super::remedy::{self, Remedy};
use super::shape::{Vector, Verdict, describe_of, share};
use super::{NORMAL_MAX, SAMPLES_MAX};
use seawall_types::packet::{Piece, TCP};
use seawall_types::{Moment, PacketFields};
use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

/// How long is counted before it is judged.
const SECOND: Duration = Duration::from_secs(1);
/// Packets a second that are never a flood.
const FLOOR: f64 = 20_000.0;
/// How many times what is usual.
const TIMES_USUAL: f64 = 4.0;
/// How much of what is usual a calm second renews.
const RENEWAL: f64 = 0.05;
/// So many seconds in a row that are busy and hold no flood by itself are what is usual.
const BUSY_SECONDS: u32 = 60;
/// How long a calm second waits before it is learned.
const HELD_BACK: Duration = Duration::from_secs(5);
/// Fewer sources of pieces are the other ends of tunnels.
const SPREAD_SOURCES: usize = 64;

/// One sampled packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sampled {
    /// Its headers.
    pub fields: PacketFields,
    /// How many it stands for.
    pub stands_for: u32,
    /// What became of it.
    pub fate: Fate,
}

/// What became of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Nothing spoke against it.
    Passed,
    /// An answer to a flood met it, so that it is nothing normal.
    Met,
}

/// Whether anything was done about a flood in a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// A stage or a signature acted: what came was no calm second's.
    Answered,
    /// Nothing did.
    Untouched,
}

/// A calm second that is not learned yet.
#[derive(Debug)]
struct Held {
    ended: Moment,
    rate: f64,
    passed: Vec<PacketFields>,
}

/// What a second was found to hold.
#[derive(Debug, Clone, PartialEq)]
pub struct PacketFinding {
    /// When it ended.
    pub at: Moment,
    /// Packets a second.
    pub packets_per_s: f64,
    /// Its vectors, the largest first; none where so much came since the start that what is usual is not
    /// known, and none of it is a flood by itself.
    pub vectors: Vec<Vector>,
    /// What they call for, beside their signatures.
    pub remedies: BTreeSet<Remedy>,
}

/// Watches packets.
#[derive(Debug)]
pub struct PacketWatch {
    began: Moment,
    packets: f64,
    sample: Vec<(PacketFields, Fate)>,
    seen: u64,
    held: VecDeque<Held>,
    normal: Vec<PacketFields>,
    normal_seen: u64,
    usual: Option<f64>,
    busy_seconds: u32,
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
            held: VecDeque::new(),
            normal: Vec::new(),
            normal_seen: 0,
            usual: None,
            busy_seconds: 0,
            chance: seed,
        }
    }

    /// Begins anew to count; what was learned stays.
    pub fn begin(&mut self, now: Moment) {
        (self.began, self.packets, self.seen) = (now, 0.0, 0);
        self.sample.clear();
        self.held.clear();
    }

    /// Takes a sample.
    pub fn observe(&mut self, sampled: &Sampled) {
        self.packets += f64::from(sampled.stands_for);
        self.seen += 1;
        let at = self.place(self.seen, SAMPLES_MAX);
        keep(&mut self.sample, at, (sampled.fields, sampled.fate));
    }

    /// Whether a second without a flood was seen.
    pub const fn knows_usual(&self) -> bool {
        self.usual.is_some()
    }

    /// Whether next to nothing of what was seen in calm seconds is so; never, before a thousand
    /// samples of them tell.
    pub fn is_strange(&self, is: impl Fn(&PacketFields) -> bool) -> bool {
        remedy::is_strange(&self.normal, is)
    }

    /// Ends a second, when it is over; gives what was found in it.
    pub fn tick(&mut self, now: Moment, standing: Standing) -> Option<PacketFinding> {
        let span = now.since(self.began);
        if span < SECOND {
            return None;
        }
        let rate = self.packets / span.as_secs_f64();
        let taken = std::mem::take(&mut self.sample);
        (self.began, self.packets, self.seen) = (now, 0.0, 0);
        let passed = taken.iter().filter(|(_, fate)| *fate == Fate::Passed);
        let passed: Vec<_> = passed.map(|(fields, _)| *fields).collect();
        if rate < FLOOR || self.usual.is_some_and(|usual| rate < TIMES_USUAL * usual) {
            if standing == Standing::Untouched {
                self.held.push_back(Held { ended: now, rate, passed });
            }
            self.learn_held(now);
            return None;
        }
        let sample: Vec<_> = taken.into_iter().map(|(fields, _)| fields).collect();
        let mut vectors = describe_of((&sample, rate), &self.normal);
        let is_from_start = self.usual.is_none();
        if is_from_start {
            vectors.retain(|vector| is_flood_by_itself(vector, rate, &sample));
            if standing == Standing::Untouched {
                self.wait_for_usual(vectors.is_empty(), rate, &passed);
            }
        }
        if !is_from_start || !vectors.is_empty() {
            self.held.clear();
        }
        let remedies = remedy::called_for(&vectors, &self.normal);
        Some(PacketFinding { at: now, packets_per_s: rate, vectors, remedies })
    }

    /// What a busy machine always gets is usual in the end, unless a flood is in it.
    fn wait_for_usual(&mut self, is_without_flood: bool, rate: f64, passed: &[PacketFields]) {
        self.busy_seconds = if is_without_flood { self.busy_seconds + 1 } else { 0 };
        if self.busy_seconds >= BUSY_SECONDS {
            self.learn(rate, passed);
        }
    }

    /// Learns the calm seconds that no flood has followed.
    fn learn_held(&mut self, now: Moment) {
        while let Some(held) = self.held.pop_front_if(|held| now.since(held.ended) >= HELD_BACK) {
            self.learn(held.rate, &held.passed);
        }
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

fn keep<T>(reservoir: &mut Vec<T>, at: Option<usize>, one: T) {
    match at {
        Some(at) if at < reservoir.len() => reservoir[at] = one,
        Some(_) => reservoir.push(one),
        None => {}
    }
}

/// Whether no service consists of so much of this, whatever is usual.
fn is_flood_by_itself(vector: &Vector, rate: f64, sample: &[PacketFields]) -> bool {
    if vector.share * rate < FLOOR {
        return false;
    }
    match vector.kind {
        // Each opening of an honest sender is followed by an acknowledgement, a request and an end.
        PacketKind::Syn => {
            let segments = sample.iter().filter(|fields| is_segment(fields)).count();
            vector.share > share(segments, sample.len()) / 2.0
        }
        PacketKind::Fragment => sources_of(vector.kind, sample) >= SPREAD_SOURCES,
        // Datagrams to one port may be what this machine is for.
        PacketKind::Datagram => matches!(vector.verdict, Verdict::Undescribed(_)),
        PacketKind::SynAck
        | PacketKind::Rst
        | PacketKind::Middlebox
        | PacketKind::OddFlags
        | PacketKind::Reflected(_)
        | PacketKind::Icmp(_) => true,
        PacketKind::Ack | PacketKind::Fin | PacketKind::Protocol(_) => false,
    }
}

fn is_segment(fields: &PacketFields) -> bool {
    fields.protocol == TCP && fields.piece == Piece::Whole
}

fn sources_of(kind: PacketKind, sample: &[PacketFields]) -> usize {
    let of_kind = sample.iter().filter(|fields| PacketKind::of(fields) == kind);
    of_kind.map(|fields| fields.source).collect::<BTreeSet<_>>().len()
}
