//! What a case says of its records, and what it must not say.

use crate::simulated::{Records, case_of, ended, incident, simulated};
use seawall_report::case::{Case, Check, Evidence, Level, Standing};
use seawall_report::{About, Known, Why};
use seawall_types::evidence::{Fact, GapReason, IncidentId, IncidentKind};

/// Fifty seconds of a flood on `www`; `donate` has `quiet` seconds beside it.
fn flooded(skip: impl Fn(&str, u64) -> bool, donate: (u64, u64, Option<u32>)) -> Records {
    let mut records = Records::default();
    for second in 1..=60 {
        let is_on = (10..=50).contains(&second);
        if !skip("www", second) {
            records.second(second * 1_000, "www", (300, if is_on { 5_000 } else { 0 }, Some(990)));
        }
        if !skip("donate", second) {
            records.second(second * 1_000, "donate", donate);
        }
        if second == 10 {
            let opened = incident("www-1", "www", IncidentKind::Flood);
            records.fact(10_500, Fact::IncidentOpened(opened));
        }
    }
    let closed = ended(incident("www-1", "www", IncidentKind::Flood), 50_000);
    records.fact(61_000, Fact::IncidentClosed(closed));
    records
}

fn standing(case: &Case, name: &str) -> (Standing, String) {
    let platform = case.platforms.iter().find(|platform| platform.name.as_str() == name);
    let platform = platform.expect("it is listed");
    (platform.standing, platform.because.to_string())
}

const CALM: (u64, u64, Option<u32>) = (40, 0, Some(200));

#[test]
fn a_platform_whose_every_second_was_calm_is_ruled_out_with_its_proof() {
    let case = case_of(&flooded(|_, _| false, CALM), "www-1");
    assert_eq!(case.subject().standing, Standing::Confirmed);
    let (found, because) = standing(&case, "donate");
    assert_eq!(found, Standing::RuledOut);
    assert_eq!(
        because,
        "every second seen, nothing lost, demand at most 0.200 times capacity and 0.0 % of judged \
         requests not admitted (measured)"
    );
    assert_eq!(case.severity.level, Known::Is(Level::Unfelt));
}

#[test]
fn a_chart_marks_the_second_without_a_record_and_no_other() {
    let unseen = |case: &Case, at: usize| {
        let columns = &case.platforms[at].series.columns;
        let unseen = columns.iter().enumerate().filter(|(_, column)| column.seen_s == 0);
        unseen.map(|(at, _)| at).collect::<Vec<_>>()
    };
    let case = case_of(&flooded(|name, s| name == "donate" && s == 30, CALM), "www-1");
    assert_eq!((unseen(&case, 0), unseen(&case, 1)), (vec![], vec![19]));
}

#[test]
fn one_second_without_a_record_makes_a_platform_unknown() {
    let case = case_of(&flooded(|name, s| name == "donate" && s == 30, CALM), "www-1");
    let (found, because) = standing(&case, "donate");
    assert_eq!(found, Standing::Unknown);
    assert_eq!(because, "cannot be ruled out: not every second has a record");
    let donate = &case.others()[0];
    assert_eq!((donate.coverage.seen_s, donate.coverage.expected_s), (39, 40));
    let edges = case_of(&flooded(|name, s| name == "donate" && s < 13, CALM), "www-1");
    assert_eq!(standing(&edges, "donate").0, Standing::Unknown);
    let edges = case_of(&flooded(|name, s| name == "donate" && s > 48, CALM), "www-1");
    assert_eq!(standing(&edges, "donate").0, Standing::Unknown);
}

#[test]
fn a_gap_anywhere_in_the_time_makes_calm_platforms_unknown_and_severity_a_lower_bound() {
    let mut records = flooded(|_, _| false, CALM);
    records.gap(62_000, (30_000, 30_400), GapReason::DiskSlow);
    let case = case_of(&records, "www-1");
    assert_eq!(standing(&case, "donate").0, Standing::Unknown);
    assert_eq!(case.subject().standing, Standing::Confirmed);
    assert_eq!(case.severity.level, Known::Unknown(Why::Lost));
    assert_eq!(case.severity.at_least, Some(Level::Unfelt));
    let mut elsewhere = flooded(|_, _| false, CALM);
    elsewhere.gap(62_000, (55_000, 56_000), GapReason::DiskSlow);
    assert_eq!(standing(&case_of(&elsewhere, "www-1"), "donate").0, Standing::RuledOut);
}

#[test]
fn a_platform_without_a_record_without_a_capacity_or_with_signs_is_not_ruled_out() {
    let none = case_of(&flooded(|name, _| name == "donate", CALM), "www-1");
    assert_eq!(
        standing(&none, "donate"),
        (Standing::Unknown, "cannot be ruled out: no record states it".to_owned())
    );
    let blind = case_of(&flooded(|_, _| false, (40, 0, None)), "www-1");
    assert_eq!(standing(&blind, "donate").0, Standing::Unknown);
    let over = case_of(&flooded(|_, _| false, (40, 0, Some(1_001))), "www-1");
    assert_eq!(
        standing(&over, "donate"),
        (
            Standing::Suspected,
            "no incident of its own, but 40 s of demand over capacity (measured)".to_owned()
        )
    );
    let refusing = case_of(&flooded(|_, _| false, (40, 10, Some(100))), "www-1");
    assert_eq!(standing(&refusing, "donate").0, Standing::Suspected);
    let down = case_of(&flooded(|_, _| false, (0, 10, Some(100))), "www-1");
    assert_eq!(standing(&down, "donate").0, Standing::Suspected);
}

#[test]
fn evidence_that_does_not_hold_or_cannot_be_read_rules_nothing_out() {
    let records = flooded(|_, _| false, CALM);
    let broken = Check::Broken { what: seawall_report::Line::of("record 7 was changed") };
    let id: IncidentId = "www-1".parse().expect("a name");
    for (check, unread) in [(&broken, 0), (&Check::NotMade, 1)] {
        let evidence = Evidence { entries: &records.0, unread, check };
        let case = Case::of(&evidence, &id, About::default()).expect("it was recorded");
        assert_eq!(standing(&case, "donate").0, Standing::Unknown);
    }
}

#[test]
fn a_stepped_clock_rules_nothing_out() {
    let mut records = flooded(|_, _| false, CALM);
    for entry in &mut records.0 {
        if entry.stamp.moment.0 >= 30_000_000_000 && entry.stamp.moment.0 < 50_000_000_000 {
            entry.stamp.wall.0 -= 5_000;
        }
    }
    let case = case_of(&records, "www-1");
    assert_eq!(standing(&case, "donate").0, Standing::Unknown);
    assert!(case.clocks.steps.count > 0 && case.clocks.steps.largest_ms >= 5_000);
}

#[test]
fn an_incident_of_another_platform_in_this_time_is_confirmed_there() {
    let mut records = flooded(|_, _| false, CALM);
    let beside = incident("donate-1", "donate", IncidentKind::Flood);
    records.fact(61_500, Fact::IncidentOpened(beside));
    let case = case_of(&records, "www-1");
    assert_eq!(
        standing(&case, "donate"),
        (Standing::Confirmed, "incident donate-1 of kind flood was recorded".to_owned())
    );
}

#[test]
fn clocks_say_their_distance_and_a_time_that_has_not_come_is_no_zero() {
    let case = case_of(&flooded(|_, _| false, CALM), "www-1");
    let distances: Vec<_> = case.clocks.five.iter().map(|clock| clock.from_detection_ms).collect();
    assert_eq!(distances, [-500, 0, 250, 500, 39_500].map(Known::Is));
    let mut open = flooded(|_, _| false, CALM);
    open.0.pop();
    let case = case_of(&open, "www-1");
    assert_eq!(case.clocks.five[4].at, Known::Unknown(Why::NotYet));
    assert_eq!(case.state.word(), "open");
    assert_eq!(case.window.seconds(), 50);
}

#[test]
fn lost_telemetry_never_says_not_affected_in_any_simulated_incident() {
    let mut unknown = 0;
    for seed in 0..200 {
        let case = simulated(seed);
        for platform in &case.platforms {
            let is_whole = platform.coverage.is_whole().is_ok();
            assert!(is_whole || platform.standing != Standing::RuledOut, "seed {seed}");
            unknown += u64::from(!is_whole);
        }
        let is_exact = matches!(case.severity.level, Known::Is(level) if level < Level::Severe);
        assert!(!is_exact || case.subject().coverage.is_whole().is_ok(), "seed {seed}");
    }
    assert!(unknown > 50, "the seeds hold no losses: {unknown}");
}

#[test]
fn an_incident_that_no_record_tells_of_is_none() {
    let check = Check::NotMade;
    let evidence = Evidence { entries: &[], unread: 0, check: &check };
    let id = "www-1".parse().expect("a name");
    assert!(Case::of(&evidence, &id, About::default()).is_err());
}

#[test]
fn six_incidents_stand_in_the_order_of_what_they_cost_the_service() {
    // Seconds without an admitted request, and seconds in which half of them had to wait.
    let scripts = [(0, 0), (0, 30), (0, 90), (20, 90), (90, 90), (2_000, 90)];
    let levels = scripts.map(|(unavailable, degraded)| {
        let mut records = Records::default();
        records.fact(10_500, Fact::IncidentOpened(incident("www-1", "www", IncidentKind::Flood)));
        for second in 11..2_200_u64 {
            let since = second - 11;
            let seen = match since {
                _ if since < unavailable => (0, 9_000, Some(1_400)),
                _ if since < unavailable + degraded => (200, 9_000, Some(1_400)),
                _ => (300, 0, Some(300)),
            };
            let ms = second * 1_000;
            if since < unavailable + degraded {
                records.slow_second(ms, "www", seen);
            } else {
                records.second(ms, "www", seen);
            }
        }
        let closed = ended(incident("www-1", "www", IncidentKind::Flood), 2_199_000);
        records.fact(2_200_000, Fact::IncidentClosed(closed));
        let level = case_of(&records, "www-1").severity.level;
        *level.value().expect("every second has a record")
    });
    let is_sorted = u32::from(levels.is_sorted());
    println!("FIGURE report.severity {} incidents", is_sorted * 6);
    assert!(levels.is_sorted(), "{levels:?}");
    assert_eq!(levels.map(Level::number), [0, 1, 2, 2, 3, 4]);
}
