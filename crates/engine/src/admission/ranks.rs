//! Whose turn it is among prefixes: work served over weight, and weight is a prefix's own history.
//!
//! Each prefix has a virtual finish: the work it was given, each piece over its weight. Who has had
//! least for its weight is next. A prefix that asks seldom keeps what it missed, up to
//! [`CREDIT_US`]; so long-run shares are max-min fair whatever the rates of asking. A prefix that is
//! new begins at a phase of its own, drawn by its keyed hash: who asks more often does not draw
//! more often.
//! Prefixes with history and those without have a clock each, so that neither side's haste makes the
//! other forget whose turn it is; which side is next is the queue's to say.
//! What is cheap beside the usual request takes turns of its own, so that a page that costs next to
//! nothing does not wait behind the costly ones of its own network.
//! Source: start-time fair queueing (Goyal, Vin, Cheng 1996) with a lag; weights are ours.
//!
//! Never reads a clock or allocates after construction.
//! Bounds: as many prefixes as it was made for. One that finds no place shares one with all that
//! found none, and that is counted.

use super::Prefix;
use seawall_types::{Moment, moment::nanos};
use siphasher::sip::SipHasher13;
use std::hash::Hasher as _;
use std::time::Duration;

/// Prefixes of one share: 48 bytes each, 768 KiB.
pub const PREFIXES_MAX: usize = 16_384;
const WAYS: usize = 8;

/// Work that a prefix of weight one may be behind the others and still be given: half a second of
/// one worker.
pub const CREDIT_US: u64 = 500_000;

/// Heaviest weight, in milliseconds of work a second: ten workers of one network.
pub const WEIGHT_MAX: u64 = 10_000;

/// In which work is counted for history: short, since a flood may come seconds after a first start.
const BEAT: Duration = Duration::from_millis(500);
const BEATS_OF_A_SECOND: f64 = 2.0;

/// Least weight of a prefix that came back in another beat: a cheap page now and then. One visit of
/// each member of a flood does not earn it; more would make members who looked around twice the
/// equals of visitors who asked for costly pages.
const WEIGHT_RETURNED: u64 = 4;

/// A request is cheap when so many of it cost no more than the usual one: with two turns a prefix
/// has two shares at most, and the cheap one is seldom used up.
const CHEAP: u64 = 8;
/// A part of a page goes with it when so many cost no more than the usual request: those of one page
/// together cost no more than eight of them.
const LITTLE: u64 = 4;
/// So many usual requests a network may have had more than its turn, and its parts of pages go first still.
const PARTS_AHEAD: u64 = 8;
/// Requests over which the usual cost is a mean.
const USUAL_OF: u64 = 1_024;

/// Asking in vain costs this part of being served, once a second: more would leave those who ask
/// most, who may be many people, with nothing.
const ASKING: u64 = 8;

/// Virtual time has eight more bits than work.
const FINE: u32 = 8;
/// Where it begins: above any credit.
const BEGINNING: u64 = 1 << 48;

#[derive(Debug, Clone, Copy, Default)]
struct Entry {
    key: u64,
    /// Virtual finish of all it was given and all that waits, by [`Size`].
    finish: [u64; 2],
    /// Usual work in a [`BEAT`] in which it asks, in milliseconds.
    usual_ms: f32,
    /// The beat whose work is being counted.
    beat: u32,
    /// Work of that beat.
    work_us: u32,
    /// Requests that wait.
    waiting: u32,
    /// The second in which it last asked in vain.
    asked_in: u32,
    /// Beats that were followed by another in which it asked.
    followed: u16,
    /// Whose clock its finish is of.
    history: History,
}

/// Whether a prefix was here in calm times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum History {
    /// It was not, or in the newest beats alone.
    #[default]
    New,
    /// It was, so it has a weight.
    Known,
}

/// What a request costs beside the usual one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Size {
    Dear,
    Cheap,
}

/// Where a prefix lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place(u32);

/// A piece of work in virtual time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Turn {
    /// When it begins.
    pub(super) start: u64,
    /// When it ends: the lower, the earlier its turn among those of its history.
    pub(super) finish: u64,
    /// Of whoever takes it.
    pub(super) history: History,
    size: Size,
}

/// All prefixes of one share.
#[derive(Debug)]
pub(super) struct Ranks {
    /// The last is shared by those without a place.
    entries: Box<[Entry]>,
    sets: usize,
    seed: [u64; 2],
    /// Latest start of anything that was served, by [`History`].
    virtual_now: [u64; 2],
    /// Cost of the usual request that takes a turn, in microseconds times [`USUAL_OF`].
    usual: u64,
    /// Beats before this one were followed by more than one that was calm.
    settled: u32,
    saturated: u64,
}

impl Ranks {
    /// Room for `prefixes` of them, at least one set; a power of two.
    pub(super) fn new(prefixes: usize, seed: [u64; 2]) -> Self {
        let sets = (prefixes.clamp(WAYS, PREFIXES_MAX) / WAYS).next_power_of_two();
        let entries = vec![Entry::default(); sets * WAYS + 1].into_boxed_slice();
        let virtual_now = [BEGINNING; 2];
        Self { entries, sets, seed, virtual_now, usual: 0, settled: 0, saturated: 0 }
    }

    /// Where `prefix` lies; it gets a place if it has none.
    pub(super) fn place(&mut self, prefix: Prefix) -> Place {
        let key = self.key(prefix);
        let first = self.first_way(key);
        let set = &mut self.entries[first..first + WAYS];
        if let Some(way) = set.iter().position(|entry| entry.key == key) {
            return place(first + way);
        }
        if let Some(way) = set.iter().position(|entry| entry.key == 0) {
            set[way].key = key;
            return place(first + way);
        }
        let idle = set.iter().enumerate().filter(|(_, entry)| entry.waiting == 0);
        // Who has no history is forgotten first, then who has had least: that says least.
        let worth = |entry: &Entry| (entry.usual_ms.to_bits(), entry.finish);
        let Some((way, _)) = idle.min_by_key(|(_, entry)| worth(entry)) else {
            self.saturated += 1;
            return place(self.entries.len() - 1);
        };
        self.saturated += 1;
        set[way] = Entry { key, ..Entry::default() };
        place(first + way)
    }

    /// Work that the prefix did while nobody was short of any: its history.
    pub(super) fn remember(&mut self, now: Moment, at: Place, work_us: u32) {
        let entry = &mut self.entries[at.0 as usize];
        let beat = count(now, BEAT);
        self.settled = self.settled.max(beat.saturating_sub(1));
        if entry.beat != beat {
            entry.close_beat();
            entry.beat = beat;
        }
        entry.work_us = entry.work_us.saturating_add(work_us);
    }

    /// Takes a turn for `work_us`.
    pub(super) fn charge(&mut self, at: Place, work_us: u32) -> Turn {
        let size = self.size(work_us);
        let entry = &mut self.entries[at.0 as usize];
        let weight = entry.weight(self.settled);
        let was_here = weight > 1 || entry.followed > 0;
        let history = if was_here { History::Known } else { History::New };
        if entry.history != history {
            // Another clock: what it had by the old one says nothing of this.
            entry.finish = [0; 2];
            entry.history = history;
        }
        let virtual_now = self.virtual_now[history as usize];
        let floor = virtual_now - (CREDIT_US.max(2 * u64::from(work_us)) << FINE);
        let step = ((u64::from(work_us) << FINE) / weight).max(1);
        let finish = &mut entry.finish[size as usize];
        let start =
            if *finish >= floor { *finish } else { floor + (step >> 10) * (entry.key & 1_023) };
        *finish = start + step;
        Turn { start, finish: *finish, history, size }
    }

    /// Whether `work_us` is so little beside the usual request as a part of a page is.
    pub(super) fn is_little(&self, work_us: u32) -> bool {
        u64::from(work_us) * LITTLE <= self.usual / USUAL_OF
    }

    /// Whether `work_us` is little; learns what is usual.
    fn size(&mut self, work_us: u32) -> Size {
        let work_us = u64::from(work_us);
        let usual_us = self.usual / USUAL_OF;
        self.usual = self.usual - usual_us + work_us;
        if work_us * CHEAP <= usual_us { Size::Cheap } else { Size::Dear }
    }

    /// The turn was not served. Once a second that costs a part all the same, so that who asks
    /// seldom comes before who asks all the time.
    pub(super) fn refund(&mut self, now: Moment, at: Place, turn: Turn) {
        let entry = &mut self.entries[at.0 as usize];
        if entry.history != turn.history {
            return;
        }
        let second = count(now, Duration::from_secs(1));
        let step = turn.finish - turn.start;
        let kept = if entry.asked_in == second { 0 } else { step / ASKING };
        entry.asked_in = second;
        let finish = &mut entry.finish[turn.size as usize];
        *finish = finish.saturating_sub(step - kept);
    }

    /// Whether whoever takes this turn has had more than the clock says.
    pub(super) fn is_ahead(&self, turn: Turn) -> bool {
        turn.start > self.virtual_now[turn.history as usize]
    }

    /// Whether that is by more than the parts of a page that was let through cost.
    pub(super) fn is_far_ahead(&self, turn: Turn) -> bool {
        let parts_us = PARTS_AHEAD * self.usual / USUAL_OF;
        turn.start > self.virtual_now[turn.history as usize] + (parts_us << FINE)
    }

    /// The turn is served.
    pub(super) fn serve(&mut self, turn: Turn) {
        let virtual_now = &mut self.virtual_now[turn.history as usize];
        *virtual_now = turn.start.max(*virtual_now);
    }

    /// One more, or one less, of the prefix waits: while any does its place is its own.
    pub(super) fn waits(&mut self, at: Place, more: Waits) {
        let waiting = &mut self.entries[at.0 as usize].waiting;
        *waiting = match more {
            Waits::OneMore => waiting.saturating_add(1),
            Waits::OneLess => waiting.saturating_sub(1),
        };
    }

    /// Prefixes that lost their place to another, or found none.
    pub(super) fn saturated(&self) -> u64 {
        self.saturated
    }

    fn first_way(&self, key: u64) -> usize {
        let set = (key >> 8) & (self.sets as u64 - 1);
        usize::try_from(set).unwrap_or(0) * WAYS
    }

    fn key(&self, prefix: Prefix) -> u64 {
        let mut hasher = SipHasher13::new_with_keys(self.seed[0], self.seed[1]);
        hasher.write_u64(prefix.to_bits());
        hasher.finish() | 1 << 63
    }
}

/// A change of how many wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Waits {
    OneMore,
    OneLess,
}

impl Entry {
    /// Half a step up, a sixty-fourth down: rests near the 95th percentile of its beats.
    fn close_beat(&mut self) {
        let worked = millis(self.work_us);
        let difference = worked - self.usual_ms;
        self.usual_ms += if difference > 0.0 { difference / 2.0 } else { difference / 64.0 };
        self.followed = self.followed.saturating_add(u16::from(self.work_us > 0));
        self.work_us = 0;
    }

    /// Whether it came in two beats that are `settled`: a flood's own first requests are no return.
    fn has_returned(&self, settled: u32) -> bool {
        let last = u16::from(self.beat >= settled);
        self.followed > last
    }

    /// In milliseconds of work a second, at least one.
    ///
    /// A last beat that was never followed by another counts by half, if it is `settled`: the
    /// newest ones may be the first of a flood.
    fn weight(&self, settled: u32) -> u64 {
        let last = if self.beat < settled { millis(self.work_us) / 2.0 } else { 0.0 };
        let floor = if self.has_returned(settled) { WEIGHT_RETURNED } else { 1 };
        super::sums::whole(f64::from(self.usual_ms.max(last)) * BEATS_OF_A_SECOND)
            .clamp(floor, WEIGHT_MAX)
    }
}

#[expect(clippy::cast_precision_loss, reason = "a mean needs no more than 24 bits")]
fn millis(us: u32) -> f32 {
    us as f32 / 1e3
}

/// Whole spans since moment zero.
fn count(now: Moment, span: Duration) -> u32 {
    u32::try_from(now.0 / nanos(span)).unwrap_or(u32::MAX)
}

fn place(at: usize) -> Place {
    Place(u32::try_from(at).expect("invariant: PREFIXES_MAX fits in 32 bits"))
}

#[cfg(test)]
mod tests;
