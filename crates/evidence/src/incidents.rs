//! Incidents as text for people and JSON for programs.
//!
//! States what the log holds: what is not known is `null` in JSON and "not known" in text.

use crate::index::{Case, CaseState, GapRow, SecondRow};
use seawall_types::evidence::{Clocks, Measured, Stamp, VisitorsHarmed};
use seawall_types::wall::rfc3339;
use serde_json::{Value, json};
use std::fmt::{Display, Write as _};

/// Everything that the log says about one incident.
#[derive(Debug, Clone)]
pub struct Report {
    /// The incident.
    pub case: Case,
    /// Its seconds, in their order.
    pub seconds: Vec<SecondRow>,
    /// Gaps of the log that touch its time.
    pub gaps: Vec<GapRow>,
}

/// The incident's own fields, for programs.
pub fn json(case: &Case) -> Value {
    let incident = &case.incident;
    let at = |stamp: Option<Stamp>| stamp.map(|stamp| rfc3339(stamp.wall));
    let Clocks { onset_at, detected_at, mitigated_at, relieved_at, ended_at } = incident.clocks;
    let merged_into = match &case.state {
        CaseState::MergedInto(other) => Some(other),
        CaseState::Open | CaseState::Closed => None,
    };
    json!({
        "id": incident.id,
        "platform": incident.platform,
        "kind": incident.kind,
        "state": case.state.word(),
        "merged_into": merged_into,
        "vectors": null,
        "onset_at": at(onset_at),
        "detected_at": at(detected_at),
        "mitigated_at": at(mitigated_at),
        "relieved_at": at(relieved_at),
        "ended_at": at(ended_at),
        "requests": incident.requests,
        "visitors_harmed": incident.visitors_harmed,
        "measured": incident.measured,
        "signatures": null,
        "records": {"first": case.first_record, "last": case.last_record},
    })
}

/// One line for each incident, for people.
pub fn list(cases: &[Case]) -> String {
    if cases.is_empty() {
        return "no incidents\n".to_owned();
    }
    let mut text = String::new();
    for case in cases {
        let incident = &case.incident;
        let _ = writeln!(
            text,
            "{:<24} {:<7} {:<8} {}  {}",
            incident.id.as_str(),
            case.state.word(),
            incident.kind.word(),
            rfc3339(case.opened_at),
            incident.platform,
        );
    }
    text
}

/// The incident's own fields, for people.
pub fn show(case: &Case) -> String {
    let incident = &case.incident;
    let Clocks { onset_at, detected_at, mitigated_at, relieved_at, ended_at } = incident.clocks;
    let mut text = format!("incident {} on {}\n", incident.id, incident.platform);
    let mut line = |name: &str, value: String| {
        let _ = writeln!(text, "  {name:<28} {value}");
    };
    line("kind", incident.kind.word().to_owned());
    line(
        "state",
        match &case.state {
            CaseState::MergedInto(other) => format!("merged into {other}"),
            other => other.word().to_owned(),
        },
    );
    for (name, stamp) in [
        ("first traffic", onset_at),
        ("detected", detected_at),
        ("first measure", mitigated_at),
        ("load back in its bound", relieved_at),
        ("last traffic", ended_at),
    ] {
        line(name, known(stamp.map(|stamp| rfc3339(stamp.wall))));
    }
    for (verdict, requests) in &incident.requests {
        line(&format!("requests, {verdict}"), requests.to_string());
    }
    line(
        "visitors harmed",
        match incident.visitors_harmed {
            VisitorsHarmed::Unknown => "not known".to_owned(),
            VisitorsHarmed::Between { least, most } => format!("{least} to {most}"),
        },
    );
    for (name, value) in measured(&incident.measured) {
        line(name, value);
    }
    line("records", format!("{} to {}", case.first_record, case.last_record));
    text
}

fn measured(measured: &Measured) -> [(&'static str, String); 8] {
    let thousandths = |value: u32| format!("{}.{:03}", value / 1_000, value % 1_000);
    [
        ("most requests in a second", known(measured.peak_requests_per_s)),
        ("most admitted in a second", known(measured.peak_admitted_per_s)),
        ("highest pressure", known(measured.peak_pressure_permille.map(thousandths))),
        ("most at the origins at once", known(measured.peak_in_flight)),
        ("longest wait, ms", known(measured.queue_wait_max_ms)),
        ("origins worked, ms", known(measured.origin_ms)),
        ("bytes to clients", known(measured.bytes_out)),
        ("different sources, at least", known(measured.sources_least)),
    ]
}

fn known(value: Option<impl Display>) -> String {
    value.map_or("not known".to_owned(), |value| value.to_string())
}

impl Report {
    /// For programs.
    pub fn json(&self) -> Value {
        let second = |second: &SecondRow| {
            json!({
                "at": rfc3339(second.at), "record": second.record, "admitted": second.admitted,
                "not_admitted": second.not_admitted, "origin_ms": second.origin_ms,
                "bytes_out": second.bytes_out, "pressure_permille": second.pressure_permille,
            })
        };
        let gap = |gap: &GapRow| {
            json!({
                "record": gap.record, "reason": gap.reason, "lost": gap.lost,
                "from": rfc3339(gap.from), "to": rfc3339(gap.to),
            })
        };
        json!({
            "incident": json(&self.case),
            "seconds": self.seconds.iter().map(second).collect::<Vec<_>>(),
            "gaps": self.gaps.iter().map(gap).collect::<Vec<_>>(),
        })
    }

    /// For people.
    pub fn text(&self) -> String {
        let mut text = show(&self.case);
        if self.gaps.is_empty() {
            text.push_str("\nno gap is recorded during this time; `seawall verify` says whether the evidence holds\n");
        }
        for gap in &self.gaps {
            let (from, to) = (rfc3339(gap.from), rfc3339(gap.to));
            let lost = known(gap.lost);
            let _ = writeln!(
                text,
                "\ngap in the evidence: {}, records lost: {lost}, {from} to {to}",
                gap.reason
            );
        }
        if self.seconds.is_empty() {
            text.push_str("\nno second of it was recorded\n");
            return text;
        }
        text.push_str(
            "\nsecond                       admitted      others   origin ms  pressure\n",
        );
        for second in &self.seconds {
            let pressure = second.pressure_permille;
            let pressure = pressure.map(|value| format!("{}.{:03}", value / 1_000, value % 1_000));
            let _ = writeln!(
                text,
                "{}  {:>11} {:>11} {:>11}  {}",
                rfc3339(second.at),
                second.admitted,
                second.not_admitted,
                second.origin_ms,
                known(pressure),
            );
        }
        text
    }
}
