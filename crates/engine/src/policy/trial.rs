//! What those do whom a measure asks for something: pass a challenge, or wait as told.
//!
//! A challenge counts once there was time to pass it ([`RIPE_AFTER`]): before that nobody has
//! failed. A program that cannot be challenged is told to come back later; one that goes on at its
//! rate for as long fails.
//! Live: only what happened within [`LIVE`] counts.
//! One sender is at most [`OF_SOURCE_MAX`] trials in that time, and passes no more of them than there
//! were: whoever asks a thousand times, and passes never or always, would speak for all who show the
//! same.
//! Bounds: a row a tick of the time that is live; [`HELD_MAX`] programs and [`SENDERS_MAX`] senders
//! that are told apart.

use crate::detect::certify::upper_bound;
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
/// Senders that were challenged and are told apart; challenges of more do not count.
const SENDERS_MAX: usize = 16_384;
/// Requests in the first half of the time from which a program has a rate.
const RATE_FROM: u32 = 8;
/// Of its rate, what a program may keep that heeds what it is told.
const KEEPS: f64 = 0.8;
/// Challenges from which it is believed that people pass.
const BELIEVED_FROM: u32 = 30;
/// Chance that a bound does not hold.
const ALPHA: f64 = 0.05;

/// Trials of those whom one measure meets.
#[derive(Debug, Default)]
pub(super) struct Trials {
    ticks: VecDeque<Handed>,
    held: BTreeMap<SourceKey, Held>,
    /// Who was challenged.
    senders: BTreeMap<SourceKey, Sender>,
}

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
    /// Challenges that were handed out and passed since the last tick.
    pub(super) fn tick(&mut self, at: Moment, (out, passed): (u32, u32)) {
        if out > 0 || passed > 0 {
            self.ticks.push_back(Handed { at, out, passed });
        }
        while self.ticks.front().is_some_and(|tick| at.since(tick.at) >= LIVE + RIPE_AFTER) {
            self.ticks.pop_front();
        }
        self.held.retain(|_, held| at.since(held.since) < LIVE + RIPE_AFTER);
    }

    /// Somebody was challenged; whether that is one more trial.
    pub(super) fn challenged(&mut self, at: Moment, source: SourceKey) -> bool {
        if self.senders.len() >= SENDERS_MAX && !self.senders.contains_key(&source) {
            self.senders.retain(|_, sender| at.since(sender.since) < LIVE);
            if self.senders.len() >= SENDERS_MAX {
                return false;
            }
        }
        let fresh = Sender { since: at, challenged: 0, passed: 0 };
        let sender = self.senders.entry(source).or_insert(fresh);
        if at.since(sender.since) >= LIVE {
            *sender = fresh;
        }
        sender.challenged = sender.challenged.saturating_add(1);
        sender.challenged <= OF_SOURCE_MAX
    }

    /// Somebody passed a challenge; whether a trial of his is passed by it.
    pub(super) fn passed(&mut self, at: Moment, source: SourceKey) -> bool {
        let own = self.senders.get_mut(&source);
        let tried = own.filter(|sender| at.since(sender.since) < LIVE + RIPE_AFTER);
        let Some(sender) = tried else { return false };
        let is_left = sender.passed < sender.challenged.min(OF_SOURCE_MAX);
        sender.passed += u32::from(is_left);
        is_left
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
        for tick in self.ticks.iter().filter(|_| is_settled) {
            let out = if now.since(tick.at) >= MOST_TAKE { tick.out } else { 0 };
            let [all, passed] = rate.so_far;
            rate.so_far = [all.saturating_add(out), passed.saturating_add(tick.passed)];
        }
        if is_settled {
            rate.lately = self.lately(now);
        }
        for tick in &self.ticks {
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
            self.ticks.iter().filter(move |tick| ages.contains(&now.since(tick.at)))
        };
        let out = |from| aged(from).fold(0_u32, |sum, tick| sum.saturating_add(tick.out));
        let passed = aged(Duration::ZERO).fold(0_u32, |sum, tick| sum.saturating_add(tick.passed));
        [out(MOST_TAKE).max(out(RIPE_AFTER)), passed]
    }
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
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    fn at(ms: u64) -> Moment {
        Moment(ms * 1_000_000)
    }

    #[test]
    fn nobody_has_failed_before_there_was_time_to_pass() {
        let mut trials = Trials::default();
        trials.tick(at(0), (1_000, 0));
        let seen = [1_000, 0];
        let out = PassRate { so_far: seen, lately: seen, ..PassRate::default() };
        assert_eq!(trials.rate(at(5_750)), PassRate::default());
        assert_eq!(trials.rate(at(9_750)), out);
        assert_eq!(trials.rate(at(10_000)), PassRate { trials: 1_000, challenged: 1_000, ..out });
    }

    #[test]
    fn what_is_a_minute_old_tells_nothing_any_more() {
        let mut trials = Trials::default();
        trials.tick(at(0), (1_000, 0));
        trials.tick(at(70_000), (0, 0));
        assert_eq!(trials.rate(at(70_000)), PassRate::default());
    }

    #[test]
    fn people_pass_and_three_hundred_who_do_not_are_enough() {
        let rate = |trials, passed| PassRate {
            trials,
            passed,
            challenged: trials,
            passed_of_challenged: passed,
            so_far: [trials, passed],
            lately: [0, 0],
        };
        assert!(rate(300, 0).at_most() < 0.03 && rate(300, 9).at_most() >= 0.03);
        assert!(rate(100, 97).at_least() > 0.9 && rate(2_000, 0).at_least() < 1e-9);
        assert!(rate(0, 0).at_most() >= 1.0 && rate(0, 0).at_least() <= 0.0);
    }

    #[test]
    fn that_people_pass_is_seen_before_their_time_is_over_and_of_thirty_at_least() {
        for (out, passed, seen) in [(100, 70, true), (100, 50, false), (29, 29, false)] {
            let mut trials = Trials::default();
            trials.tick(at(0), (out, 0));
            // Who was asked just now has not failed yet.
            trials.tick(at(4_000), (1_000, passed));
            assert!(!trials.rate(at(5_750)).seems_to_pass(0.5), "too soon");
            assert_eq!(trials.rate(at(6_000)).seems_to_pass(0.5), seen, "{passed} of {out}");
            assert!(!trials.rate(at(6_000)).surely_passes(0.5));
        }
    }

    #[test]
    fn a_trial_tells_16_384_senders_apart_and_no_more() {
        let mut trials = Trials::default();
        let source = |n: usize| SourceKey::of(Ipv4Addr::from(u32::try_from(n).unwrap()).into());
        for number in 0..16_384 {
            assert!(trials.challenged(at(0), source(number)));
        }
        assert!(!trials.challenged(at(0), source(16_384)), "one more does not count");
        assert!(trials.challenged(at(0), source(7)), "who is known does");
        assert!(!trials.challenged(at(0), source(7)), "twice a minute at most");
        assert!(
            trials.challenged(at(60_000), source(16_384)),
            "there is room again after a minute"
        );
        assert!(trials.senders.len() <= SENDERS_MAX);
    }

    #[test]
    fn a_sender_passes_no_more_trials_than_it_has_and_nobody_who_was_not_asked_passes_any() {
        let mut trials = Trials::default();
        let [solver, other] = [1, 2].map(|n: u32| SourceKey::of(Ipv4Addr::from(n).into()));
        assert!(!trials.passed(at(0), solver), "nobody asked it");
        for _ in 0..100 {
            trials.challenged(at(0), solver);
        }
        let passed = (0..100).filter(|_| trials.passed(at(9), solver)).count();
        assert_eq!(passed, 2);
        trials.challenged(at(0), other);
        let passed = (0..100).filter(|_| trials.passed(at(9), other)).count();
        assert_eq!(passed, 1, "as often as it was asked");
        trials.challenged(at(60_000), solver);
        assert!(trials.passed(at(60_009), solver), "once more after a minute");
        assert!(!trials.passed(at(60_009), solver));
        assert!(!trials.passed(at(70_000), other), "its trial is over");
    }

    #[test]
    fn a_program_that_goes_on_fails_and_one_that_heeds_or_has_no_rate_does_not() {
        let mut trials = Trials::default();
        let source = |n: u32| SourceKey::of(Ipv4Addr::from(n).into());
        for step in 0..20_u64 {
            trials.asked(at(step * 500), source(1), true);
            if step < 8 {
                trials.asked(at(step * 500), source(2), true);
            }
            if step == 0 {
                trials.asked(at(0), source(3), true);
            }
            trials.asked(at(step * 500), source(4), false);
        }
        assert_eq!(
            trials.rate(at(20_000)),
            PassRate { trials: 2, passed: 1, ..PassRate::default() }
        );
    }
}
