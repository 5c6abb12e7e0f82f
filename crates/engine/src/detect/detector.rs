//! One platform's detector: when to look, what to say, what to remember.
//!
//! Takes single requests and, at each tick, what was asked for; gives what became of its finding.
//! It looks only while more is asked than can be carried, describes what asks, certifies on visitors
//! that it did not search on whom that would touch, and says why it calls it what it calls it.
//! Never decides about a request, reads a clock or draws chance: the same input and seed give the
//! same findings.
//! Bounds: those of its parts; one finding at a time.

mod bytes;
mod explain;
mod open;
mod telling;

use super::Known;
use super::baseline::Baseline;
use super::certify::Certificate;
use super::finding::{Finding, FindingChange, Footing};
use super::held_back::HeldBack;
use super::manners::Senders;
use super::memory::{Found, Memory, Trial};
use super::names::Names;
use super::pressure::{CALM_UNDER, Gate, Load, Reading};
use super::promises::Promises;
use super::row::Row;
use super::sample::Weighted;
use super::search::certified;
use super::signature::Signature;
use super::unserved::Unserved;
use super::visitors::Visitors;
use super::window::Window;
use crate::incident::IncidentKind;
use open::Open;
use seawall_types::{Moment, PlatformId, RequestObservation, Traits, Verdict, moment::nanos};
use std::time::Duration;

/// Share of known-good visitors that all active signatures may touch together.
const BUDGET: f64 = 0.01;
/// Mean pressure from which something is said although nothing describes it.
const SAYS_AT: f64 = 1.0;
/// A finding is over when everything could be served for this long.
const OVER_AFTER: Duration = Duration::from_secs(30);
/// A change of signatures is told at most this often.
const TOLD_EVERY: Duration = Duration::from_secs(1);
/// Visitors are learned so often: what a search looks up of them is looked up then, so that none
/// has to under pressure.
const LEARNS_EVERY: Duration = Duration::from_secs(10);
/// And so often while there are fewer than [`FEW`], since then every second of them counts.
const LEARNS_FEW_EVERY: Duration = Duration::from_secs(1);
const FEW: u32 = 1_024;

/// One platform's detector.
#[derive(Debug)]
pub struct Detector {
    platform: PlatformId,
    key: u64,
    window: Window,
    senders: Senders,
    unserved: Unserved,
    held_back: HeldBack,
    visitors: Visitors,
    baseline: Baseline,
    gate: Gate,
    memory: Memory,
    promises: Promises,
    reading: Option<Reading>,
    last_tick: Option<Moment>,
    learned_at: Moment,
    /// Cost of this tick's requests that no limit and no measure stopped.
    offered_us: u64,
    /// Ticks of pressure since something was last described.
    in_vain: u32,
    /// Why the rest was not described, when it was last looked at.
    refusal: Option<String>,
    /// When something was last looked for or acted under pressure; none once that episode is over.
    high_at: Option<Moment>,
    open: Option<Open>,
}

/// A signature that acts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Active {
    /// What its requests have in common.
    pub signature: Signature,
    /// Whom it touches, of the visitors that are known today.
    pub certificate: Certificate,
    /// What its requests asked for in the last tick, in origin-milliseconds per second.
    pub ms_per_s: f64,
}

/// What a tick knows.
struct Now {
    at: Moment,
    /// Of the tick.
    span: Duration,
    reading: Reading,
    usual_ms_per_s: f64,
    /// What was listed in this tick beyond that: what of the excess descriptions can be of. None where
    /// no more was listed than is usual, so that nothing is a share of it.
    listed_excess_ms_per_s: Option<f64>,
}

impl Now {
    /// What is calm anywhere is the most that counts as usual: else what a slow flood taught would
    /// leave the next one no excess.
    fn new(
        (at, span, listed_ms_per_s): (Moment, Duration, f64),
        reading: Reading,
        usual_ms_per_s: Option<f64>,
    ) -> Self {
        let most = CALM_UNDER * reading.capacity_ms_per_s;
        let usual_ms_per_s = usual_ms_per_s.unwrap_or_default().min(most);
        let listed_excess_ms_per_s = listed_ms_per_s - usual_ms_per_s;
        let listed_excess_ms_per_s =
            (listed_excess_ms_per_s > 0.0).then_some(listed_excess_ms_per_s.max(1.0));
        Self { at, span, reading, usual_ms_per_s, listed_excess_ms_per_s }
    }
}

impl Detector {
    /// A detector that has seen nothing; `seed` keys its hashes and draws.
    pub fn new(platform: PlatformId, seed: u64) -> Self {
        let key = mixed(seed ^ u64::from(platform.0));
        Self {
            platform,
            key,
            window: Window::new(mixed(key)),
            senders: Senders::default(),
            unserved: Unserved::default(),
            held_back: HeldBack::default(),
            visitors: Visitors::new(key),
            baseline: Baseline::default(),
            gate: Gate::default(),
            memory: Memory::default(),
            promises: Promises::default(),
            reading: None,
            last_tick: None,
            learned_at: Moment(0),
            offered_us: 0,
            in_vain: 0,
            refusal: None,
            high_at: None,
            open: None,
        }
    }

    /// Takes one request, and the cost that a request of its batch stands for at least.
    pub fn observe(&mut self, request: &RequestObservation, stands_for_us: f64) {
        if matches!(request.verdict, Verdict::Error) {
            return;
        }
        let row = Row::from(request);
        let cost_us = match row.cost_us {
            // What asks nothing of an origin stands for nothing that does.
            0 => 0,
            cost_us => cost_us.max(whole(stands_for_us)),
        };
        self.window.observe(&Row { cost_us, ..row });
        if request.came_to_the_gate() {
            self.offered_us += u64::from(cost_us);
        }
        let visitor = visitor_of(self.key, &row);
        self.senders.observe(visitor, request);
        self.unserved.observe(visitor, request, self.senders.usual_us());
        let may_learn = self.reading.is_none_or(|reading| reading.may_learn);
        if may_learn && request.verdict == Verdict::Admit {
            self.held_back.put(request.at, visitor, row);
        }
    }

    /// The hour of the week at moment zero, in seconds since Monday's midnight.
    pub fn set_calendar(&mut self, seconds_into_week: u32) {
        self.baseline.set_calendar(seconds_into_week);
    }

    /// Whether anything that was described in what is going on matches a request.
    pub fn describes(&self, traits: &Traits) -> bool {
        self.open.is_some()
            && self.visitors.known().is_some_and(|known| self.memory.describes(traits, known))
    }

    /// What is going on, as last told.
    pub fn finding(&self) -> Option<&Finding> {
        self.open.as_ref().map(|open| &open.finding)
    }

    /// What pressure told at the last tick; none while nobody knows what can be carried.
    pub fn reading(&self) -> Option<Reading> {
        self.reading
    }

    /// What is usually asked for at such a time, in origin-milliseconds per second.
    pub fn usual_ms_per_s(&self, at: Moment) -> Option<f64> {
        self.baseline.usual_ms_per_s(at)
    }

    /// What known visitors have shown; none before the first.
    pub fn known(&self) -> Option<&Known> {
        self.visitors.known()
    }

    /// Signatures that act, the one that matches most first.
    pub fn active(&self) -> impl Iterator<Item = Active> {
        self.memory.active().into_iter().map(|one| Active {
            signature: one.signature,
            certificate: one.certificate,
            ms_per_s: one.now_ms_per_s,
        })
    }

    /// What a flood that rests may show when it comes again.
    pub fn prepared(&self) -> Option<Active> {
        self.memory.prepared().map(|next| Active {
            signature: next.signature,
            certificate: next.certificate,
            ms_per_s: 0.0,
        })
    }

    /// Visitors that are known, and how they came to be.
    pub fn footing(&self) -> (u32, Footing) {
        self.visitors.footing()
    }

    /// Draws conclusions from the tick that is over; at most one change comes of it.
    ///
    /// `pressure` is what everything that asked in it would take of the origins, where admission
    /// knows that; else what was seen is summed.
    pub fn tick(&mut self, at: Moment, asked: Asked, names: &mut Names) -> Option<FindingChange> {
        self.window.close();
        let span = self.last_tick.replace(at).map_or(crate::TICK, |last| at.since(last));
        let seen = per_second(self.window.tick_cost_us(), span);
        let demand = match (asked.pressure, asked.capacity_ms_per_s) {
            (Some(pressure), Some(capacity)) => pressure * capacity,
            _ => seen,
        };
        let offered_seen = per_second(std::mem::take(&mut self.offered_us), span);
        let offered = match (asked.offered, asked.capacity_ms_per_s) {
            (Some(offered), Some(capacity)) => offered * capacity,
            _ => offered_seen,
        };
        let load = Load {
            at,
            demand_ms_per_s: demand,
            offered_ms_per_s: offered,
            capacity_ms_per_s: asked.capacity_ms_per_s,
        };
        let usual = self.baseline.usual_ms_per_s(at);
        self.reading = self.gate.read(&load, usual);
        let is_calm = self.reading.is_none_or(|reading| reading.is_calm);
        self.baseline.observe(at, demand, is_calm);
        // While a flood is kept out all may seem calm that comes as far as the gate.
        let may_learn = self.reading.is_none_or(|reading| reading.may_learn);
        let is_usual = may_learn && self.open.is_none() && self.memory.active().is_empty();
        self.senders.turn(at, is_usual);
        self.unserved.turn(at);
        self.learn(at);
        let reading = self.reading?;
        let now = Now::new((at, span, seen), reading, usual);
        let rearmed = self.remember(&now);
        if !reading.is_calm && (reading.is_high || !self.memory.active().is_empty()) {
            self.high_at = Some(at);
        }
        let found = self.look(&now);
        self.conclude(&now, rearmed || found, names)
    }

    /// Visitors of calm times become known, unless pressure rises or something is described.
    fn learn(&mut self, at: Moment) {
        let may_learn = self.reading.is_none_or(|reading| reading.may_learn);
        let (visitors, _) = self.visitors.footing();
        if !may_learn || !self.memory.active().is_empty() {
            self.learn_before_the_first_step(at, visitors);
            self.held_back.discard();
            return;
        }
        let every = if visitors < FEW { LEARNS_FEW_EVERY } else { LEARNS_EVERY };
        if self.baseline.is_ramping() || at.since(self.learned_at) < every {
            return;
        }
        self.learned_at = at;
        while let Some(row) = self.held_back.release(at) {
            self.senders.learn_route(&row.traits);
            self.visitors.learn(at, &row);
        }
        self.visitors.prepare();
    }

    /// Where a flood comes before anybody is known, those who were here before it are better than nobody:
    /// what they promise is small, and enough to put last whoever they are not.
    fn learn_before_the_first_step(&mut self, at: Moment, visitors: u32) {
        if visitors > 0 {
            return;
        }
        while let Some(row) = self.held_back.release_from_before(at) {
            self.senders.learn_route(&row.traits);
            self.visitors.learn(at, &row);
        }
        self.visitors.prepare();
    }

    /// What remembered signatures match in this tick; whether any acts or rests that did not.
    fn remember(&mut self, now: &Now) -> bool {
        if self.memory.is_empty() {
            return false;
        }
        let Weighted { rows, weights } = self.window.last_tick();
        let Some(reservoirs) = self.visitors.reservoirs() else {
            return false;
        };
        let known = reservoirs.known();
        let matched = |signature: &Signature| {
            let rows = rows.iter().zip(&weights).filter(|(row, _)| !row.is_proven);
            let matching = rows.filter(|(row, _)| signature.matches(&row.traits, known));
            matching.map(|(_, weight)| weight).sum::<f64>() / 1e3 / now.span.as_secs_f64()
        };
        let (budget, promises) = (self.budget(), &mut self.promises);
        let mut trial = Trial {
            is_pressed: !now.reading.is_calm,
            excess_ms_per_s: now.listed_excess_ms_per_s,
            budget,
            certificate: &mut |signature| certified(signature, reservoirs, promises),
        };
        let changed = self.memory.tick(now.at, &mut trial, matched);
        self.prepare_for_another_look();
        changed
    }

    /// A flood that rests may come again with another look: what tells that from visitors as well is
    /// tried before it does, and costs nobody anything until then.
    fn prepare_for_another_look(&mut self) {
        if self.open.is_none() {
            return;
        }
        let Some(reservoirs) = self.visitors.reservoirs() else { return };
        let values = |attribute| reservoirs.known().shown_values(attribute).len();
        let Some((signature, ms_per_s)) = self.memory.general(values) else { return };
        let certificate = certified(&signature, reservoirs, &mut self.promises);
        let is_clean = certificate.hits == 0 && certificate.bound <= self.budget();
        // It explains nothing before it wakes.
        let next = Found { signature, certificate, share_of_excess: 0.0, ms_per_s };
        self.memory.prepare(is_clean.then_some(next));
    }

    /// A few visitors can certify little: on the first day the promise is smaller, and says so.
    fn budget(&self) -> f64 {
        match self.visitors.footing() {
            (_, Footing::Proven) => BUDGET,
            (_, Footing::Calm | Footing::Nobody) => PROVISIONAL_BUDGET,
        }
    }

    /// Says what there is to say.
    fn conclude(&mut self, now: &Now, is_other: bool, names: &mut Names) -> Option<FindingChange> {
        let reading = now.reading;
        if reading.is_calm {
            return self.end(now);
        }
        let has_something = !self.memory.active().is_empty();
        let is_over = reading.is_high && reading.pressure >= SAYS_AT;
        if self.open.is_none() && !has_something && !is_over {
            return None;
        }
        let finding = self.describe(now, names);
        // What only tells what is wanted overloads nobody while all of it can be carried.
        if self.open.is_none() && !is_over && finding.kind != IncidentKind::Flood {
            return None;
        }
        let Some(open) = &mut self.open else {
            let open = self.open.insert(Open::new(finding));
            return Some(FindingChange::Began(open.finding.clone()));
        };
        open.last_high = now.at;
        let kind = open.believed(&finding, has_something);
        let has_turned = kind != open.finding.kind;
        let why = if kind == finding.kind { finding.why } else { open.finding.why };
        open.finding = Finding { kind, why, ..finding };
        open.is_untold |= is_other;
        if has_turned || open.is_untold && now.at.since(open.told_at) >= TOLD_EVERY {
            open.told_at = now.at;
            open.is_untold = false;
            return Some(FindingChange::Changed(open.finding.clone()));
        }
        None
    }

    /// What could all be served for long enough is over, whether or not anything was found in it.
    fn end(&mut self, now: &Now) -> Option<FindingChange> {
        let last_high = self.high_at.max(self.open.as_ref().map(|open| open.last_high))?;
        if now.at.since(last_high) < OVER_AFTER {
            return None;
        }
        self.high_at = None;
        self.promises.begin_anew();
        self.memory.episode_is_over();
        self.refusal = None;
        let finding = self.open.take()?.finding;
        let pressure = now.reading.pressure;
        Some(FindingChange::Ended(Finding { at: now.at, pressure, ..finding }))
    }
}

/// The share that signatures may touch together while nobody has proven anything: a thousand visitors
/// of calm times certify a few of them with it.
const PROVISIONAL_BUDGET: f64 = 0.025;

/// What the platform was asked for in a tick, as far as others know.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Asked {
    /// Demand of everything that asked over what can be carried, where admission sees all of it.
    pub pressure: Option<f64>,
    /// The same of what came as far as the origins' gate.
    pub offered: Option<f64>,
    /// What the origins can carry, in origin-milliseconds per second.
    pub capacity_ms_per_s: Option<f64>,
}

/// Whose a row is: its source, and what its software looks like, since many share an address.
fn visitor_of(key: u64, row: &Row) -> u64 {
    use seawall_types::Attribute::{Agent, Ja4};
    let look =
        u64::from(row.traits.get(Ja4).to_bits()) << 32 | u64::from(row.traits.get(Agent).to_bits());
    mixed(mixed(row.source.to_bits() ^ key) ^ look)
}

/// Spreads bits.
///
/// Source: the finaliser of `SplitMix64` (Steele, Lea and Flood, 2014).
pub(crate) fn mixed(bits: u64) -> u64 {
    let a = bits.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let b = (a ^ (a >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let c = (b ^ (b >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    c ^ (c >> 31)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "casts of numbers saturate"
)]
fn whole(number: f64) -> u32 {
    number as u32
}

#[expect(clippy::cast_precision_loss, reason = "microseconds of one tick")]
fn per_second(cost_us: u64, span: Duration) -> f64 {
    let ns = nanos(span).max(1) as f64;
    cost_us as f64 / 1e3 / (ns / 1e9)
}

#[cfg(test)]
mod tests;
