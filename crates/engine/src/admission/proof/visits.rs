//! Navigations that a source and stack completed: a page, then something that it consists of.
//!
//! All cores count into one table without a lock; a count that loses a race is lost, no more.
//! Bounds: as many visits as it is made for, [`VISITS_MAX`] at most. A new one that finds no free place
//! takes that of the one which has completed least, so that whoever only ever begins visits displaces
//! his like; that is counted. One that is done gives its place up before, and one that rests: for
//! [`REST`], or for [`LOADS_WITHIN`] when it has completed nothing.

use super::Fetch;
use seawall_types::Moment;
use std::cmp::Reverse;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// 8,192 visits at 8 bytes: 64 KiB.
pub const VISITS_MAX: usize = 8_192;
/// Navigations that prove.
pub const NAVIGATIONS: u8 = 3;
/// A sub-resource belongs to the last navigation when it comes so soon after.
const LOADS_WITHIN: Duration = Duration::from_secs(30);
/// A visit that rests for so long may be forgotten.
pub const REST: Duration = Duration::from_mins(30);
const WAYS: usize = 4;

/// One visit in a word: who, when the last navigation was, whether it loads, how many are complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Visit {
    /// 37 bits of the mark that do not choose its set, never all zero.
    tag: u64,
    /// 24 bits: half a year until they begin anew.
    second: u64,
    loading: bool,
    completed: u8,
}

const TAG: u64 = (1 << 37) - 1;
const SECOND: u64 = (1 << 24) - 1;
const _: () = assert!(NAVIGATIONS < 4, "two bits count them");

impl Visit {
    fn unpack(word: u64) -> Option<Self> {
        (word != 0).then(|| Self {
            tag: word >> 27,
            second: (word >> 3) & SECOND,
            loading: word & 4 != 0,
            completed: u8::try_from(word & 3).unwrap_or(0),
        })
    }

    fn pack(self) -> u64 {
        let Self { tag, second, loading, completed } = self;
        tag << 27 | second << 3 | u64::from(loading) << 2 | u64::from(completed & 3)
    }

    /// Whether nothing would be lost with it: what one that is done has proved is remembered elsewhere.
    fn is_free(self, second: u64) -> bool {
        let rested = self.rested(second);
        match self.completed {
            0 => rested > LOADS_WITHIN,
            done => done >= NAVIGATIONS || rested > REST,
        }
    }

    /// How much would be lost with it, least first.
    fn worth(self, second: u64) -> (bool, u8, Reverse<Duration>) {
        (!self.is_free(second), self.completed, Reverse(self.rested(second)))
    }

    fn rested(self, second: u64) -> Duration {
        let rested = second.wrapping_sub(self.second) & SECOND;
        // Cores tell the time a moment apart: what lies ahead has not rested at all.
        Duration::from_secs(if rested > SECOND / 2 { 0 } else { rested })
    }
}

/// Visits under way.
#[derive(Debug)]
pub struct Visits {
    visits: Box<[AtomicU64]>,
    saturated: AtomicU64,
    /// Whether any may be under way.
    is_used: AtomicBool,
}

impl Visits {
    /// Room for so many, in whole sets.
    pub fn new(visits: usize) -> Self {
        let visits = visits.clamp(WAYS, VISITS_MAX).next_power_of_two();
        let visits = (0..visits).map(|_| AtomicU64::new(0)).collect();
        Self { visits, saturated: AtomicU64::new(0), is_used: AtomicBool::new(false) }
    }

    /// Counts a request; whether it completed the last navigation that was needed.
    pub fn fetched(&self, now: Moment, mark: u64, fetch: Fetch) -> bool {
        let first = usize::try_from(mark >> 48).unwrap_or(0) % (self.visits.len() / WAYS) * WAYS;
        let set = &self.visits[first..first + WAYS];
        let second = (now.0 / 1_000_000_000) & SECOND;
        let tag = (mark & TAG).max(1);
        let words = set.iter().map(|word| word.load(Relaxed));
        let known = words
            .clone()
            .position(|word| Visit::unpack(word).is_some_and(|visit| visit.tag == tag));
        let (at, visit) = match (known, fetch) {
            (Some(at), _) => (at, set[at].load(Relaxed)),
            // Without a page before it, it says nothing.
            (None, Fetch::SubResource) => return false,
            (None, Fetch::Navigation) => {
                let words = words.enumerate();
                let worth = |word: u64| Visit::unpack(word).map(|visit| visit.worth(second));
                // There is one: a set has a way.
                let least = words.min_by_key(|(_, word)| worth(*word));
                let Some((at, word)) = least else { return false };
                let is_lost = worth(word).is_some_and(|(is_kept, ..)| is_kept);
                self.saturated.fetch_add(u64::from(is_lost), Relaxed);
                (at, word)
            }
        };
        let fresh = Visit { tag, second, loading: false, completed: 0 };
        let before = Visit::unpack(visit).filter(|visit| visit.tag == tag).unwrap_or(fresh);
        let (after, completes) = match fetch {
            Fetch::Navigation => (Visit { second, loading: true, ..before }, false),
            Fetch::SubResource => {
                let completes = before.loading && before.rested(second) <= LOADS_WITHIN;
                let done = (before.completed + u8::from(completes)).min(NAVIGATIONS);
                (Visit { loading: false, completed: done, ..before }, completes)
            }
        };
        let counted = set[at].compare_exchange(visit, after.pack(), Relaxed, Relaxed).is_ok();
        // A line that is only read stays in the caches of all cores.
        if !self.is_used.load(Relaxed) {
            self.is_used.store(true, Relaxed);
        }
        counted && completes && after.completed == NAVIGATIONS
    }

    /// Places in use, and places there are; walks the table unless it is known to be empty.
    pub fn fill(&self, now: Moment) -> [u64; 2] {
        let places = self.visits.len() as u64;
        // Who comes meanwhile says so behind this, and is counted with the next look.
        if !self.is_used.swap(false, Relaxed) {
            return [0, places];
        }
        let second = (now.0 / 1_000_000_000) & SECOND;
        let is_used = |word: &&AtomicU64| {
            let visit = Visit::unpack(word.load(Relaxed));
            visit.is_some_and(|visit| !visit.is_free(second))
        };
        let used = self.visits.iter().filter(is_used).count() as u64;
        if used > 0 {
            self.is_used.store(true, Relaxed);
        }
        [used, places]
    }

    /// Visits that lost their place before they were done.
    pub fn saturated(&self) -> u64 {
        self.saturated.load(Relaxed)
    }
}
