//! Budgets of single sources in one bounded table that all cores share without a lock.
//!
//! Takes a source and the time; gives a [`Slot`] whose rate is kept by GCRA, a leaky bucket that
//! needs one number a source (ITU-T I.371, "virtual scheduling").
//! Never blocks, allocates after construction, or reads a clock.
//! Bounds: [`SOURCES_MAX`] sources. An entry whose budget is full again and that holds no
//! connection says nothing, so it is the first to be forgotten and its loss changes no verdict.
//! When none of a source's places can be had, the source goes unjudged and the table counts
//! it: a limit of ours never stops honest traffic.

use seawall_types::{Moment, SourceKey};
use siphasher::sip::SipHasher13;
use std::hash::Hasher as _;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// 256 Ki sources at 24 bytes: 6 MiB, about what a flood of one region's subscribers brings.
pub const SOURCES_MAX: usize = 262_144;
/// Places in each of the two sets in which a source may lie.
///
/// With twice eight places, fewer than 1 source in 1,000 finds no room in a table half full.
const WAYS: usize = 8;
const SETS: usize = SOURCES_MAX / WAYS;
const _: () = assert!(SETS.is_power_of_two(), "a set is chosen by masking the hash");
/// Sets that one word tells of.
const SETS_OF_WORD: usize = u64::BITS as usize;

/// How far over its budget a source can be driven by what it sends while it is over.
///
/// It is then free again this long, and the time its burst takes, after it stops.
const DEBT_MAX: Duration = Duration::from_secs(1);

#[derive(Debug, Default)]
#[repr(align(64))]
struct Set {
    tags: [AtomicU64; WAYS],
    /// Theoretical arrival times: when the bucket will be full again, in nanoseconds.
    due: [AtomicU64; WAYS],
    connections: [AtomicU32; WAYS],
}

/// All sources that have used some of their budget, or hold a connection.
#[derive(Debug)]
pub struct SourceTable {
    sets: Box<[Set]>,
    /// A bit for each set that held a source when it was last looked at or got one since.
    held: Box<[AtomicU64]>,
    hash_key: (u64, u64),
    saturated: AtomicU64,
}

/// A source's place in the table; stays valid while the source holds a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot(u32);

/// A rate as the table keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    interval_ns: u64,
    tolerance_ns: u64,
}

impl Pace {
    /// One request every `interval`, and up to `burst` at once (at least one).
    pub fn new(interval: Duration, burst: u32) -> Self {
        let interval_ns = seawall_types::moment::nanos(interval).max(1);
        let beyond_first = u64::from(burst.max(1) - 1);
        Self { interval_ns, tolerance_ns: interval_ns.saturating_mul(beyond_first) }
    }

    fn is_over(self, due: u64, now: Moment) -> bool {
        due > now.0.saturating_add(self.tolerance_ns)
    }
}

/// What became of a request for a place among a source's connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connect {
    /// Counted; give it back with [`SourceTable::disconnect`].
    Counted(Slot),
    /// The source holds as many as it may.
    TooMany,
    /// The table has no room: not counted, not judged.
    Unjudged,
}

impl SourceTable {
    /// An empty table; `seed` keys the hash, so that nobody can aim at one set.
    pub fn new(seed: [u64; 2]) -> Self {
        let sets = (0..SETS).map(|_| Set::default()).collect();
        let held = (0..SETS.div_ceil(SETS_OF_WORD)).map(|_| AtomicU64::new(0)).collect();
        Self { sets, held, hash_key: (seed[0], seed[1]), saturated: AtomicU64::new(0) }
    }

    /// Counts one more connection of `source`, unless it holds `connections_max` already.
    pub fn connect(&self, now: Moment, source: SourceKey, connections_max: u32) -> Connect {
        let tag = self.tag(source);
        for _ in 0..WAYS {
            let Some(slot) = self.find(tag).or_else(|| self.claim(tag, now)) else {
                break;
            };
            let (set, way) = self.place(slot);
            let before = set.connections[way].fetch_add(1, Relaxed);
            if set.tags[way].load(Relaxed) != tag {
                // Another core took the place between our look and our count.
                set.connections[way].fetch_sub(1, Relaxed);
                continue;
            }
            self.note_held(slot);
            if before >= connections_max {
                set.connections[way].fetch_sub(1, Relaxed);
                return Connect::TooMany;
            }
            return Connect::Counted(slot);
        }
        self.saturated.fetch_add(1, Relaxed);
        Connect::Unjudged
    }

    /// Gives a counted connection back.
    pub fn disconnect(&self, slot: Slot) {
        let (set, way) = self.place(slot);
        set.connections[way].fetch_sub(1, Relaxed);
    }

    /// Takes one request from the source's budget; false when there is none left.
    ///
    /// A request that is refused costs nothing, so a source that stays over its rate is served at
    /// its rate.
    pub fn take(&self, now: Moment, slot: Slot, pace: Pace) -> bool {
        let (set, way) = self.place(slot);
        let take = |due: u64| {
            (!pace.is_over(due, now)).then(|| due.max(now.0).saturating_add(pace.interval_ns))
        };
        set.due[way].fetch_update(Relaxed, Relaxed, take).is_ok()
    }

    /// Whether the source has no budget for another request.
    pub fn is_over(&self, now: Moment, slot: Slot, pace: Pace) -> bool {
        let (set, way) = self.place(slot);
        pace.is_over(set.due[way].load(Relaxed), now)
    }

    /// Whether the source was charged for what it sent while it was over: it has had its answer.
    pub fn is_in_debt(&self, now: Moment, slot: Slot, pace: Pace) -> bool {
        let (set, way) = self.place(slot);
        // Taking alone never brings it beyond one interval more than is tolerated.
        let due = set.due[way].load(Relaxed);
        pace.is_over(due, Moment(now.0.saturating_add(pace.interval_ns)))
    }

    /// Charges a source for what it sent while it was over, up to [`DEBT_MAX`] or one interval
    /// beyond what it may take, whichever is more.
    pub fn charge_over(&self, now: Moment, slot: Slot, pace: Pace) {
        let (set, way) = self.place(slot);
        let debt_max = seawall_types::moment::nanos(DEBT_MAX);
        let debt_max = debt_max.max(pace.interval_ns.saturating_mul(2));
        let ceiling = now.0.saturating_add(pace.tolerance_ns).saturating_add(debt_max);
        let due = set.due[way].load(Relaxed);
        let charged = due.max(now.0).saturating_add(pace.interval_ns).min(ceiling);
        if charged > due {
            set.due[way].store(charged, Relaxed);
        }
    }

    /// Times that a source found no room, since construction.
    pub fn saturated(&self) -> u64 {
        self.saturated.load(Relaxed)
    }

    /// Sources with a connection or a budget not yet full. For a tick, not a request.
    ///
    /// Looks at sets alone that held one before or got one since, since the whole table is larger
    /// than a core's cache.
    pub fn entries(&self, now: Moment) -> u64 {
        self.held.iter().zip(self.sets.chunks(SETS_OF_WORD)).map(|of| live_in(of, now)).sum()
    }

    fn note_held(&self, slot: Slot) {
        let set = slot.0 as usize / WAYS;
        let (word, bit) = (&self.held[set / SETS_OF_WORD], 1 << (set % SETS_OF_WORD));
        // Mostly it is known, and a line that is only read stays in the caches of all cores.
        if word.load(Relaxed) & bit == 0 {
            word.fetch_or(bit, Relaxed);
        }
    }

    /// Never zero, which marks an empty place.
    fn tag(&self, source: SourceKey) -> u64 {
        let mut hasher = SipHasher13::new_with_keys(self.hash_key.0, self.hash_key.1);
        hasher.write_u64(source.to_bits());
        hasher.finish() | 1
    }

    /// The two sets in which a source may lie: the second takes what the first has no room for.
    fn sets_of(&self, tag: u64) -> [usize; 2] {
        [(tag >> 32) as usize, (tag >> 8) as usize].map(|bits| bits & (self.sets.len() - 1))
    }

    fn find(&self, tag: u64) -> Option<Slot> {
        let holds = |set: &Set, way: usize| set.tags[way].load(Relaxed) == tag;
        self.first_place(tag, holds)
    }

    /// Takes a place that says nothing; its old due time has passed, so it serves as a full budget.
    fn claim(&self, tag: u64, now: Moment) -> Option<Slot> {
        self.first_place(tag, |set, way| {
            let old = set.tags[way].load(Relaxed);
            is_forgettable(set, way, now)
                && set.tags[way].compare_exchange(old, tag, Relaxed, Relaxed).is_ok()
        })
    }

    fn first_place(&self, tag: u64, mut suits: impl FnMut(&Set, usize) -> bool) -> Option<Slot> {
        self.sets_of(tag).into_iter().find_map(|index| {
            let set = &self.sets[index];
            (0..WAYS).find(|&way| suits(set, way)).map(|way| slot(index, way))
        })
    }

    fn place(&self, slot: Slot) -> (&Set, usize) {
        let index = slot.0 as usize;
        (&self.sets[index / WAYS], index % WAYS)
    }
}

fn slot(set: usize, way: usize) -> Slot {
    Slot(u32::try_from(set * WAYS + way).expect("invariant: SOURCES_MAX fits in 32 bits"))
}

/// Sources in the sets of one word that say something; sets without any are not looked at again
/// until they get one.
fn live_in((held, sets): (&AtomicU64, &[Set]), now: Moment) -> u64 {
    let live = |set: &Set| (0..WAYS).filter(|&way| !is_forgettable(set, way, now)).count() as u64;
    let known = held.load(Relaxed);
    let is_known = |at: &usize| known >> at & 1 == 1;
    let of = |at: usize| {
        let set = &sets[at];
        let before = live(set);
        if before > 0 {
            return before;
        }
        held.fetch_and(!(1 << at), Relaxed);
        // One that came just now may have found the bit still there.
        let since = live(set);
        if since > 0 {
            held.fetch_or(1 << at, Relaxed);
        }
        since
    };
    if known == 0 { 0 } else { (0..sets.len()).filter(is_known).map(of).sum() }
}

fn is_forgettable(set: &Set, way: usize, now: Moment) -> bool {
    set.connections[way].load(Relaxed) == 0 && set.due[way].load(Relaxed) <= now.0
}

#[cfg(test)]
mod tests;
