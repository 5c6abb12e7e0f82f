use super::*;
use crate::TICK;

/// Feeds demands of consecutive ticks from a moment on; gives the moment after.
fn feed(baseline: &mut Baseline, from: Moment, demands: impl IntoIterator<Item = f64>) -> Moment {
    let mut at = from;
    for demand in demands {
        at = at + TICK;
        baseline.observe(at, demand, demand < 700.0);
    }
    at
}

/// Demand around a level, that deviates by a tenth.
fn around(level: f64, ticks: usize) -> Vec<f64> {
    (0..ticks).map(|tick| level * [0.9, 1.1, 1.0, 0.95, 1.05][tick % 5]).collect()
}

#[test]
fn what_is_usual_is_not_moved_by_what_is_not_calm() {
    let mut baseline = Baseline::default();
    let at = feed(&mut baseline, Moment(0), around(300.0, 400));
    feed(&mut baseline, at, around(5_000.0, 400));
    let usual = baseline.usual_ms_per_s(Moment(1)).unwrap();
    assert!((290.0..=310.0).contains(&usual), "{usual}");
}

#[test]
fn nothing_is_usual_before_five_seconds() {
    let mut baseline = Baseline::default();
    feed(&mut baseline, Moment(0), around(300.0, 19));
    assert_eq!(baseline.usual_ms_per_s(Moment(1)), None);
    feed(&mut baseline, Moment(0), around(300.0, 1));
    assert!(baseline.usual_ms_per_s(Moment(1)).is_some());
}

#[test]
fn the_onset_of_a_step_is_the_end_of_the_tick_before_it() {
    let mut baseline = Baseline::default();
    let calm = feed(&mut baseline, Moment(0), around(300.0, 160));
    let now = feed(&mut baseline, calm, around(3_000.0, 3));
    assert_eq!(baseline.onset(now), calm);
}

#[test]
fn a_ramp_is_dated_from_its_first_seconds_and_noise_is_no_ramp() {
    let mut baseline = Baseline::default();
    let calm = feed(&mut baseline, Moment(0), around(300.0, 160));
    assert!(!baseline.is_ramping());
    let ramp = (0..48).map(|tick| 300.0 + 10.0 * f64::from(tick));
    let now = feed(&mut baseline, calm, ramp);
    assert!(baseline.is_ramping());
    let late = baseline.onset(now).since(calm);
    assert!(late <= Duration::from_secs(3), "{late:?}");
}

#[test]
fn growth_that_stays_calm_is_usual_after_five_minutes() {
    let mut baseline = Baseline::default();
    let calm = feed(&mut baseline, Moment(0), around(300.0, 160));
    let grown = feed(&mut baseline, calm, around(600.0, 4 * 200));
    assert!((290.0..=310.0).contains(&baseline.usual_ms_per_s(Moment(1)).unwrap()));
    feed(&mut baseline, grown, around(600.0, 4 * 200));
    assert!((590.0..=610.0).contains(&baseline.usual_ms_per_s(Moment(1)).unwrap()));
    assert!(!baseline.is_ramping());
}

#[test]
fn an_hour_of_the_week_is_remembered_and_one_odd_week_moves_it_little() {
    let mut baseline = Baseline::default();
    let week = |baseline: &mut Baseline, number: u64, demand: f64| {
        for tick in 0..3_600 * 4 + 8_u64 {
            let at = Moment(number * 7 * 86_400 * 1_000_000_000 + tick * 250_000_000);
            baseline.observe(at, demand, true);
        }
    };
    let hour =
        |baseline: &Baseline, number: usize| libm::exp(baseline.season.cells[number].log_median);
    week(&mut baseline, 0, 300.0);
    assert_eq!(baseline.season.cells[2].weeks, 0);
    let mut started = Baseline { season: baseline.season.clone(), ..Baseline::default() };
    started.set_calendar(0);
    assert!((started.usual_ms_per_s(Moment(1)).unwrap() - 300.0).abs() < 1.0);
    assert!((hour(&baseline, 0) - 300.0).abs() < 1.0);
    week(&mut baseline, 1, 30_000.0);
    let moved = hour(&baseline, 0);
    assert!((299.0..=400.0).contains(&moved), "{moved}");
}

#[test]
fn what_the_week_taught_comes_back_whole_or_not_at_all() {
    let mut baseline = Baseline::default();
    baseline.season.cells[7] = Cell { log_median: 5.5, log_mad: 0.25, weeks: 3 };
    let mut bytes = Vec::new();
    baseline.put_season(&mut bytes);
    bytes.push(9);
    let mut again = Baseline::default();
    assert_eq!(again.take_season(&bytes), Some(&[9_u8][..]));
    assert_eq!(again.season.cells, baseline.season.cells);
    assert_eq!(again.take_season(&bytes[..100]), None);
    bytes[8] = 200;
    assert_eq!(Baseline::default().take_season(&bytes), None);
}
