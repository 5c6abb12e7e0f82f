//! What tokens and their networks may ask for: leaky buckets in one table of a fixed size.
//!
//! Takes a key, a pace and the time; says whether there was something left.
//! With a pace of one in a while it remembers what may happen once, such as an answer.
//! All cores share it without a lock. Never allocates after construction or reads a clock.
//! Bounds: [`BUCKETS_MAX`] buckets. One that is full again says nothing, so it is given away first;
//! what finds no room goes unkept, and is counted.

use super::Token;
use crate::admission::Fetch;
use seawall_types::{Moment, moment};
use siphasher::sip::SipHasher13;
use std::hash::Hasher as _;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// 64 Ki buckets at 16 bytes: 1 MiB, more than the tokens that are in use within a minute.
pub const BUCKETS_MAX: usize = 65_536;
const WAYS: usize = 8;
const SETS: usize = BUCKETS_MAX / WAYS;
const _: () = assert!(SETS.is_power_of_two(), "a set is chosen by masking the hash");

/// Requests to pages and the like by one token: two a second, and twenty at once.
pub const TOKEN: Pace = Pace::per_second(2, 20);
/// Parts of pages by one token: what a page of a hundred parts needs.
pub const TOKEN_PARTS: Pace = Pace::per_second(10, 100);
/// Everything by all tokens of a network that have no history: eight a second, and sixty at once,
/// so that it is ten a second over any half minute.
pub const NETWORK: Pace = Pace::per_second(8, 60);
/// How fast it is forgotten that a network passed.
pub const PASSES: Pace = Pace { interval_ns: 10_000_000_000, tolerance_ns: 2_560_000_000_000 };
/// Places in the line of one network: one in three seconds, and five at once.
pub const PLACES: Pace = Pace { interval_ns: 3_000_000_000, tolerance_ns: 12_000_000_000 };
/// A token that was told to slow down is not clean for so long.
pub const SPOILT: Pace = Pace { interval_ns: 3_600_000_000_000, tolerance_ns: 0 };
/// A puzzle or a place counts once as long as it holds, and a while longer.
pub const ONCE: Pace = Pace { interval_ns: 1_000_000_000_000, tolerance_ns: 0 };

/// How fast a bucket fills again, and how much it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    interval_ns: u64,
    tolerance_ns: u64,
}

impl Pace {
    /// One in `interval`, and so many at once.
    pub fn every(interval: Duration, burst: u32) -> Self {
        let interval_ns = moment::nanos(interval).max(1);
        let ahead = u64::from(burst.saturating_sub(1));
        Self { interval_ns, tolerance_ns: interval_ns.saturating_mul(ahead) }
    }

    const fn per_second(rate: u64, burst: u64) -> Self {
        let interval_ns = 1_000_000_000 / rate;
        Self { interval_ns, tolerance_ns: interval_ns * (burst - 1) }
    }
}

/// What a bucket is kept for, so that one key may have several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Pages of one token.
    Token,
    /// Parts of pages of one token.
    TokenParts,
    /// Everything of a network without history.
    Network,
    /// That a network passed.
    Passes,
    /// Places of one network.
    Places,
    /// That a token was told to slow down.
    Spoilt,
    /// That an answer or a place was used.
    Once,
    /// That a signed webhook has come.
    Webhook,
    /// What a network asks of an app's lane.
    Route,
    /// Signatures of a network's bots that are checked.
    Signature,
}

/// What became of a wish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// There was something left.
    Within,
    /// There was nothing left; it costs nothing.
    Over,
    /// The table has no room: not kept, and counted.
    Unkept,
}

#[derive(Debug, Default)]
#[repr(align(64))]
struct Set {
    tags: [AtomicU64; WAYS],
    /// When the bucket will be full again, in nanoseconds.
    due: [AtomicU64; WAYS],
}

/// All buckets that are not full.
#[derive(Debug)]
pub struct Spend {
    sets: Box<[Set]>,
    seed: [u64; 2],
    saturated: AtomicU64,
    /// Whether any bucket may not be full: most shields challenge nobody for weeks.
    is_used: AtomicBool,
}

impl Spend {
    /// An empty table; `seed` keys the hash, so that nobody can aim at one set.
    pub fn new(seed: [u64; 2]) -> Self {
        let sets = (0..SETS).map(|_| Set::default()).collect();
        Self { sets, seed, saturated: AtomicU64::new(0), is_used: AtomicBool::new(false) }
    }

    /// Takes one from the bucket of a key.
    pub fn take(&self, now: Moment, (purpose, key): (Purpose, u64), pace: Pace) -> Taken {
        let Some(due) = self.bucket(now, (purpose, key)) else {
            self.saturated.fetch_add(1, Relaxed);
            return Taken::Unkept;
        };
        let take = |due: u64| {
            let is_over = due > now.0.saturating_add(pace.tolerance_ns);
            (!is_over).then(|| due.max(now.0).saturating_add(pace.interval_ns))
        };
        let taken = due.fetch_update(Relaxed, Relaxed, take);
        // A line that is only read stays in the caches of all cores.
        if !self.is_used.load(Relaxed) {
            self.is_used.store(true, Relaxed);
        }
        if taken.is_ok() { Taken::Within } else { Taken::Over }
    }

    /// Takes a request from what a token may ask for and, while it has no history, from what its
    /// network may.
    pub fn charge(&self, now: Moment, (token, network): (Token, u64), fetch: Fetch) -> Taken {
        let own = match fetch {
            Fetch::Navigation => self.take(now, (Purpose::Token, token.id), TOKEN),
            Fetch::SubResource => self.take(now, (Purpose::TokenParts, token.id), TOKEN_PARTS),
        };
        if own == Taken::Over {
            let _ = self.take(now, (Purpose::Spoilt, token.id), SPOILT);
            return Taken::Over;
        }
        if token.has_history() { own } else { self.take(now, (Purpose::Network, network), NETWORK) }
    }

    /// How many have been taken from the bucket of a key that have not come back.
    pub fn taken(&self, now: Moment, (purpose, key): (Purpose, u64), pace: Pace) -> u32 {
        let Some(due) = self.find((purpose, key)) else { return 0 };
        let missing = due.load(Relaxed).saturating_sub(now.0).div_ceil(pace.interval_ns);
        u32::try_from(missing).unwrap_or(u32::MAX)
    }

    /// Wishes that were not kept for want of room, since construction.
    pub fn saturated(&self) -> u64 {
        self.saturated.load(Relaxed)
    }

    /// Buckets that are not full. Walks the table unless it is known to be empty: for a tick, not a
    /// request.
    pub fn entries(&self, now: Moment) -> u64 {
        // Who takes meanwhile says so behind this, and is counted with the next look.
        if !self.is_used.swap(false, Relaxed) {
            return 0;
        }
        let live = |set: &Set| set.due.iter().filter(|due| due.load(Relaxed) > now.0).count();
        let entries = self.sets.iter().map(|set| live(set) as u64).sum();
        if entries > 0 {
            self.is_used.store(true, Relaxed);
        }
        entries
    }

    fn bucket(&self, now: Moment, key: (Purpose, u64)) -> Option<&AtomicU64> {
        if let Some(known) = self.find(key) {
            return Some(known);
        }
        let tag = self.tag(key);
        self.first(tag, |set, way| {
            let old = set.tags[way].load(Relaxed);
            // One that is full again is as good as new.
            set.due[way].load(Relaxed) <= now.0
                && set.tags[way].compare_exchange(old, tag, Relaxed, Relaxed).is_ok()
        })
    }

    fn find(&self, key: (Purpose, u64)) -> Option<&AtomicU64> {
        let tag = self.tag(key);
        self.first(tag, |set, way| set.tags[way].load(Relaxed) == tag)
    }

    /// The first bucket that suits, in either of the two sets where a tag may lie.
    fn first(&self, tag: u64, mut suits: impl FnMut(&Set, usize) -> bool) -> Option<&AtomicU64> {
        [(tag >> 32) as usize, (tag >> 8) as usize].into_iter().find_map(|bits| {
            let set = &self.sets[bits & (self.sets.len() - 1)];
            (0..WAYS).find(|&way| suits(set, way)).map(|way| &set.due[way])
        })
    }

    /// Never zero, which marks an empty place.
    fn tag(&self, (purpose, key): (Purpose, u64)) -> u64 {
        let mut hasher = SipHasher13::new_with_keys(self.seed[0], self.seed[1]);
        hasher.write_u8(purpose as u8);
        hasher.write_u64(key);
        hasher.finish() | 1
    }
}

#[cfg(test)]
mod tests;
