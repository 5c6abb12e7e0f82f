//! Whether it is calm enough to learn who is a visitor, and who usually asks for how much.
//!
//! Takes what presses on the platform, about ten times a second; says for how long nothing is
//! learned.
//! Where two thirds of what can be carried are asked for all day, so much is calm there: else nobody
//! would ever be known.
//! What presses does not become usual, and what does not moves it by a fifth an hour at most. So a
//! flood of a few minutes, whatever it begins with, changes nothing; one that stays under what presses
//! for hours can have half as much again called calm.
//! In the first [`START`] all is new: what does not press is usual, and where all of that time presses
//! steadily, and nothing has to wait, so is that. So a flood that is there when we start, and stays just
//! under all that can be carried for so long, is taken for visitors; one that came a little later is not,
//! unless it grows by less than a half at a time.
//! Never reads a clock. Bounds: [`FREEZE_FOR`] at most from the last pressure on.

use super::share::{FREEZE_FOR, FREEZE_FROM};
use seawall_types::Moment;
use std::time::Duration;

/// So many times what is usual presses, up to all that can be carried.
const TIMES_USUAL: f64 = 1.5;
const ALL: f64 = 1.0;
/// Less than this need not be called usual: [`FREEZE_FROM`] presses anywhere.
const USUAL_MIN: f64 = FREEZE_FROM / TIMES_USUAL;
/// Part of itself by which what is usual rises in a second, a fifth an hour, and falls: a fifth in ten
/// minutes, since the site may have been down.
const RISES: f64 = 0.2 / 3_600.0;
const FALLS: f64 = 0.2 / 600.0;
/// What presses on the whole is a mean over this.
const MINUTE: Duration = Duration::from_mins(1);
/// Before so much was calm nothing is usual.
const USUAL_FROM: Duration = Duration::from_secs(10);
/// In which what is usual is learned anew.
const START: Duration = Duration::from_mins(10);
/// Part of its least minute by which the greatest minute of a steady start may differ.
const STEADY: f64 = 0.1;
/// Nothing is learned for so many times as long as it pressed: one dear page is no flood.
const THAWS_TIMES: u32 = 20;
/// What was not looked at for longer counts as so long.
const SPAN_MAX: Duration = Duration::from_secs(1);

/// What is calm on a platform.
#[derive(Debug)]
pub(super) struct Calm {
    usual: f64,
    weighed_at: Moment,
    /// Mean of the last minute, and how long there was one.
    minute: f64,
    minute_for: Duration,
    /// How long it was calm, as far as that counts.
    calm_for: Duration,
    /// Mean of a start that presses, the least and the greatest minute of it, and for how long it was
    /// steady.
    steady: f64,
    minutes: (f64, f64),
    steady_for: Duration,
    /// How long it pressed since anything was last learned.
    pressed_for: Duration,
}

impl Calm {
    pub(super) fn new(now: Moment) -> Self {
        let none = Duration::ZERO;
        Self {
            usual: 0.0,
            weighed_at: now,
            minute: 0.0,
            minute_for: none,
            calm_for: none,
            steady: 0.0,
            minutes: (0.0, 0.0),
            steady_for: none,
            pressed_for: none,
        }
    }

    /// For how long from now on nothing is learned, if it presses; `learns` says whether anything is
    /// learned until now.
    pub(super) fn weigh(&mut self, now: Moment, pressure: f64, learns: bool) -> Option<Duration> {
        let span = now.since(self.weighed_at).min(SPAN_MAX);
        self.weighed_at = now;
        self.minute_for = (self.minute_for + span).min(MINUTE);
        mix(&mut self.minute, pressure.clamp(0.0, ALL), (span, self.minute_for));
        let from = self.presses_from();
        if pressure < from && self.minute < from {
            self.is_usual(span, pressure);
        } else if self.calm_for < USUAL_FROM {
            self.starts_under(span, pressure);
        }
        if learns {
            self.pressed_for = Duration::ZERO;
        }
        if pressure < from {
            return None;
        }
        self.pressed_for += span;
        Some((self.pressed_for * THAWS_TIMES).min(FREEZE_FOR))
    }

    /// From where on it presses.
    fn presses_from(&self) -> f64 {
        if self.calm_for >= USUAL_FROM {
            (TIMES_USUAL * self.usual).clamp(FREEZE_FROM, ALL)
        } else if self.minute < FREEZE_FROM {
            ALL
        } else {
            FREEZE_FROM
        }
    }

    /// It does not press.
    fn is_usual(&mut self, span: Duration, pressure: f64) {
        if self.calm_for < START {
            self.calm_for += span;
            mix(&mut self.usual, pressure.max(0.0), (span, self.calm_for));
        } else {
            self.usual = moved(self.usual, self.minute, span);
        }
    }

    /// It presses, and nothing was ever calm.
    fn starts_under(&mut self, span: Duration, pressure: f64) {
        let (least, most) = &mut self.minutes;
        (*least, *most) = (least.min(self.minute), most.max(self.minute));
        if pressure >= ALL || *most > (1.0 + STEADY) * *least {
            (self.minutes, self.steady_for) = ((self.minute, self.minute), Duration::ZERO);
            return;
        }
        self.steady_for += span;
        mix(&mut self.steady, pressure, (span, self.steady_for));
        if self.steady_for >= START {
            (self.usual, self.calm_for) = (self.steady, START);
        }
    }
}

/// Has a mean over `over`, which ends now, count what was in the last `span` of it.
fn mix(mean: &mut f64, newest: f64, (span, over): (Duration, Duration)) {
    *mean += (newest - *mean) * span.as_secs_f64() / over.as_secs_f64().max(1e-9);
}

/// What is usual, a span later in which it was `to`.
fn moved(usual: f64, to: f64, span: Duration) -> f64 {
    let most = usual * span.as_secs_f64();
    let moved = usual + (to - usual).clamp(-FALLS * most, RISES * most);
    moved.clamp(USUAL_MIN, ALL)
}

/// How much others may call usual: anything in the first [`START`], then as much as that has moved to.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    began: Option<Moment>,
    at: Moment,
    most: f64,
}

impl Pace {
    /// What counts of `usual`.
    pub(crate) fn follow(&mut self, now: Moment, usual: f64) -> f64 {
        let began = *self.began.get_or_insert(now);
        let span = now.since(self.at).min(SPAN_MAX);
        self.at = now;
        self.most = if now.since(began) < START { usual } else { moved(self.most, usual, span) };
        usual.min(self.most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A platform, ten times a second.
    struct World {
        calm: Calm,
        now: Moment,
        until: Moment,
    }

    impl World {
        fn new() -> Self {
            Self { calm: Calm::new(Moment(0)), now: Moment(0), until: Moment(0) }
        }

        /// For how long nothing is learned after each of these.
        fn frozen(&mut self, pressures: impl IntoIterator<Item = f64>) -> Vec<Duration> {
            let weighed = pressures.into_iter().map(|pressure| {
                self.now = self.now + Duration::from_millis(100);
                if let Some(long) = self.calm.weigh(self.now, pressure, self.now >= self.until) {
                    self.until = self.until.max(self.now + long);
                }
                self.until.since(self.now)
            });
            weighed.collect()
        }

        /// The same after as many seconds of one pressure.
        fn frozen_after(&mut self, seconds: usize, pressure: f64) -> Duration {
            *self.frozen(std::iter::repeat_n(pressure, 10 * seconds)).last().unwrap()
        }
    }

    #[test]
    fn a_platform_that_is_busy_all_day_learns_and_a_flood_of_half_a_minute_freezes_ten_minutes() {
        let mut world = World::new();
        let busy = world.frozen((1..600).map(|at| if at % 7 == 0 { 0.9 } else { 0.65 }));
        assert!(busy.iter().all(Duration::is_zero));
        assert_eq!(world.frozen_after(31, 3.0), FREEZE_FOR);
    }

    #[test]
    fn where_a_third_is_usual_seven_tenths_press_and_one_dear_page_for_seconds_alone() {
        let mut world = World::new();
        assert!(world.frozen_after(30, 0.33).is_zero());
        assert_eq!(world.frozen([0.69, 0.7]), [Duration::ZERO, Duration::from_secs(2)]);
    }

    #[test]
    fn a_flood_that_waits_just_under_what_presses_does_not_make_itself_usual() {
        let mut young = World::new();
        young.frozen_after(60, 0.33);
        assert!(young.frozen_after(45, 0.69).is_zero());
        assert_eq!(young.frozen_after(31, 0.99), FREEZE_FOR);
        let mut old = World::new();
        old.frozen_after(20 * 60, 0.33);
        assert!(old.frozen_after(45 * 60, 0.69).is_zero());
        assert_eq!(old.frozen_after(31, 0.85), FREEZE_FOR);
    }

    #[test]
    fn a_flood_of_half_an_hour_is_no_more_usual_at_its_end() {
        let mut world = World::new();
        world.frozen_after(20 * 60, 0.4);
        assert_eq!(world.frozen_after(30 * 60, 0.95), FREEZE_FOR);
        assert!((world.calm.usual - USUAL_MIN).abs() < 0.01, "{}", world.calm.usual);
    }

    #[test]
    fn what_grows_by_a_fifth_an_hour_is_usual() {
        let mut world = World::new();
        world.frozen_after(20 * 60, 0.5);
        let days = (0..4 * 36_000).map(|tick| 0.5 * libm::pow(1.15, f64::from(tick) / 36_000.0));
        assert!(world.frozen(days).iter().all(Duration::is_zero));
    }

    #[test]
    fn a_start_under_a_flood_presses_at_once() {
        let mut world = World::new();
        assert_eq!(world.frozen_after(31, 0.99), FREEZE_FOR);
        assert_eq!(world.frozen_after(9 * 60, 1.2), FREEZE_FOR);
        assert_eq!(world.frozen_after(9 * 60, 0.99), FREEZE_FOR);
        assert!(world.frozen_after(12 * 60, 0.3).is_zero(), "it is over");
        assert_eq!(world.frozen_after(31, 0.8), FREEZE_FOR, "and was never usual");
    }

    #[test]
    fn a_platform_that_starts_at_three_quarters_learns_within_half_an_hour_and_an_unsteady_one_does_not()
     {
        let noisy = |tick: u32| 0.75 + 0.1 * libm::sin(f64::from(tick));
        let mut steady = World::new();
        let before = steady.frozen((0..5_000).map(noisy));
        assert!(*before.last().unwrap() + Duration::from_secs(1) > FREEZE_FOR);
        let after = steady.frozen((5_000..15_000).map(noisy));
        assert!(after.last().unwrap().is_zero());
        let mut pulsing = World::new();
        for _ in 0..10 {
            pulsing.frozen_after(180, 0.75);
            assert_eq!(pulsing.frozen_after(180, 0.98), FREEZE_FOR);
        }
    }
}
