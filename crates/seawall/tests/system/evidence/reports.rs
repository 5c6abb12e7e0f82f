//! How long a report takes that somebody asks for, and whether it is the same when asked for again.

use super::made::{at, key};
use super::{LONG, ran};
use crate::fixtures::{Folder, figure, run, seawall};
use seawall_evidence::{DirectoryStore, Limits, Log};
use seawall_report::Form;
use seawall_types::evidence::{
    Clocks, Fact, Incident, IncidentKind, Measured, PlatformSecond, RequestCounts, VisitorsHarmed,
};
use seawall_types::{Reason, Verdict};
use std::time::Instant;

/// Seconds of the incident, and what was held in each on one platform: ten million in all.
const SECONDS: u64 = 600;
const HELD: u64 = 17_000;
/// Seconds of another incident before it.
const BEFORE: u64 = 3_600;
/// Forms that need addresses, of which this log has none.
const OF_ADDRESSES: [Form; 2] = [Form::Xarf, Form::FlowSpec];

fn second(platform: &str, held: u64) -> Fact {
    let mut requests = RequestCounts::default();
    requests.add(Verdict::Admit, Reason::Clear, 300);
    requests.add(Verdict::Hold, Reason::Overload, held);
    Fact::PlatformSecond(PlatformSecond {
        platform: platform.to_owned(),
        incident: None,
        requests,
        origin_ms: 7_900,
        bytes_out: 1_000_000,
        pressure_permille: Some(990),
        limit: Some(64),
        in_flight: 63,
        queue_wait_max_ms: Some(400),
    })
}

fn incident(id: &str, (from, to): (u64, Option<u64>)) -> Incident {
    Incident {
        id: id.parse().expect("a name"),
        platform: "www".to_owned(),
        kind: IncidentKind::Flood,
        clocks: Clocks {
            onset_at: Some(at(from)),
            detected_at: Some(at(from + 500)),
            ended_at: to.map(at),
            ..Clocks::default()
        },
        requests: [(Verdict::Admit, 300 * SECONDS), (Verdict::Hold, HELD * SECONDS)].into(),
        visitors_harmed: VisitorsHarmed::Unknown,
        measured: Measured::default(),
        signatures: Vec::new(),
    }
}

fn write(folder: &Folder) {
    let mut log =
        Log::open(DirectoryStore::new(folder.join("evidence")), key(), Limits::default(), at(0));
    let begun = Fact::NodeStarted { version: "0.1.0".to_owned(), configuration: "sha256:0".into() };
    log.append(at(0), &begun);
    let begins = BEFORE * 1_000;
    for number in 1..=BEFORE + SECONDS {
        let now = number * 1_000;
        if now == begins {
            log.append(at(now), &Fact::IncidentOpened(incident("www-1", (now, None))));
        }
        log.append(at(now), &second("www", if now > begins { HELD } else { 0 }));
        log.append(at(now), &second("donate", 0));
        log.on_deadline(at(now));
    }
    let ends = (BEFORE + SECONDS) * 1_000;
    log.append(at(ends), &Fact::IncidentClosed(incident("www-1", (begins, Some(ends)))));
    log.append(at(ends), &Fact::NodeStopped);
    log.finish(at(ends));
}

#[test]
fn a_report_of_ten_million_requests_takes_seconds_and_is_the_same_when_asked_for_again() {
    let folder = Folder::new();
    write(&folder);
    let state = folder.path().to_string_lossy().into_owned();
    let mut longest = 0.0_f64;
    for form in Form::ALL.into_iter().filter(|form| !OF_ADDRESSES.contains(form)) {
        let ask = || {
            let mut command = seawall();
            command.args(["incident", "report", "www-1", "--as", form.word()]);
            run(command.args(["--state-dir", &state]), LONG).good()
        };
        let began = Instant::now();
        let once = ask();
        longest = longest.max(began.elapsed().as_secs_f64());
        assert_eq!(once, ask(), "{form:?}");
    }
    figure("report.seconds", format!("{longest:.2}"), "s");
    assert!(longest <= 5.0, "{longest} s");
    let text = ran(&["incident", "report", "www-1", "--as", "ncsc", "--state-dir", &state]).good();
    assert!(text.contains("10,380,000"), "{text}");
}
