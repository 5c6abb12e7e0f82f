//! What was at the origin at once lately while nobody waited for it and answers were in time.
//!
//! That it carries as much is known, so no doubt about its limit goes below it.
//! Bounds: the greatest of the last one to two [`SPAN`]s.

use seawall_types::Moment;
use std::time::Duration;

/// Longer than a page that takes its time, shorter than an operator takes to lessen an origin.
const SPAN: Duration = Duration::from_mins(1);

/// The most that was carried.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Carried {
    since: Moment,
    now: u32,
    before: u32,
}

impl Carried {
    /// So many were at the origin at once.
    pub(super) fn observe(&mut self, now: Moment, at_once: u32) {
        self.turn(now);
        self.now = self.now.max(at_once);
    }

    pub(super) fn most(&mut self, now: Moment) -> u32 {
        self.turn(now);
        self.now.max(self.before)
    }

    fn turn(&mut self, now: Moment) {
        let passed = now.since(self.since);
        if passed >= SPAN {
            self.before = if passed < 2 * SPAN { self.now } else { 0 };
            self.now = 0;
            self.since = now;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_carried_is_known_for_a_minute_and_forgotten_after_two() {
        let at = |seconds| Moment(0) + Duration::from_secs(seconds);
        let mut carried = Carried::default();
        carried.observe(at(59), 40);
        carried.observe(at(61), 7);
        assert_eq!(carried.most(at(119)), 40);
        assert_eq!(carried.most(at(121)), 7);
        assert_eq!(carried.most(at(300)), 0);
    }
}
