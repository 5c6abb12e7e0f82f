//! What is told to lie between two clocks is what lay there.

use crate::simulated::{Dice, Records, at, case_of, ended, incident};
use seawall_report::case::{Case, Phase, USUAL_LEAST_S};
use seawall_report::{Known, Why};
use seawall_types::evidence::{Clocks, Fact, IncidentKind, VisitorsHarmed};

/// Milliseconds of one step of the generator.
const STEP_MS: u64 = 50;
const INCIDENTS: u64 = 200;

/// Calm for a minute, then a flood of fifty seconds; clocks as given, in milliseconds.
fn flooded(clocks: [u64; 5], skip: impl Fn(u64) -> bool) -> Records {
    let mut records = Records::default();
    for second in 1..=120_u64 {
        let seen = if (61..=110).contains(&second) { (800, 5_000) } else { (300, 0) };
        if !skip(second) {
            records.second(second * 1_000, "www", (seen.0, seen.1, Some(990)));
        }
        if second == 61 {
            records.fact(61_500, Fact::IncidentOpened(of(clocks)));
        }
    }
    records.fact(121_000, Fact::IncidentClosed(of(clocks)));
    records
}

fn of(
    [onset, detected, mitigated, relieved, ended]: [u64; 5],
) -> seawall_types::evidence::Incident {
    let mut incident = incident("www-1", "www", IncidentKind::Flood);
    incident.clocks = Clocks {
        onset_at: Some(at(onset)),
        detected_at: Some(at(detected)),
        mitigated_at: Some(at(mitigated)),
        relieved_at: Some(at(relieved)),
        ended_at: Some(at(ended)),
    };
    incident
}

fn admitted(phase: &Phase) -> (u64, Known<u64>) {
    (phase.admitted.least, phase.admitted.most)
}

#[test]
fn whole_seconds_between_clocks_are_told_exactly_and_beyond_the_usual_as_an_estimate() {
    let case = case_of(&flooded([60_000, 62_000, 65_000, 70_000, 110_000], |_| false), "www-1");
    let phases = &case.phases;
    let edges: Vec<_> = phases.iter().map(|phase| (phase.from.word, phase.to.word)).collect();
    let expected = [
        ("onset_at", "detected_at"),
        ("detected_at", "mitigated_at"),
        ("mitigated_at", "relieved_at"),
        ("relieved_at", "ended_at"),
    ];
    assert_eq!(edges, expected);
    for (phase, seconds) in phases.iter().zip([2, 3, 5, 40]) {
        assert_eq!(admitted(phase), (seconds * 800, Known::Is(seconds * 800)));
        let beyond = phase.beyond_usual.value().expect("a minute of calm is known");
        assert_eq!((beyond.least, beyond.most), (seconds * 500, Known::Is(seconds * 500)));
        let not = &phase.not_admitted;
        assert_eq!((not.least, not.most), (seconds * 5_000, Known::Is(seconds * 5_000)));
    }
}

#[test]
fn a_second_that_a_clock_cuts_is_in_no_lower_bound_and_in_both_upper_ones() {
    let case = case_of(&flooded([60_000, 62_500, 65_000, 70_000, 110_000], |_| false), "www-1");
    assert_eq!(admitted(&case.phases[0]), (1_600, Known::Is(2_400)));
    assert_eq!(admitted(&case.phases[1]), (1_600, Known::Is(2_400)));
    assert_eq!(admitted(&case.phases[2]), (4_000, Known::Is(4_000)));
}

#[test]
fn a_lost_second_leaves_no_upper_bound_of_its_phase_and_touches_no_other() {
    let case = case_of(&flooded([60_000, 62_000, 65_000, 70_000, 110_000], |s| s == 64), "www-1");
    let unknown = Known::Unknown(Why::PartlyUnseen);
    let mosts: Vec<_> = case.phases.iter().map(|phase| phase.admitted.most).collect();
    assert_eq!(mosts[1], unknown);
    assert_eq!([mosts[0], mosts[2]], [Known::Is(1_600), Known::Is(4_000)]);
    assert!(case.phases[1].sentence().contains("whether more is unknown: not every second"));
}

#[test]
fn too_few_calm_seconds_make_nothing_usual() {
    let early = |second| second < 60 - (USUAL_LEAST_S - 2);
    let case = case_of(&flooded([60_000, 62_000, 65_000, 70_000, 110_000], early), "www-1");
    let unknown =
        case.phases.iter().all(|phase| phase.beyond_usual == Known::Unknown(Why::NotRecorded));
    assert!(unknown, "{:?}", case.phases);
}

#[test]
fn harm_is_none_before_a_measure_acts_and_not_apart_after_it() {
    let harmed = |known: VisitorsHarmed, hold: u64| {
        let mut records = Records::default();
        for second in 1..=60 {
            let hold = if second > 12 { 900 } else { hold };
            records.second(second * 1_000, "www", (300, hold, Some(990)));
        }
        let mut closed = ended(incident("www-1", "www", IncidentKind::Flood), 50_000);
        closed.clocks.mitigated_at = Some(at(12_000));
        closed.clocks.relieved_at = Some(at(13_000));
        closed.visitors_harmed = known;
        records.fact(60_500, Fact::IncidentClosed(closed));
        let case = case_of(&records, "www-1");
        case.phases.iter().map(|phase| phase.harmed).collect::<Vec<_>>()
    };
    let (none, not_apart) = (Known::Is((0, 0)), Known::Unknown(Why::NotApart));
    let some = VisitorsHarmed::Between { least: 2, most: 40 };
    assert_eq!(harmed(some, 0), [none, none, not_apart, not_apart]);
    let unmeasured = Known::Unknown(Why::NotMeasured);
    assert_eq!(harmed(VisitorsHarmed::Unknown, 0), [none, none, unmeasured, unmeasured]);
    // Seconds that show otherwise are believed.
    assert_eq!(harmed(some, 7)[1], not_apart);
}

#[test]
fn harm_is_not_none_where_a_second_that_a_clock_cuts_has_requests_that_were_not_admitted() {
    let harmed = |onset, mitigated| {
        let mut records = Records::default();
        for second in 1..=60 {
            let hold = if second > 12 { 900 } else { 0 };
            records.second(second * 1_000, "www", (300, hold, Some(990)));
        }
        let mut closed = of([onset, 11_000, mitigated, 13_000, 50_000]);
        closed.visitors_harmed = VisitorsHarmed::Between { least: 2, most: 40 };
        records.fact(60_500, Fact::IncidentClosed(closed));
        let case = case_of(&records, "www-1");
        let told = |phase: &Phase| {
            let not = &phase.not_admitted;
            (not.least, not.most, phase.harmed)
        };
        case.phases.iter().map(told).collect::<Vec<_>>()
    };
    let (none, not_apart) = (Known::Is((0, 0)), Known::Unknown(Why::NotApart));
    // The second up to 13 s is cut: its stopped requests may lie before the clock.
    let cut = harmed(10_000, 12_250);
    assert_eq!(cut[0], (0, Known::Is(0), none));
    assert_eq!(cut[1], (0, Known::Is(900), not_apart));
    // One that is cut and stopped nothing leaves none.
    let calm = harmed(9_500, 12_000);
    assert_eq!(calm[0], (0, Known::Is(0), none));
    assert_eq!(calm[1], (0, Known::Is(0), none));
}

#[test]
fn two_clocks_of_the_same_moment_have_no_phase_between_them() {
    let case = case_of(&flooded([60_000, 62_000, 62_000, 70_000, 110_000], |_| false), "www-1");
    let edges: Vec<_> = case.phases.iter().map(|phase| (phase.from.word, phase.to.word)).collect();
    let expected =
        [("onset_at", "detected_at"), ("mitigated_at", "relieved_at"), ("relieved_at", "ended_at")];
    assert_eq!(edges, expected);
    assert_eq!(admitted(&case.phases[1]), (8 * 800, Known::Is(8 * 800)));
}

#[test]
fn an_incident_that_goes_on_has_a_phase_up_to_its_newest_record() {
    let mut records = flooded([60_000, 62_000, 65_000, 70_000, 110_000], |_| false);
    records.0.pop();
    let mut open = of([60_000, 62_000, 65_000, 70_000, 110_000]);
    (open.clocks.relieved_at, open.clocks.ended_at) = (None, None);
    records.fact(120_400, Fact::IncidentChanged(open));
    let case = case_of(&records, "www-1");
    let last = case.phases.last().expect("clocks are known");
    assert_eq!((last.from.word, last.to.word), ("mitigated_at", "as_of"));
    assert_eq!(admitted(last), (45 * 800 + 10 * 300, Known::Is(45 * 800 + 10 * 300)));
}

/// Whether each bound holds what a generator knows to the step.
fn wrong(seed: u64) -> u64 {
    let mut dice = Dice(seed);
    let onset = 60_000 + dice.roll(40) * STEP_MS;
    let mut clocks = [onset; 5];
    for at in 1..5 {
        clocks[at] = clocks[at - 1] + dice.roll([40, 60, 200, 1_200][at - 1]) * STEP_MS;
    }
    let mut truth = [(0_u64, 0_u64); 4];
    let mut records = Records::default();
    let (mut sums, mut told_at) = ((0, 0), 0);
    for step in 0..(clocks[4] + 5_000) / STEP_MS {
        let from = step * STEP_MS;
        let (admitted, held) = (dice.roll(40), if from >= onset { dice.roll(300) } else { 0 });
        for (phase, truth) in truth.iter_mut().enumerate() {
            if (clocks[phase]..clocks[phase + 1]).contains(&from) {
                *truth = (truth.0 + admitted, truth.1 + held);
            }
        }
        sums = (sums.0 + admitted, sums.1 + held);
        // Ticks come late by up to four steps.
        let now = from + STEP_MS;
        if now - told_at >= 1_000 && (dice.roll(3) > 0 || now - told_at >= 1_200) {
            records.second(now, "www", (sums.0, sums.1, Some(990)));
            (sums, told_at) = ((0, 0), now);
        }
    }
    records.fact(clocks[4] + 6_000, Fact::IncidentClosed(of(clocks)));
    let case: Case = case_of(&records, "www-1");
    let pairs = clocks.windows(2).zip(truth).filter(|(pair, _)| pair[0] < pair[1]);
    let truth: Vec<_> = pairs.map(|(_, truth)| truth).collect();
    assert_eq!(case.phases.len(), truth.len(), "seed {seed}");
    let holds = |between: &seawall_report::between::Between, truth: u64| {
        let most = *between.most.value().expect("nothing is lost");
        (between.least..=most).contains(&truth)
    };
    let off = case.phases.iter().zip(truth).filter(|(phase, truth)| {
        !holds(&phase.admitted, truth.0) || !holds(&phase.not_admitted, truth.1)
    });
    off.count() as u64
}

#[test]
fn what_lay_between_two_clocks_is_within_its_bounds_in_every_simulated_incident() {
    let wrong: u64 = (0..INCIDENTS).map(wrong).sum();
    println!("FIGURE report.phases {wrong} phases");
    assert_eq!(wrong, 0);
}
