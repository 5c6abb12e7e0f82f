//! What is done about what was described, on one platform: as little as holds.
//!
//! Takes, at each tick, pressure, what the detector describes and exact counts of what measures met
//! ([`Sight`]); writes measures into the [`MeasureBook`] and takes them out of it.
//! Acts only while more is asked than can be carried; begins with a challenge where a certificate
//! says that next to no known-good visitor is touched, else puts last; refuses only by a live trial;
//! lets go by itself.
//! Who shows what a flood that rests may come again with is put last.
//! Where nothing describes what asks, strangers who open pages are challenged.
//! Never reads a clock or draws chance.
//! Bounds: [`CLIMBS_MAX`] measures under way or remembered; each stands for [`STANDS_FOR`] at most
//! unless it is seen again.

mod acts;
mod prepared;
mod strangers;

use super::book::MeasureBook;
use super::budget;
use super::climb::{Climb, REMEMBERED_FOR, Step, View, What};
use super::collateral::Seen;
use crate::detect::pressure::Reading;
use crate::detect::{Active, Footing, Known, Names, Treated, mixed};
use crate::effect::MeasureChange;
use crate::incident::IncidentKind;
use seawall_types::{
    CheckPassed, MeasureCounts, MeasureId, Moment, PlatformId, Reason, RequestObservation, Rung,
    Verdict,
};
use std::time::Duration;
use strangers::Asked;

/// Climbs that are under way or remembered.
const CLIMBS_MAX: usize = 64;
/// How long a measure stands that is not seen any more.
const STANDS_FOR: Duration = Duration::from_secs(55);
/// It is renewed when it would stand for less than this.
const RENEWED_UNDER: Duration = Duration::from_secs(54);
/// Everything could be served with ease under this.
const LOW_UNDER: f64 = 0.6;
/// Everything could be served under this.
const FITS_UNDER: f64 = 1.0;
/// Nothing begins while less than this comes as far as the origins' gate.
const BEGINS_FROM: f64 = 0.85;
/// A measure that met nobody for this long makes room for one that does.
const IDLE_AFTER: Duration = Duration::from_secs(3);
/// Share of known-good visitors that all measures together may refuse, whoever wanted them.
const REFUSED_MAX: f64 = 0.2;

/// One platform's ladder.
#[derive(Debug)]
pub struct Ladder {
    platform: PlatformId,
    key: u64,
    climbs: Vec<Climb>,
    seen: Seen,
    low_since: Option<Moment>,
    fits_since: Option<Moment>,
    overflows_since: Option<Moment>,
    asked: Asked,
    /// Share of what asks that limits of single sources stop, over about a second.
    limited: f64,
    /// Climbs that found no room, since start.
    unclimbed: u64,
}

/// What a tick shows.
#[derive(Debug)]
pub struct Sight<'a> {
    /// When.
    pub at: Moment,
    /// What pressure told; none while nobody knows what can be carried.
    pub reading: Option<Reading>,
    /// What the detector calls what goes on.
    pub kind: IncidentKind,
    /// Signatures that act, the one that matches most first.
    pub active: Vec<Active>,
    /// What a flood that rests may show when it comes again.
    pub prepared: Option<Active>,
    /// What known visitors have shown; none before the first.
    pub known: Option<&'a Known>,
    /// How many known visitors there are.
    pub visitors: u32,
    /// How they came to be known.
    pub footing: Footing,
    /// What is usually asked for, in origin-milliseconds per second; none while unknown.
    pub usual_ms_per_s: Option<f64>,
    /// Texts of values.
    pub names: &'a Names,
    /// Whether the ladder may act; else it takes back what it did.
    pub acts: bool,
}

impl Ladder {
    /// A ladder that nothing stands on; `seed` keys who is taken first.
    pub fn new(platform: PlatformId, seed: u64) -> Self {
        Self {
            platform,
            key: mixed(seed ^ u64::from(platform.0) ^ 0x001a_dde4),
            climbs: Vec::new(),
            seen: Seen::default(),
            low_since: None,
            fits_since: None,
            overflows_since: None,
            asked: Asked::default(),
            limited: 0.0,
            unclimbed: 0,
        }
    }

    /// Takes one request, and the cost that a request of its batch stands for at least.
    pub fn observe(&mut self, request: &RequestObservation, stands_for_us: f64) {
        self.asked.add(request, f64::from(request.cost_us).max(stands_for_us));
        if self.climbs.is_empty() {
            return;
        }
        let counts = request.is_proven && self.seen.came(request.source);
        let met = self
            .climbs
            .iter_mut()
            .find(|climb| climb.measure.is_some() && climb.measure == request.measure);
        let Some(climb) = met else { return };
        if counts {
            climb.touched.met(request.source);
        }
        // Of strangers whole requests count: what matters there is how much of it people ask for.
        if request.verdict == Verdict::Challenge && climb.what != What::Strangers {
            climb.trials.challenged(request.at, request.source);
        }
        let is_told = request.verdict == Verdict::Hold && request.reason == Reason::Flood;
        climb.trials.asked(request.at, request.source, is_told);
    }

    /// Takes what one measure met on one core.
    pub fn count(&mut self, counts: &MeasureCounts) {
        let own = self.climbs.iter_mut().find(|climb| climb.measure == Some(counts.measure));
        if let Some(climb) = own {
            let [challenged, passed] = match climb.what {
                What::Strangers => [counts.challenged, counts.passed],
                // Its trials count senders, as they are listed.
                What::Described(_) => [0; 2],
            };
            let add = [counts.met, challenged, passed];
            for (sum, more) in climb.counted.iter_mut().zip(add) {
                *sum = sum.saturating_add(more);
            }
        }
    }

    /// Somebody passed a check that one of its measures asked for; told behind the requests, since he was
    /// asked before.
    pub fn passed(&mut self, at: Moment, passed: &CheckPassed) {
        let own = self.climbs.iter_mut().find(|climb| climb.measure == Some(passed.measure));
        if let Some(climb) = own.filter(|climb| climb.what != What::Strangers) {
            climb.trials.passed(at, passed.source);
        }
    }

    /// A person took one of its measures away: it is not taken up again for a while.
    pub fn lifted(&mut self, now: Moment, measure: MeasureId) {
        if let Some(climb) = self.climbs.iter_mut().find(|climb| climb.measure == Some(measure)) {
            climb.measure = None;
            climb.since = now;
            climb.barred_until = now + REMEMBERED_FOR;
        }
    }

    /// Climbs that found no room, since start.
    pub fn unclimbed(&self) -> u64 {
        self.unclimbed
    }

    /// What was done about what was described, by its expression.
    pub fn treated(&self) -> impl Iterator<Item = (&str, Treated)> {
        let described = |climb: &&Climb| matches!(climb.what, What::Described(_));
        self.climbs.iter().filter(described).map(|climb| {
            let measured_collateral = climb.touched.share(&self.seen);
            (&*climb.text, Treated { rung: climb.top, measured_collateral })
        })
    }

    /// Draws conclusions from a tick; gives what became of measures.
    pub fn tick(&mut self, sight: &Sight<'_>, book: &mut MeasureBook) -> Vec<MeasureChange> {
        let mut changes = Vec::new();
        self.notice_gone(sight.at, book);
        let asked = std::mem::take(&mut self.asked);
        if !sight.acts {
            self.climbs
                .iter_mut()
                .for_each(|climb| acts::let_go(climb, sight.at, (book, &mut changes)));
            self.climbs.clear();
            return changes;
        }
        let reading = self.seen_by_measures(sight.reading.unwrap_or_default(), asked);
        let since = |is_so: bool, since: Option<Moment>| is_so.then(|| since.unwrap_or(sight.at));
        self.low_since = since(reading.pressure < LOW_UNDER, self.low_since);
        self.fits_since = since(reading.pressure < FITS_UNDER, self.fits_since);
        if let Some(known) = sight.known {
            book.renew_what_is_new(self.platform, known);
        }
        self.step_all(sight, &reading, (book, &mut changes));
        // What limits of single sources stop already needs no measure.
        if reading.is_high && reading.offered_pressure >= BEGINS_FROM {
            self.begin_described(sight, &reading, (book, &mut changes));
        }
        self.end_waiting(sight, (book, &mut changes));
        self.begin_prepared(sight, (book, &mut changes));
        self.begin_strangers(sight, &reading, (asked, book, &mut changes));
        changes
    }

    /// Pressure without what limits of single sources stop: that needs no measure, neither to begin
    /// nor to go on.
    fn seen_by_measures(&mut self, reading: Reading, asked: Asked) -> Reading {
        self.limited += (asked.limited() - self.limited) / 4.0;
        let pressure = reading.pressure * (1.0 - self.limited);
        let is_high = reading.is_high && pressure.max(reading.offered_pressure) >= BEGINS_FROM;
        Reading { pressure, is_high, ..reading }
    }

    /// What stands no more.
    fn notice_gone(&mut self, now: Moment, book: &MeasureBook) {
        for climb in &mut self.climbs {
            climb.tick(now);
            if climb.measure.is_some_and(|id| book.get(id).is_none()) {
                climb.measure = None;
                climb.since = now;
            }
        }
        self.climbs
            .retain(|climb| climb.measure.is_some() || now.since(climb.since) < REMEMBERED_FOR);
        if self.climbs.is_empty() {
            self.seen.clear();
        }
    }

    fn step_all(
        &mut self,
        sight: &Sight<'_>,
        reading: &Reading,
        (book, changes): (&mut MeasureBook, &mut Vec<MeasureChange>),
    ) {
        let refuses_too_many = self.refuses_too_many();
        for at in 0..self.climbs.len() {
            let others = self.others(at);
            let climb = &mut self.climbs[at];
            let Some(id) = climb.measure else { continue };
            let is_seen = match climb.what {
                What::Described(own) => sight.active.iter().any(|one| one.signature == own),
                What::Strangers => reading.is_high,
            };
            let bound = climb.bound;
            let fits = |rung| budget::fits((rung, bound), (&others, sight.footing));
            let view = View {
                at: sight.at,
                pressure: reading.pressure,
                is_pressed: reading.is_high && is_seen,
                low_since: match climb.what {
                    What::Described(_) => self.low_since,
                    // Below capacity nobody is asked who is not described.
                    What::Strangers => self.fits_since,
                },
                kind: sight.kind,
                seen: &self.seen,
                fits: &fits,
                refuses_too_many,
            };
            match climb.step(&view) {
                Step::LetGo => {
                    acts::let_go(climb, sight.at, (book, changes));
                    if climb.spoilt {
                        climb.barred_until = sight.at + climb.barred_for();
                    }
                }
                Step::To(rung, phase) => {
                    (climb.rung, climb.phase, climb.since) = (rung, phase, sight.at);
                    climb.top = climb.top.max(rung);
                    acts::change(climb, self.key, (sight.at, book, changes));
                }
                Step::Stay => {}
            }
            let left = book.get(id).map(|measure| measure.expires_at.since(sight.at));
            if is_seen && left.is_some_and(|left| left < RENEWED_UNDER) {
                book.renew(sight.at, id, (climb.rung, STANDS_FOR));
            }
        }
    }

    /// Rungs and bounds of all measures that stand but one.
    fn others(&self, but: usize) -> Vec<(Rung, f64)> {
        let standing = self
            .climbs
            .iter()
            .enumerate()
            .filter(|(at, climb)| *at != but && climb.measure.is_some());
        standing.map(|(_, climb)| (climb.rung, climb.bound)).collect()
    }

    /// Whether more of the usual visitors are refused than may be.
    fn refuses_too_many(&self) -> bool {
        let refuses = |climb: &&Climb| climb.rung >= Rung::Refuse && climb.measure.is_some();
        let shares = self
            .climbs
            .iter()
            .filter(refuses)
            .map(|climb| climb.touched.share(&self.seen).unwrap_or_default().max(climb.bound));
        shares.sum::<f64>() > REFUSED_MAX
    }

    /// Takes up what is described and not acted on yet.
    fn begin_described(
        &mut self,
        sight: &Sight<'_>,
        reading: &Reading,
        (book, changes): (&mut MeasureBook, &mut Vec<MeasureChange>),
    ) {
        let Some(known) = sight.known else { return };
        for active in &sight.active {
            let what = What::Described(active.signature);
            let text = || active.signature.text(sight.names).into();
            let Some(at) = self.climb(sight.at, what, (text, active.certificate.bound)) else {
                continue;
            };
            if !self.may_begin(at, sight.at) {
                continue;
            }
            self.make_room(at, sight, (book, changes));
            let others = self.others(at);
            let bound = self.climbs[at].bound;
            let fits = |rung| budget::fits((rung, bound), (&others, sight.footing));
            let rung = self.climbs[at].first_rung((sight.kind, reading.pressure), fits);
            let why = format!(
                "{:.1} times what the origins carry was asked for, and this is part of it: it touches {}",
                reading.pressure,
                active.certificate.text_on(sight.footing),
            );
            let has_begun = acts::begin(
                &mut self.climbs[at],
                (sight.at, self.platform, rung),
                (known, &why),
                (book, changes),
            );
            self.unclimbed += u64::from(!has_begun);
        }
    }

    fn may_begin(&self, at: usize, now: Moment) -> bool {
        let climb = &self.climbs[at];
        climb.measure.is_none() && now >= climb.barred_until
    }

    /// The climb of something, remembered or new; none when there is no room for another.
    fn climb(
        &mut self,
        now: Moment,
        what: What,
        (text, bound): (impl Fn() -> std::sync::Arc<str>, f64),
    ) -> Option<usize> {
        if let Some(at) = self.climbs.iter().position(|climb| climb.what == what) {
            self.climbs[at].bound = bound;
            return Some(at);
        }
        if self.climbs.len() >= CLIMBS_MAX {
            let ended = self.climbs.iter().enumerate().filter(|(_, climb)| climb.measure.is_none());
            let oldest = ended.min_by_key(|(_, climb)| climb.since).map(|(at, _)| at);
            let Some(oldest) = oldest else {
                self.unclimbed += 1;
                return None;
            };
            self.climbs.remove(oldest);
        }
        self.climbs.push(Climb::new(now, what, (text(), bound), self.key));
        Some(self.climbs.len() - 1)
    }

    /// Lets measures go that meet nobody, while the budget is short.
    fn make_room(
        &mut self,
        for_one: usize,
        sight: &Sight<'_>,
        (book, changes): (&mut MeasureBook, &mut Vec<MeasureChange>),
    ) {
        let bound = self.climbs[for_one].bound;
        for at in 0..self.climbs.len() {
            let others = self.others(for_one);
            if budget::fits((Rung::Challenge, bound), (&others, sight.footing)) {
                return;
            }
            let climb = &mut self.climbs[at];
            if climb.measure.is_some() && sight.at.since(climb.last_met) >= IDLE_AFTER {
                acts::let_go(climb, sight.at, (book, changes));
            }
        }
    }
}

#[cfg(test)]
mod tests;
