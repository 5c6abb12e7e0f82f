//! Every form of simulated incidents: the same bytes, quickly, and as the samples show them.

use crate::simulated::{
    Dice, Records, about, case_about, case_of, describe, ended, incident, simulated,
};
use expect_test::expect_file;
use seawall_report::case::Case;
use seawall_report::{About, Form, Tlp, Unable, render};
use seawall_types::evidence::{Fact, IncidentKind, Standing, VisitorsHarmed};
use std::time::Duration;

#[test]
fn every_form_gives_the_same_bytes_twice() {
    for seed in 0..20 {
        let (one, two) = (simulated(seed), simulated(seed));
        for form in Form::ALL {
            assert_eq!(render(form, &one), render(form, &two), "seed {seed}, {form:?}");
        }
    }
}

#[test]
fn every_form_has_its_word_and_reads_back() {
    for form in Form::ALL {
        assert_eq!(Form::read(form.word()), Some(form));
        assert!(!form.media_type().is_empty());
    }
    assert_eq!(Form::read("pdf"), None);
}

/// The incident of the samples: a flood on one of four platforms, one of which was not seen whole.
fn sample() -> Case {
    let mut records = Records::default();
    let (version, configuration) = ("0.1.0".to_owned(), "sha256:0f3a9c".to_owned());
    records.fact(0, Fact::NodeStarted { version, configuration });
    for second in 1..=190 {
        let ms = second * 1_000;
        let is_on = (10..=180).contains(&second);
        let hold = if is_on { 4_800 + second * 7 % 400 } else { 0 };
        let pressure = if second == 10 {
            1_180
        } else if is_on {
            960
        } else {
            310
        };
        records.second(ms, "donate", (310 + second % 20, hold, Some(pressure)));
        records.second(ms, "www", (900 + second % 90, 0, Some(410)));
        if second != 77 {
            records.second(ms, "events", (25, 0, Some(120)));
        }
        if second == 10 {
            let opened = incident("donate-20260301-1", "donate", IncidentKind::Flood);
            records.fact(10_500, Fact::IncidentOpened(opened));
            let (was, now) = (Standing::Healthy, Standing::Out);
            let origin = "http://192.0.2.10:8080".to_owned();
            records.fact(10_900, Fact::OriginStanding { origin, was, now });
        }
    }
    let mut closed = ended(incident("donate-20260301-1", "donate", IncidentKind::Flood), 180_000);
    closed.requests =
        [(seawall_types::Verdict::Admit, 54_613), (seawall_types::Verdict::Hold, 855_171)].into();
    closed.measured.peak_requests_per_s = Some(5_523);
    closed.measured.peak_pressure_permille = Some(1_180);
    closed.measured.sources_least = Some(912);
    closed.visitors_harmed = VisitorsHarmed::Between { least: 2, most: 40 };
    records.fact(191_000, Fact::IncidentClosed(closed));
    let mut about = about();
    about.platforms.push(seawall_report::Line::of("shop"));
    let mut case = case_about(&records, "donate-20260301-1", about);
    describe(&mut case, &mut Dice(7));
    case
}

#[test]
fn the_samples_are_what_the_program_prints() {
    let case = sample();
    for (form, file) in [
        (Form::Text, expect_file!["../../../../docs/reports/sample.txt"]),
        (Form::Json, expect_file!["../../../../docs/reports/sample.json"]),
        (Form::Html, expect_file!["../../../../docs/reports/sample.html"]),
        (Form::Ncsc, expect_file!["../../../../docs/reports/sample.ncsc.txt"]),
        (Form::Ico, expect_file!["../../../../docs/reports/sample.ico.txt"]),
        (Form::Draft24h, expect_file!["../../../../docs/reports/sample.draft-24h.txt"]),
        (Form::Draft72h, expect_file!["../../../../docs/reports/sample.draft-72h.txt"]),
        (Form::DraftMonth, expect_file!["../../../../docs/reports/sample.draft-month.txt"]),
        (Form::Stix, expect_file!["../../../../docs/reports/sample.stix.json"]),
        (Form::Misp, expect_file!["../../../../docs/reports/sample.misp.json"]),
        (Form::Xarf, expect_file!["../../../../docs/reports/sample.xarf.json"]),
        (Form::FlowSpec, expect_file!["../../../../docs/reports/sample.flowspec.txt"]),
        (Form::Csv, expect_file!["../../../../docs/reports/sample.csv"]),
        (Form::Statement, expect_file!["../../../../docs/reports/sample.statement.txt"]),
    ] {
        // The file is compared without the line ends that RFC 4180 wants.
        file.assert_eq(&render(form, &case).expect("the sample holds all").replace("\r\n", "\n"));
    }
}

/// The processor time of this thread would be better; the least of three is near it.
#[expect(clippy::disallowed_methods, reason = "how long it takes is what is asked")]
fn time(work: impl Fn()) -> Duration {
    let once = || {
        let began = std::time::Instant::now();
        work();
        began.elapsed()
    };
    (0..3).map(|_| once()).min().unwrap_or_default()
}

#[test]
fn ten_million_requests_are_rendered_in_a_tenth_of_a_second() {
    let mut records = Records::default();
    records.fact(500, Fact::IncidentOpened(incident("www-1", "www", IncidentKind::Flood)));
    for second in 1..=600 {
        records.second(second * 1_000, "www", (300, 17_000, Some(990)));
        records.second(second * 1_000, "donate", (300, 0, Some(200)));
    }
    let mut case = case_of(&records, "www-1");
    assert!(case.subject().impact.total() > 10_000_000);
    describe(&mut case, &mut Dice(7));
    for form in Form::ALL {
        let took = time(|| assert!(render(form, &case).is_ok()));
        assert!(took < Duration::from_millis(100), "{form:?} took {took:?}");
    }
}

#[test]
fn a_form_that_accuses_or_acts_needs_a_flood_sources_and_somebody_to_ask() {
    let mut case = sample();
    case.about = About::default();
    assert_eq!(render(Form::Xarf, &case), Err(Unable::NoContact));
    case.sources.clear();
    for form in [Form::Xarf, Form::FlowSpec] {
        assert_eq!(render(form, &case), Err(Unable::NoSources));
    }
    case.kind = IncidentKind::Surge;
    for form in [Form::Xarf, Form::FlowSpec] {
        assert_eq!(render(form, &case), Err(Unable::NotAFlood));
    }
}

#[test]
fn rules_that_are_loaded_whole_name_where_traffic_goes_and_do_one_thing() {
    let mut case = sample();
    case.reached = Some("203.0.113.7:443".parse().unwrap());
    case.sources[1].address = "2001:db8:1:2:3:4:5:6".parse().unwrap();
    let live = |case: &Case| -> String {
        let text = render(Form::FlowSpec, case).unwrap();
        assert!(text.contains("#   route 2001:db8:1:2::/64 next-hop"), "{text}");
        assert!(text.contains("no-export]") && text.contains("uRPF"), "{text}");
        assert!(text.contains("#       source 2001:db8:1:2::/64/0;"), "{text}");
        let lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
        lines.flat_map(|line| [line, "\n"]).collect()
    };
    let rules = live(&case);
    let count = |what: &str| rules.matches(what).count();
    assert_eq!(count(" source "), case.sources.len() - 1);
    assert_eq!(count("destination 203.0.113.7/32;"), case.sources.len() - 1);
    assert_eq!((count("static"), count("flow {")), (0, 1));
    case.reached = None;
    assert_eq!(live(&case), "", "without a destination nothing is loaded");
}

#[test]
fn addresses_stand_only_in_forms_that_cannot_do_without() {
    let case = sample();
    let holds = |case: &Case, form| {
        render(form, case).is_ok_and(|document| document.contains("198.51.100."))
    };
    let under =
        |case: &Case| Form::ALL.into_iter().filter(|form| holds(case, *form)).collect::<Vec<_>>();
    assert_eq!(under(&case), [Form::Xarf, Form::FlowSpec]);
}

#[test]
fn what_is_not_known_is_said_in_every_form_for_people() {
    let mut case = simulated(3);
    case.about = About::default();
    case.signatures.clear();
    case.places = seawall_report::Known::Unknown(seawall_report::Why::NoTable);
    for form in [Form::Text, Form::Html] {
        let document = render(form, &case).expect("every case has one");
        for said in [
            "nobody told the shield",
            "unknown: no table configured",
            "no record holds a description",
        ] {
            assert!(document.contains(said), "{form:?} lacks {said}");
        }
    }
}

#[test]
fn every_form_names_who_reports_whom_to_ask_and_its_label() {
    let case = sample();
    for form in Form::ALL {
        let document = render(form, &case).expect("the sample holds all");
        let label = match form {
            Form::Json | Form::Stix => "\"amber\"",
            Form::Misp => "tlp:amber",
            _ => "TLP:AMBER",
        };
        for said in ["Example Party", "security@example.net", label] {
            assert!(document.contains(said), "{form:?} lacks {said}");
        }
    }
}

#[test]
fn what_a_label_keeps_back_stands_in_no_form_under_it() {
    // What leads around the shield, and what tells a sender what is looked for.
    let (inner, described) = ("192.0.2.10:8080", ["path=/login", "sha256:0f3a9c"]);
    let mut case = sample();
    let holds = |case: &Case, said: &str| {
        let holds = |form| render(form, case).is_ok_and(|document| document.contains(said));
        Form::ALL.into_iter().filter(|form| holds(*form)).count()
    };
    for (tlp, shows_inner, shows_described) in [
        (None, true, true),
        (Some(Tlp::Red), true, true),
        (Some(Tlp::AmberStrict), true, true),
        (Some(Tlp::Amber), true, true),
        (Some(Tlp::Green), false, true),
        (Some(Tlp::Clear), false, false),
    ] {
        case.about.tlp = tlp;
        assert_eq!(holds(&case, inner) > 0, shows_inner, "{tlp:?}");
        for said in described {
            assert_eq!(holds(&case, said) > 0, shows_described, "{tlp:?} {said}");
        }
    }
    let said = "a change of an origin's standing, withheld under TLP:CLEAR";
    assert!(holds(&case, said) > 0, "what is kept back is said to be");
}
