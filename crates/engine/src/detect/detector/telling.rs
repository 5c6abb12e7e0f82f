//! What a detector says of what goes on: texts, kind, and why it is called that.

use super::{Detector, Now};
use crate::detect::certify::Certificate;
use crate::detect::finding::{Described, Finding, Footing, Habit, SIGNATURES_MAX};
use crate::detect::habits;
use crate::detect::memory::Remembered;
use crate::detect::names::Names;
use crate::detect::row::Row;
use crate::detect::sample::Weighted;
use crate::detect::signature::Term;
use crate::detect::verdict::{self, Facts, Structure};
use crate::incident::IncidentKind;

impl Detector {
    /// Everything that is known of what goes on.
    pub(super) fn describe(&self, now: &Now, names: &mut Names) -> Finding {
        let active = self.memory.active();
        let covered = match now.listed_excess_ms_per_s {
            Some(excess) => self.described_ms_per_s(now, &active) / excess,
            None => self.open.as_ref().map_or(0.0, |open| open.finding.covered),
        };
        let onset_at = self
            .open
            .as_ref()
            .map_or_else(|| self.baseline.onset(now.at), |open| open.finding.onset_at);
        let (visitors, footing) = self.visitors.footing();
        let known = self.visitors.known();
        let manners = self.senders.of((onset_at, now.at), |traits| {
            let is_any = |known| active.iter().any(|one| one.signature.matches(traits, known));
            active.is_empty() || known.is_some_and(is_any)
        });
        let described = self.structure(&active);
        let elsewhere = self.unserved.elsewhere();
        let facts = Facts { known: visitors, described, manners, elsewhere, habit: None };
        let (mut kind, mut why) = verdict::call(&facts);
        if kind != IncidentKind::Surge {
            let habit = self.habit(now, &active, described);
            (kind, why) = verdict::call(&Facts { habit, ..facts });
        }
        let signatures = active.iter().take(SIGNATURES_MAX);
        Finding {
            platform: self.platform,
            at: now.at,
            onset_at,
            kind,
            pressure: now.reading.pressure,
            signatures: signatures.map(|one| told(one, footing, names)).collect(),
            covered: covered.clamp(0.0, 1.0),
            footing,
            why,
            undescribed: self.refusal.clone(),
        }
    }

    /// What those that act describe of the last tick, together.
    fn described_ms_per_s(&self, now: &Now, active: &[&Remembered]) -> f64 {
        let Some(known) = self.visitors.known() else { return 0.0 };
        let Weighted { rows, weights } = self.window.last_tick();
        let is_described =
            |row: &Row| active.iter().any(|one| one.signature.matches(&row.traits, known));
        let rows = rows.iter().zip(weights);
        let described = rows.filter(|(row, _)| !row.is_proven && is_described(row));
        described.fold(0.0, |sum, (_, weight)| sum + weight) / 1e3 / now.span.as_secs_f64()
    }

    /// Whether what asks for more does as its kind of client always does, where it may be so.
    fn habit(&self, now: &Now, active: &[&Remembered], described: Structure) -> Option<Habit> {
        if matches!(described, Structure::Unlike(_)) {
            return None;
        }
        let reservoirs = self.visitors.reservoirs()?;
        let known = reservoirs.known();
        let second = self.window.last_second();
        let usual = now.usual_ms_per_s / now.reading.demand_ms_per_s.max(1.0);
        habits::of(&second, reservoirs, usual, |row| {
            active.is_empty() || active.iter().any(|one| one.signature.matches(&row.traits, known))
        })
    }

    /// What those that act name: of the one that matches most, among those that tell of a flood.
    fn structure(&self, active: &[&Remembered]) -> Structure {
        let budget = self.budget();
        let structures = active.iter().map(|one| {
            // More than the budget is described only where a client overwhelms: it is not rare, and
            // yet unlike what visitors are.
            let overwhelms = one.certificate.bound > budget;
            let rare = |term: &Term| overwhelms || self.visitors.is_rare(*term);
            verdict::structure(&one.signature.terms().collect::<Vec<_>>(), one.certificate, rare)
        });
        structures.reduce(Structure::or).unwrap_or(Structure::Nothing)
    }
}

/// One signature for people and programs; what it rests on now stands in it.
fn told(one: &Remembered, footing: Footing, names: &mut Names) -> Described {
    for term in one.signature.terms() {
        if let Term::Is(attribute, value) = term {
            names.keep(attribute, value);
        }
    }
    let expression = one.signature.text(names);
    let share = one.share_of_excess;
    let whom = one.certificate.text_on(footing);
    // Rounded down: it must not say that all is explained when something is not.
    let percent = libm::floor(share * 1e3 + 1e-9) / 10.0;
    let text = format!("{expression}: {percent:.1} % of the excess, {whom}");
    let Certificate { hits, visitors, bound } = one.certificate;
    Described { text, expression, share_of_excess: share, hits, visitors, bound, treated: None }
}
