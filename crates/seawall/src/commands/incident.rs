//! `seawall incident`: what the evidence tells of incidents.

use super::print;
use super::verify::evidence_of;
use crate::cli::{Form, IncidentCommand, Offline};
use crate::failure::Failure;
use seawall_evidence::DirectoryStore;
use seawall_evidence::incidents::{self, Report};
use seawall_evidence::index::{Case, Index, IndexFault};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::ExitCode;

/// Lists, shows or reports.
///
/// # Errors
/// There is no evidence, or no such incident.
pub(crate) fn incident(command: &IncidentCommand) -> Result<ExitCode, Failure> {
    match command {
        IncidentCommand::List { evidence, json } => {
            let cases = index(evidence)?.cases().map_err(failure)?;
            let all: Vec<_> = cases.iter().map(incidents::json).collect();
            print(&chosen(*json, || incidents::list(&cases), || json!({ "incidents": all })));
        }
        IncidentCommand::Show { id, evidence, json } => {
            let case = case(&index(evidence)?, id)?;
            print(&chosen(*json, || incidents::show(&case), || incidents::json(&case)));
        }
        IncidentCommand::Report { id, evidence, form, output } => {
            let report = report(&index(evidence)?, id)?;
            let text = chosen(*form == Form::Json, || report.text(), || report.json());
            match output {
                Some(file) => write(file, &text)?,
                None => print(&text),
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn chosen(for_programs: bool, text: impl Fn() -> String, json: impl Fn() -> Value) -> String {
    if for_programs { format!("{}\n", json()) } else { text() }
}

fn index(evidence: &Offline) -> Result<Index, Failure> {
    let state = &evidence.state_dir;
    let mut folder = DirectoryStore::new(evidence_of(state)?);
    let index = Index::open(&mut folder, &state.join("index.sqlite")).map_err(failure)?;
    if index.unread() > 0 {
        let unread = index.unread();
        eprintln!("{unread} records could not be read; `seawall verify` tells what does not hold");
    }
    Ok(index)
}

fn case(index: &Index, id: &str) -> Result<Case, Failure> {
    let case = index.case(id).map_err(failure)?;
    case.ok_or_else(|| Failure::failed(format!("no incident {id:?}; `incident list` lists them")))
}

fn report(index: &Index, id: &str) -> Result<Report, Failure> {
    let case = case(index, id)?;
    let seconds = index.seconds(id).map_err(failure)?;
    let gaps = index.gaps(case.opened_at, case.changed_at).map_err(failure)?;
    Ok(Report { case, seconds, gaps })
}

fn write(file: &Path, text: &str) -> Result<(), Failure> {
    let place = file.display();
    fs::write(file, text).map_err(|cause| Failure::failed(format!("cannot write {place}: {cause}")))
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn failure(fault: IndexFault) -> Failure {
    Failure::caused_by(&fault)
}
