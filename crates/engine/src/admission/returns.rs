//! Who goes before those who come for the first time: who was told to come back and did so as told, and
//! what a page consists of that was let through just now.
//!
//! Who is sent away is promised a place; it is worth one request that comes when it was told, goes before
//! those who have not waited, and among its like before those who have waited for less long. A page that
//! goes to its origin promises a turn to as many parts as pages have, if each costs little: a browser asks
//! for a part once, and a page without its parts is worth little to whoever waited for it.
//! Who asks before his time waits anew, so that who asks on and on is never early; but not by the last
//! second, so that of a few who share a place, and come together, one has it.
//! Only promised time counts: who comes late goes no earlier for it.
//! A network has [`OF_NETWORK`] places at most, told apart by source and stack, and goes before others by
//! them only while it has had no more than its turn ([`super::ranks`]), so that a flood out of one block of
//! addresses gains little by them.
//! Nothing is looked at where nobody was sent away for [`BUSY_FOR`], and what was kept is wiped before
//! anything else is.
//! All cores share one memory of a platform without a lock; what loses a race is no promise.
//! Never reads a clock; never keeps an address: keyed hashes.
//! Bounds: [`NOTES_MAX`] places and as many pages. Who comes when all are taken goes without, unless
//! somebody did not come in time; that is counted.

use super::proof::StackMark;
use super::request::Call;
use super::{Fetch, Prefix};
use seawall_types::Moment;
use siphasher::sip::SipHasher13;
use std::hash::Hasher as _;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// Places, and pages: at 8 bytes each 128 KiB.
pub const NOTES_MAX: usize = 16_384;
const WAYS: usize = 4;
/// Places of one network.
const OF_NETWORK: u64 = 64;
/// How long after it was told one may come: programs wait longer each time.
const LATE_MAX: Duration = Duration::from_mins(1);
/// After how much of that another may have the place, where there is no other: browsers are here by then.
const LATE: Duration = Duration::from_secs(5);
/// Who waited for longer goes no earlier for it.
const WAITED_MAX: Duration = Duration::from_mins(1);
/// Parts of a page that go with it, and how soon behind it.
const PARTS_MAX: u8 = 32;
const PARTS_WITHIN: Duration = Duration::from_secs(10);
/// So long after somebody was sent away it is kept who comes for which page.
const BUSY_FOR: Duration = Duration::from_mins(1);
/// Steps in which time is kept: 65,536 of them are four and a half hours.
const STEP: Duration = Duration::from_millis(250);
/// Steps that a time may lie ahead, 64 s: nobody is told more than 60 s.
const AHEAD_MAX: u16 = 256;
/// Who asks so few steps before his time, or shares the place of who is told so, does not wait anew.
const SHORTLY: u16 = 4;

/// A network's part that a source and its stack belong to, as a keyed hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallerMark(pub(super) u64);

/// What is kept in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Note {
    /// 24 bits of the mark that do not choose its set.
    tag: u64,
    /// Since when one waits as told.
    since: u16,
    /// When one may come, or when the page went.
    at: u16,
    /// What it is worth still, never nothing.
    left: u8,
}

impl Note {
    fn unpack(word: u64) -> Option<Self> {
        let [left, ..] = word.to_le_bytes();
        let half = |by: u32| u16::try_from(word >> by & 0xffff).unwrap_or(0);
        (left > 0).then(|| Self { tag: word >> 40, since: half(24), at: half(8), left })
    }

    fn pack(self) -> u64 {
        let Self { tag, since, at, left } = self;
        tag << 40 | u64::from(since) << 24 | u64::from(at) << 8 | u64::from(left)
    }

    /// How long ago its time was; nothing before that.
    fn past(self, now: Moment) -> Duration {
        since(now, self.at)
    }

    /// Whether it holds still.
    fn waits(self, now: Moment) -> bool {
        self.past(now) <= LATE_MAX
    }

    /// What its time was promised for.
    fn waited(self) -> Duration {
        (STEP * u32::from(self.at.wrapping_sub(self.since))).min(WAITED_MAX)
    }
}

/// Steps since moment zero, beginning anew where they do not fit.
fn step(at: Moment) -> u16 {
    let steps = at.0 / seawall_types::moment::nanos(STEP);
    u16::try_from(steps & 0xffff).unwrap_or(0)
}

/// From a step to now; nothing where it lies ahead.
fn since(now: Moment, at: u16) -> Duration {
    let steps = if ahead(now, at) > 0 { 0 } else { step(now).wrapping_sub(at) };
    STEP * u32::from(steps)
}

/// From now to a step that is not yet reached; nothing where it is.
fn ahead(now: Moment, at: u16) -> u16 {
    let steps = at.wrapping_sub(step(now));
    if steps > AHEAD_MAX { 0 } else { steps }
}

/// Notes under way.
#[derive(Debug)]
struct Notes(Box<[AtomicU64]>);

impl Notes {
    fn new(notes: usize) -> Self {
        let notes = notes.clamp(WAYS, NOTES_MAX).next_power_of_two();
        Self((0..notes).map(|_| AtomicU64::new(0)).collect())
    }

    fn wipe(&self) {
        self.0.iter().for_each(|word| word.store(0, Relaxed));
    }

    fn set(&self, mark: CallerMark) -> &[AtomicU64] {
        let sets = self.0.len() / WAYS;
        let first = usize::try_from(mark.0 & 0xffff_ffff).unwrap_or(0) % sets * WAYS;
        &self.0[first..first + WAYS]
    }

    fn of(&self, mark: CallerMark) -> Option<(&AtomicU64, u64, Note)> {
        let words = self.set(mark).iter().map(|word| (word, word.load(Relaxed)));
        let mut notes = words.filter_map(|(word, was)| Some((word, was, Note::unpack(was)?)));
        notes.find(|(_, _, note)| note.tag == mark.0 >> 40)
    }

    /// Takes one of what is left, where `may` says so.
    fn take(&self, mark: CallerMark, may: impl FnOnce(Note) -> bool) -> Option<Note> {
        let (word, was, note) = self.of(mark).filter(|(_, _, note)| may(*note))?;
        let left = note.left - 1;
        let rest = if left == 0 { 0 } else { Note { left, ..note }.pack() };
        word.compare_exchange(was, rest, Relaxed, Relaxed).ok().map(|_| note)
    }

    /// Keeps a note in the place of its mark's own, a free one, or one whose time is over, the longest
    /// first; whether there was one.
    fn keep(
        &self,
        mark: CallerMark,
        note: Note,
        is_over: impl Fn(Note) -> Option<Duration>,
    ) -> bool {
        let own = self.of(mark).map(|(word, was, _)| (word, was));
        let found = own.or_else(|| {
            let words = self.set(mark).iter().map(|word| (word, word.load(Relaxed)));
            let over = |word: u64| Note::unpack(word).map_or(Some(Duration::MAX), &is_over);
            words.filter(|(_, was)| over(*was).is_some()).max_by_key(|(_, was)| over(*was))
        });
        let Some((word, was)) = found else { return false };
        word.compare_exchange(was, note.pack(), Relaxed, Relaxed).is_ok()
    }
}

/// What one platform promised, by all cores together.
#[derive(Debug)]
pub struct Returns {
    places: Notes,
    pages: Notes,
    busy_until: AtomicU64,
    saturated: AtomicU64,
}

impl Returns {
    /// Room for so many places and pages.
    pub fn new(notes: usize) -> Self {
        let (places, pages) = (Notes::new(notes), Notes::new(notes));
        Self { places, pages, busy_until: AtomicU64::new(0), saturated: AtomicU64::new(0) }
    }

    /// Whether anybody was sent away lately, so that anything is kept.
    pub fn is_busy(&self, now: Moment) -> bool {
        now.0 < self.busy_until.load(Relaxed)
    }

    /// As what a request comes; its place is used up by that.
    pub fn call(&self, now: Moment, mark: CallerMark, fetch: Option<Fetch>) -> Call {
        if fetch == Some(Fetch::SubResource) {
            let is_soon = |page: Note| page.past(now) <= PARTS_WITHIN;
            return self.pages.take(mark, is_soon).map_or(Call::First, |_| Call::Part);
        }
        let is_in_time = |place: Note| ahead(now, place.at) == 0 && place.waits(now);
        let place = self.places.take(mark, is_in_time);
        place.map_or(Call::First, |place| Call::Again { waited: place.waited() })
    }

    /// A request was sent away that had come as `call`, and told to come back after so long.
    pub fn sent_away(
        &self,
        now: Moment,
        (mark, fetch): (CallerMark, Option<Fetch>),
        (call, retry_after): (Call, Duration),
    ) {
        // What another core keeps meanwhile goes too, and is no promise.
        if self.busy_until.swap((now + BUSY_FOR).0, Relaxed) <= now.0 {
            [&self.places, &self.pages].into_iter().for_each(Notes::wipe);
        }
        // Nobody asks for a part again.
        if fetch == Some(Fetch::SubResource) {
            return;
        }
        let waited = match call {
            Call::Again { waited } => waited.min(WAITED_MAX),
            Call::First | Call::Part => Duration::ZERO,
        };
        let since = step(Moment(now.0.saturating_sub(seawall_types::moment::nanos(waited))));
        let at = step(now + retry_after.min(STEP * u32::from(AHEAD_MAX)));
        if let Some((word, was, place)) =
            self.places.of(mark).filter(|(.., place)| place.waits(now))
        {
            if ahead(now, place.at) > SHORTLY {
                // Before its time, or another whose place is the same.
                let anew = Note { since, at, ..place };
                let is_kept = word.compare_exchange(was, anew.pack(), Relaxed, Relaxed).is_ok();
                self.saturated.fetch_add(u64::from(!is_kept), Relaxed);
            }
            return;
        }
        let is_over = |place: Note| Some(place.past(now)).filter(|past| *past > LATE);
        let note = Note { tag: mark.0 >> 40, since, at, left: 1 };
        let is_kept = self.places.keep(mark, note, is_over);
        self.saturated.fetch_add(u64::from(!is_kept), Relaxed);
    }

    /// A page goes to its origin: its parts may follow.
    pub fn page_went(&self, now: Moment, mark: CallerMark) {
        let at = step(now);
        let page = Note { tag: mark.0 >> 40, since: at, at, left: PARTS_MAX };
        // The one that went longest ago has had most of its parts.
        let is_kept = self.pages.keep(mark, page, |before| Some(before.past(now)));
        self.saturated.fetch_add(u64::from(!is_kept), Relaxed);
    }

    /// Places that somebody may come for still, and places there are; walks the table unless nobody was
    /// sent away lately.
    pub fn fill(&self, now: Moment) -> [u64; 2] {
        let Notes(places) = &self.places;
        let waits = |place: Note| place.waits(now);
        let used = |word: &&AtomicU64| Note::unpack(word.load(Relaxed)).is_some_and(waits);
        let used = if self.is_busy(now) { places.iter().filter(used).count() } else { 0 };
        [used as u64, places.len() as u64]
    }

    /// Promises that were not kept, since there was no room or another core was faster.
    pub fn saturated(&self) -> u64 {
        self.saturated.load(Relaxed)
    }
}

impl super::MarkSeed {
    /// The mark of a stack's part of its network.
    pub fn caller(self, network: Prefix, StackMark(stack): StackMark) -> CallerMark {
        let Self([one, other]) = self;
        let mut hasher = SipHasher13::new_with_keys(one, other ^ 3);
        hasher.write_u64(network.to_bits());
        hasher.write_u64(stack % OF_NETWORK);
        CallerMark(hasher.finish())
    }
}

#[cfg(test)]
mod tests;
