//! One platform's detector: when to look, what to say, what to remember.
//!
//! Takes single requests and, at each tick, what was asked for; gives what became of its finding.
//! It looks only while more is asked than can be carried, describes what asks, certifies on visitors
//! that it did not search on whom that would touch, and says why it calls it what it calls it.
//! Never decides about a request, reads a clock or draws chance: the same input and seed give the
//! same findings.
//! Bounds: those of its parts; one finding at a time.

use super::baseline::Baseline;
use super::finding::{Described, Finding, FindingChange, Footing, SIGNATURES_MAX};
use super::held_back::HeldBack;
use super::manners::Senders;
use super::memory::{Found, Memory};
use super::names::Names;
use super::pressure::{Gate, Load, Reading};
use super::reservoir::Known;
use super::row::Row;
use super::sample::Weighted;
use super::search::{Answer, Question, answer};
use super::signature::{Signature, Term};
use super::verdict::{self, Facts, Structure};
use super::visitors::Visitors;
use super::window::Window;
use crate::incident::IncidentKind;
use seawall_types::{Moment, PlatformId, RequestObservation, Traits, Verdict, moment::nanos};
use std::time::Duration;

/// Share of known-good visitors that all active signatures may touch together.
const BUDGET: f64 = 0.01;
/// Without a capacity of its own for the excess, demand under this share of it needs no explanation.
const FITS_UNDER: f64 = 0.7;
/// Mean pressure from which something is said although nothing describes it.
const SAYS_AT: f64 = 1.0;
/// A finding is over when everything could be served for this long.
const OVER_AFTER: Duration = Duration::from_secs(30);
/// A change of signatures is told at most this often.
const TOLD_EVERY: Duration = Duration::from_secs(1);
/// Ticks in which another kind must come out before it is believed.
const KIND_TICKS: u32 = 4;
/// Ticks of pressure without a description after which more seconds are looked at.
const WIDENS_AFTER: u32 = 8;
/// Searches that came to nothing are followed by pauses of so many ticks.
const PAUSE_TICKS: u32 = 2;

/// One platform's detector.
#[derive(Debug)]
pub struct Detector {
    platform: PlatformId,
    key: u64,
    window: Window,
    senders: Senders,
    held_back: HeldBack,
    visitors: Visitors,
    baseline: Baseline,
    gate: Gate,
    memory: Memory,
    reading: Option<Reading>,
    last_tick: Option<Moment>,
    /// Ticks of pressure since something was last described.
    in_vain: u32,
    /// Why the rest was not described, when it was last looked at.
    refusal: Option<String>,
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    finding: Finding,
    told_at: Moment,
    last_high: Moment,
    /// A kind that came out and is not believed yet, and in how many ticks.
    other_kind: Option<(IncidentKind, u32)>,
    is_untold: bool,
}

/// What a tick knows.
struct Now {
    at: Moment,
    reading: Reading,
    usual_ms_per_s: f64,
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
            held_back: HeldBack::default(),
            visitors: Visitors::new(key),
            baseline: Baseline::default(),
            gate: Gate::default(),
            memory: Memory::default(),
            reading: None,
            last_tick: None,
            in_vain: 0,
            refusal: None,
            open: None,
        }
    }

    /// Takes one request, and the cost that a request of its batch stands for at least.
    pub fn observe(&mut self, request: &RequestObservation, stands_for_us: f64) {
        if matches!(request.verdict, Verdict::Error) {
            return;
        }
        let row = Row::from(request);
        self.window.observe(&Row { cost_us: row.cost_us.max(whole(stands_for_us)), ..row });
        let visitor = visitor_of(self.key, &row);
        self.senders.observe(visitor, request);
        let is_calm = self.reading.is_none_or(|reading| reading.may_learn);
        if is_calm && request.verdict == Verdict::Admit {
            self.held_back.put(request.at, visitor, row);
        }
    }

    /// The hour of the week at moment zero, in seconds since Monday's midnight.
    pub fn set_calendar(&mut self, seconds_into_week: u32) {
        self.baseline.set_calendar(seconds_into_week);
    }

    /// Whether any signature that acts matches a request.
    pub fn describes(&self, traits: &Traits) -> bool {
        self.open.is_some()
            && self.visitors.known().is_some_and(|known| self.memory.describes(traits, known))
    }

    /// What is going on, as last told.
    pub fn finding(&self) -> Option<&Finding> {
        self.open.as_ref().map(|open| &open.finding)
    }

    /// What known visitors show; none before anybody is known.
    pub fn known(&self) -> Option<&Known> {
        self.visitors.known()
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
        let load = Load { at, demand_ms_per_s: demand, capacity_ms_per_s: asked.capacity_ms_per_s };
        let usual = self.baseline.usual_ms_per_s(at);
        self.reading = self.gate.read(&load, usual);
        let is_calm = self.reading.is_none_or(|reading| reading.is_calm);
        self.baseline.observe(at, demand, is_calm);
        self.senders.turn(at, is_calm);
        self.learn(at);
        let reading = self.reading?;
        self.visitors.observe_pressure(at, reading.pressure);
        let now = Now { at, reading, usual_ms_per_s: usual.unwrap_or_default() };
        let rearmed = self.remember(&now, span);
        let found = self.look(&now);
        self.conclude(&now, rearmed || found, names)
    }

    /// Visitors of calm times become known, unless pressure rises.
    fn learn(&mut self, at: Moment) {
        if self.reading.is_some_and(|reading| !reading.may_learn) {
            self.held_back.discard();
            return;
        }
        if self.baseline.is_ramping() {
            return;
        }
        while let Some(row) = self.held_back.release(at) {
            self.senders.learn_route(&row.traits);
            self.visitors.learn(at, &row);
        }
    }

    /// What remembered signatures match in this tick; whether any acts or rests that did not.
    fn remember(&mut self, now: &Now, span: Duration) -> bool {
        if self.memory.is_empty() {
            return false;
        }
        let Weighted { rows, weights } = self.window.last_tick();
        let Some(known) = self.visitors.known() else {
            return false;
        };
        let matched = |signature: &Signature| {
            let rows = rows.iter().zip(&weights).filter(|(row, _)| !row.is_proven);
            let matching = rows.filter(|(row, _)| signature.matches(&row.traits, known));
            matching.map(|(_, weight)| weight).sum::<f64>() / 1e3 / span.as_secs_f64()
        };
        self.memory.tick(now.at, !now.reading.is_calm, matched)
    }

    /// Looks for descriptions of what no active signature explains; whether there is a new one.
    fn look(&mut self, now: &Now) -> bool {
        if !now.reading.is_high {
            self.in_vain = 0;
            return false;
        }
        self.in_vain += 1;
        if self.in_vain > WIDENS_AFTER && !self.in_vain.is_multiple_of(PAUSE_TICKS + 1) {
            return false;
        }
        let second = self.window.last_second();
        let found = self.explain(now, &second, 1.0);
        if found || self.in_vain < WIDENS_AFTER {
            return found;
        }
        let (seconds, count) = self.window.last_seconds();
        #[expect(clippy::cast_precision_loss, reason = "at most eight")]
        let count = count.max(1) as f64;
        self.explain(now, &seconds, count)
    }

    /// Searches the rows of some seconds.
    fn explain(&mut self, now: &Now, rows: &Weighted, seconds: f64) -> bool {
        let Some(reservoirs) = self.visitors.reservoirs() else {
            return false;
        };
        let known = reservoirs.known();
        let active: Vec<_> = self.memory.active().iter().map(|one| one.signature).collect();
        let is_open =
            |row: &Row| !row.is_proven && !active.iter().any(|one| one.matches(&row.traits, known));
        let all: f64 = rows.weights.iter().sum::<f64>() / 1e3 / seconds;
        // What admission sees of what asks and what is listed may differ: shares are kept.
        let scale = if all > 0.0 { now.reading.demand_ms_per_s / all / seconds } else { 0.0 };
        let mut window = Weighted::default();
        for (row, weight) in rows.rows.iter().zip(&rows.weights) {
            if is_open(row) {
                window.rows.push(*row);
                window.weights.push(weight * scale);
            }
        }
        let left = window.weights.iter().sum::<f64>() / 1e3;
        let capacity = now.reading.capacity_ms_per_s;
        if left < FITS_UNDER * capacity {
            return false;
        }
        let spent: f64 = self.memory.active().iter().map(|one| one.certificate.bound).sum();
        let persistence = |signature: &Signature| self.memory.persistence(signature);
        let question = Question {
            window: &window.rows,
            weights: &window.weights,
            known: reservoirs,
            demand_ms_per_s: left,
            normal_ms_per_s: now.usual_ms_per_s,
            capacity_ms_per_s: capacity,
            persistence: &persistence,
            budget: (self.budget() - spent).max(0.0),
        };
        let answer = answer(&question);
        self.take(now, &answer, (left - now.usual_ms_per_s).max(0.0))
    }

    /// Remembers what was found; whether there was anything.
    fn take(&mut self, now: &Now, answer: &Answer, left_ms_per_s: f64) -> bool {
        self.memory.was_clean(now.at, &answer.clean);
        self.refusal = answer.refusal();
        let excess = (now.reading.demand_ms_per_s - now.usual_ms_per_s).max(1.0);
        for proposal in &answer.proposals {
            let ms_per_s = proposal.share_of_excess * left_ms_per_s;
            let found = Found {
                signature: proposal.signature,
                certificate: proposal.certificate,
                share_of_excess: (ms_per_s / excess).min(1.0),
                ms_per_s,
            };
            self.memory.found(now.at, &found);
        }
        if answer.proposals.is_empty() {
            return false;
        }
        self.in_vain = 0;
        true
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
        let Some(open) = &mut self.open else {
            let (told_at, last_high) = (now.at, now.at);
            let began = FindingChange::Began(finding.clone());
            self.open =
                Some(Open { finding, told_at, last_high, other_kind: None, is_untold: false });
            return Some(began);
        };
        open.last_high = now.at;
        let kind = open.believed(finding.kind, has_something);
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

    /// What could all be served for long enough is over.
    fn end(&mut self, now: &Now) -> Option<FindingChange> {
        let open = self.open.as_ref()?;
        if now.at.since(open.last_high) < OVER_AFTER {
            return None;
        }
        let finding = self.open.take()?.finding;
        self.memory.episode_is_over();
        self.refusal = None;
        let pressure = now.reading.pressure;
        Some(FindingChange::Ended(Finding { at: now.at, pressure, ..finding }))
    }

    /// Everything that is known of what goes on.
    fn describe(&self, now: &Now, names: &mut Names) -> Finding {
        let known = self.visitors.known();
        let active = self.memory.active();
        let excess = (now.reading.demand_ms_per_s - now.usual_ms_per_s).max(1.0);
        let covered = active.iter().fold(0.0, |sum, one| sum + one.now_ms_per_s) / excess;
        let signatures: Vec<_> = active.iter().map(|one| one.signature).collect();
        let onset_at = self
            .open
            .as_ref()
            .map_or_else(|| self.baseline.onset(now.at), |open| open.finding.onset_at);
        let manners = self.senders.of(onset_at, |traits| {
            let is_any = |known| signatures.iter().any(|one| one.matches(traits, known));
            signatures.is_empty() || known.is_some_and(is_any)
        });
        let rare = |term: &Term| self.visitors.is_rare(*term);
        let structures =
            signatures.iter().map(|one| verdict::structure(&one.terms().collect::<Vec<_>>(), rare));
        let (visitors, footing) = self.visitors.footing();
        let facts = Facts {
            known: visitors,
            described: structures.max().unwrap_or(Structure::Nothing),
            manners,
        };
        let (kind, why) = verdict::call(&facts);
        let described = active.iter().take(SIGNATURES_MAX).map(|one| {
            for term in one.signature.terms() {
                if let Term::Is(attribute, value) = term {
                    names.keep(attribute, value);
                }
            }
            let expression = one.signature.text(names);
            let share = one.share_of_excess;
            let whom = match footing {
                Footing::Proven => one.certificate.text(),
                // Nobody has proven anything: it must not sound as if they had.
                Footing::Calm | Footing::Nobody => {
                    one.certificate.text().replace("known-good visitors", "visitors of calm times")
                }
            };
            // Rounded down: it must not say that all is explained when something is not.
            let percent = libm::floor(share * 1e3 + 1e-9) / 10.0;
            let text = format!("{expression}: {percent:.1} % of the excess, {whom}");
            let super::Certificate { hits, visitors, bound } = one.certificate;
            Described { text, expression, share_of_excess: share, hits, visitors, bound }
        });
        Finding {
            platform: self.platform,
            at: now.at,
            onset_at,
            kind,
            pressure: now.reading.pressure,
            signatures: described.collect(),
            covered: covered.clamp(0.0, 1.0),
            footing,
            why,
            undescribed: self.refusal.clone(),
        }
    }
}

/// Tells bytes of this kind and version from others.
const MAGIC: &[u8; 8] = b"swlearn1";

impl Detector {
    /// Everything that was learned, for the next process.
    pub fn to_bytes(&self, now: Moment) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        self.baseline.put_season(&mut out);
        self.memory.put(&mut out);
        self.visitors.put(now, &mut out);
        out
    }

    /// Takes back what a process before learned; false, and nothing is changed, when the bytes are
    /// not whole or of another version.
    #[must_use]
    pub fn restore(&mut self, now: Moment, bytes: &[u8]) -> bool {
        let mut baseline = self.baseline.clone();
        let read = move || {
            let rest = baseline.take_season(bytes.strip_prefix(MAGIC)?)?;
            let (memory, rest) = Memory::take(now, rest)?;
            let (visitors, rest) = Visitors::take(now, rest)?;
            rest.is_empty().then_some((baseline, memory, visitors))
        };
        let Some((baseline, memory, visitors)) = read() else {
            return false;
        };
        (self.baseline, self.memory, self.visitors) = (baseline, memory, visitors);
        true
    }
}

/// The share that signatures may touch together while nobody has proven anything: a thousand visitors
/// of calm times certify a few of them with it.
const PROVISIONAL_BUDGET: f64 = 0.025;

impl Open {
    /// The kind to tell: what is not known yet is told at once, a change of mind after some ticks.
    ///
    /// A flood that rests for a while has not become anything else.
    fn believed(&mut self, kind: IncidentKind, is_described: bool) -> IncidentKind {
        let told = self.finding.kind;
        let rests = told == IncidentKind::Flood && !is_described;
        if kind == told || kind == IncidentKind::Unknown || rests {
            self.other_kind = None;
            return told;
        }
        let ticks = match self.other_kind {
            Some((other, ticks)) if other == kind => ticks + 1,
            _ => 1,
        };
        self.other_kind = Some((kind, ticks));
        if told == IncidentKind::Unknown || ticks >= KIND_TICKS { kind } else { told }
    }
}

/// What the platform was asked for in a tick, as far as others know.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Asked {
    /// Demand of everything that asked over what can be carried, where admission sees all of it.
    pub pressure: Option<f64>,
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
pub(super) fn mixed(bits: u64) -> u64 {
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
