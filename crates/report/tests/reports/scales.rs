//! The scales of size, variety and persistence order incidents as a person would, and say bounds.

use crate::simulated::{Records, case_of, ended, incident, simulated};
use seawall_report::case::{Case, SCALES};
use seawall_report::known::Known;
use seawall_report::{Form, Why, render};
use seawall_types::evidence::{Fact, GapReason, Incident, IncidentKind, Signature};

const WEEK_MS: u64 = 7 * 24 * 3_600 * 1_000;

/// One scripted incident.
struct Script {
    /// Demand over what the origins can carry, in thousandths.
    pressure: u32,
    /// Requests a second beside the usual hundred.
    flood: u64,
    /// When each description was first stated, in seconds after the first.
    stated_s: &'static [u64],
    duration_s: u64,
    /// Floods of the week before.
    earlier: u64,
}

/// From the mildest to the gravest in every respect.
const SCRIPTS: [Script; 6] = [
    Script { pressure: 900, flood: 50, stated_s: &[], duration_s: 40, earlier: 0 },
    Script { pressure: 1_400, flood: 500, stated_s: &[0], duration_s: 300, earlier: 0 },
    Script { pressure: 3_000, flood: 4_000, stated_s: &[0, 90], duration_s: 900, earlier: 1 },
    Script {
        pressure: 12_000,
        flood: 12_000,
        stated_s: &[0, 90, 200],
        duration_s: 2_000,
        earlier: 2,
    },
    Script {
        pressure: 30_000,
        flood: 90_000,
        stated_s: &[0, 90, 200, 300],
        duration_s: 4_000,
        earlier: 4,
    },
    Script {
        pressure: 130_000,
        flood: 900_000,
        stated_s: &[0, 90, 200, 300, 400, 500, 600, 700, 800],
        duration_s: 5_000,
        earlier: 10,
    },
];

fn described(stated: usize) -> Vec<Signature> {
    let one = |at: usize| Signature {
        text: format!("path=/{at}"),
        expression: format!("path=/{at}"),
        share_of_excess_permille: 100,
        hits: 0,
        visitors: 8_192,
        bound_ppm: 900,
    };
    (0..stated).map(one).collect()
}

fn of(id: &str, begin_ms: u64) -> Incident {
    let mut incident = incident(id, "www", IncidentKind::Flood);
    incident.clocks.onset_at = Some(crate::simulated::at(begin_ms));
    incident.clocks.detected_at = Some(crate::simulated::at(begin_ms + 500));
    incident
}

fn records(script: &Script) -> Records {
    let mut records = Records::default();
    records.second(1_000, "www", (100, 0, Some(300)));
    let begin_s = WEEK_MS / 1_000 + 60;
    for earlier in 0..script.earlier {
        let past_ms = 3_600_000 * (earlier + 2);
        let flood = of(&format!("www-e{earlier}"), past_ms);
        records.fact(past_ms + 60_000, Fact::IncidentClosed(ended(flood, past_ms + 50_000)));
    }
    for second in begin_s - 50..=begin_s + script.duration_s + 3 {
        let since = second.checked_sub(begin_s + 1);
        let is_on = since.is_some_and(|since| since < script.duration_s);
        let (flood, pressure) = if is_on { (script.flood, script.pressure) } else { (0, 300) };
        records.second(second * 1_000, "www", (100, flood, Some(pressure)));
        let count = script.stated_s.iter().filter(|at| since.is_some_and(|since| since > **at));
        let changed = since.is_some_and(|since| {
            since == 1 || script.stated_s.contains(&(since.saturating_sub(1)))
        });
        if is_on && changed {
            let mut told = of("www-1", begin_s * 1_000);
            told.signatures = described(count.count());
            records.fact(second * 1_000 + 1, Fact::IncidentChanged(told));
        }
    }
    let end_ms = (begin_s + script.duration_s) * 1_000;
    let mut closed = of("www-1", begin_s * 1_000);
    closed.signatures = described(script.stated_s.len());
    closed.clocks.ended_at = Some(crate::simulated::at(end_ms));
    records.fact(end_ms + 4_000, Fact::IncidentClosed(closed));
    records
}

fn steps(case: &Case) -> [u8; SCALES.len()] {
    case.scales.map(|reading| match reading.steps() {
        Known::Is((least, Known::Is(most))) if least == most => least,
        other => panic!("{}: {other:?}", reading.sentence()),
    })
}

#[test]
fn six_incidents_stand_in_their_order_on_every_scale() {
    let all: Vec<_> =
        SCRIPTS.iter().map(|script| steps(&case_of(&records(script), "www-1"))).collect();
    let is_ranked = (0..SCALES.len()).all(|scale| all.is_sorted_by_key(|steps| steps[scale]))
        && all.windows(2).all(|pair| pair[0] != pair[1]);
    println!("FIGURE report.scales {} incidents", u32::from(is_ranked) * 6);
    assert!(is_ranked, "{all:?}");
    let expected = [
        [0, 0, 0, 0, 0, 0],
        [1, 1, 1, 0, 1, 0],
        [2, 2, 2, 1, 2, 1],
        [3, 3, 2, 2, 2, 2],
        [3, 3, 3, 2, 3, 3],
        [4, 4, 4, 4, 3, 4],
    ];
    assert_eq!(all, expected);
}

#[test]
fn a_log_that_is_lost_in_part_or_begins_late_gives_lower_bounds_and_says_why() {
    let mut lossy = records(&SCRIPTS[2]);
    let at = WEEK_MS + 70_000;
    lossy.gap(WEEK_MS + 2_000_000, (at, at + 500), GapReason::DiskSlow);
    let case = case_of(&lossy, "www-1");
    let why = |at: usize| case.scales[at].value.value().expect("a lower bound").most;
    for scale in [0, 1, 2, 3, 5] {
        assert_eq!(why(scale), Known::Unknown(Why::Lost), "{}", case.scales[scale].sentence());
    }
    let mut late = records(&SCRIPTS[2]);
    late.0.remove(0);
    let case = case_of(&late, "www-1");
    let earlier = case.scales[5].value.value().expect("a lower bound");
    assert_eq!((earlier.least, earlier.most), (1, Known::Unknown(Why::TooShort)));
    assert!(case.scales[5].sentence().contains("step 1 or more"));
}

#[test]
fn a_sharpened_description_is_one_or_two() {
    let mut script = records(&SCRIPTS[1]);
    let closed = script.0.last_mut().expect("it has records");
    if let seawall_report::entry::Statement::Fact(fact) = &mut closed.statement
        && let Fact::IncidentClosed(incident) = fact.as_mut()
    {
        incident.signatures[0].expression = "path=/0 and method=GET".to_owned();
    }
    let descriptions = case_of(&script, "www-1").scales[2].value;
    let descriptions = descriptions.value().expect("it is counted");
    assert_eq!((descriptions.least, descriptions.most), (1, Known::Is(2)));
}

#[test]
fn no_form_judges_skill_or_size_by_a_word() {
    for seed in 0..40 {
        let case = simulated(seed);
        for form in [Form::Text, Form::Ncsc, Form::Html, Form::Json] {
            let document = render(form, &case).expect("every case has one").to_lowercase();
            for word in ["sophisticat", "large-scale", "massive", "advanced"] {
                assert!(!document.contains(word), "seed {seed}, {form:?}: {word}");
            }
        }
    }
}
