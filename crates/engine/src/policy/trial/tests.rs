//! Trials: who counts, how often, and what comes of it.

use super::*;
use std::net::Ipv4Addr;

fn at(ms: u64) -> Moment {
    Moment(ms * 1_000_000)
}

#[test]
fn nobody_has_failed_before_there_was_time_to_pass() {
    let mut trials = Trials::new(7);
    trials.tick(at(0), (1_000, 0));
    let seen = [1_000, 0];
    let out = PassRate { so_far: seen, lately: seen, ..PassRate::default() };
    assert_eq!(trials.rate(at(5_750)), PassRate::default());
    assert_eq!(trials.rate(at(9_750)), out);
    assert_eq!(trials.rate(at(10_000)), PassRate { trials: 1_000, challenged: 1_000, ..out });
}

#[test]
fn what_is_a_minute_old_tells_nothing_any_more() {
    let mut trials = Trials::new(7);
    trials.tick(at(0), (1_000, 0));
    trials.tick(at(70_000), (0, 0));
    assert_eq!(trials.rate(at(70_000)), PassRate::default());
}

#[test]
fn people_pass_and_three_hundred_who_do_not_are_enough() {
    let rate = |trials, passed| PassRate {
        trials,
        passed,
        challenged: trials,
        passed_of_challenged: passed,
        so_far: [trials, passed],
        lately: [0, 0],
    };
    assert!(rate(300, 0).at_most() < 0.03 && rate(300, 9).at_most() >= 0.03);
    assert!(rate(100, 97).at_least() > 0.9 && rate(2_000, 0).at_least() < 1e-9);
    assert!(rate(0, 0).at_most() >= 1.0 && rate(0, 0).at_least() <= 0.0);
}

#[test]
fn that_people_pass_is_seen_before_their_time_is_over_and_of_thirty_at_least() {
    for (out, passed, seen) in [(100, 70, true), (100, 50, false), (29, 29, false)] {
        let mut trials = Trials::new(7);
        trials.tick(at(0), (out, 0));
        // Who was asked just now has not failed yet.
        trials.tick(at(4_000), (1_000, passed));
        assert!(!trials.rate(at(5_750)).seems_to_pass(0.5), "too soon");
        assert_eq!(trials.rate(at(6_000)).seems_to_pass(0.5), seen, "{passed} of {out}");
        assert!(!trials.rate(at(6_000)).surely_passes(0.5));
    }
}

fn source(number: u32) -> SourceKey {
    SourceKey::of(Ipv4Addr::from(number).into())
}

/// Trials and passes of senders that are counted since the last tick.
fn fresh(trials: &Trials) -> [u32; 2] {
    let counts = trials.fresh.iter().skip(trials.level);
    counts.fold([0; 2], |[out, passed], [more, through]| [out + more, passed + through])
}

#[test]
fn all_of_16_384_senders_count_twice_a_minute_at_most() {
    let mut trials = Trials::new(7);
    for number in 0..16_384 {
        trials.challenged(at(0), source(number));
    }
    assert_eq!(fresh(&trials), [16_384, 0]);
    trials.challenged(at(0), source(7));
    assert_eq!(fresh(&trials), [16_385, 0], "who is known counts again");
    trials.challenged(at(0), source(7));
    assert_eq!(fresh(&trials), [16_385, 0], "twice a minute at most");
    trials.challenged(at(60_000), source(16_384));
    assert_eq!(fresh(&trials), [16_386, 0], "there is room again after a minute");
    assert_eq!((trials.level, trials.senders.len()), (0, 1));
}

#[test]
fn of_more_senders_the_same_half_counts_with_what_it_did_before() {
    let mut trials = Trials::new(7);
    for number in 0..16_384 {
        trials.challenged(at(0), source(number));
        trials.passed(at(0), source(number));
    }
    trials.challenged(at(0), source(16_384));
    assert_eq!(trials.level, 1);
    let [out, passed] = fresh(&trials);
    assert!((7_900..8_500).contains(&out), "{out}");
    assert!(out - passed <= 1, "whoever counts counts with his pass: {passed} of {out}");
    for number in 20_000..1_000_000 {
        trials.challenged(at(1), source(number));
        trials.passed(at(1), source(number));
        assert!(trials.senders.len() <= SENDERS_MAX);
    }
    let [out, passed] = fresh(&trials);
    assert!((SENDERS_MAX / 3..=SENDERS_MAX).contains(&(out as usize)), "{out}");
    assert!(out - passed <= 1, "{passed} of {out}");
}

#[test]
fn all_count_again_when_fewer_come() {
    let mut trials = Trials::new(7);
    for number in 0..100_000 {
        trials.challenged(at(0), source(number));
    }
    let halved = trials.level;
    assert!(halved >= 2, "{halved}");
    trials.tick(at(59_000), (0, 0));
    assert_eq!(trials.level, halved);
    for minute in 1..=u64::try_from(halved).unwrap() + 2 {
        trials.tick(at(minute * 70_000), (0, 0));
    }
    assert_eq!(trials.level, 0);
    trials.challenged(at(900_000), source(1));
    assert_eq!(fresh(&trials), [1, 0]);
}

#[test]
fn newcomers_who_pass_are_seen_beside_16_384_senders_who_are_always_here() {
    let mut trials = Trials::new(7);
    let mut newcomer = 1_000_000;
    for tick in 0..720_u64 {
        let now = at(tick * 250);
        for number in (0..16_384).filter(|number| u64::from(number % 120) == tick % 120) {
            trials.challenged(now, source(number));
        }
        // 2,000 a minute.
        for _ in 0..8 + u32::from(tick % 3 == 0) {
            newcomer += 1;
            trials.challenged(now, source(newcomer));
            trials.passed(now, source(newcomer));
        }
        trials.tick(now, (0, 0));
    }
    let rate = trials.rate(at(180_000));
    let share = f64::from(rate.passed) / f64::from(rate.trials);
    // Some 2,000 beside 32,768.
    assert!((0.045..0.075).contains(&share), "{rate:?}");
    assert!(rate.trials > 10_000, "{rate:?}");
}

#[test]
fn a_sender_passes_no_more_trials_than_it_has() {
    let mut trials = Trials::new(7);
    for _ in 0..100 {
        trials.challenged(at(0), source(1));
    }
    let passes = |trials: &mut Trials, ms, number| {
        let [_, before] = fresh(trials);
        (0..100).for_each(|_| trials.passed(at(ms), source(number)));
        fresh(trials)[1] - before
    };
    assert_eq!(passes(&mut trials, 9, 1), 2);
    trials.challenged(at(0), source(2));
    assert_eq!(passes(&mut trials, 9, 2), 1, "as often as it was asked");
    trials.challenged(at(60_000), source(1));
    assert_eq!(passes(&mut trials, 60_009, 1), 1, "once more after a minute");
    assert_eq!(fresh(&trials), [4, 4]);
}

#[test]
fn who_passes_was_asked_though_nobody_listed_it() {
    let mut trials = Trials::new(7);
    trials.passed(at(0), source(1));
    assert_eq!(fresh(&trials), [1, 1]);
    (0..100).for_each(|_| trials.passed(at(9), source(1)));
    assert_eq!(fresh(&trials), [1, 1], "a solver speaks once");
    (0..100).for_each(|_| trials.challenged(at(9), source(1)));
    (0..100).for_each(|_| trials.passed(at(9), source(1)));
    assert_eq!(fresh(&trials), [2, 2], "or twice, once it was listed");
    (0..100).for_each(|_| trials.passed(at(69_999), source(1)));
    assert_eq!(fresh(&trials), [2, 2]);
    trials.passed(at(70_000), source(1));
    assert_eq!(fresh(&trials), [3, 3], "its first trials are over");
}

#[test]
fn a_program_that_goes_on_fails_and_one_that_heeds_or_has_no_rate_does_not() {
    let mut trials = Trials::new(7);
    for step in 0..20_u64 {
        trials.asked(at(step * 500), source(1), true);
        if step < 8 {
            trials.asked(at(step * 500), source(2), true);
        }
        if step == 0 {
            trials.asked(at(0), source(3), true);
        }
        trials.asked(at(step * 500), source(4), false);
    }
    assert_eq!(trials.rate(at(20_000)), PassRate { trials: 2, passed: 1, ..PassRate::default() });
}
