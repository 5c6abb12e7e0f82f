//! Steps of the wall clock: it moved, and the clock that only goes forward did not move as far.

use crate::line::Place;
use crate::verify::{ClockStep, STEPS_MAX, Verification};
use seawall_types::evidence::Stamp;

/// Differences that are not told: the network time service slews, and records wait a little.
const TOLERATED_MS: i128 = 2_000;

/// The clocks of one run.
#[derive(Debug, Default)]
pub(super) struct Clock {
    last: Option<Stamp>,
}

impl Clock {
    /// A segment begins, perhaps a run: then its clocks begin anew.
    pub(super) fn begin(&mut self) {
        self.last = None;
    }

    /// Notes a step since the record before.
    pub(super) fn look(&mut self, place: &Place<'_>, found: &mut Verification) {
        let now = place.stamp;
        let Some(last) = self.last.replace(now) else { return };
        let wall = i128::from(now.wall.0) - i128::from(last.wall.0);
        let mono = (i128::from(now.moment.0) - i128::from(last.moment.0)) / 1_000_000;
        let by_ms = wall - mono;
        if by_ms.abs() <= TOLERATED_MS {
            return;
        }
        if found.steps.len() < STEPS_MAX {
            found.steps.push(ClockStep { record: place.number, by_ms });
        } else {
            found.steps_unlisted += 1;
        }
    }
}
