//! A flood that rests is waited for: whoever shows what it may come again with is put last, which
//! costs nobody anything while everything can be served.

use super::{Ladder, Sight, acts};
use crate::detect::Active;
use crate::effect::MeasureChange;
use crate::policy::book::MeasureBook;
use crate::policy::climb::What;
use seawall_types::Rung;

impl Ladder {
    /// What did not come while it was waited for is let go with the episode in which it might have.
    pub(super) fn end_waiting(
        &mut self,
        sight: &Sight<'_>,
        (book, changes): (&mut MeasureBook, &mut Vec<MeasureChange>),
    ) {
        for climb in self.climbs.iter_mut().filter(|climb| climb.waits) {
            let is_own = |one: &Active| climb.what == What::Described(one.signature);
            let has_come = sight.active.iter().any(is_own);
            if has_come {
                climb.waits = false;
            } else if !sight.prepared.as_ref().is_some_and(is_own) {
                climb.waits = false;
                acts::let_go(climb, sight.at, (book, changes));
            }
        }
    }

    /// Once a flood for which a measure still stands, and never twice: it is let go with that.
    pub(super) fn begin_prepared(
        &mut self,
        sight: &Sight<'_>,
        (book, changes): (&mut MeasureBook, &mut Vec<MeasureChange>),
    ) {
        let (Some(next), Some(known)) = (sight.prepared, sight.known) else { return };
        let what = What::Described(next.signature);
        let is_waited_for = self
            .climbs
            .iter()
            .any(|climb| climb.measure.is_some() && matches!(climb.what, What::Described(_)));
        if !is_waited_for || self.climbs.iter().any(|climb| climb.what == what) {
            return;
        }
        let text = || next.signature.text(sight.names).into();
        let Some(at) = self.climb(sight.at, what, (text, next.certificate.bound)) else { return };
        let why = format!(
            "what was described rests and may come again with another look: it touches {}",
            next.certificate.text_on(sight.footing),
        );
        let has_begun = acts::begin(
            &mut self.climbs[at],
            (sight.at, self.platform, Rung::Lane),
            (known, &why),
            (book, changes),
        );
        self.climbs[at].waits = has_begun;
        self.unclimbed += u64::from(!has_begun);
    }
}
