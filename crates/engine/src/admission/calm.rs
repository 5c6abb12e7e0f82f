//! Whether it is calm enough to learn who is a visitor, and who usually asks for how much.
//!
//! Takes what presses on the platform, about ten times a second; says for how long nothing is
//! learned.
//! Where two thirds of what can be carried are asked for all day, so much is calm there: else nobody
//! would ever be known.
//! Never reads a clock. Bounds: [`FREEZE_FOR`] at most from the last pressure on.

use super::share::{FREEZE_FOR, FREEZE_FROM};
use seawall_types::Moment;
use std::time::Duration;

/// So many times what is usual presses, up to all that can be carried.
const TIMES_USUAL: f64 = 1.5;
const ALL: f64 = 1.0;
/// What is usual is a mean over this.
const USUAL_OVER: Duration = Duration::from_mins(1);
/// Before anything is usual only more than can be carried presses.
const USUAL_FROM: Duration = Duration::from_secs(10);
/// Nothing is learned for so many times as long as it pressed: one dear page is no flood.
const THAWS_TIMES: u32 = 20;
/// What was not looked at for longer counts as so long.
const SPAN_MAX: Duration = Duration::from_secs(1);

/// What is calm on a platform.
#[derive(Debug)]
pub(super) struct Calm {
    usual: f64,
    weighed_at: Moment,
    /// How long it was weighed, as far as that counts.
    weighed_for: Duration,
    /// How long it pressed since anything was last learned.
    pressed_for: Duration,
}

impl Calm {
    pub(super) fn new(now: Moment) -> Self {
        let none = Duration::ZERO;
        Self { usual: 0.0, weighed_at: now, weighed_for: none, pressed_for: none }
    }

    /// For how long from now on nothing is learned, if it presses; `learns` says whether anything is
    /// learned until now.
    pub(super) fn weigh(&mut self, now: Moment, pressure: f64, learns: bool) -> Option<Duration> {
        let span = now.since(self.weighed_at).min(SPAN_MAX);
        let from = if self.weighed_for < USUAL_FROM {
            ALL
        } else {
            (TIMES_USUAL * self.usual).clamp(FREEZE_FROM, ALL)
        };
        self.weighed_at = now;
        self.weighed_for = (self.weighed_for + span).min(USUAL_OVER);
        let part = span.as_secs_f64() / self.weighed_for.as_secs_f64().max(1e-9);
        self.usual += (pressure.clamp(0.0, ALL) - self.usual) * part;
        if learns {
            self.pressed_for = Duration::ZERO;
        }
        if pressure < from {
            return None;
        }
        self.pressed_for += span;
        Some((self.pressed_for * THAWS_TIMES).min(FREEZE_FOR))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// For how long nothing is learned after pressures, ten a second.
    fn frozen(calm: &mut Calm, from: u32, pressures: impl Iterator<Item = f64>) -> Vec<Duration> {
        let mut until = Moment(0);
        let weighed = (from..).zip(pressures).map(|(tick, pressure)| {
            let now = Moment(0) + tick * Duration::from_millis(100);
            if let Some(long) = calm.weigh(now, pressure, now >= until) {
                until = until.max(now + long);
            }
            until.since(now)
        });
        weighed.collect()
    }

    #[test]
    fn a_platform_that_is_busy_all_day_learns_and_a_flood_of_half_a_minute_freezes_ten_minutes() {
        let mut calm = Calm::new(Moment(0));
        let busy = frozen(&mut calm, 1, (0..600).map(|at| if at % 7 == 0 { 0.9 } else { 0.65 }));
        assert!(busy.iter().all(Duration::is_zero));
        let flooded = frozen(&mut calm, 601, std::iter::repeat_n(3.0, 301));
        assert_eq!(flooded[300], FREEZE_FOR);
    }

    #[test]
    fn where_a_third_is_usual_seven_tenths_press_and_one_dear_page_for_seconds_alone() {
        let mut calm = Calm::new(Moment(0));
        let usual = std::iter::repeat_n(0.33, 300);
        assert!(frozen(&mut calm, 1, usual).iter().all(Duration::is_zero));
        let dear = frozen(&mut calm, 301, [0.69, 0.7].into_iter());
        assert_eq!(dear, [Duration::ZERO, Duration::from_secs(2)]);
    }
}
