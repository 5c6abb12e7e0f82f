use super::*;
use proptest::prelude::*;

const CAPACITY: Capacity =
    Capacity { ms_per_s: 1_000.0, worker_ms_per_s: 1_000.0, bytes_per_s: Some(1e6) };

fn at(ms: u64) -> Moment {
    Moment(ms * 1_000_000)
}

fn counted(role: Role, first_ms: u64, cost_ms: u64) -> Counted {
    Counted {
        role,
        first_at: at(first_ms),
        asking: Asking::First,
        cost: Duration::from_millis(cost_ms),
        bytes: 1_000,
        patience_ms: 3_000,
    }
}

/// `rps` requests of a role in each second of `span`, every 1/rps s; `admits` says of each
/// millisecond whether what is sent then reaches the origin, which serves it 20 ms later.
fn play(
    score: &mut Score,
    role: Role,
    (span, rps): (std::ops::Range<u64>, u64),
    admits: fn(u64) -> bool,
) {
    for ms in (span.start * 1_000..span.end * 1_000).step_by(usize::try_from(1_000 / rps).unwrap())
    {
        let counted = counted(role, ms, 10);
        score.sent(at(ms), &counted);
        if admits(ms) {
            score.admitted(at(ms), &counted);
            score.ended(at(ms + 20), &counted, Fate::Served);
        } else {
            score.ended(at(ms), &counted, Fate::Stopped(Verdict::Refuse));
        }
    }
}

fn near(value: Option<f64>, expected: f64) {
    let value = value.expect("a value");
    assert!((value - expected).abs() < 1e-9, "{value} instead of {expected}");
}

#[test]
fn harm_and_leak_are_those_of_the_event_alone() {
    let mut score = Score::new(CAPACITY, Some(Span { from: 10.0, until: 20.0 }));
    // Half of the people are turned away, but only within the event and only in its first half.
    play(&mut score, Role::Person, (0..30, 10), |ms| {
        !(10_000..15_000).contains(&ms) || ms % 200 == 0
    });
    play(&mut score, Role::Program, (0..30, 5), |ms| !(12_000..=13_000).contains(&ms));
    play(&mut score, Role::Flood, (10..20, 100), |ms| ms % 40 == 0);
    let summary = score.summary();
    assert_eq!(summary.window, Some(Span { from: 10.0, until: 20.0 }));
    assert_eq!(summary.offered, [100, 50, 1_000]);
    near(summary.harm_people, 0.25);
    near(summary.harm_programs, 0.12);
    near(summary.leak_cost, 0.25);
    near(summary.leak_requests, 0.25);
    near(summary.stopped, (25.0 + 6.0) / 150.0);
    near(Some(summary.goodput_ms_per_s), (75.0 + 44.0) * 10.0 / 10.0);
    assert_eq!(summary.latencies_of(10), (119, Some(Duration::from_millis(20))));
}

impl Summary {
    /// Requests that were served, from the goodput, and the median to the millisecond.
    fn latencies_of(&self, seconds: u32) -> (u32, Option<Duration>) {
        let served = self.goodput_ms_per_s * f64::from(seconds) / 10.0;
        let ms = self.p50.map(|p50| Duration::from_millis(p50.as_millis().try_into().unwrap()));
        (format!("{served:.0}").parse().unwrap(), ms)
    }
}

#[test]
fn a_flood_may_fill_what_an_origin_has_to_spare() {
    // People take half of what it carries, the flood as much as it may of twice that.
    for (admits, leak, pressed) in [
        ((|ms| ms % 100 == 0) as fn(u64) -> bool, 0.05, 0.0),
        (|ms| ms % 100 < 20, 0.2, 0.025),
        (|_| true, 1.0, 0.825),
    ] {
        let mut score = Score::new(CAPACITY, None);
        play(&mut score, Role::Person, (0..10, 50), |_| true);
        play(&mut score, Role::Flood, (0..10, 200), admits);
        let summary = score.summary();
        near(summary.leak_cost, leak);
        near(summary.leak_pressed, pressed);
    }
}

#[test]
fn who_is_challenged_while_all_could_be_carried_is_told_apart() {
    let mut score = Score::new(CAPACITY, None);
    let challenged = |score: &mut Score, ms| {
        let one = counted(Role::Person, ms, 10);
        score.sent(at(ms), &one);
        score.ended(at(ms), &one, Fate::Stopped(Verdict::Challenge));
    };
    for ms in [100, 1_100, 1_200] {
        challenged(&mut score, ms);
    }
    play(&mut score, Role::Person, (0..1, 50), |_| true);
    play(&mut score, Role::Flood, (1..2, 100), |_| false);
    let summary = score.summary();
    near(summary.challenged, 3.0 / 53.0);
    near(summary.challenged_in_vain, 1.0 / 53.0);
    near(summary.refused, 0.0);
}

#[test]
fn what_an_origin_cannot_carry_is_the_least_possible_harm() {
    for (rps, least) in [(50, 0.0), (100, 0.0), (200, 0.5), (500, 0.8)] {
        let mut score = Score::new(CAPACITY, None);
        play(&mut score, Role::Person, (0..10, rps), |_| true);
        let summary = score.summary();
        near(Some(summary.least_harm_work), least);
        near(Some(summary.least_harm_bytes), 0.0);
        assert_eq!(summary.overload_s, if rps > 105 { 10 } else { 0 }, "{rps}");
    }
    let narrow = Capacity { bytes_per_s: Some(50_000.0), ..CAPACITY };
    let mut score = Score::new(narrow, None);
    play(&mut score, Role::Person, (0..10, 100), |_| true);
    let summary = score.summary();
    near(summary.figure(Figure::LeastHarm), 0.5);
    assert_eq!((summary.overload_s, summary.overload_bytes_s), (0, 10));
}

#[test]
fn work_counts_over_the_time_that_an_idle_origin_takes_for_it() {
    // A worker that is never idle: its last request of each other second takes a tenth of the next.
    let mut score = Score::new(CAPACITY, None);
    for second in [0, 2, 4] {
        for ms in (0..990).step_by(10) {
            score.admitted(at(second * 1_000 + ms), &counted(Role::Person, 0, 10));
        }
        score.admitted(at(second * 1_000 + 990), &counted(Role::Person, 0, 110));
        for ms in (1_100..2_000).step_by(10) {
            score.admitted(at(second * 1_000 + ms), &counted(Role::Person, 0, 10));
        }
    }
    let summary = score.summary();
    assert_eq!((summary.overload_s, summary.overload_sent_s), (0, 3));
    let whole: Vec<f64> = score.running_ms.iter().take(6).map(|ms| ms.round()).collect();
    assert_eq!(whole, [1_000.0; 6]);
    // Twice as much as it can do is too much by either measure, however it is spread.
    let mut score = Score::new(CAPACITY, None);
    for ms in (0..5_000).step_by(100) {
        score.admitted(at(ms), &counted(Role::Person, 0, 200));
    }
    let summary = score.summary();
    assert_eq!((summary.overload_s, summary.overload_sent_s), (5, 5));
    // One request that outlasts three seconds runs in all of them, and sets out in the first.
    let mut score = Score::new(CAPACITY, None);
    score.admitted(at(0), &counted(Role::Person, 0, 3_000));
    score.ended(at(2_999), &counted(Role::Person, 2_999, 0), Fate::Served);
    let summary = score.summary();
    assert_eq!((summary.overload_s, summary.overload_sent_s), (0, 1));
}

#[test]
fn a_flood_is_no_part_of_the_least_possible_harm_but_capacity_that_is_gone_is() {
    let mut score = Score::new(CAPACITY, None);
    play(&mut score, Role::Flood, (0..5, 1_000), |_| true);
    play(&mut score, Role::Person, (0..5, 100), |_| true);
    score.carries(at(4_999), Capacity { ms_per_s: 500.0, ..CAPACITY });
    play(&mut score, Role::Person, (5..10, 100), |_| true);
    near(Some(score.summary().least_harm_work), 0.25);
}

#[test]
fn clocks_run_from_the_floods_first_request() {
    let mut score = Score::new(CAPACITY, Some(Span { from: 10.0, until: 30.0 }));
    play(&mut score, Role::Person, (0..30, 20), |ms| !(10_000..13_000).contains(&ms));
    play(&mut score, Role::Flood, (10..30, 200), |ms| ms < 11_500);
    score.detected_at = Some(at(10_750));
    let clocks = score.summary().clocks;
    assert_eq!(clocks.onset_s, Some(10.0));
    near(clocks.detected_s, 0.75);
    // From 11.25 on the windows of 2 s hold a quarter or none of what is let through.
    near(clocks.effective_s, 1.5);
    near(clocks.safe_s, 1.0);
    near(clocks.well_s, 3.0);
}

#[test]
fn a_pulse_that_is_over_does_not_count_as_stopped_and_a_second_one_does() {
    let mut score = Score::new(CAPACITY, None);
    play(&mut score, Role::Flood, (5..7, 100), |_| true);
    play(&mut score, Role::Flood, (20..22, 100), |_| false);
    near(score.summary().clocks.effective_s, 15.0);
    let mut never = Score::new(CAPACITY, None);
    play(&mut never, Role::Flood, (5..7, 100), |_| true);
    assert_eq!(never.summary().clocks.effective_s, None);
}

#[test]
fn a_flood_without_cost_is_stopped_by_its_requests() {
    let mut score = Score::new(CAPACITY, None);
    for second in 5..25 {
        let free = counted(Role::Flood, second * 1_000, 0);
        score.sent(at(second * 1_000), &free);
        if second < 8 {
            score.admitted(at(second * 1_000), &free);
        }
        score.ended(at(second * 1_000), &free, Fate::Cancelled);
    }
    let summary = score.summary();
    assert_eq!(summary.leak_cost, None);
    near(summary.leak_requests, 0.15);
    near(summary.clocks.effective_s, 3.0);
}

#[test]
fn a_spread_says_in_how_many_runs_there_was_nothing_to_tell() {
    let runs = [Some(0.2), None, Some(0.4)]
        .map(|harm| Summary { harm_people: harm, ..Summary::default() });
    let spread = Spread::of(Figure::HarmPeople, &runs).unwrap();
    assert_eq!((spread.runs, spread.without), (2, 1));
    assert_eq!((spread.least, spread.most), (0.2, 0.4));
    near(Some(spread.mean), 0.3);
    near(Some(spread.deviation), 0.02_f64.sqrt());
    assert_eq!(Spread::of(Figure::LeakCost, &runs), None);
}

#[test]
fn every_figure_is_listed_once_with_words_of_its_own() {
    let mut words: Vec<_> = Figure::ALL.iter().map(|figure| figure.words()).collect();
    words.sort_unstable();
    words.dedup();
    assert_eq!(words.len(), Figure::COUNT);
}

fn fates() -> impl Strategy<Value = Fate> {
    prop_oneof![
        Just(Fate::Served),
        Just(Fate::OriginFailed),
        Just(Fate::GaveUp),
        Just(Fate::Cancelled),
        (0..Verdict::COUNT).prop_map(|at| Fate::Stopped(Verdict::ALL[at])),
    ]
}

proptest! {
    #[test]
    fn shares_stay_between_none_and_all_whatever_is_counted(
        rows in proptest::collection::vec((0_usize..3, 0_u64..20_000, 0_u64..90, any::<bool>(), fates()), 0..200),
        event in proptest::option::of((0.0_f64..25.0, 0.0_f64..10.0)),
    ) {
        let event = event.map(|(from, long)| Span { from, until: from + long });
        let mut score = Score::new(CAPACITY, event);
        let mut rows = rows;
        rows.sort_by_key(|(_, ms, ..)| *ms);
        for (role, ms, cost, admits, fate) in rows {
            let counted = counted(Role::ALL[role], ms, cost);
            score.sent(at(ms), &counted);
            if admits {
                score.admitted(at(ms), &counted);
            }
            score.ended(at(ms + cost), &counted, fate);
        }
        let summary = score.summary();
        for figure in Figure::ALL {
            let value = summary.figure(figure);
            let is_share = figure.unit() == Unit::Share;
            prop_assert!(value.is_none_or(|value| value >= 0.0), "{figure:?} {value:?}");
            prop_assert!(!is_share || value.is_none_or(|value| value <= 1.0), "{figure:?} {value:?}");
        }
    }
}
