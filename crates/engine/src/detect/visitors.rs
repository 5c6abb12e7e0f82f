//! Whom descriptions must not touch: visitors who have proven to be good, and before there are enough
//! of them, visitors of calm times.
//!
//! On the first day nobody has proven anything. Who came while everything could be served, and was
//! served, is taken in their place, and every finding says so.
//! Bounds: two reservoirs while proofs gather, then one.

use super::finding::Footing;
use super::reservoir::Reservoirs;
use super::row::Row;
use super::search::touched;
use super::signature::{Signature, Term};
use super::{Known, detector::mixed};
use seawall_types::Moment;

/// Visitors to certify on from which those who have proven something stand alone: with so many, one
/// description that touches nobody is bounded at about a half percent.
const PROVEN_MIN: u32 = 1_024;
/// A term is rare when it alone touches less than this share of known visitors.
const RARE_UNDER: f64 = 0.01;

/// Visitors that are known.
#[derive(Debug)]
pub(super) struct Visitors {
    /// Of calm times; none once enough have proven to be good.
    calm: Option<Reservoirs>,
    /// Who has proven to be good; none before the first.
    proven: Option<Reservoirs>,
    key: u64,
}

impl Visitors {
    pub(super) fn new(key: u64) -> Self {
        let calm = Some(Reservoirs::new([mixed(key ^ 1), mixed(key ^ 2)]));
        Self { calm, proven: None, key }
    }

    /// Takes a request of a calm second.
    pub(super) fn learn(&mut self, now: Moment, row: &Row) {
        if row.is_proven {
            let seed = [mixed(self.key ^ 3), mixed(self.key ^ 4)];
            self.proven.get_or_insert_with(|| Reservoirs::new(seed)).learn(now, row);
        }
        if let Some(calm) = &mut self.calm {
            calm.learn(now, row);
        }
        if self.proven.as_ref().is_some_and(|proven| proven.visitors() >= PROVEN_MIN) {
            self.calm = None;
        }
    }

    /// Looks up now what a search would look up first.
    pub(super) fn prepare(&self) {
        if let Some(reservoirs) = self.reservoirs() {
            reservoirs.prepare();
        }
    }

    /// Those that the promise rests on.
    pub(super) fn reservoirs(&self) -> Option<&Reservoirs> {
        self.calm.as_ref().or(self.proven.as_ref())
    }

    /// What they have shown.
    pub(super) fn known(&self) -> Option<&Known> {
        self.reservoirs().map(Reservoirs::known)
    }

    /// How many there are to certify on, and how they came to be known.
    pub(super) fn footing(&self) -> (u32, Footing) {
        let footing = if self.calm.is_some() { Footing::Calm } else { Footing::Proven };
        match self.reservoirs().map_or(0, Reservoirs::visitors) {
            0 => (0, Footing::Nobody),
            visitors => (visitors, footing),
        }
    }

    /// Whether a term alone touches next to none of them.
    pub(super) fn is_rare(&self, term: Term) -> bool {
        let alone = Signature::new(&[term]);
        let counted = alone.zip(self.reservoirs()).map(|(alone, known)| touched(&alone, known));
        counted.is_some_and(|(hits, visitors)| f64::from(hits) < RARE_UNDER * f64::from(visitors))
    }
}

/// Tells bytes of this kind from others.
const MAGIC: &[u8; 8] = b"swvisit1";

impl Visitors {
    /// Everything that was learned, with its length in front.
    pub(super) fn put(&self, now: Moment, out: &mut Vec<u8>) {
        out.extend(MAGIC);
        out.extend(self.key.to_le_bytes());
        for reservoirs in [&self.calm, &self.proven] {
            let bytes = reservoirs.as_ref().map(|known| known.to_bytes(now)).unwrap_or_default();
            out.extend(u32::try_from(bytes.len()).unwrap_or(0).to_le_bytes());
            out.extend(bytes);
        }
    }

    /// Takes that back; with the bytes behind it, or none when they are not whole.
    pub(super) fn take(now: Moment, bytes: &[u8]) -> Option<(Self, &[u8])> {
        let rest = bytes.strip_prefix(MAGIC)?;
        let (key, rest) = rest.split_first_chunk::<8>()?;
        let (calm, rest) = part(now, rest)?;
        let (proven, rest) = part(now, rest)?;
        let is_known = calm.is_some() || proven.is_some();
        is_known.then_some((Self { calm, proven, key: u64::from_le_bytes(*key) }, rest))
    }
}

fn part(now: Moment, bytes: &[u8]) -> Option<(Option<Reservoirs>, &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    let (own, rest) = rest.split_at_checked(length)?;
    if own.is_empty() {
        return Some((None, rest));
    }
    Some((Some(Reservoirs::from_bytes(now, own)?), rest))
}
