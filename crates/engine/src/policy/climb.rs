//! One measure on its way up and down the ladder.
//!
//! Takes what a tick shows ([`View`]); says the next [`Step`].
//! Up: by what those do who are met, never past what the certificate allows, the first tenth of
//! sources alone at first. Down: when what it stops could be served as well, by parts, and back at
//! once when it comes again.
//! Never writes a measure: [`super::ladder`] does.
//! Bounds: those of its trials and of the visitors it met.

use super::budget::budget;
use super::collateral::{Seen, Touched};
use super::measure::Partly;
use super::trial::Trials;
use crate::detect::Signature;
use crate::incident::IncidentKind;
use seawall_types::{MeasureId, Moment, Rung};
use std::sync::Arc;
use std::time::Duration;

/// A pass rate that is at most this convicts, on at least so many trials.
const CONVICTS_UNDER: f64 = 0.03;
/// Trials that a conviction needs.
const TRIALS_MIN: u32 = 300;
/// From a pass rate of at least this on, people are among those who are met.
const AMBIGUOUS_FROM: f64 = 0.2;
/// Under this mean pressure all that asks can be served: nobody is asked for anything.
const CHALLENGES_FROM: f64 = 1.0;
/// How long a tenth of sources is refused before all are.
const CANARY: Duration = Duration::from_secs(1);
/// Sources of the canary, of [`Partly::WHOLE`].
const CANARY_SHARE: u16 = 100;
/// Sources that are refused; the others are challenged, so that there is always a live trial.
const REFUSED_SHARE: u16 = 950;
/// What is refused for this long under so much pressure is not answered at all.
const DROPS_AFTER: Duration = Duration::from_secs(10);
const DROPS_FROM: f64 = 3.0;
/// How long it must be calm before anything is let go, at first and at most.
const HOLD_MIN: Duration = Duration::from_secs(30);
const HOLD_MAX: Duration = Duration::from_mins(10);
/// How long strangers are asked once everything could be served, at first: nobody shares anything
/// with the flood but that we do not know it.
const STRANGERS_HOLD_MIN: Duration = Duration::from_secs(10);
/// Where so large a share of what strangers are asked is passed, it is a crowd that asks.
const CROWD_FROM: f64 = 0.5;
/// A crowd is not asked again for so many times its hold.
const BARRED_HOLDS: u32 = 4;
/// How long what was let go is remembered: whatever comes again is held for longer.
pub(super) const REMEMBERED_FOR: Duration = Duration::from_mins(10);
/// Between two parts that are let go.
const RELEASE_STEP: Duration = Duration::from_secs(5);
/// Sources that are still acted on after each, of [`Partly::WHOLE`]; after the last there are none.
const RELEASE_SHARES: [u16; 2] = [900, 700];

/// What a measure of the ladder is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    /// What a signature describes.
    Described(Signature),
    /// Everybody who opens a page and is not known, since nothing describes what asks.
    Strangers,
}

/// Where it stands on its rung.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// A tenth of sources first.
    Canary,
    /// All of them.
    Holding,
    /// So many parts were let go.
    Releasing(usize),
}

/// One measure on its way.
#[derive(Debug)]
pub(super) struct Climb {
    pub(super) what: What,
    pub(super) text: Arc<str>,
    /// Certified share of known-good visitors that it touches.
    pub(super) bound: f64,
    /// The measure that stands for it; none while none does.
    pub(super) measure: Option<MeasureId>,
    pub(super) rung: Rung,
    pub(super) top: Rung,
    pub(super) phase: Phase,
    pub(super) since: Moment,
    pub(super) last_met: Moment,
    pub(super) hold: Duration,
    pub(super) trials: Trials,
    pub(super) touched: Touched,
    /// It met more known-good visitors than it may, or people pass: it only puts last.
    pub(super) spoilt: bool,
    /// It stands for what may come and was not seen yet.
    pub(super) waits: bool,
    /// Nothing is begun before this: a person lifted it, or it was of no use.
    pub(super) barred_until: Moment,
    /// Met, challenged and passed since the last tick.
    pub(super) counted: [u32; 3],
}

/// What a tick shows of one climb.
pub(super) struct View<'a> {
    pub(super) at: Moment,
    /// What everything that asks would take of the origins, stopped or not.
    pub(super) pressure: f64,
    /// Whether more is asked than may be, and this takes part in it.
    pub(super) is_pressed: bool,
    /// Since when everything could be served, with ease where something is described.
    pub(super) low_since: Option<Moment>,
    pub(super) kind: IncidentKind,
    pub(super) seen: &'a Seen,
    /// Whether the platform's budgets let it come to a rung.
    pub(super) fits: &'a dyn Fn(Rung) -> bool,
    /// Whether more of the usual visitors are refused than may be by whatever measures.
    pub(super) refuses_too_many: bool,
}

/// What becomes of a climb.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Stay,
    To(Rung, Phase),
    LetGo,
}

impl Climb {
    /// A climb that stands on nothing; `key` chooses whose trials count where not all can.
    pub(super) fn new(at: Moment, what: What, (text, bound): (Arc<str>, f64), key: u64) -> Self {
        Self {
            what,
            text,
            bound,
            measure: None,
            rung: Rung::Watch,
            top: Rung::Watch,
            phase: Phase::Holding,
            since: at,
            last_met: at,
            hold: match what {
                What::Described(_) => HOLD_MIN,
                What::Strangers => STRANGERS_HOLD_MIN,
            },
            trials: Trials::new(key),
            touched: Touched::default(),
            spoilt: false,
            waits: false,
            barred_until: at,
            counted: [0; 3],
        }
    }

    /// The rung it begins at: people lose least by a challenge that few of them ever see.
    pub(super) fn first_rung(
        &self,
        (kind, pressure): (IncidentKind, f64),
        fits: impl Fn(Rung) -> bool,
    ) -> Rung {
        let may = self.cap(kind) >= Rung::Challenge
            && pressure >= CHALLENGES_FROM
            && fits(Rung::Challenge);
        if may { Rung::Challenge } else { Rung::Lane }
    }

    /// A measure is taken up for it: if that is not the first, it is let go later.
    pub(super) fn begins(&mut self) {
        if self.top > Rung::Watch {
            self.hold = (2 * self.hold).min(HOLD_MAX);
        }
        if self.what == What::Strangers {
            // Who is a stranger now need not be who was one then.
            self.spoilt = false;
            self.trials.begins_anew();
        }
    }

    /// How long it is not taken up again when it did no good.
    pub(super) fn barred_for(&self) -> Duration {
        match self.what {
            What::Described(_) => REMEMBERED_FOR,
            What::Strangers => (BARRED_HOLDS * self.hold).min(HOLD_MAX),
        }
    }

    /// Takes what was counted since the last tick into its trials.
    pub(super) fn tick(&mut self, at: Moment) {
        let [met, challenged, passed] = std::mem::take(&mut self.counted);
        if met > 0 {
            self.last_met = at;
        }
        self.trials.tick(at, (challenged, passed));
    }

    /// What becomes of it.
    pub(super) fn step(&mut self, view: &View<'_>) -> Step {
        if view.is_pressed && matches!(self.phase, Phase::Releasing(_)) {
            self.hold = (2 * self.hold).min(HOLD_MAX);
            // What was proven before is not proven now: from the challenge it climbs again.
            let back = self.rung.min(Rung::Challenge).min(self.cap(view.kind));
            return Step::To(back, Phase::Holding);
        }
        if let Some(withdrawn) = self.withdrawn(view) {
            return withdrawn;
        }
        if let Phase::Releasing(parts) = self.phase {
            return self.release(view, parts);
        }
        if view.low_since.is_some_and(|since| view.at.since(since) >= self.hold) {
            return match self.what {
                What::Described(_) => Step::To(self.rung, Phase::Releasing(0)),
                What::Strangers => Step::LetGo,
            };
        }
        if view.is_pressed { self.up(view) } else { Step::Stay }
    }

    /// Whom it acts on, on its rung and in its phase.
    pub(super) fn partly(&self, key: u64) -> Option<Partly> {
        let is_hard = self.rung >= Rung::Refuse;
        let (share, others) = match self.phase {
            Phase::Canary => (CANARY_SHARE, Rung::Challenge),
            Phase::Holding if is_hard => (REFUSED_SHARE, Rung::Challenge),
            Phase::Holding => return None,
            Phase::Releasing(parts) => {
                let below = if is_hard { Rung::Challenge } else { Rung::Watch };
                (RELEASE_SHARES[parts.min(RELEASE_SHARES.len() - 1)], below)
            }
        };
        Some(Partly { share, others, key })
    }

    /// The strictest rung that may be, whatever is proven.
    fn cap(&self, kind: IncidentKind) -> Rung {
        match (self.what, kind) {
            _ if self.spoilt => Rung::Lane,
            // A crowd is served as far as it can be, those who came before first.
            (What::Described(_), IncidentKind::Surge) => Rung::Lane,
            (What::Strangers, _) => Rung::Challenge,
            (What::Described(_), IncidentKind::Flood | IncidentKind::Unknown) => Rung::Drop,
        }
    }

    /// Down at once, since it harms more than it may.
    fn withdrawn(&mut self, view: &View<'_>) -> Option<Step> {
        let rate = self.trials.rate(view.at);
        if self.what == What::Strangers {
            // Known-good visitors pass what strangers are asked for, so that no budget bounds it.
            self.spoilt |= rate.seems_to_pass(CROWD_FROM);
            return match view.kind {
                _ if !self.spoilt => None,
                // Beside a flood that is told by something else those who pass are people.
                IncidentKind::Surge | IncidentKind::Flood => Some(Step::LetGo),
                // Last, whatever it is fills what is to spare.
                IncidentKind::Unknown => {
                    (self.rung > Rung::Lane).then_some(Step::To(Rung::Lane, Phase::Holding))
                }
            };
        }
        let breaks = |budget| self.touched.exceeds(budget, view.seen);
        let people_pass = rate.surely_passes(AMBIGUOUS_FROM);
        self.spoilt |= people_pass || budget(self.rung).is_some_and(breaks);
        if self.rung > self.cap(view.kind) {
            return Some(Step::To(self.cap(view.kind), Phase::Holding));
        }
        let is_hard = self.rung >= Rung::Refuse;
        // Still tried by those who are challenged all the time.
        let passes_again =
            is_hard && (rate.at_least() > CONVICTS_UNDER || rate.passes_lately(CONVICTS_UNDER));
        (is_hard && (view.refuses_too_many || passes_again))
            .then_some(Step::To(Rung::Challenge, Phase::Holding))
    }

    fn release(&self, view: &View<'_>, parts: usize) -> Step {
        if view.low_since.is_none() || view.at.since(self.since) < RELEASE_STEP {
            return Step::Stay;
        }
        if parts + 1 < RELEASE_SHARES.len() {
            return Step::To(self.rung, Phase::Releasing(parts + 1));
        }
        if self.rung >= Rung::Refuse {
            Step::To(Rung::Challenge, Phase::Releasing(0))
        } else {
            Step::LetGo
        }
    }

    fn up(&self, view: &View<'_>) -> Step {
        let held = view.at.since(self.since);
        let is_allowed =
            |rung| rung <= self.cap(view.kind) && !view.refuses_too_many && (view.fits)(rung);
        let rate = self.trials.rate(view.at);
        // What would have a refusal withdrawn does not let one begin.
        let convicted = rate.trials >= TRIALS_MIN
            && rate.at_most() < CONVICTS_UNDER
            && !rate.passes_lately(CONVICTS_UNDER);
        match (self.rung, self.phase) {
            (rung, Phase::Canary) if held >= CANARY => Step::To(rung, Phase::Holding),
            (Rung::Watch | Rung::Lane, _) if self.cap(view.kind) > Rung::Lane => {
                let may = view.pressure >= CHALLENGES_FROM && (view.fits)(Rung::Challenge);
                if may { Step::To(Rung::Challenge, Phase::Holding) } else { Step::Stay }
            }
            (Rung::Challenge, _) if convicted && is_allowed(Rung::Refuse) => {
                Step::To(Rung::Refuse, Phase::Canary)
            }
            (Rung::Refuse, Phase::Holding)
                if held >= DROPS_AFTER
                    && view.pressure >= DROPS_FROM
                    && convicted
                    && is_allowed(Rung::Drop) =>
            {
                Step::To(Rung::Drop, Phase::Canary)
            }
            _ => Step::Stay,
        }
    }
}
