//! `seawall incident`: what is known of incidents, from the running shield or from its evidence.

use super::verify::{evidence_of, node_key, signing_key};
use super::{documents, print, running, sealed};
use crate::cli::{IncidentCommand, Place};
use crate::failure::Failure;
use seawall_evidence::DirectoryStore;
use seawall_evidence::bundle::{self, Sought, Unmade};
use seawall_evidence::incidents::{self, Incident, Incidents};
use seawall_evidence::index::{Index, IndexFault};
use seawall_evidence::segment::SegmentName;
use seawall_report::Form;
use serde::Serialize;
use std::fs::{self, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;
use std::process::ExitCode;

/// Lists, shows, reports or hands over.
///
/// # Errors
/// There is no evidence, no such incident, or the shield does not answer.
pub(crate) fn incident(command: &IncidentCommand) -> Result<ExitCode, Failure> {
    match command {
        IncidentCommand::List { place, json } => {
            let all = match &place.state_dir {
                Some(state) => listed(&index(state)?)?,
                None => ask(place, "/api/v1/incidents")?,
            };
            print(&chosen(*json, || incidents::list(&all), &all)?);
        }
        IncidentCommand::Show { id, place, json } => {
            let one = match &place.state_dir {
                Some(state) => shown(&index(state)?, id)?,
                None => ask(place, &format!("/api/v1/incidents/{}", harmless(id)?))?,
            };
            print(&chosen(*json, || incidents::show(&one), &one)?);
        }
        IncidentCommand::Report { id, place, form, output } => {
            // Only a shield that is asked from afar gives a shorter one.
            let is_afar = place.state_dir.is_none() && place.running.config.is_none();
            let text = match form {
                Form::Text | Form::Json if is_afar => report_of_running(place, id, *form)?,
                _ => documents::document(place, id, *form)?,
            };
            match output {
                // Nobody but their owner is to read addresses.
                Some(file) if form.names_sources() => write_closed(file, text.as_bytes())?,
                Some(file) => write(file, &text)?,
                None => print(&text),
            }
        }
        IncidentCommand::Bundle { id, place, output } => bundle(place, id, output)?,
        IncidentCommand::Erase { address, place } => sealed::erase(place, *address)?,
        IncidentCommand::Keep { id, place, span, because } => {
            sealed::keep(place, id, (*span, because))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn chosen(
    for_programs: bool,
    text: impl Fn() -> String,
    facts: &impl Serialize,
) -> Result<String, Failure> {
    if !for_programs {
        return Ok(text());
    }
    let json = serde_json::to_string(facts).map_err(|cause| Failure::caused_by(&cause))?;
    Ok(format!("{json}\n"))
}

fn ask<T: serde::de::DeserializeOwned>(place: &Place, path: &str) -> Result<T, Failure> {
    let client = running::client(&place.running)?;
    client.read_json(path).map_err(|fault| running::failure(&fault))
}

fn report_of_running(place: &Place, id: &str, form: Form) -> Result<String, Failure> {
    let client = running::client(&place.running)?;
    let path = format!("/api/v1/incidents/{}/report?as={}", harmless(id)?, form.word());
    let mut text = client.read_text(&path).map_err(|fault| running::failure(&fault))?;
    if form == Form::Json {
        text.push('\n');
    }
    Ok(text)
}

/// An identifier that can stand in a path.
fn harmless(id: &str) -> Result<&str, Failure> {
    let parsed: Result<seawall_types::evidence::IncidentId, _> = id.parse();
    parsed.map(|_| id).map_err(|_| unknown(id))
}

fn index(state: &Path) -> Result<Index, Failure> {
    let evidence = evidence_of(state)?;
    if evidence == state && !holds_segments(state) {
        let place = state.display();
        return Err(Failure::failed(format!("{place} holds no evidence; is it a state_dir?")));
    }
    let mut folder = DirectoryStore::new(evidence);
    let index = Index::open(&mut folder, &state.join("index.sqlite")).map_err(failure)?;
    if index.unread() > 0 {
        let unread = index.unread();
        eprintln!("{unread} records could not be read; `seawall verify` tells what does not hold");
    }
    Ok(index)
}

/// Whether a folder has files of evidence itself; a folder that is none of ours is left as it is.
fn holds_segments(folder: &Path) -> bool {
    let Ok(entries) = fs::read_dir(folder) else { return false };
    let mut names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    names.any(|name| SegmentName::parse(&name).is_some())
}

fn listed(index: &Index) -> Result<Incidents, Failure> {
    let cases = index.cases().map_err(failure)?;
    let incidents = cases.iter().map(Incident::from).collect();
    Ok(Incidents { incidents, older: index.older().map_err(failure)? })
}

fn shown(index: &Index, id: &str) -> Result<Incident, Failure> {
    let case = index.case(id).map_err(failure)?;
    case.as_ref().map(Incident::from).ok_or_else(|| unknown(id))
}

/// Writes the archive of an incident, for its owner alone to read.
fn bundle(place: &Place, id: &str, output: &Path) -> Result<(), Failure> {
    let mut folder = DirectoryStore::new(evidence_of(&documents::state_of(place)?.0)?);
    let (trusted, unchecked) = node_key(&mut folder);
    let key = signing_key(&mut folder);
    let sought = Sought { incident: id, trusted: &trusted, key: key.as_ref() };
    let bytes = bundle::make(&mut folder, &sought).map_err(|fault| match fault {
        Unmade::Unknown => unknown(id),
        other => Failure::caused_by(&other),
    })?;
    if let Some(what) = unchecked {
        eprintln!("not checked {what}");
    }
    write_closed(output, &bytes)
}

fn unknown(id: &str) -> Failure {
    Failure::failed(format!("no incident {id:?}; `incident list` lists them"))
}

fn write(file: &Path, text: &str) -> Result<(), Failure> {
    let place = file.display();
    fs::write(file, text).map_err(|cause| Failure::failed(format!("cannot write {place}: {cause}")))
}

/// Writes what its owner alone may read, also over a file that others could read until now.
fn write_closed(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let write = || {
        let mut options = OpenOptions::new();
        let mut file = options.create(true).write(true).truncate(false).mode(0o600).open(path)?;
        let about = file.metadata()?;
        // A terminal or a pipe is no file that stays.
        if about.is_file() {
            if about.mode() & 0o077 != 0 {
                file.set_permissions(Permissions::from_mode(0o600))?;
            }
            file.set_len(0)?;
        }
        file.write_all(bytes)
    };
    let place = path.display();
    write().map_err(|cause: io::Error| Failure::failed(format!("cannot write {place}: {cause}")))
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn failure(fault: IndexFault) -> Failure {
    Failure::caused_by(&fault)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_sources_is_closed_also_where_an_open_file_stood() {
        let name = format!("seawall-closed-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::write(&path, "longer than what comes").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        write_closed(&path, b"192.0.2.7").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert_eq!(fs::read(&path).unwrap(), b"192.0.2.7");
        fs::remove_file(&path).unwrap();
    }
}
