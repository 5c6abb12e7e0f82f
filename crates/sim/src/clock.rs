//! The clocks of the shield's node, which are not quite those of the world.
//!
//! The monotonic one can run fast or slow, the one that people read can step as well.
//! Rules use the first alone, records show the second.
//! Integers throughout, so that both are the same everywhere.
//! Bounds: [`DRIFT_PPM_MAX`], [`STEPS_MAX`].

use seawall_types::{Moment, WallTime};
use serde::Deserialize;

/// A clock that is worse than this is broken: a day loses an hour.
pub const DRIFT_PPM_MAX: i32 = 50_000;
/// Steps of one clock.
pub const STEPS_MAX: usize = 64;
/// What people read when a world begins: 2030-01-01 00:00 UTC.
pub const EPOCH: WallTime = WallTime(1_893_456_000_000);

/// How the node's clocks run.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NodeClock {
    /// Millionths by which both run fast; below 0 slow.
    pub drift_ppm: i32,
    /// Steps of the clock that people read.
    pub steps: Vec<Step>,
}

/// One step of the clock that people read.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// At which whole second of the world.
    pub at_s: u32,
    /// By how many milliseconds; below 0 back.
    pub by_ms: i64,
}

/// A clock that no node has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadClock {
    /// It runs too fast or too slow.
    #[error("drift_ppm is {0}; it must be from -{DRIFT_PPM_MAX} to {DRIFT_PPM_MAX}")]
    Drift(i32),
    /// It steps too often.
    #[error("{0} steps; there may be {STEPS_MAX}")]
    Steps(usize),
}

impl NodeClock {
    /// Checks every number.
    ///
    /// # Errors
    /// The first that is out of its bounds.
    pub fn check(&self) -> Result<(), BadClock> {
        if !(-DRIFT_PPM_MAX..=DRIFT_PPM_MAX).contains(&self.drift_ppm) {
            return Err(BadClock::Drift(self.drift_ppm));
        }
        if self.steps.len() > STEPS_MAX {
            return Err(BadClock::Steps(self.steps.len()));
        }
        Ok(())
    }

    /// The node's monotonic time at a moment of the world.
    pub fn monotonic(&self, world: Moment) -> Moment {
        Moment(scaled(world.0, 1_000_000 + i128::from(self.drift_ppm), 1_000_000))
    }

    /// The first moment of the world at which the node's monotonic time has come to `node`.
    pub fn world(&self, node: Moment) -> Moment {
        let rate = 1_000_000 + i128::from(self.drift_ppm);
        let guess = Moment(scaled(node.0, 1_000_000, rate));
        if self.monotonic(guess) >= node { guess } else { Moment(guess.0 + 1) }
    }

    /// What people read on the node at a moment of the world.
    pub fn wall(&self, world: Moment) -> WallTime {
        let since_ms = i128::from(self.monotonic(world).0 / 1_000_000);
        let due = self.steps.iter().filter(|step| u64::from(step.at_s) * 1_000_000_000 <= world.0);
        let stepped_ms: i128 = due.map(|step| i128::from(step.by_ms)).sum();
        let ms = i128::from(EPOCH.0) + since_ms + stepped_ms;
        WallTime(u64::try_from(ms.max(0)).unwrap_or(u64::MAX))
    }
}

fn scaled(value: u64, by: i128, of: i128) -> u64 {
    u64::try_from(i128::from(value) * by / of.max(1)).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_of_a_clock_that_drifts_is_never_early() {
        for drift_ppm in [-50_000, -37, 0, 1, 50_000] {
            let clock = NodeClock { drift_ppm, ..NodeClock::default() };
            for ns in [0, 1, 999, 1_000_000_007, 86_400_000_000_001] {
                let world = clock.world(Moment(ns));
                assert!(clock.monotonic(world) >= Moment(ns), "{drift_ppm} {ns}");
                assert!(world.0 == 0 || clock.monotonic(Moment(world.0 - 1)) < Moment(ns));
            }
        }
    }

    #[test]
    fn a_step_moves_what_people_read_and_nothing_else() {
        let steps = vec![Step { at_s: 10, by_ms: -86_400_000 }];
        let clock = NodeClock { drift_ppm: 0, steps };
        let before = clock.wall(Moment(9_999_000_000));
        let after = clock.wall(Moment(10_000_000_000));
        assert_eq!(after.0, before.0 + 1 - 86_400_000);
        assert_eq!(clock.monotonic(Moment(10_000_000_000)), Moment(10_000_000_000));
    }
}
