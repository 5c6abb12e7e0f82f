//! What those do whom a measure asks for something: pass a challenge, or wait as told.
//!
//! A challenge counts once there was time to pass it ([`RIPE_AFTER`]): before that nobody has
//! failed. A program that cannot be challenged is told to come back later; one that goes on at its
//! rate for as long fails.
//! Live: only what happened within [`LIVE`] counts.
//! One sender is at most [`OF_SOURCE_MAX`] trials in that time, and passes no more of them than there
//! were: whoever asks a thousand times, and passes never or always, would speak for all who show the
//! same.
//! Who passes was challenged: what is listed may be a sample, in which who is asked once is seldom.
//! Of more senders than are told apart a keyed hash chooses whose trials and passes count, so that who
//! comes late counts as who came first.
//! Bounds: a row a tick of the time that is live; [`HELD_MAX`] programs and [`SENDERS_MAX`] senders
//! that are told apart.

use crate::detect::certify::upper_bound;
use crate::detect::mixed;
use seawall_types::{Moment, SourceKey};
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

/// How long anybody may take over a challenge, and how long a program that must wait is watched.
const RIPE_AFTER: Duration = Duration::from_secs(10);
/// How long most take over a challenge: by twice that it can be seen whether people pass.
const MOST_TAKE: Duration = Duration::from_secs(3);
/// What is older tells nothing of those who ask now.
const LIVE: Duration = Duration::from_mins(1);
/// Programs that are told apart.
const HELD_MAX: usize = 2_048;
/// Challenges of one sender that count within [`LIVE`].
const OF_SOURCE_MAX: u32 = 2;
/// Senders that were challenged and are told apart; of more half count, of twice as many a quarter.
const SENDERS_MAX: usize = 16_384;
/// How often the senders that count may be halved, and once more: of 2^15 times [`SENDERS_MAX`].
const LEVELS: usize = 16;
/// Requests in the first half of the time from which a program has a rate.
const RATE_FROM: u32 = 8;
/// Of its rate, what a program may keep that heeds what it is told.
const KEEPS: f64 = 0.8;
/// Challenges from which it is believed that people pass.
const BELIEVED_FROM: u32 = 30;
/// Chance that a bound does not hold.
const ALPHA: f64 = 0.05;

/// Trials of those whom one measure meets.
#[derive(Debug)]
pub(super) struct Trials {
    ticks: VecDeque<Handed>,
    held: BTreeMap<SourceKey, Held>,
    /// Who was challenged.
    senders: BTreeMap<SourceKey, Sender>,
    /// What was counted of them since the last tick.
    fresh: ByLevel,
    key: u64,
    /// Senders of lower levels are left out, and so is what was counted of them.
    level: usize,
    looked_at: Moment,
}

/// Challenges and passes by their senders' level: half of all senders are of level 0, a quarter of 1.
type ByLevel = [[u32; 2]; LEVELS];

/// What one sender did since its trials are counted.
#[derive(Debug, Clone, Copy)]
struct Sender {
    since: Moment,
    challenged: u32,
    /// Trials that it passed.
    passed: u32,
}

/// Challenges of one tick.
#[derive(Debug, Clone, Copy)]
struct Handed {
    at: Moment,
    counts: ByLevel,
}

/// What counts of it.
#[derive(Debug, Clone, Copy)]
struct Counted {
    at: Moment,
    out: u32,
    passed: u32,
}

/// A program that was told to come back later.
#[derive(Debug, Clone, Copy)]
struct Held {
    since: Moment,
    early: u32,
    late: u32,
}

/// How many of those who were tried passed.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct PassRate {
    pub(super) trials: u32,
    /// All who passed, also of those whose time is not over.
    pub(super) passed: u32,
    /// Challenges among the trials: only who passes one is surely a person.
    pub(super) challenged: u32,
    /// Those who passed so long ago that their challenges are surely among these.
    pub(super) passed_of_challenged: u32,
    /// Challenges that are as old as most take, and all passes: what seems to come of them.
    pub(super) so_far: [u32; 2],
    /// Challenges of the last ten seconds that are as old, and passes of them.
    pub(super) lately: [u32; 2],
}

impl PassRate {
    /// 95 % upper bound of the share that passes.
    pub(super) fn at_most(self) -> f64 {
        if self.trials == 0 { 1.0 } else { upper_bound(self.passed, self.trials, ALPHA) }
    }

    /// 95 % lower bound of the share that passes a challenge.
    pub(super) fn at_least(self) -> f64 {
        at_least([self.challenged, self.passed_of_challenged])
    }

    /// Whether surely more than `share` passes, of enough to believe it.
    pub(super) fn surely_passes(self, share: f64) -> bool {
        self.challenged >= BELIEVED_FROM && self.at_least() > share
    }

    /// Whether surely more than `share` passes of late, whatever was before.
    pub(super) fn passes_lately(self, share: f64) -> bool {
        self.lately[0] >= BELIEVED_FROM && at_least(self.lately) > share
    }

    /// Whether more than `share` seems to pass, though not everybody had time to.
    pub(super) fn seems_to_pass(self, share: f64) -> bool {
        let tried = [[self.challenged, self.passed_of_challenged], self.so_far];
        tried
            .into_iter()
            .any(|[out, passed]| out >= BELIEVED_FROM && at_least([out, passed]) > share)
    }
}

fn at_least([out, passed]: [u32; 2]) -> f64 {
    let failed = out.saturating_sub(passed);
    if out == 0 { 0.0 } else { 1.0 - upper_bound(failed, out, ALPHA) }
}

impl Trials {
    /// Of nobody yet; `key` chooses who counts where not all can.
    pub(super) fn new(key: u64) -> Self {
        Self {
            ticks: VecDeque::new(),
            held: BTreeMap::new(),
            senders: BTreeMap::new(),
            fresh: ByLevel::default(),
            key,
            level: 0,
            looked_at: Moment::default(),
        }
    }

    /// Of nobody again.
    pub(super) fn begins_anew(&mut self) {
        *self = Self::new(self.key);
    }

    /// A tick has passed, in which so many whole requests were challenged and passed besides what
    /// senders were.
    pub(super) fn tick(&mut self, at: Moment, (out, passed): (u32, u32)) {
        let mut counts = std::mem::take(&mut self.fresh);
        if let Some([all, through]) = counts.last_mut() {
            *all = all.saturating_add(out);
            *through = through.saturating_add(passed);
        }
        if counts != ByLevel::default() {
            self.ticks.push_back(Handed { at, counts });
        }
        self.take_more_in(at);
        while self.ticks.front().is_some_and(|tick| at.since(tick.at) >= LIVE + RIPE_AFTER) {
            self.ticks.pop_front();
        }
        self.held.retain(|_, held| at.since(held.since) < LIVE + RIPE_AFTER);
    }

    /// Somebody was challenged: one more trial, as far as his count.
    pub(super) fn challenged(&mut self, at: Moment, source: SourceKey) {
        let Some(level) = self.told_apart(at, source) else { return };
        let fresh = Sender { since: at, challenged: 0, passed: 0 };
        let sender = self.senders.entry(source).or_insert(fresh);
        if at.since(sender.since) >= LIVE {
            *sender = fresh;
        }
        sender.challenged = sender.challenged.saturating_add(1);
        self.fresh[level][0] += u32::from(sender.challenged <= OF_SOURCE_MAX);
    }

    /// Somebody passed a challenge: a trial of his, or one that was not listed where none was.
    pub(super) fn passed(&mut self, at: Moment, source: SourceKey) {
        let Some(level) = self.told_apart(at, source) else { return };
        let fresh = Sender { since: at, challenged: 0, passed: 0 };
        let sender = self.senders.entry(source).or_insert(fresh);
        if at.since(sender.since) >= LIVE + RIPE_AFTER {
            *sender = fresh;
        }
        let is_unlisted = sender.challenged == 0;
        sender.challenged += u32::from(is_unlisted);
        let is_left = sender.passed < sender.challenged.min(OF_SOURCE_MAX);
        sender.passed += u32::from(is_left);
        let [out, passed] = &mut self.fresh[level];
        *out += u32::from(is_unlisted);
        *passed += u32::from(is_left);
    }

    /// The level of a sender that counts; makes room for one that is new.
    fn told_apart(&mut self, at: Moment, source: SourceKey) -> Option<usize> {
        let level = level_of(self.key, source);
        if level < self.level {
            return None;
        }
        if self.senders.len() < SENDERS_MAX || self.senders.contains_key(&source) {
            return Some(level);
        }
        self.senders.retain(|_, sender| at.since(sender.since) < LIVE);
        // Room for a few would be looked for again at once.
        if self.senders.len() > SENDERS_MAX / 4 * 3 && self.level + 1 < LEVELS {
            self.level += 1;
            self.looked_at = at;
            let (key, least) = (self.key, self.level);
            self.senders.retain(|source, _| level_of(key, *source) >= least);
        }
        (level >= self.level && self.senders.len() < SENDERS_MAX).then_some(level)
    }

    /// Twice as many senders count where those of a minute leave room for more than that.
    fn take_more_in(&mut self, at: Moment) {
        if self.level == 0 || at.since(self.looked_at) < LIVE {
            return;
        }
        self.looked_at = at;
        self.senders.retain(|_, sender| at.since(sender.since) < LIVE + RIPE_AFTER);
        self.level -= usize::from(self.senders.len() < SENDERS_MAX / 4);
    }

    /// What counts of each tick, by the senders that count now.
    fn counted(&self) -> impl Iterator<Item = Counted> {
        self.ticks.iter().map(|tick| {
            let counts = tick.counts.iter().skip(self.level);
            let sums = counts.fold([0_u32; 2], |[out, passed], [more, through]| {
                [out.saturating_add(*more), passed.saturating_add(*through)]
            });
            Counted { at: tick.at, out: sums[0], passed: sums[1] }
        })
    }

    /// A program that the measure meets asked; `is_told` when it was told to come back later.
    pub(super) fn asked(&mut self, at: Moment, source: SourceKey, is_told: bool) {
        if let Some(held) = self.held.get_mut(&source) {
            let after = at.since(held.since);
            if after < RIPE_AFTER / 2 {
                held.early += 1;
            } else if after < RIPE_AFTER {
                held.late += 1;
            }
        } else if is_told && self.held.len() < HELD_MAX {
            self.held.insert(source, Held { since: at, early: 1, late: 0 });
        }
    }

    /// Those who have had their time.
    pub(super) fn rate(&self, now: Moment) -> PassRate {
        let mut rate = PassRate::default();
        let is_settled =
            self.ticks.front().is_some_and(|first| now.since(first.at) >= 2 * MOST_TAKE);
        for tick in self.counted().filter(|_| is_settled) {
            let out = if now.since(tick.at) >= MOST_TAKE { tick.out } else { 0 };
            let [all, passed] = rate.so_far;
            rate.so_far = [all.saturating_add(out), passed.saturating_add(tick.passed)];
        }
        if is_settled {
            rate.lately = self.lately(now);
        }
        for tick in self.counted() {
            if now.since(tick.at) >= RIPE_AFTER {
                rate.trials = rate.trials.saturating_add(tick.out);
                rate.passed_of_challenged = rate.passed_of_challenged.saturating_add(tick.passed);
            }
            if now.since(tick.at) < LIVE {
                rate.passed = rate.passed.saturating_add(tick.passed);
            }
        }
        rate.passed = rate.passed.min(rate.trials);
        rate.challenged = rate.trials;
        rate.passed_of_challenged = rate.passed_of_challenged.min(rate.challenged);
        let ripe = self.held.values().filter(|held| now.since(held.since) >= RIPE_AFTER);
        for held in ripe.filter(|held| held.early >= RATE_FROM) {
            rate.trials += 1;
            rate.passed += u32::from(!held.goes_on());
        }
        rate
    }
}

impl Trials {
    /// What seems to come of the challenges of the last ten seconds. Where far fewer are handed out than
    /// just before, late passes of those are no passes of these: the larger number counts.
    fn lately(&self, now: Moment) -> [u32; 2] {
        let span = RIPE_AFTER.saturating_sub(MOST_TAKE);
        let aged = |from: Duration| {
            let ages = from..from + span;
            self.counted().filter(move |tick| ages.contains(&now.since(tick.at)))
        };
        let out = |from| aged(from).fold(0_u32, |sum, tick| sum.saturating_add(tick.out));
        let passed = aged(Duration::ZERO).fold(0_u32, |sum, tick| sum.saturating_add(tick.passed));
        [out(MOST_TAKE).max(out(RIPE_AFTER)), passed]
    }
}

/// How many halvings a sender is left in.
fn level_of(key: u64, source: SourceKey) -> usize {
    let hash = mixed(key ^ mixed(source.to_bits()));
    (hash.leading_zeros() as usize).min(LEVELS - 1)
}

impl Held {
    /// Whether it kept its rate, as far as so few requests tell.
    fn goes_on(&self) -> bool {
        let (early, late) = (f64::from(self.early), f64::from(self.late));
        let by_chance = 1.64 * libm::sqrt(early + late);
        late >= KEEPS * early - by_chance
    }
}

#[cfg(test)]
mod tests;
