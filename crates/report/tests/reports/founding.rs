//! The case that the project began with, as simulated records: three platforms of a campaign, a flood
//! of twenty minutes on one, a second wave on two the next day, one never touched, and ninety seconds
//! of the telemetry of one cut off on the first day.
//!
//! `UPDATE_EXPECT=1 cargo test -p seawall-report founding` writes the reports of both days anew.

use crate::simulated::{Dice, Records, about, at, case_about};
use expect_test::expect_file;
use seawall_report::case::{Case, Level, Standing};
use seawall_report::{About, Form, Known, Line, Why, lint, render};
use seawall_types::evidence::{
    AddressWord, Clocks, Cluster, Clusters, Fact, Incident, IncidentKind, IncidentSealed,
    IncidentSources, MeasureBy, Measured, PlaceCount, PlaceRow, PlaceTable, Placed, Signature,
    SourceCrowd, StandingMeasure, VisitorsHarmed,
};
use seawall_types::{MeasureId, MeasureTotals, Rung, Verdict};

/// Seconds since noon at which a flood begins: 19:00 of each day.
const DAY_1: u64 = 7 * 3_600;
const DAY_2: u64 = DAY_1 + 24 * 3_600;
const TWENTY_MINUTES: u64 = 1_200;
/// When nothing of `donate` was told on the first day.
const CUT: std::ops::Range<u64> = DAY_1 + 300..DAY_1 + 390;

/// Seconds of an evening before its flood, of which each platform gets what is usual.
const CALM: u64 = 120;
const USUAL: [(&str, u64); 3] = [("www", 900), ("donate", 310), ("app", 120)];

/// A flood from `begin` on and what the shield counts of it.
fn flood(platform: &str, begin: u64, (admitted, held): (u64, u64)) -> Incident {
    let day = if begin < DAY_2 { "20260301" } else { "20260302" };
    Incident {
        id: format!("{platform}-{day}T190001.250").parse().expect("a name"),
        platform: platform.to_owned(),
        kind: IncidentKind::Flood,
        clocks: Clocks {
            onset_at: Some(at(begin * 1_000 + 250)),
            detected_at: Some(at(begin * 1_000 + 1_250)),
            mitigated_at: Some(at(begin * 1_000 + 1_250)),
            relieved_at: Some(at(begin * 1_000 + 3_500)),
            ended_at: None,
        },
        requests: [(Verdict::Admit, admitted), (Verdict::Hold, held)].into(),
        visitors_harmed: VisitorsHarmed::Between { least: 1, most: 40_000 },
        measured: Measured {
            peak_requests_per_s: Some(9_400),
            sources_least: Some(4_100),
            ..Measured::default()
        },
        signatures: vec![Signature {
            text: "method=POST and path=/donate/*".to_owned(),
            expression: "method=POST and path=/donate/*".to_owned(),
            share_of_excess_permille: 981,
            hits: 3,
            visitors: 8_192,
            bound_ppm: 1_070,
        }],
    }
}

/// One wave: the seconds of all three platforms, and the incidents of those that are `hit`.
fn wave(records: &mut Records, begin: u64, hit: &[&str]) {
    let mut dice = Dice(begin);
    let mut sums = vec![(0, 0); hit.len()];
    for second in begin - CALM..begin {
        for (name, usual) in USUAL {
            records.second(second * 1_000, name, (usual, 0, Some(520)));
        }
    }
    for second in begin..=begin + TWENTY_MINUTES + 4 {
        let ms = second * 1_000;
        let is_on = (begin + 1..=begin + TWENTY_MINUTES).contains(&second);
        for (name, usual) in USUAL {
            let is_hit = is_on && hit.contains(&name);
            let visitors = usual + dice.roll(usual / 4);
            let held = if is_hit { 7_000 + dice.roll(1_500) } else { 0 };
            // Until the first measure has its effect, more is asked than can be carried.
            let pressure = match second - begin {
                1..=3 if is_hit => 1_400,
                _ if is_hit => 960,
                _ => 520,
            };
            if name != "donate" || !CUT.contains(&second) {
                records.second(ms, name, (visitors, held, Some(pressure)));
            }
            if is_on && let Some(sum) = hit.iter().position(|platform| *platform == name) {
                sums[sum] = (sums[sum].0 + visitors, sums[sum].1 + held);
            }
        }
        if second == begin + 1 {
            for platform in hit {
                let opened = Fact::IncidentOpened(flood(platform, begin, (900, 9_000)));
                records.fact(ms + 250, opened);
            }
        }
    }
    for (platform, sums) in hit.iter().zip(sums) {
        let mut closed = flood(platform, begin, sums);
        closed.clocks.ended_at = Some(at((begin + TWENTY_MINUTES) * 1_000));
        let told = (begin + TWENTY_MINUTES + 5) * 1_000;
        records.fact(told, Fact::IncidentClosed(closed));
        records.fact(told, Fact::IncidentSources(Box::new(botnet(platform, begin, sums))));
        let sealed = IncidentSealed {
            incident: flood(platform, begin, sums).id,
            platform: (*platform).to_owned(),
            sources: 1_000,
            root: "oq0Pb0Yc6R3lGqP0y0Jm9m9rVJ0hXyWkq1m4cV0d3aM=".to_owned(),
        };
        records.fact(told, Fact::IncidentSealed(sealed));
    }
    // Nothing that was watched departs in these two evenings.
    let all = ["www", "donate", "app"];
    records.watched((begin, begin + TWENTY_MINUTES + 30), &all, &mut Dice(STEADY));
}

/// A seed of which nothing departs.
const STEADY: u64 = 4;

/// Of four machines three took part on both evenings.
fn marks(begin: u64) -> Vec<String> {
    let own = if begin < DAY_2 { 1 } else { 2 };
    let mark = |at: u64| (at << 40) | if at.is_multiple_of(4) { own } else { 0 };
    (1..=256).map(|at| format!("{:016x}", mark(at))).collect()
}

/// The rented botnet: 3,980 sources of which 60 % stand in one country.
fn botnet(platform: &str, begin: u64, (admitted, held): (u64, u64)) -> IncidentSources {
    let row = |place: &str, sources: u64| PlaceRow {
        place: place.to_owned(),
        count: PlaceCount { sources, requests: sources * held / 3_980 },
    };
    let placed = |rows: Vec<PlaceRow>| {
        let sources: u64 = rows.iter().map(|row| row.count.sources).sum();
        let requests: u64 = rows.iter().map(|row| row.count.requests).sum();
        let unplaced = PlaceCount { sources: 3_980 - sources, requests: held - requests };
        Some(Placed { rows, others: PlaceCount::default(), unplaced })
    };
    let met = SourceCrowd {
        sources: 3_980,
        error_permille: 0,
        requests: held,
        sampled: 3_980,
        sampled_requests: held,
        effective_requests: 3_410,
        countries: placed(vec![row("QM", 2_388), row("QN", 640), row("XA", 410), row("XB", 300)]),
        networks: placed(vec![row("AS64496", 1_210), row("AS64497", 702), row("AS64511", 88)]),
        classes: placed(vec![row("residential", 3_102), row("hosting", 611)]),
        marks: marks(begin),
        compared: 3_690,
        disagreeing: 122,
    };
    let asked = SourceCrowd {
        sources: 61_400,
        error_permille: 16,
        requests: admitted + held,
        sampled: 4_096,
        sampled_requests: 390_000,
        effective_requests: 371,
        countries: None,
        networks: None,
        classes: None,
        marks: Vec::new(),
        compared: 0,
        disagreeing: 0,
    };
    let table = |key: &str, name: &str| PlaceTable {
        key: key.to_owned(),
        name: name.to_owned(),
        built_s: 1_771_891_200,
        digest: format!("sha256:{}", "7c".repeat(32)),
    };
    IncidentSources {
        incident: flood(platform, begin, (admitted, held)).id,
        platform: platform.to_owned(),
        since: at(begin * 1_000 + 500),
        until: at((begin + TWENTY_MINUTES + 5) * 1_000),
        asked,
        met,
        clusters: Some(Clusters { rows: vec![group(begin, held)], unassigned: 995 }),
        unlisted: 0,
        addresses: AddressWord::Handshake,
        tables: vec![
            table("geo.country", "example-country"),
            table("geo.network", "example-network"),
        ],
    }
}

/// Of four machines three look alike and began together.
fn group(begin: u64, held: u64) -> Cluster {
    Cluster {
        look: "5f0c21aa".to_owned(),
        sources: 2_985,
        requests: held * 3 / 4,
        aims: 1,
        began_ms: at(begin * 1_000 + 900).wall.0,
        stability_permille: 987,
    }
}

pub(crate) fn both_days() -> Records {
    let mut records = Records::default();
    let (version, configuration) = ("0.1.0".to_owned(), "sha256:0f3a9c".to_owned());
    records.fact(0, Fact::NodeStarted { version, configuration });
    wave(&mut records, DAY_1, &["www"]);
    wave(&mut records, DAY_2, &["www", "donate"]);
    records
}

fn of_day(records: &Records, id: &str) -> Case {
    let platforms = ["www", "donate", "app"].map(Line::of).to_vec();
    case_about(records, id, About { aware_at: None, platforms, ..about() })
}

fn standing(case: &Case, name: &str) -> (Standing, Option<Why>) {
    let view = case.platforms.iter().find(|view| view.name.as_str() == name);
    let view = view.expect("it is listed");
    (view.standing, view.coverage.is_whole().err())
}

#[test]
fn of_the_founding_case_each_platform_is_told_as_it_was() {
    let records = both_days();
    let first = of_day(&records, "www-20260301T190001.250");
    assert_eq!(standing(&first, "www"), (Standing::Confirmed, None));
    assert_eq!(standing(&first, "donate"), (Standing::Unknown, Some(Why::PartlyUnseen)));
    assert_eq!(standing(&first, "app"), (Standing::RuledOut, None));
    let donate = first.others().iter().find(|other| other.name.as_str() == "donate");
    let coverage = donate.expect("it is listed").coverage;
    assert_eq!(coverage.expected_s - coverage.seen_s, CUT.end - CUT.start);
    let second = of_day(&records, "www-20260302T190001.250");
    assert_eq!(standing(&second, "www"), (Standing::Confirmed, None));
    assert_eq!(standing(&second, "donate"), (Standing::Confirmed, None));
    assert_eq!(standing(&second, "app"), (Standing::RuledOut, None));
    for case in [&first, &second] {
        assert_eq!(case.severity.level, Known::Is(Level::Unbroken), "nobody waited half a second");
    }
}

#[test]
fn the_strictest_measure_against_a_description_is_told_and_none_is_made_up() {
    let mut records = both_days();
    let ms = DAY_1 * 1_000 + 2_000;
    let measure = |rung| StandingMeasure {
        id: MeasureId::new(17).expect("within its bound"),
        platform: "www".to_owned(),
        by: MeasureBy::Ladder,
        rung,
        about: "method=POST and path=/donate/*".to_owned(),
        why: "it explains most of what is too much".to_owned(),
        began_at: at(ms),
        expires_at: at(ms + 600_000),
        counts: MeasureTotals::default(),
    };
    records.fact(ms, Fact::MeasureBegan(measure(Rung::Limit)));
    let (was, measure) = (Rung::Refuse, measure(Rung::Watch));
    records.fact(ms + 1_000, Fact::MeasureChanged { was, measure });
    let rung = |day| of_day(&records, day).signatures[0].rung;
    assert_eq!(rung("www-20260301T190001.250"), Some(Rung::Refuse));
    assert_eq!(rung("www-20260302T190001.250"), None);
}

#[test]
fn what_was_said_of_the_founding_case_is_objected_to_and_the_draft_is_not() {
    let case = of_day(&both_days(), "www-20260301T190001.250");
    let said = "We have stopped a sophisticated and large-scale attack from abroad. Our systems' \
                integrity was maintained and no data was lost. Our other platforms were unaffected.";
    let objections = lint(said, &case).text();
    for word in ["sophisticated", "large-scale", "integrity", "unaffected"] {
        assert!(objections.contains(word), "{word} is not in\n{objections}");
    }
    let draft = render(Form::Statement, &case).expect("every case has one");
    assert!(lint(&draft, &case).is_empty(), "{}", lint(&draft, &case).text());
}

#[test]
fn the_reports_of_both_days_are_as_they_were_last_read_by_a_person() {
    let records = both_days();
    let day = |id| of_day(&records, id);
    let (first, second) = (day("www-20260301T190001.250"), day("www-20260302T190001.250"));
    for (case, form, file) in [
        (&first, Form::Text, expect_file!["../../../../docs/reports/founding/day-1.txt"]),
        (&first, Form::Ncsc, expect_file!["../../../../docs/reports/founding/day-1.ncsc.txt"]),
        (
            &first,
            Form::Statement,
            expect_file!["../../../../docs/reports/founding/day-1.statement.txt"],
        ),
        (&first, Form::Html, expect_file!["../../../../docs/reports/founding/day-1.html"]),
        (&second, Form::Text, expect_file!["../../../../docs/reports/founding/day-2.txt"]),
        (&second, Form::Ncsc, expect_file!["../../../../docs/reports/founding/day-2.ncsc.txt"]),
        (
            &second,
            Form::Statement,
            expect_file!["../../../../docs/reports/founding/day-2.statement.txt"],
        ),
        (&second, Form::Html, expect_file!["../../../../docs/reports/founding/day-2.html"]),
    ] {
        file.assert_eq(&render(form, case).expect("every case has one"));
    }
}
