//! What the ladder writes into the book of measures.

use super::{STANDS_FOR, What};
use crate::detect::Known;
use crate::effect::MeasureChange;
use crate::policy::book::MeasureBook;
use crate::policy::climb::{Climb, Phase};
use crate::policy::measure::{By, CompiledSignature, Matches, Wanted};
use seawall_types::{Moment, PlatformId, Rung};

/// A measure is taken up; false when the book has no room for it.
pub(super) fn begin(
    climb: &mut Climb,
    (at, platform, rung): (Moment, PlatformId, Rung),
    (known, why): (&Known, &str),
    (book, changes): (&mut MeasureBook, &mut Vec<MeasureChange>),
) -> bool {
    let matches = match climb.what {
        What::Described(signature) => Matches::Signature(CompiledSignature::new(signature, known)),
        What::Strangers => Matches::Navigations,
    };
    let wanted = Wanted {
        platform,
        matches,
        rung,
        by: By::Ladder,
        stands_for: STANDS_FOR,
        rate: None,
        text: climb.text.clone(),
        why: why.into(),
    };
    let Ok(id) = book.add(at, wanted) else { return false };
    climb.measure = Some(id);
    climb.begins();
    (climb.rung, climb.phase, climb.since) = (rung, Phase::Holding, at);
    climb.top = climb.top.max(rung);
    climb.last_met = at;
    changes.extend(book.get(id).cloned().map(MeasureChange::Began));
    true
}

/// A measure does what its climb says from now on.
pub(super) fn change(
    climb: &Climb,
    key: u64,
    (at, book, changes): (Moment, &mut MeasureBook, &mut Vec<MeasureChange>),
) {
    let Some(id) = climb.measure else { return };
    let Some(was) = book.change(id, (climb.rung, climb.partly(key))) else { return };
    if was != climb.rung
        && let Some(measure) = book.get(id).cloned()
    {
        changes.push(MeasureChange::Changed { measure, was, at });
    }
}

/// A measure is taken away.
pub(super) fn let_go(
    climb: &mut Climb,
    at: Moment,
    (book, changes): (&mut MeasureBook, &mut Vec<MeasureChange>),
) {
    let lifted = climb.measure.take().and_then(|id| book.lift(id));
    climb.since = at;
    changes.extend(lifted.map(|measure| MeasureChange::Lifted { measure, at }));
}
