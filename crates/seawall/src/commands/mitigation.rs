//! `seawall mitigation`: what stands, and an operator's own measures.

use super::{print, running};
use crate::cli::{AddMitigation, MitigationCommand};
use crate::failure::Failure;
use seawall_control::api::{
    Mitigation, MitigationAdded, MitigationMatch, Mitigations, NewMitigation,
};
use seawall_types::MeasureId;
use serde::Serialize;
use serde_json::json;
use std::fmt::Write as _;
use std::process::ExitCode;

/// Lists, adds or lifts.
///
/// # Errors
/// The shield does not answer, or the measure has faults.
pub(crate) fn mitigation(command: &MitigationCommand) -> Result<ExitCode, Failure> {
    match command {
        MitigationCommand::List { running, json } => {
            let client = running::client(running)?;
            let all: Mitigations = client
                .read_json("/api/v1/mitigations")
                .map_err(|fault| running::failure(&fault))?;
            print(&chosen(*json, list(&all), &all)?);
        }
        MitigationCommand::Add(wanted) => {
            let client = running::client(&wanted.running)?;
            let added: MitigationAdded = client
                .send_json("/api/v1/mitigations", &asked(wanted))
                .map_err(|fault| running::failure(&fault))?;
            print(&chosen(wanted.json, said(&added), &added)?);
        }
        MitigationCommand::Lift { id, running, json } => {
            let id = id.parse::<MeasureId>();
            let id = id.map_err(|fault| Failure::failed(fault.to_string()))?;
            let client = running::client(running)?;
            let path = format!("/api/v1/mitigations/{id}");
            client.delete(&path).map_err(|fault| running::failure(&fault))?;
            print(&chosen(*json, format!("{id} is lifted\n"), &json!({"lifted": id}))?);
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn asked(wanted: &AddMitigation) -> NewMitigation {
    NewMitigation {
        platform: wanted.platform.clone(),
        matches: MitigationMatch {
            source: wanted.about.source.clone(),
            path: wanted.about.path.clone(),
            signature: wanted.about.signature.clone(),
        },
        rung: wanted.rung.clone(),
        stands_for: wanted.stands_for.clone(),
        reason: wanted.reason.clone(),
        rate: wanted.rate.clone(),
    }
}

fn chosen(for_programs: bool, text: String, facts: &impl Serialize) -> Result<String, Failure> {
    if !for_programs {
        return Ok(text);
    }
    let json = serde_json::to_string(facts).map_err(|cause| Failure::caused_by(&cause))?;
    Ok(format!("{json}\n"))
}

fn said(added: &MitigationAdded) -> String {
    let mut text = format!("{} stands until {}\n", added.id, added.expires_at);
    for note in &added.notes {
        let _ = writeln!(text, "note: {note}");
    }
    text
}

fn list(all: &Mitigations) -> String {
    if all.mitigations.is_empty() {
        return "no measure stands\n".to_owned();
    }
    let mut text = String::new();
    for one in &all.mitigations {
        let Mitigation { id, platform, rung, by, expires_at, met, stopped, .. } = one;
        let (about, reason) = (harmless(&one.text), harmless(&one.reason));
        let rate = one.rate.as_ref().map(|rate| format!(" ({rate})")).unwrap_or_default();
        let _ = writeln!(
            text,
            "{id}  {platform}  {rung}{rate}  {about}\n    by {by}: {reason}\n    until {expires_at}, \
             met {met}, stopped {stopped}"
        );
    }
    text
}

/// Without what a terminal would act on.
fn harmless(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}
