//! What packets have in common: for each kind of them a signature, or why there is none.
//!
//! A field becomes part of a signature when nearly all packets of a kind agree in it.
//! What has come out must fit next to nothing of what is normal and no honest shape; where it does, it is
//! given up, and what is left to do is said.

use super::aim::Aim;
use super::honest::honest;
use super::kind::PacketKind;
use super::remedy::{self, Remedy};
use super::senders::{self, Spoofed};
use super::{COLLATERAL_MAX, SAMPLES_MAX, VECTORS_MAX};
use seawall_types::packet::{Field, TCP};
use seawall_types::{PacketFields, PacketSignature};
use std::collections::{BTreeMap, BTreeSet};

/// The share of a sample that makes a kind a vector of its own.
const VECTOR_SHARE: f64 = 0.01;
/// Fewer packets of a kind are described as nothing.
const VECTOR_PACKETS_MIN: usize = 20;
/// The share of a kind that must agree in a field.
const AGREEING: f64 = 0.995;

/// What was found out about one kind of packets.
#[derive(Debug, Clone, PartialEq)]
pub struct Vector {
    /// Which kind.
    pub kind: PacketKind,
    /// Its share of the sample.
    pub share: f64,
    /// Whether its senders look forged.
    pub spoofed: Spoofed,
    /// What it is for.
    pub aim: Aim,
    /// What to do about it.
    pub verdict: Verdict,
}

/// Whether packets have something in common that sets them apart.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// They do.
    Described(Described),
    /// They do not; nothing is invented.
    Undescribed(Remedy),
}

/// A signature with what it fits.
#[derive(Debug, Clone, PartialEq)]
pub struct Described {
    /// What they have in common.
    pub signature: PacketSignature,
    /// The share of the sample that it fits.
    pub covers: f64,
    /// The share of normal packets that it fits.
    pub collateral: f64,
    /// Whether honest senders send the like at times, so that a few must pass.
    pub is_rate: bool,
}

/// Describes the kinds that make up `sample`, the most frequent first, beside what is `normal`.
#[expect(clippy::cast_precision_loss, reason = "the size of a bounded sample")]
pub fn describe(sample: &[PacketFields], normal: &[PacketFields]) -> Vec<Vector> {
    describe_of((sample, sample.len() as f64), normal)
}

/// The same of a sample that stands for so many packets of a second.
pub fn describe_of(
    (sample, packets): (&[PacketFields], f64),
    normal: &[PacketFields],
) -> Vec<Vector> {
    let sample = &sample[..sample.len().min(SAMPLES_MAX)];
    let mut kinds: BTreeMap<PacketKind, Vec<&PacketFields>> = BTreeMap::new();
    for fields in sample {
        kinds.entry(PacketKind::of(fields)).or_default().push(fields);
    }
    let is_vector = |of: &Vec<&PacketFields>| {
        of.len() >= VECTOR_PACKETS_MIN && share(of.len(), sample.len()) >= VECTOR_SHARE
    };
    let mut large: Vec<_> = kinds.into_iter().filter(|(_, of)| is_vector(of)).collect();
    large.sort_by_key(|(kind, of)| (std::cmp::Reverse(of.len()), *kind));
    large.truncate(VECTORS_MAX);
    let calm: BTreeSet<_> = normal.iter().map(|fields| fields.source).collect();
    let vector = |(kind, of): (PacketKind, Vec<&PacketFields>)| {
        let part = share(of.len(), sample.len());
        Some(Vector {
            kind,
            share: part,
            spoofed: senders::judge(kind, (&of, part * packets), &calm),
            aim: Aim::of(&of)?,
            verdict: verdict(kind, &of, (sample, normal)),
        })
    };
    large.into_iter().filter_map(vector).collect()
}

fn verdict(
    kind: PacketKind,
    of: &[&PacketFields],
    (sample, normal): (&[PacketFields], &[PacketFields]),
) -> Verdict {
    let signature = in_common(kind, of);
    let fitting = |of: &[PacketFields]| {
        share(of.iter().filter(|fields| signature.matches(fields)).count(), of.len())
    };
    let (covers, collateral) = (fitting(sample), fitting(normal));
    let described =
        |is_rate| Verdict::Described(Described { signature, covers, collateral, is_rate });
    if !is_honest(&signature) && collateral <= COLLATERAL_MAX {
        return described(false);
    }
    // Of a kind without a remedy honest senders send a few, and are served by none.
    remedy::for_kind(kind, normal).map_or_else(|| described(true), Verdict::Undescribed)
}

/// What makes a packet one of this kind.
fn base(kind: PacketKind, one: &PacketFields) -> PacketSignature {
    let words = one.words();
    let own = |signature: PacketSignature, field: Field| signature.with(field, field.of(&words));
    let protocol = own(PacketSignature::ANY, Field::Protocol);
    let flags = |bits: u64, ones| protocol.with_bits(Field::Flags, bits, ones);
    match kind {
        PacketKind::Syn => flags(0x02, 0x17),
        PacketKind::SynAck => flags(0x12, 0x17),
        PacketKind::Rst => flags(0x04, 0x06),
        PacketKind::Fin => flags(0x11, 0x17),
        PacketKind::Ack => flags(0x10, 0x17),
        PacketKind::Middlebox => protocol.with(Field::Begin, begin_of_http()),
        PacketKind::OddFlags => own(protocol, Field::Flags),
        PacketKind::Reflected(_) | PacketKind::Icmp(_) => own(protocol, Field::SourcePort),
        PacketKind::Datagram | PacketKind::Protocol(_) => protocol,
        // Pieces of all kinds: first ones have ports, later ones have none.
        PacketKind::Fragment => PacketSignature::ANY,
    }
}

fn begin_of_http() -> u64 {
    u64::from(u32::from_le_bytes(*b"HTTP"))
}

/// The base with every field in which nearly all agree.
fn in_common(kind: PacketKind, of: &[&PacketFields]) -> PacketSignature {
    let Some(first) = of.first() else { return PacketSignature::ANY };
    let mut signature = base(kind, first);
    let words: Vec<_> = of.iter().map(|fields| fields.words()).collect();
    for field in Field::ALL {
        let is_whole = signature.fixed(field).is_some();
        let is_absent = first.protocol != TCP && is_of_tcp(field);
        if is_whole || is_absent || is_set_by_senders(field) {
            continue;
        }
        if let Some(value) = agreed(words.iter().map(|words| field.of(words)), of.len()) {
            signature = signature.with(field, value);
        }
    }
    if let Some(length) = agreed(of.iter().map(|fields| u64::from(fields.length)), of.len()) {
        let length = u16::try_from(length).unwrap_or(u16::MAX);
        signature.length = (length, length);
    }
    signature
}

/// Fields that a router changes or that say nothing, so that they narrow without telling apart.
const fn is_set_by_senders(field: Field) -> bool {
    matches!(field, Field::Ttl | Field::Tos | Field::Family | Field::Ihl)
}

/// Fields that other packets do not have.
const fn is_of_tcp(field: Field) -> bool {
    matches!(field, Field::Flags | Field::Window | Field::Offset)
}

/// The value that nearly all have.
fn agreed(values: impl Iterator<Item = u64>, of: usize) -> Option<u64> {
    let mut counts: BTreeMap<u64, usize> = BTreeMap::new();
    for value in values {
        *counts.entry(value).or_default() += 1;
    }
    let (value, count) = counts.into_iter().max_by_key(|(_, count)| *count)?;
    (share(count, of) >= AGREEING).then_some(value)
}

/// Whether it fits what honest senders send to the port that it is about.
fn is_honest(signature: &PacketSignature) -> bool {
    let port = signature.fixed(Field::TargetPort).and_then(|port| u16::try_from(port).ok());
    let is_icmp = signature.fixed(Field::Protocol) == Some(1);
    let is_tcp = signature.fixed(Field::Protocol) == Some(u64::from(TCP));
    let port = if is_icmp { 0 } else { port.unwrap_or(443) };
    // An identification of zero is what many systems send, and a window tells systems apart only as a
    // connection begins.
    let [mut mask, mut value] = [signature.mask, signature.value];
    let opens = Field::Flags.of(&value) & 0x02 != 0;
    for field in [Field::Id, Field::Window] {
        let (word, shift, _) = field.place();
        if is_tcp && !(opens && field == Field::Window) {
            mask[word] &= !(0xffff << shift);
            value[word] &= !(0xffff << shift);
        }
    }
    let relaxed = PacketSignature { mask, value, ..*signature };
    // A datagram to a port that browsers do not use is nothing that a browser sends.
    let used = is_tcp || is_icmp || port == 443;
    used && honest(port).iter().any(|shape| relaxed.matches(shape))
}

#[expect(clippy::cast_precision_loss, reason = "a share of a bounded sample")]
pub(super) fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}
