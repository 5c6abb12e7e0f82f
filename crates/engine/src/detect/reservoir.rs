//! Known-good visitors: whom a description must not touch.
//!
//! Takes rows of visitors that the caller knows to be good; keeps two sets that share nobody.
//! Descriptions are searched on one and certified on the other, which the search never sees; a
//! keyed hash of source and stack decides where a visitor goes, so that nobody can choose; only of the
//! first [`EVEN_UNDER`] each the smaller set has the next.
//! One address, and one network, has few places ([`OF_SOURCE_PART`], [`OF_PREFIX_PART`]), however many
//! clients it shows: whoever rotates them cannot fill a set.
//! A visitor is kept with a chance that halves with every [`HALF_LIFE`] since it was last here,
//! however often it asks: who asks much does not count more.
//! Whether it is calm enough to learn is the caller's to say: what is seen under pressure may be the
//! flood.
//! Never keeps an address: keyed hashes of source, network and stack, and what the requests showed.
//! Never reads a clock or draws chance.
//! Bounds: [`VISITORS_MAX`] visitors in each set, [`ROWS_MAX`] requests of each: 4.3 MiB a platform
//! when all is full.

mod asked;
mod bytes;
mod crowd;
mod known;
mod lexicon;
mod side;

pub(super) use bytes::checksum;
pub use crowd::{OF_PREFIX_PART, OF_SOURCE_PART};
pub use known::Known;
pub(super) use side::{PLANES, Part, Planes, Side, ones};

use super::row::Row;
use super::signature::Term;
use crowd::Who;
use seawall_types::{Attribute, Moment, SourceKey};
use siphasher::sip::SipHasher13;
use std::hash::Hasher as _;
use std::sync::OnceLock;
use std::time::Duration;

/// Visitors of each of the two sets: none touched among so many bounds harm at 0.071 %.
pub const VISITORS_MAX: usize = 8_192;
/// Requests that are kept of a visitor.
pub const ROWS_MAX: usize = PLANES;
/// Visitors of each set up to which both are filled evenly: of twenty visitors chance alone may leave
/// five to certify on, who can promise next to nothing.
const EVEN_UNDER: u32 = 32;
/// A visitor that was not here for so long is kept with half the chance.
pub const HALF_LIFE: Duration = Duration::from_hours(7 * 24);

/// The known-good visitors of one platform.
#[derive(Debug)]
pub struct Reservoirs {
    seed: [u64; 2],
    searched: Side,
    certified: Side,
    known: Known,
    /// Requests that show a new value, by side and attribute: found when first asked for, and kept
    /// until something is learned. While the platform is under pressure nothing is.
    novel: [[OnceLock<Planes>; Attribute::COUNT]; 2],
    /// Times that something was learned.
    learned: u64,
}

impl Reservoirs {
    /// Nobody is known yet; `seed` must be secret.
    pub fn new(seed: [u64; 2]) -> Self {
        Self {
            seed,
            searched: Side::default(),
            certified: Side::default(),
            known: Known::new(seed[1]),
            novel: Default::default(),
            learned: 0,
        }
    }

    /// Takes a request of a visitor that is known to be good; whether anything was learned.
    pub fn learn(&mut self, now: Moment, row: &Row) -> bool {
        let who = self.visitor(row);
        let (side, part) = if self.is_searched_on(&who) {
            (&mut self.searched, Part::OfKnown)
        } else {
            (&mut self.certified, Part::Apart)
        };
        if !side.learn((who, milliseconds(now)), row, (&mut self.known, part)) {
            return false;
        }
        self.learned += 1;
        for novel in self.novel.as_flattened_mut() {
            novel.take();
        }
        true
    }

    /// Whether a visitor is, or is to be, one of those that are searched on.
    fn is_searched_on(&self, who: &Who) -> bool {
        let (searched, apart) = (self.searched.visitors(), self.certified.visitors());
        if self.searched.holds(who.key) || self.certified.holds(who.key) {
            self.searched.holds(who.key)
        } else if searched.min(apart) < EVEN_UNDER && searched != apart {
            searched < apart
        } else {
            who.key & 1 == 0
        }
    }

    /// What the visitors that are searched on have shown.
    pub fn known(&self) -> &Known {
        &self.known
    }

    /// Visitors that a description is certified on.
    pub fn visitors(&self) -> u32 {
        self.certified.visitors()
    }

    /// Visitors that it is searched on.
    pub fn visitors_searched(&self) -> u32 {
        self.searched.visitors()
    }

    /// Changes whenever something is learned: with the same number the visitors are the same.
    pub fn learned(&self) -> u64 {
        self.learned
    }

    /// Since when the visitor that was not here for longest is gone, of all that are kept.
    pub fn oldest(&self, now: Moment) -> Duration {
        let ages = [&self.searched, &self.certified].into_iter().filter_map(Side::oldest_ms);
        let oldest_ms = ages.min().map_or(0, |seen_ms| milliseconds(now) - seen_ms);
        Duration::from_millis(u64::try_from(oldest_ms).unwrap_or(0))
    }

    pub(super) fn searched(&self) -> &Side {
        &self.searched
    }

    pub(super) fn certified(&self) -> &Side {
        &self.certified
    }

    /// Requests of one side that show a term.
    pub(super) fn column(&self, part: Part, term: Term) -> Planes {
        let (side, kept) = match part {
            Part::OfKnown => (&self.searched, &self.novel[0]),
            Part::Apart => (&self.certified, &self.novel[1]),
        };
        match term {
            Term::Is(..) => side.column(term, &self.known, part),
            Term::Novel(attribute) => {
                let found = || side.column(term, &self.known, part);
                kept[attribute.index()].get_or_init(found).clone()
            }
        }
    }

    /// Looks up now what a search would look up first.
    pub(super) fn prepare(&self) {
        for attribute in Attribute::ALL {
            self.column(Part::OfKnown, Term::Novel(attribute));
            self.column(Part::Apart, Term::Novel(attribute));
        }
    }

    /// Spreads values over tables, for whoever counts them.
    pub(super) fn table_seed(&self) -> u64 {
        self.seed[1]
    }

    /// Whoever comes from one source with one stack is one visitor.
    fn visitor(&self, row: &Row) -> Who {
        let ja4 = row.traits.get(Attribute::Ja4);
        let stack = if ja4.is_known() { ja4 } else { row.traits.get(Attribute::Agent) };
        let hash = |of: u64, stack: u32| {
            let mut hasher = SipHasher13::new_with_keys(self.seed[0], self.seed[1]);
            hasher.write_u64(of);
            hasher.write_u32(stack);
            hasher.finish()
        };
        Who {
            key: hash(row.source.to_bits(), stack.to_bits()),
            source: short(hash(row.source.to_bits(), OF_SOURCE)),
            prefix: short(hash(prefix(row.source), OF_PREFIX)),
        }
    }
}

/// In place of a stack, where a source or a network alone is hashed.
const OF_SOURCE: u32 = u32::MAX;
const OF_PREFIX: u32 = u32::MAX - 1;

/// A part of a hash that is never 0, which marks that there is nothing.
fn short(hash: u64) -> u32 {
    u32::try_from(hash >> 32).unwrap_or(0).max(1)
}

/// The IPv4 /24 or IPv6 /48 of a source: what one party is handed.
fn prefix(source: SourceKey) -> u64 {
    let bits = source.to_bits();
    // Bit 63 keeps the two families apart.
    u32::try_from(bits).map_or(bits >> 16 | 1 << 63, |v4| u64::from(v4 >> 8))
}

/// Signed, since what was learned by a process before lies before this one's beginning.
fn milliseconds(moment: Moment) -> i64 {
    i64::try_from(moment.0 / 1_000_000).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
