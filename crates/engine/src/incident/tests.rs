#![expect(clippy::needless_raw_string_hashes, reason = "as expect-test writes its expectations")]

use super::*;
use crate::detect::pressure::CALM_UNDER;
use expect_test::{Expect, expect};
use std::fmt::Write as _;

/// Pressure and what was let through of it, from a second on.
type Phase = (f64, f64, f64);

/// Runs ticks of 250 ms; what exceeds what is let through is held.
fn check(phases: &[Phase], until: f64, expected: &Expect) {
    let mut incidents = Incidents::default();
    let mut told = String::new();
    let mut at = 0.25;
    while at <= until {
        let phase = phases.iter().rev().find(|phase| at > phase.0).unwrap();
        let (pressure, admitted) = (phase.1, phase.2);
        let mut requests = [0; Verdict::COUNT];
        requests[Verdict::Admit.index()] = whole(100.0 * admitted);
        requests[Verdict::Hold.index()] = whole(100.0 * (pressure - admitted));
        let tick = Tick {
            at: Moment(0) + Duration::from_secs_f64(at),
            pressure: Some(pressure),
            calm_under: CALM_UNDER,
            admitted: Some(admitted),
            requests,
            harmed: u32::from(pressure > admitted),
        };
        if let Some(change) = incidents.observe(tick) {
            writeln!(told, "{at:06.2}s  {}", line(&change)).unwrap();
        }
        at += 0.25;
    }
    expected.assert_eq(&told);
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small counts")]
fn whole(count: f64) -> u32 {
    count as u32
}

fn line(change: &IncidentChange) -> String {
    let word = match change {
        IncidentChange::Opened(_) => "opened",
        IncidentChange::Merged(_) => "merged",
        IncidentChange::Changed(_) => "changed",
        IncidentChange::Closed(_) => "closed",
    };
    let incident = change.incident();
    let Clocks { onset_at, detected_at, mitigated_at, relieved_at, ended_at, .. } = incident.clocks;
    let clock =
        |at: Option<Moment>| at.map_or("-".to_owned(), |at| format!("{}", at.as_secs_f64()));
    format!(
        "{word:8} {} {} onset {} detected {} mitigated {} relieved {} ended {} peak {:.2} held {} harmed {}",
        incident.number,
        incident.kind.word(),
        clock(Some(onset_at)),
        clock(Some(detected_at)),
        clock(mitigated_at),
        clock(relieved_at),
        clock(ended_at),
        incident.peak_pressure,
        incident.requests[Verdict::Hold.index()],
        incident.harmed,
    )
}

#[test]
fn a_step_far_over_capacity_is_told_within_a_second_and_closed_half_a_minute_after_its_end() {
    check(
        &[(0.0, 0.3, 0.3), (10.0, 5.0, 0.9), (40.0, 0.3, 0.3)],
        75.0,
        &expect![[r#"
            010.25s  opened   1 unknown onset 10 detected 10.25 mitigated 10.25 relieved - ended - peak 1.47 held 409 harmed 1
            010.75s  changed  1 unknown onset 10 detected 10.25 mitigated 10.25 relieved 10.25 ended - peak 3.83 held 1227 harmed 3
            070.00s  closed   1 unknown onset 10 detected 10.25 mitigated 10.25 relieved 10.25 ended 40 peak 5.00 held 49080 harmed 120
        "#]],
    );
}

#[test]
fn its_edges_are_counted_and_the_calm_that_shows_its_end_is_not() {
    // Late in a tick it begins, and early in another it ends: both are calm on the whole.
    let (begins, over, ends) = (40, 41..80, 80);
    let mut incidents = Incidents::default();
    let closed = (1..400_u32).find_map(|tick| {
        let (pressure, held) = match tick {
            tick if over.contains(&tick) => (5.0, 100),
            tick if tick == begins || tick == ends => (0.5, 10),
            _ => (0.3, 0),
        };
        let mut requests = [0; Verdict::COUNT];
        requests[Verdict::Admit.index()] = 1;
        requests[Verdict::Hold.index()] = held;
        let change = incidents.observe(Tick {
            at: Moment(0) + tick * crate::TICK,
            pressure: Some(pressure),
            calm_under: CALM_UNDER,
            admitted: Some(pressure.min(0.9)),
            requests,
            harmed: held,
        })?;
        matches!(change, IncidentChange::Closed(_)).then(|| change.incident().clone())
    });
    let closed = closed.unwrap();
    let (ticks, tail) = (39 + 1, 4);
    assert_eq!(closed.requests[Verdict::Admit.index()], ticks + tail);
    assert_eq!(closed.requests[Verdict::Hold.index()], 39 * 100 + 2 * 10);
    assert_eq!(closed.harmed, 39 * 100 + 2 * 10);
    assert_eq!(closed.clocks.ended_at, Some(Moment(0) + 79 * crate::TICK));
}

#[test]
fn an_incident_rests_after_five_seconds_of_calm_and_no_longer_once_it_goes_on() {
    let mut incidents = Incidents::default();
    let mut told = Vec::new();
    for tick in 1..200_u32 {
        let at = Moment(0) + tick * crate::TICK;
        let pressure =
            if (40..80).contains(&tick) || (110..114).contains(&tick) { 5.0 } else { 0.2 };
        incidents.observe(Tick {
            at,
            pressure: Some(pressure),
            calm_under: CALM_UNDER,
            admitted: Some(pressure.min(0.9)),
            requests: [0; Verdict::COUNT],
            harmed: 0,
        });
        let rests = incidents.open().map(|incident| incident.rests(at));
        if told.last().map(|(_, rests)| *rests) != Some(rests) {
            told.push((tick, rests));
        }
    }
    let going =
        [(1, None), (40, Some(false)), (99, Some(true)), (110, Some(false)), (133, Some(true))];
    assert_eq!(told, going);
}

#[test]
fn a_costly_tick_after_the_end_does_not_put_it_off() {
    check(
        &[(0.0, 0.3, 0.3), (10.0, 5.0, 0.9), (40.0, 0.3, 0.3), (50.0, 0.9, 0.9), (50.25, 0.3, 0.3)],
        75.0,
        &expect![[r#"
            010.25s  opened   1 unknown onset 10 detected 10.25 mitigated 10.25 relieved - ended - peak 1.47 held 409 harmed 1
            010.75s  changed  1 unknown onset 10 detected 10.25 mitigated 10.25 relieved 10.25 ended - peak 3.83 held 1227 harmed 3
            070.00s  closed   1 unknown onset 10 detected 10.25 mitigated 10.25 relieved 10.25 ended 40 peak 5.00 held 49080 harmed 120
        "#]],
    );
}

#[test]
fn an_incident_of_a_busy_platform_ends_when_it_is_as_busy_as_usual() {
    let mut incidents = Incidents::default();
    let closed = (1..400_u32).find_map(|tick| {
        let is_flooded = (40..80).contains(&tick);
        let usual = if tick % 4 == 0 { 0.9 } else { 0.6 };
        let pressure = if is_flooded { 5.0 } else { usual };
        let change = incidents.observe(Tick {
            at: Moment(0) + tick * crate::TICK,
            pressure: Some(pressure),
            calm_under: 1.0,
            admitted: Some(pressure.min(0.9)),
            requests: [0; Verdict::COUNT],
            harmed: 0,
        })?;
        matches!(change, IncidentChange::Closed(_)).then(|| change.incident().clocks.ended_at)
    });
    let ended = closed.flatten().unwrap();
    assert!(ended.since(Moment(0) + 79 * crate::TICK) <= Duration::from_secs(1), "{ended:?}");
}

#[test]
fn pulses_are_one_incident() {
    let pulse = |from: f64| [(from, 3.0, 0.8), (from + 5.0, 0.2, 0.2)];
    let phases: Vec<_> = [vec![(0.0, 0.2, 0.2)], pulse(10.0).into(), pulse(100.0).into()].concat();
    check(
        &phases,
        140.0,
        &expect![[r#"
            010.50s  opened   1 unknown onset 10 detected 10.5 mitigated 10.25 relieved - ended - peak 1.60 held 440 harmed 2
            010.75s  changed  1 unknown onset 10 detected 10.5 mitigated 10.25 relieved 10.25 ended - peak 2.30 held 660 harmed 3
            045.00s  closed   1 unknown onset 10 detected 10.5 mitigated 10.25 relieved 10.25 ended 15 peak 3.00 held 4400 harmed 20
            100.50s  merged   1 unknown onset 10 detected 10.5 mitigated 10.25 relieved 10.25 ended - peak 3.00 held 4840 harmed 22
            135.00s  closed   1 unknown onset 10 detected 10.5 mitigated 10.25 relieved 10.25 ended 105 peak 3.00 held 8800 harmed 40
        "#]],
    );
}

#[test]
fn a_wave_that_comes_again_to_a_busy_platform_counts_what_came_before_it_once() {
    let mut incidents = Incidents::default();
    let (first, second) = (40..80, 240..280);
    let mut told = Vec::new();
    for tick in 1..440_u32 {
        let is_flooded = first.contains(&tick) || second.contains(&tick);
        let held = if is_flooded { 100 } else { 0 };
        let mut requests = [0; Verdict::COUNT];
        requests[Verdict::Hold.index()] = held;
        told.extend(incidents.observe(Tick {
            at: Moment(0) + tick * crate::TICK,
            // As calm as it ever is the platform is above what belongs to an incident.
            pressure: Some(if is_flooded { 5.0 } else { 0.9 }),
            calm_under: 1.0,
            admitted: Some(0.9),
            requests,
            harmed: held,
        }));
    }
    let merged = told.iter().filter(|change| matches!(change, IncidentChange::Merged(_)));
    assert_eq!(merged.count(), 1);
    let closed = told.last().unwrap().incident();
    assert_eq!(closed.requests[Verdict::Hold.index()], 2 * 40 * 100);
    assert_eq!(closed.harmed, 2 * 40 * 100);
}

#[test]
fn what_nothing_stops_is_never_said_to_be_mitigated() {
    check(
        &[(0.0, 0.3, 0.3), (10.0, 1.6, 1.6), (20.0, 0.3, 0.3)],
        55.0,
        &expect![[r#"
            010.75s  opened   1 unknown onset 10 detected 10.75 mitigated - relieved - ended - peak 1.28 held 0 harmed 0
            050.00s  closed   1 unknown onset 10 detected 10.75 mitigated - relieved - ended 20 peak 1.60 held 0 harmed 0
        "#]],
    );
}

#[test]
fn a_platform_near_its_capacity_and_a_single_busy_tick_open_nothing() {
    check(&[(0.0, 0.95, 0.95), (10.0, 1.1, 1.0), (10.25, 0.9, 0.9)], 30.0, &expect![""]);
}

#[test]
fn a_second_flood_long_after_the_first_is_another_incident() {
    check(
        &[(0.0, 0.1, 0.1), (5.0, 2.0, 0.9), (8.0, 0.1, 0.1), (500.0, 2.0, 0.9), (503.0, 0.1, 0.1)],
        540.0,
        &expect![[r#"
            005.50s  opened   1 unknown onset 5 detected 5.5 mitigated 5.25 relieved - ended - peak 1.05 held 220 harmed 2
            005.75s  changed  1 unknown onset 5 detected 5.5 mitigated 5.25 relieved 5.25 ended - peak 1.52 held 330 harmed 3
            038.00s  closed   1 unknown onset 5 detected 5.5 mitigated 5.25 relieved 5.25 ended 8 peak 2.00 held 1320 harmed 12
            500.50s  opened   2 unknown onset 500 detected 500.5 mitigated 500.25 relieved - ended - peak 1.05 held 220 harmed 2
            500.75s  changed  2 unknown onset 500 detected 500.5 mitigated 500.25 relieved 500.25 ended - peak 1.52 held 330 harmed 3
            533.00s  closed   2 unknown onset 500 detected 500.5 mitigated 500.25 relieved 500.25 ended 503 peak 2.00 held 1320 harmed 12
        "#]],
    );
}

#[test]
fn without_a_known_capacity_nothing_is_told() {
    let mut incidents = Incidents::default();
    for at in 1..100_u64 {
        let tick = Tick {
            at: Moment(at * 250_000_000),
            pressure: None,
            calm_under: CALM_UNDER,
            admitted: None,
            requests: [1_000; Verdict::COUNT],
            harmed: 0,
        };
        assert_eq!(incidents.observe(tick), None);
    }
}
