//! Alarms of the limiter, and its bounds.

use super::*;
use crate::admission::ROUND;
use proptest::prelude::*;

/// A round in which all slots are in use and more waits.
fn busy(limit: u32, answered: u32, failed: u32) -> Seen {
    let mut answers = Answers::default();
    (0..answered).for_each(|_| answers.add(40_000, 40_000));
    let sums = OriginSums {
        answers,
        full: answers,
        failed,
        returned: answered + failed,
        in_flight_max: limit,
        ..OriginSums::default()
    };
    Seen { sums, in_flight: limit, waiting: 50 }
}

/// The limit after ten seconds in which a share of what is sent fails, by how much is sent at once.
fn with_errors(failing: impl Fn(u32) -> u32) -> u32 {
    let mut now = Moment(0);
    let mut limiter = Limiter::new(now, OriginCapacity::new(64_000.0));
    for _ in 0..100 {
        now = now + ROUND;
        let limit = limiter.limit();
        let failed = failing(limit);
        limiter.observe(now, &busy(limit, 100 - failed, failed));
    }
    limiter.limit()
}

#[test]
fn an_origin_that_errs_when_it_is_full_is_kept_from_it_and_one_that_always_errs_is_not() {
    let (overrun, buggy) =
        (with_errors(|limit| if limit > 16 { 50 } else { 0 }), with_errors(|_| 30));
    println!("errs above 16 at once: {overrun}; errs in three of ten: {buggy}");
    assert!(overrun <= 24, "{overrun}");
    assert!(buggy >= 32, "{buggy}");
}

#[test]
fn silence_leaves_one_within_five_seconds_and_slowness_does_not() {
    let mut now = Moment(0);
    let mut limiter = Limiter::new(now, None);
    for _ in 0..50 {
        now = now + ROUND;
        limiter.observe(now, &busy(limiter.limit(), 100, 0));
    }
    let before = limiter.limit();
    for _ in 0..50 {
        now = now + ROUND;
        limiter.observe(now, &Seen { in_flight: before, waiting: 9, ..Seen::default() });
    }
    assert!(before >= 32 && limiter.limit() == 1, "{before}, then {}", limiter.limit());
}

proptest! {
    #[test]
    fn the_limit_stays_in_its_bounds_whatever_is_seen(
        rounds in proptest::collection::vec(
            (0_u32..300, 0_u32..300, 1_u32..10_000_000, 1_u32..10_000_000, 0_u32..3_000), 1..100),
    ) {
        let mut now = Moment(0);
        let mut limiter = Limiter::new(now, OriginCapacity::new(40_000.0));
        for (answered, failed, took_us, base_us, out) in rounds {
            now = now + ROUND;
            let mut seen = busy(out, 0, failed);
            (0..answered).for_each(|_| seen.sums.answers.add(took_us, base_us));
            seen.sums.full = seen.sums.answers;
            limiter.observe(now, &seen);
            prop_assert!((1..=40).contains(&limiter.limit()), "{}", limiter.limit());
            prop_assert!(limiter.ratio().is_finite());
        }
    }
}
