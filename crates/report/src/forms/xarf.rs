//! XARF 4: reports of abuse to the networks that host sources, one for each source.
//!
//! With port and exact times: without them a network behind shared addresses can find nobody.
//! Says what was counted: requests that were stopped, never those that only waited with all others.
//! Bounds: [`crate::source::SOURCES_MAX`] reports.

use super::{Unable, ids};
use crate::case::{Case, Level};
use crate::known::Known;
use crate::source::{SOURCES_MAX, SourceSeen};
use seawall_types::Verdict;
use seawall_types::evidence::IncidentKind;
use seawall_types::wall::rfc3339;
use serde_json::{Value, json};
use std::net::IpAddr;

/// The version of the scheme.
const VERSION: &str = "4.2.0";

/// The document: a list of reports.
pub(super) fn render(case: &Case) -> Result<String, Unable> {
    if case.kind != IncidentKind::Flood {
        return Err(Unable::NotAFlood);
    }
    if case.sources.is_empty() {
        return Err(Unable::NoSources);
    }
    let sender = contact(case).ok_or(Unable::NoContact)?;
    let listed = case.sources.iter().take(SOURCES_MAX);
    let reports: Vec<_> = listed.map(|source| report(case, &sender, source)).collect();
    Ok(format!("{:#}\n", Value::from(reports)))
}

/// Who reports; `None` unless the operator named itself and an address of mail.
fn contact(case: &Case) -> Option<Value> {
    let organisation = case.about.organisation.as_ref()?.as_str();
    let contact = case.about.contact.as_ref()?.as_str();
    let (name, domain) = contact.split_once('@')?;
    let is_plain = |text: &str, also: &[u8]| {
        let fits = |b: u8| b.is_ascii_alphanumeric() || also.contains(&b);
        !text.is_empty() && text.bytes().all(fits) && !text.starts_with('.') && !text.ends_with('.')
    };
    let is_mail = is_plain(name, b".-_+") && is_plain(domain, b".-") && domain.contains('.');
    // The scheme's bound of the field.
    let organisation: String = organisation.chars().take(200).collect();
    is_mail.then(|| json!({"org": organisation, "contact": contact, "domain": domain}))
}

/// What address, port and count are of.
fn whose(source: &SourceSeen) -> &'static str {
    match source.address {
        IpAddr::V4(_) => "The port is that of the first of them.",
        IpAddr::V6(_) => {
            "They are counted over the /64 of the address; address and port are those of the first of \
             them."
        }
    }
}

fn report(case: &Case, sender: &Value, source: &SourceSeen) -> Value {
    let part = format!("xarf {} {}", source.address, source.port);
    let seconds = (source.last.0.saturating_sub(source.first.0) / 1_000).max(1);
    let mitigated = Verdict::ALL.into_iter().any(|verdict| {
        !matches!(verdict, Verdict::Admit | Verdict::Error) && case.with(verdict).value > 0
    });
    let mut report = json!({
        "xarf_version": VERSION, "report_id": ids::of(case, &part), "timestamp": rfc3339(source.first),
        "reporter": sender, "sender": sender,
        "source_identifier": source.address, "source_port": source.port,
        "category": "connection", "type": "ddos", "evidence_source": "traffic_monitoring",
        "protocol": "tcp", "attack_vector": "http_flood",
        "first_seen": rfc3339(source.first), "last_seen": rfc3339(source.last),
        "duration_seconds": seconds, "mitigation_applied": mitigated,
        "description": format!(
            "{} requests, at most {} in one second (measured), that a measure against a flood stopped \
             or that were more than one source may ask, after a completed handshake. {} Times are UTC \
             by a clock whose offset is not measured. Incident {}. {}.",
            source.requests, source.peak_per_s, whose(source), case.id, case.about.label()
        ),
    });
    if let Some(reached) = case.reached {
        report["destination_ip"] = json!(reached.ip());
        report["destination_port"] = json!(reached.port());
    }
    // Where the level is not known, nothing is claimed.
    if let Known::Is(level) = case.severity.level {
        report["service_impact"] = match level {
            Level::Unfelt => "none",
            Level::Slight | Level::Moderate if case.subject().impact.unavailable_s == 0 => {
                "degraded"
            }
            Level::Slight | Level::Moderate | Level::Serious | Level::Severe => "unavailable",
        }
        .into();
    }
    report
}
