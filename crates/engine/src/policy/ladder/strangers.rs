//! When strangers who open pages are challenged: while they alone ask for more than can be carried.
//!
//! Whatever it is called: beyond capacity somebody goes without, and a challenge keeps served whoever
//! passes it. Below capacity nobody is asked.
//! Bounds: one such measure a platform.

use super::{Ladder, Sight, acts};
use crate::detect::pressure::Reading;
use crate::effect::MeasureChange;
use crate::policy::book::MeasureBook;
use crate::policy::climb::What;
use seawall_types::{Moment, Reason, RequestObservation, Rung};
use std::time::Duration;

/// Strangers are challenged when they alone ask for more than can be carried, and all together for
/// so much, for this long.
const OVERFLOWS_FROM: f64 = 1.2;
const STRANGERS_FROM: f64 = 1.0;
const OVERFLOWS_AFTER: Duration = Duration::from_secs(2);
/// Demand over what is usual from which more is asked, and not less carried.
const MORE_THAN_USUAL: f64 = 1.5;
/// Known visitors without whom strangers are not told from a crowd.
const VISITORS_MIN: u32 = 100;

/// Costs of the listed requests of a tick, in microseconds.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Asked {
    /// What came as far as the origins' gate.
    all: f64,
    /// Of that, what strangers asked for whom no measure meets.
    strangers: f64,
    /// Of all that asked, wherever it was stopped.
    listed: f64,
    /// What limits of single sources stopped of that.
    limited: f64,
}

impl Asked {
    /// Takes one request.
    pub(super) fn add(&mut self, request: &RequestObservation, cost_us: f64) {
        self.listed += cost_us;
        if matches!(request.reason, Reason::Rate | Reason::Connections) {
            self.limited += cost_us;
        }
        if request.came_to_the_gate() {
            self.all += cost_us;
            if !request.is_proven && request.measure.is_none() {
                self.strangers += cost_us;
            }
        }
    }

    /// Share that limits of single sources stopped.
    pub(super) fn limited(&self) -> f64 {
        share(self.limited, self.listed)
    }
}

fn share(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

impl Ladder {
    /// Challenges strangers when they ask for more than can be carried.
    pub(super) fn begin_strangers(
        &mut self,
        sight: &Sight<'_>,
        reading: &Reading,
        (asked, book, changes): (Asked, &mut MeasureBook, &mut Vec<MeasureChange>),
    ) {
        let of_strangers = share(asked.strangers, asked.all);
        // An origin that is slow by itself carries less and is not asked for more; and who nobody is
        // known to cannot be told from a crowd.
        let is_more = sight
            .usual_ms_per_s
            .is_some_and(|usual| reading.demand_ms_per_s >= MORE_THAN_USUAL * usual);
        let overflows = sight.visitors >= VISITORS_MIN
            && is_more
            && reading.offered_pressure >= OVERFLOWS_FROM
            && reading.offered_pressure * of_strangers >= STRANGERS_FROM;
        self.overflows_since = overflows.then(|| self.overflows_since.unwrap_or(sight.at));
        let is_due = |since: Moment| overflows && sight.at.since(since) >= OVERFLOWS_AFTER;
        if !self.overflows_since.is_some_and(is_due) {
            return;
        }
        let (Some(known), Some(at)) = (
            sight.known,
            self.climb(sight.at, What::Strangers, (|| "pages asked for by strangers".into(), 0.0)),
        ) else {
            return;
        };
        if self.may_begin(at, sight.at) {
            let why = format!(
                "{:.1} times what the origins carry was asked for, {:.0} % of it by visitors nobody \
                 knows, and nothing describes them",
                reading.pressure,
                100.0 * of_strangers,
            );
            let has_begun = acts::begin(
                &mut self.climbs[at],
                (sight.at, self.platform, Rung::Challenge),
                (known, &why),
                (book, changes),
            );
            self.unclimbed += u64::from(!has_begun);
        }
    }
}
