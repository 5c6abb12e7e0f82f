//! How much one origin can carry: learned from what comes back.
//!
//! Takes sums of rounds; gives the number of requests that may be at the origin at once.
//! The signal is the ratio of what answers took to what their routes take alone, so that mixed
//! routes compare. While it is under [`TOLERANCE`] a limit that is used rises by one a round; above,
//! it falls at once to where the ratio says that nothing would wait.
//! A base that is wrong would make that wrong for ever, so each fall is an experiment: if answers
//! did not become faster in step with fewer at once, the load was not what made them slow; the fall
//! is undone and the base set to what was seen. A rise is one too: if answers become slower in step
//! with more at once, goodput did not rise, the origin was full before, and the base was too high.
//! So a start in the middle of a flood finds the capacity too, and an origin that becomes slower
//! for its own reasons is not strangled.
//! Errors of the origin and silence are alarms of their own.
//! A machine that is busy with other things makes answers late by milliseconds, however short they
//! are: lateness within [`Noise`] is no sign of load. While nobody waits for the origin nothing that
//! it does is for want of a lower limit, so the limit does not fall then, nor later below what was
//! carried then, alarms and answers many times too slow excepted.
//! Never reads a clock. Never below 1.
//! Bounds: [`LIMIT_MAX`].
//!
//! Sources: the gradient over a base latency is Netflix's gradient2; that a fall is judged by what
//! it brought is ours, in place of shrinking to measure a base, which would cost visitors in a flood.

mod alarms;
mod carried;
mod lateness;
mod noise;
mod trial;
mod work;

use super::sums::{Answers, OriginSums, whole_slots};
use carried::Carried;
use noise::Noise;
use seawall_types::{Moment, OriginCapacity};
use std::time::Duration;
use trial::{Finding, Trial};
use work::{RoundWas, Work};

/// Requests that one origin may be given at once, whatever it seems to carry.
pub const LIMIT_MAX: u32 = 8_192;
/// Where an origin begins of which nothing is known, and what one has that shows no strain: enough
/// that a burst of a calm site does not wait.
pub const LIMIT_FIRST: u32 = 64;
/// The same as a number to reckon with.
const LIMIT_CALM: f64 = 64.0;
/// Where one begins anew that is found in a flood: the workers of a small one, so that the first that
/// is learned of it is not how long its own line is.
const LIMIT_FLOODED: f64 = 8.0;
/// So many times the first limit wait only in a flood: of the first second of a calm site all but few
/// are on their way.
const FLOODED_TIMES: u32 = 2;
/// Room in calm of one that was once full, over what it then did at once, and at least.
const ROOM_TIMES: f64 = 4.0;
const ROOM_LEAST: f64 = 16.0;
/// Latency over base up to which the limit rises: a quarter of a request waits for each served.
pub const TOLERANCE: f64 = 1.25;
/// The same for answers that came before the slots were full for long.
const TOLERANCE_EARLY: f64 = 1.5;
/// Beyond this ratio an origin was overrun, and what is quickly given back is what the ratio says.
const OVERRUN: f64 = 1.6;
/// Beyond this ratio lateness is an alarm, which no earlier calm speaks against.
const MANY_TIMES: f64 = 4.0;
/// Part of what was carried lately that a fall leaves: enough less to see whether answers get faster.
const CARRIED_PART: f64 = 0.75;
/// Answers before which the limit rises to twice [`LIMIT_FIRST`] and not beyond: the base is young.
const ANSWERS_FIRST: u32 = 64;
/// A fall leaves between a quarter and nine tenths of the limit.
const FALL: (f64, f64) = (0.25, 0.9);
/// Rise in a round while the limit is below what once was good.
const QUICK_RISE: f64 = 1.5;
/// After a rise of this much it is looked whether goodput rose.
const RISE_JUDGED: f64 = 1.2;
/// A base is right when answers are not faster than this part of it where nothing waits.
const BASE_KEPT: f64 = 0.9;
/// A base that a fall confirmed is not tried by rises for so long.
const CONFIRMED_FOR: Duration = Duration::from_secs(5);
/// Answers that a verdict wants at least, and at most.
const ANSWERS_WANTED: (f64, f64) = (16.0, 128.0);
/// After so long few answers must do.
const PATIENCE: Duration = Duration::from_secs(1);
const ANSWERS_FEW: u32 = 4;
/// Share of errors above the usual that is an alarm.
const ERRORS_ALARM: f64 = 0.1;
/// Share of requests without any answer above which the origin is taken to be down.
const FAULTS_DOWN: f64 = 0.5;
/// Silence of an origin that has work: an alarm, and again after each further span.
const SILENCE: (Duration, Duration) = (Duration::from_secs(1), Duration::from_millis(2_500));
/// After so long without being used up, a limit is no longer known to be one.
const STALE_AFTER: Duration = Duration::from_mins(1);

/// The limit of one origin.
#[derive(Debug, Clone)]
pub struct Limiter {
    most: f64,
    limit: f64,
    /// What all bases are multiplied by.
    scale: f64,
    /// Below this the limit rises quickly.
    quick_until: f64,
    epoch: u32,
    round: Round,
    trial: Option<Trial>,
    /// Limit and ratio from which a rise is judged.
    rise: Option<(f64, f64)>,
    confirmed_until: Moment,
    usual_errors: f64,
    /// The limit and the share of errors before a fall for their sake.
    errors_before: Option<(f64, f64)>,
    /// Whether all that is known of the origin may be how it was when it was found.
    found: Found,
    /// The limit before falls of which it is not known whether they were right.
    fell_from: f64,
    answered: u32,
    silent_since: Moment,
    used_up_at: Moment,
    /// Mean time of recent answers, in microseconds.
    took_us: f64,
    /// Of the last round with answers, over what is due and over base.
    ratio: f64,
    over_base: f64,
    noise: Noise,
    carried: Carried,
    work: Work,
    worked_at: Moment,
}

/// What is known of how the origin was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    /// Nothing yet.
    JustNow,
    /// Not in a flood, or that has been seen to.
    Calm,
}

/// What came back since the last decision.
#[derive(Debug, Clone, Copy, Default)]
struct Round {
    began: Moment,
    answers: Answers,
    full: Answers,
    failed: u32,
    faulted: u32,
    in_flight_max: u32,
    waited: bool,
}

/// What is seen of the origin now, over all shares.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Seen {
    /// Sums of those shares that have the epoch in force.
    pub sums: OriginSums,
    /// Brief requests at the origin, of all shares.
    pub in_flight: u32,
    /// Brief requests that wait for it.
    pub waiting: u32,
}

impl Limiter {
    /// A limiter that knows nothing but what the operator says the origin can carry.
    pub fn new(now: Moment, capacity: Option<OriginCapacity>) -> Self {
        let most = capacity.map_or(f64::from(LIMIT_MAX), slots_of);
        Self {
            most,
            limit: f64::from(LIMIT_FIRST).min(most),
            scale: 1.0,
            quick_until: f64::INFINITY,
            epoch: 0,
            round: Round { began: now, ..Round::default() },
            trial: None,
            rise: None,
            confirmed_until: now,
            usual_errors: 0.0,
            errors_before: None,
            found: Found::JustNow,
            fell_from: 1.0,
            answered: 0,
            silent_since: now,
            used_up_at: now,
            took_us: 0.0,
            ratio: 1.0,
            over_base: 1.0,
            noise: Noise::default(),
            carried: Carried::default(),
            work: Work::default(),
            worked_at: now,
        }
    }

    /// A limiter that stays at what the operator says.
    pub fn told(now: Moment, capacity: Option<OriginCapacity>) -> Self {
        let limiter = Self::new(now, capacity);
        Self { limit: limiter.most, ..limiter }
    }

    /// Requests that may be at the origin at once; at least 1.
    pub fn limit(&self) -> u32 {
        whole_slots(self.limit).max(1)
    }

    /// Work that is known to be done at once, in requests; the limit where less is known.
    pub fn carries(&self) -> f64 {
        let limit = f64::from(self.limit());
        self.work.known().map_or(limit, |known| known.min(limit))
    }

    /// Rises with each fall of the limit.
    pub fn epoch(&self) -> u32 {
        self.epoch
    }

    /// Latency over base of the last round, at least 1.
    pub fn ratio(&self) -> f64 {
        self.over_base.max(1.0)
    }

    /// Latency of `answers` over what is due; none without any.
    pub(super) fn ratio_of_round(&self, answers: &Answers) -> Option<f64> {
        self.ratio_of(answers)
    }

    /// The operator changed what the origin can carry.
    pub fn configure(&mut self, capacity: Option<OriginCapacity>) {
        self.most = capacity.map_or(f64::from(LIMIT_MAX), slots_of);
        self.limit = self.limit.min(self.most);
    }

    /// Takes what was seen since the last time and moves the limit.
    pub fn observe(&mut self, now: Moment, seen: &Seen) {
        self.gather(now, seen);
        self.weigh_work(now, seen);
        if self.hear_silence(now, seen) || self.hear_errors(now) {
            return;
        }
        self.look_at_lateness();
        if self.is_found_in_flood(seen) {
            self.begin_anew(now);
            return;
        }
        let used_up = seen.waiting > 0 || f64::from(self.round.in_flight_max) >= self.limit.floor();
        if used_up {
            self.used_up_at = now;
            self.press(now);
        } else {
            self.relax(now, seen);
        }
    }

    fn gather(&mut self, now: Moment, seen: &Seen) {
        let sums = &seen.sums;
        self.round.answers.merge(&sums.answers);
        self.round.full.merge(&sums.full);
        self.round.failed += sums.failed;
        self.round.faulted += sums.faulted;
        self.round.in_flight_max = self.round.in_flight_max.max(sums.in_flight_max);
        self.round.waited |= seen.waiting > 0;
        self.answered = self.answered.saturating_add(sums.answers.count);
        if sums.answers.count > 0 {
            let mean = float(sums.answers.took_us) / f64::from(sums.answers.count);
            self.took_us += (mean - self.took_us) / 4.0;
        }
        if sums.returned > 0 || seen.in_flight == 0 {
            self.silent_since = now;
        }
    }

    /// Learns what is carried from what came back in the round.
    fn weigh_work(&mut self, now: Moment, seen: &Seen) {
        let span_us = now.since(self.worked_at).as_secs_f64() * 1e6;
        if span_us <= 0.0 {
            return;
        }
        self.worked_at = now;
        let answers = self.round.answers;
        let ratio = self.ratio_of(&answers).unwrap_or(self.ratio);
        let is_late = ratio - self.doubt(&answers) > TOLERANCE;
        let was = if seen.waiting > 0 {
            // That it was once full is known: whoever waits from then on waits for work to be done.
            let is_pressed = is_late || self.work.known().is_some();
            if is_pressed { RoundWas::Pressed } else { RoundWas::Unclear }
        } else if ratio <= TOLERANCE {
            RoundWas::InTime
        } else {
            RoundWas::Unclear
        };
        self.work.observe(float(seen.sums.done_us) / span_us, was);
    }

    fn answers_wanted(&self) -> u32 {
        let (least, most) = ANSWERS_WANTED;
        whole_slots((2.0 * self.limit).clamp(least, most))
    }

    fn is_enough(&self, now: Moment, answers: &Answers) -> bool {
        let few_must_do = now.since(self.round.began) >= PATIENCE;
        answers.count >= if few_must_do { ANSWERS_FEW } else { self.answers_wanted() }
    }

    /// The limit is used up: it decides who is served, so it must be right.
    fn press(&mut self, now: Moment) {
        let (answers, full) = (self.round.answers, self.round.full);
        if self.is_enough(now, &full) {
            self.judge(now, &full);
        } else if self.trial.is_none() && answers.count >= ANSWERS_FEW * 2 {
            // Before the slots have been full for long, answers are faster than they will be.
            let ratio = self.ratio_of(&answers).unwrap_or(1.0);
            let surely = ratio - self.doubt(&answers);
            if surely > TOLERANCE_EARLY {
                self.fall_for_latency(now, surely, None);
            } else if self.limit < self.quick_until.min(LIMIT_CALM) && self.is_unhurried(now) {
                self.rise_to(now, self.limit * QUICK_RISE);
            }
        } else if answers.count == 0 && self.is_first_start() && self.took_us <= 0.0 {
            // Nothing came back yet and requests wait: a slow origin, or one that is overrun.
            self.rise_to(now, self.limit * QUICK_RISE);
        }
    }

    /// Whether the first that is seen of the origin is a flood.
    fn is_found_in_flood(&mut self, seen: &Seen) -> bool {
        if self.found == Found::Calm {
            return false;
        }
        let flooded = seen.waiting > LIMIT_FIRST * FLOODED_TIMES;
        if flooded || self.answered >= ANSWERS_FIRST {
            self.found = Found::Calm;
        }
        flooded && self.limit > LIMIT_FLOODED
    }

    /// With so few that what comes back tells of the origin and not of its line.
    fn begin_anew(&mut self, now: Moment) {
        self.limit = LIMIT_FLOODED;
        self.answered = 0;
        self.trial = None;
        self.rise = None;
        self.epoch = self.epoch.wrapping_add(1);
        self.begin_round(now);
    }

    fn is_first_start(&self) -> bool {
        self.quick_until.is_infinite() && self.epoch == 0
    }

    /// Whether answers had the time to show what the last rise did.
    fn is_unhurried(&self, now: Moment) -> bool {
        now.since(self.round.began).as_secs_f64() * 1e6 >= self.took_us
    }

    /// Enough was seen with all slots in use.
    fn judge(&mut self, now: Moment, full: &Answers) {
        let Some(ratio) = self.ratio_of(full) else { return };
        let doubt = self.doubt(full).min(0.5 * ratio);
        if let Some(trial) = self.trial {
            // When no more is to be waited for, the nearer of the two is taken.
            let doubt = if self.is_all_there_is(now) { 0.0 } else { doubt };
            match trial.judge(self.limit, ratio, doubt) {
                Finding::Unclear => return,
                Finding::LoadWasIt => {
                    self.trial = None;
                    self.fell_from = self.limit;
                    let most = self.most_over_base(full);
                    if let Some(doubted) = trial.doubted.filter(|_| most >= BASE_KEPT) {
                        // Not faster than its base with so few: the base is right.
                        self.confirmed_until = now + CONFIRMED_FOR;
                        self.quick_until = doubted;
                    }
                }
                Finding::LoadWasNotIt => {
                    self.trial = None;
                    self.rebase(now, full, trial.limit);
                    return;
                }
            }
        }
        self.correct_base(full);
        let surely = ratio - doubt;
        if ratio > TOLERANCE && surely <= TOLERANCE {
            // Neither up nor down on what may be chance.
            if self.is_all_there_is(now) {
                self.begin_round(now);
            }
        } else if surely > TOLERANCE && self.limit < 2.0 {
            // With one at a time nothing waits for another: that is its base now.
            self.rebase(now, full, self.fell_from);
        } else if let Some(doubted) = self.was_full_before(now, surely) {
            let trial = Trial { limit: self.limit, ratio, doubted: Some(doubted) };
            self.fall_for_latency(now, self.limit / (doubted * 0.8), Some(trial));
        } else if surely > TOLERANCE {
            let trial = Trial { limit: self.limit, ratio, doubted: None };
            // Of many rounds the slowest is seen first, so it looks slower than it is.
            self.fall_for_latency(now, f64::midpoint(ratio, surely), Some(trial));
        } else {
            self.rise.get_or_insert((self.limit, ratio));
            let quick = self.limit < self.quick_until;
            let next = if quick { self.limit * QUICK_RISE } else { self.limit + 1.0 };
            self.rise_to(now, next);
        }
    }

    /// Whether no more answers are to be waited for.
    fn is_all_there_is(&self, now: Moment) -> bool {
        let (_, most) = ANSWERS_WANTED;
        f64::from(self.round.full.count) >= most || now.since(self.round.began) >= PATIENCE
    }

    /// The limit from which a rise made answers slower in step, so that no more of them came.
    fn was_full_before(&self, now: Moment, ratio: f64) -> Option<f64> {
        let (limit, before) =
            self.rise.filter(|_| now >= self.confirmed_until && ratio < OVERRUN)?;
        if ratio < BASE_KEPT {
            // Whatever its base is, nobody waits there for longer than noise.
            return None;
        }
        let risen = self.limit >= limit * RISE_JUDGED && self.limit >= limit + 1.0;
        let slower = ratio / before - 1.0;
        (risen && slower > 0.5 * (self.limit / limit - 1.0)).then_some(limit)
    }

    /// A fall that lateness alone asks for: not far below what is known to be carried.
    fn fall_for_latency(&mut self, now: Moment, ratio: f64, trial: Option<Trial>) {
        let carried = f64::from(self.carried.most(now));
        let floor = if ratio > MANY_TIMES { 1.0 } else { (CARRIED_PART * carried).min(self.limit) };
        if self.limit <= floor {
            self.begin_round(now);
            return;
        }
        let does = self.does_at_once().map(|does| does.max(floor));
        self.fall(now, ratio, trial);
        if let Some(does) = does.filter(|does| *does < self.limit) {
            // While a line grows its lateness is less than it will be.
            self.limit = does;
            self.quick_until = self.quick_until.min(does);
            // As if it had been full with what made answers so late.
            self.trial = self.trial.map(|trial| trial.from(does));
        }
        self.limit = self.limit.max(floor);
    }

    /// Requests with which the origin has all that it can do, and a quarter and one more; none while
    /// that is not known.
    fn does_at_once(&self) -> Option<f64> {
        let answers = self.round.answers;
        let due_over_base = self.due_us(&answers) / float(answers.base_us.max(1));
        (answers.count > 0).then_some(())?;
        Some(self.work.known()? * due_over_base * TOLERANCE + 1.0)
    }

    fn fall(&mut self, now: Moment, ratio: f64, trial: Option<Trial>) {
        let (least, most) = FALL;
        let before = self.limit;
        self.limit = (self.limit * (1.0 / ratio).clamp(least, most)).max(1.0);
        if whole_slots(self.limit) == whole_slots(before) {
            // Too small to fall by a part.
            self.limit = (before.floor() - 1.0).max(1.0);
        }
        // Up to where nothing would wait it rises again as quickly as it fell.
        let overrun = if ratio > OVERRUN { ratio } else { TOLERANCE };
        self.quick_until = before / overrun;
        self.fell_from = self.fell_from.max(before);
        self.trial = trial.filter(|_| self.limit < before);
        self.rise = None;
        self.epoch = self.epoch.wrapping_add(1);
        self.begin_round(now);
    }

    fn rise_to(&mut self, now: Moment, limit: f64) {
        let ceiling = if self.limit < self.quick_until { self.quick_until } else { self.most };
        let risen = limit.min(ceiling.max(self.limit + 1.0));
        let young = self.answered < ANSWERS_FIRST && self.is_first_start();
        let first = (2.0 * LIMIT_CALM).max(self.limit);
        let risen = if young { risen.min(first) } else { risen };
        self.limit = risen.min(self.most).max(1.0);
        self.begin_round(now);
    }

    fn begin_round(&mut self, now: Moment) {
        self.round = Round { began: now, ..Round::default() };
    }

    /// The limit is not used up.
    fn relax(&mut self, now: Moment, seen: &Seen) {
        if !self.is_enough(now, &self.round.answers) && now.since(self.round.began) < PATIENCE {
            return;
        }
        let at_once = self.round.in_flight_max.max(seen.in_flight);
        let peak = f64::from(at_once);
        let answers = self.round.answers;
        let surely = self.ratio - self.doubt(&answers);
        if surely > MANY_TIMES && answers.count >= ANSWERS_FEW * 4 {
            // Nobody waits for a slot, so there is no less to give; but no more either.
            self.limit = self.limit.min((2.0 * peak).max(LIMIT_CALM));
        } else {
            if self.ratio <= TOLERANCE {
                self.carried.observe(now, at_once);
            }
            self.learn_calm(&answers, peak);
            if now.since(self.used_up_at) > STALE_AFTER {
                self.quick_until = f64::INFINITY;
                self.rise = None;
            }
            let calm = self
                .work
                .known()
                .map_or(LIMIT_CALM, |known| (ROOM_TIMES * known).clamp(ROOM_LEAST, LIMIT_CALM));
            let room = if self.quick_until.is_infinite() { calm } else { 1.0 };
            self.limit = self.limit.max((2.0 * peak).max(room)).min(self.most);
        }
        self.trial = None;
        self.begin_round(now);
    }
}

fn slots_of(capacity: OriginCapacity) -> f64 {
    (capacity.ms_per_second() / 1_000.0).ceil().clamp(1.0, f64::from(LIMIT_MAX))
}

#[expect(clippy::cast_precision_loss, reason = "a ratio needs no more than 53 bits")]
fn float(us: u64) -> f64 {
    us as f64
}

#[cfg(test)]
mod tests;
