//! A case read from segments, one after another, is the case of the same records in memory.

use crate::simulated::{Records, about, at, ended, incident};
use seawall_report::case::{Check, Evidence, Standing};
use seawall_report::entry::{Entry, Statement};
use seawall_report::{Case, Form, Survey, render};
use seawall_types::evidence::{Fact, GapReason, IncidentId, IncidentKind};
use std::time::Duration;

/// A record as the log writes it; what it follows is not looked at here.
fn line(entry: &Entry) -> String {
    let Entry { number, node, stamp, statement } = entry;
    let (wall, mono) = (stamp.wall.0, stamp.moment.0);
    let stated = match statement {
        Statement::Fact(fact) => serde_json::to_string(fact),
        Statement::Own(own) => serde_json::to_string(own),
    };
    let stated = stated.expect("records can be written");
    format!(
        "{{\"n\":{number},\"node\":\"{node}\",\"wall_ms\":{wall},\"mono_ns\":{mono},\
         \"prev\":\"AAAAAAAAAAAAAAAA\",{}\n",
        stated.strip_prefix('{').expect("an object")
    )
}

fn segments(records: &Records, lines: usize) -> Vec<Vec<u8>> {
    let texts: Vec<_> = records.0.iter().map(line).collect();
    texts.chunks(lines).map(|chunk| chunk.concat().into_bytes()).collect()
}

fn streamed(segments: &[Vec<u8>], id: &str) -> Case {
    let mut survey = Survey::default();
    for segment in segments {
        survey.take(segment);
    }
    let mut gathering = survey.begin(&id.parse().expect("a name")).expect("it was recorded");
    for segment in segments {
        gathering.take(segment);
    }
    gathering.case(&Check::NotMade, about())
}

fn in_memory(records: &Records, id: &str) -> Case {
    let id: IncidentId = id.parse().expect("a name");
    let evidence = Evidence { entries: &records.0, unread: 0, check: &Check::NotMade };
    Case::of(&evidence, &id, about()).expect("it was recorded")
}

/// Two incidents, a restart between them, gaps, seconds of three platforms.
fn two_days() -> Records {
    let mut records = Records::default();
    for (day, id) in [(0, "www-1"), (86_400_000, "www-2")] {
        let (version, configuration) = ("0.1.0".to_owned(), "sha256:0f3a".to_owned());
        records.fact(day, Fact::NodeStarted { version, configuration });
        let opened = incident(id, "www", IncidentKind::Flood);
        for second in 1..=60 {
            let ms = day + second * 1_000;
            let hold = if second >= 10 { 5_000 } else { 0 };
            records.second(ms, "www", (300, hold, Some(990)));
            records.second(ms, "donate", (40, 0, Some(200)));
            if second == 10 {
                records.fact(ms, Fact::IncidentOpened(opened.clone()));
            }
            if second == 20 {
                records.gap(ms, (ms - 900, ms), GapReason::DiskSlow);
            }
        }
        records.fact(day + 61_000, Fact::IncidentClosed(ended(opened, 50_000)));
        records.fact(day + 62_000, Fact::NodeStopped);
    }
    records
}

#[test]
fn however_a_log_is_cut_into_segments_every_form_is_the_same() {
    let records = two_days();
    let whole = in_memory(&records, "www-1");
    for lines in [1, 7, 10_000] {
        let case = streamed(&segments(&records, lines), "www-1");
        for form in Form::ALL {
            assert_eq!(render(form, &case), render(form, &whole), "{form:?}, {lines} a segment");
        }
    }
}

#[test]
fn a_line_that_is_no_record_is_counted_wherever_it_stands_and_rules_nothing_out() {
    let mut segments = segments(&two_days(), 50);
    assert_eq!(streamed(&segments, "www-1").custody.unread, 0);
    segments[0].extend_from_slice(b"{\"n\":\n");
    // Known by its beginning, unreadable as a whole, and in the time of the incident.
    let second = String::from_utf8(segments[0].clone()).expect("text");
    let second = second.lines().find(|line| line.contains("donate")).expect("it is there");
    let spoilt = second.replace("\"origin_ms\":", "\"origin_ns\":");
    let spoilt = spoilt.replace("\"wall_ms\":1772366401000", "\"wall_ms\":1772366430000");
    segments[0].extend_from_slice(spoilt.as_bytes());
    segments[0].push(b'\n');
    let case = streamed(&segments, "www-1");
    assert_eq!(case.custody.unread, 2);
    let donate = case.others().iter().find(|other| other.name.as_str() == "donate");
    assert_eq!(donate.expect("it is listed").standing, Standing::Unknown);
}

#[test]
fn a_log_without_the_incident_gives_no_case() {
    let mut survey = Survey::default();
    for segment in segments(&two_days(), 50) {
        survey.take(&segment);
    }
    assert!(survey.begin(&"www-9".parse().expect("a name")).is_err());
}

/// An incident of ten million requests behind sixteen hours of another one's seconds.
#[test]
#[expect(clippy::disallowed_methods, reason = "how long it takes is what is asked")]
fn a_case_of_ten_million_requests_in_a_long_log_is_made_within_its_bound() {
    let mut records = Records::default();
    for second in 1..=60_000 {
        records.second(second * 1_000, "donate", (300, 0, Some(200)));
    }
    let start = 60_001_000;
    let mut opened = incident("www-1", "www", IncidentKind::Flood);
    opened.clocks.onset_at = Some(at(start));
    opened.clocks.detected_at = Some(at(start + 500));
    records.fact(start, Fact::IncidentOpened(opened));
    for second in 1..=600 {
        records.second(start + second * 1_000, "www", (300, 17_000, Some(990)));
        records.second(start + second * 1_000, "donate", (300, 0, Some(200)));
    }
    let one = segments(&records, 4_000);
    let began = std::time::Instant::now();
    let case = streamed(&one, "www-1");
    let took = began.elapsed();
    assert!(case.subject().impact.total() > 10_000_000);
    println!("61,200 records, 10.4 million requests: {took:?}");
    // Unoptimised, and two builds beside it: a hundredth of what a log of two gigabytes holds.
    assert!(took < Duration::from_secs(5), "{took:?}");
}
