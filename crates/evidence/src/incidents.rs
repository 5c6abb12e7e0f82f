//! Incidents as JSON for programs and text for people, the same from a running shield and from a
//! state folder.
//!
//! States what the log holds: what is not known is `null` in JSON and "not known" in text.

use crate::cases::{Case, CaseMeasure, CaseState};
use seawall_types::evidence::{self, Clocks, IncidentKind, Measured, Stamp, VisitorsHarmed};
use seawall_types::wall::rfc3339;
use seawall_types::{Rung, Verdict};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::{Display, Write as _};

/// One incident; times are RFC 3339, and null until they are known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Incident {
    /// Which; unique for its node.
    pub id: String,
    /// The platform that it is about.
    pub platform: String,
    /// What can be said of its nature: `flood`, `surge` or `unknown`.
    #[cfg_attr(feature = "schema", schema(value_type = String))]
    pub kind: IncidentKind,
    /// `open`, `closed`, `interrupted` (the run that saw it ended first) or `merged`.
    pub state: String,
    /// The incident that it is part of.
    pub merged_into: Option<String>,
    /// Ways of the traffic, such as `http: login`.
    pub vectors: Option<Vec<String>>,
    /// Its first traffic, found backwards.
    pub onset_at: Option<String>,
    /// When the shield knew.
    pub detected_at: Option<String>,
    /// When the first measure acted.
    pub mitigated_at: Option<String>,
    /// When load at the origins was back in its bound.
    pub relieved_at: Option<String>,
    /// Its last traffic.
    pub ended_at: Option<String>,
    /// Requests since its onset, by verdict; those of zero are left out.
    #[cfg_attr(feature = "schema", schema(value_type = BTreeMap<String, u64>))]
    pub requests: BTreeMap<Verdict, u64>,
    /// Legitimate visitors that a measure harmed: `"unknown"`, or
    /// `{"between": {"least": 0, "most": 9}}`.
    #[cfg_attr(feature = "schema", schema(value_type = Object))]
    pub visitors_harmed: VisitorsHarmed,
    /// What was measured; null where it was not.
    #[cfg_attr(feature = "schema", schema(value_type = BTreeMap<String, Option<u64>>))]
    pub measured: Measured,
    /// What the traffic had in common.
    #[serde(default)]
    pub signatures: Vec<Signature>,
    /// Standing measures on its platform while it was open; left out where there were none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub measures: Vec<Measure>,
    /// Further ones, for which there was no room; left out where there were none.
    #[serde(default, skip_serializing_if = "is_none")]
    pub measures_left_off: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
fn is_none(count: &u64) -> bool {
    *count == 0
}

/// A standing measure during an incident.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "schema", schema(as = IncidentMeasure))]
pub struct Measure {
    /// Its name in codes, such as `m17`.
    pub id: String,
    /// Who wanted it: `ladder` or `operator`.
    pub by: String,
    /// What those get that it meets.
    pub rung: String,
    /// What it is about.
    pub text: String,
    /// Why.
    pub reason: String,
    /// When it was taken up.
    pub began_at: String,
    /// Until when it stands, or would have stood.
    pub expires_at: String,
    /// When it ended; null while nothing says so.
    pub ended_at: Option<String>,
    /// How it ended: `lifted` or `expired`.
    pub ended: Option<String>,
    /// Requests that it met, by the last record of it.
    pub met: u64,
    /// Those among them that it kept from the origin.
    pub stopped: u64,
    /// Those that it stopped whose visitors were known to be good before.
    pub stopped_proven: u64,
}

impl From<&CaseMeasure> for Measure {
    fn from(told: &CaseMeasure) -> Self {
        let CaseMeasure { measure, ended } = told;
        let at = |stamp: Stamp| rfc3339(stamp.wall);
        Self {
            id: measure.id.to_string(),
            by: measure.by.word().to_owned(),
            rung: measure.rung.word().to_owned(),
            text: measure.about.clone(),
            reason: measure.why.clone(),
            began_at: at(measure.began_at),
            expires_at: at(measure.expires_at),
            ended_at: ended.map(|(_, stamp)| at(stamp)),
            ended: ended.map(|(how, _)| how.word().to_owned()),
            met: measure.counts.met,
            stopped: measure.counts.stopped,
            stopped_proven: measure.counts.stopped_proven,
        }
    }
}

impl Measure {
    /// Rung, what it is about, by whom and why.
    pub fn about(&self) -> String {
        let Self { by, rung, text, reason, .. } = self;
        format!("{rung} for {}, by {by}: {}", harmless(text), harmless(reason))
    }

    /// For people.
    fn sentence(&self) -> String {
        let Self { id, by, rung, text, reason, began_at, met, stopped, stopped_proven, .. } = self;
        let end = match (&self.ended, &self.ended_at) {
            (Some(how), Some(at)) => format!("{how} {at}"),
            _ => format!("until {}", self.expires_at),
        };
        let (text, reason) = (harmless(text), harmless(reason));
        format!(
            "{id} {rung} by {by}: {text} ({reason}); {began_at}, {end}; met {met}, stopped \
             {stopped}, of these known to be good {stopped_proven}"
        )
    }
}

/// What a part of an incident's traffic had in common.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Signature {
    /// What, and whom it touches.
    pub text: String,
    /// What is done about it: `watch` while it is only described.
    pub rung: String,
    /// Most of the known-good visitors that it may touch, at 95 % certainty, from 0 to 1.
    pub predicted_collateral: f64,
    /// Those that it did touch; null while nothing is done about it.
    pub measured_collateral: Option<f64>,
    /// Of the traffic above normal, from 0 to 1.
    pub share_of_excess: f64,
}

impl From<&evidence::Signature> for Signature {
    fn from(signature: &evidence::Signature) -> Self {
        Self {
            text: signature.text.clone(),
            rung: Rung::Watch.word().to_owned(),
            predicted_collateral: f64::from(signature.bound_ppm) / 1e6,
            measured_collateral: None,
            share_of_excess: f64::from(signature.share_of_excess_permille) / 1e3,
        }
    }
}

/// Incidents, the newest first.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Incidents {
    /// Each of them.
    pub incidents: Vec<Incident>,
    /// Older ones that the list has no room for.
    #[serde(default)]
    pub older: u64,
}

impl From<&Case> for Incident {
    fn from(case: &Case) -> Self {
        let incident = &case.incident;
        let at = |stamp: Option<Stamp>| stamp.map(|stamp| rfc3339(stamp.wall));
        let Clocks { onset_at, detected_at, mitigated_at, relieved_at, ended_at } = incident.clocks;
        Self {
            id: incident.id.to_string(),
            platform: incident.platform.clone(),
            kind: incident.kind,
            state: case.state.word().to_owned(),
            merged_into: match &case.state {
                CaseState::MergedInto(other) => Some(other.clone()),
                CaseState::Open | CaseState::Closed | CaseState::Interrupted => None,
            },
            vectors: None,
            onset_at: at(onset_at),
            detected_at: at(detected_at),
            mitigated_at: at(mitigated_at),
            relieved_at: at(relieved_at),
            ended_at: at(ended_at),
            requests: incident.requests.clone(),
            visitors_harmed: incident.visitors_harmed,
            measured: incident.measured,
            signatures: incident.signatures.iter().map(Signature::from).collect(),
            measures: case.measures.iter().map(Measure::from).collect(),
            measures_left_off: case.measures_left_off,
        }
    }
}

/// One line for each incident, for people.
pub fn list(all: &Incidents) -> String {
    if all.incidents.is_empty() {
        return "no incidents\n".to_owned();
    }
    let mut text = String::new();
    let width = all.incidents.iter().map(|incident| incident.id.len()).max().unwrap_or(0);
    for incident in &all.incidents {
        let _ = writeln!(
            text,
            "{:<width$}  {:<11} {:<8} {}  {}",
            incident.id,
            incident.state,
            incident.kind.word(),
            or_unknown(incident.detected_at.as_ref()),
            incident.platform,
        );
    }
    if all.older > 0 {
        let _ = writeln!(text, "and {} older ones, which this list has no room for", all.older);
    }
    text
}

/// Everything about one incident, for people.
pub fn show(incident: &Incident) -> String {
    let mut text = format!("incident {} on {}\n", incident.id, incident.platform);
    let mut line = |name: &str, value: String| {
        let _ = writeln!(text, "  {name:<28} {value}");
    };
    line("kind", incident.kind.word().to_owned());
    line(
        "state",
        match (incident.state.as_str(), &incident.merged_into) {
            ("interrupted", _) => "interrupted: the run that saw it ended before it did".to_owned(),
            (_, Some(other)) => format!("merged into {other}"),
            (state, None) => state.to_owned(),
        },
    );
    for (name, at) in [
        ("first traffic", &incident.onset_at),
        ("detected", &incident.detected_at),
        ("first measure", &incident.mitigated_at),
        ("load back in its bound", &incident.relieved_at),
        ("last traffic", &incident.ended_at),
    ] {
        line(name, or_unknown(at.as_ref()));
    }
    for (verdict, requests) in &incident.requests {
        line(&format!("requests, {verdict}"), requests.to_string());
    }
    line(
        "visitors harmed",
        match incident.visitors_harmed {
            VisitorsHarmed::Unknown => or_unknown(None::<u64>),
            VisitorsHarmed::Between { least, most } => format!("{least} to {most}"),
        },
    );
    for (name, value) in measured(&incident.measured) {
        line(name, value);
    }
    for signature in &incident.signatures {
        line("described as", harmless(&signature.text));
    }
    for measure in &incident.measures {
        line("measure", measure.sentence());
    }
    if incident.measures_left_off > 0 {
        line("further measures", incident.measures_left_off.to_string());
    }
    text
}

/// Without what a terminal would act on.
fn harmless(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

fn measured(measured: &Measured) -> [(&'static str, String); 8] {
    let pressure = measured.peak_pressure_permille.map(thousandths);
    [
        ("most requests in a second", or_unknown(measured.peak_requests_per_s)),
        ("most admitted in a second", or_unknown(measured.peak_admitted_per_s)),
        ("highest pressure", or_unknown(pressure)),
        ("most at the origins at once", or_unknown(measured.peak_in_flight)),
        ("longest wait, ms", or_unknown(measured.queue_wait_max_ms)),
        ("origins worked, ms", or_unknown(measured.origin_ms)),
        ("bytes to clients", or_unknown(measured.bytes_out)),
        ("different sources, at least", or_unknown(measured.sources_least)),
    ]
}

/// `1.930`.
pub(crate) fn thousandths(value: u32) -> String {
    format!("{}.{:03}", value / 1_000, value % 1_000)
}

/// The value, or that there is none.
pub(crate) fn or_unknown(value: Option<impl Display>) -> String {
    value.map_or("not known".to_owned(), |value| value.to_string())
}
