//! Documents of one incident, made from the evidence in a state folder.

use super::verify::{evidence_of, node_key};
use super::{files, print, sealed};
use crate::cli::{Place, StatementCommand};
use crate::failure::{DID_NOT_HOLD, Failure};
use seawall_config::{Config, Reporter};
use seawall_evidence::segment::in_order;
use seawall_evidence::verify::verify;
use seawall_evidence::{DirectoryStore, Folder as _};
use seawall_report::{About, Case, Check, Form, Line, Survey, Tlp, lint, render};
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

/// The longest statement that is read.
const STATEMENT_MAX: u64 = 1024 * 1024;

/// A document of an incident.
///
/// # Errors
/// There is no evidence or no such incident, or the form cannot be made of it.
pub(super) fn document(place: &Place, id: &str, form: Form) -> Result<String, Failure> {
    let mut case = case(place, id)?;
    if form.names_sources() {
        sealed::unseal(place, &mut case)?;
    }
    render(form, &case).map_err(|fault| Failure::caused_by(&fault))
}

/// Looks at a statement about an incident.
///
/// # Errors
/// Statement or evidence cannot be read, or there is no such incident.
pub(crate) fn statement(command: &StatementCommand) -> Result<ExitCode, Failure> {
    let StatementCommand::Lint { file, incident, place } = command;
    let name = file.display();
    let unreadable = |cause| Failure::failed(format!("{name}: cannot be read: {cause}"));
    let length = fs::metadata(file).map_err(unreadable)?.len();
    if length > STATEMENT_MAX {
        let what = format!("{name}: has {length} bytes; at most {STATEMENT_MAX} are read");
        return Err(Failure::failed(what));
    }
    let text = fs::read_to_string(file).map_err(unreadable)?;
    let objections = lint(&text, &case(place, incident)?);
    if objections.is_empty() {
        print("the evidence bears every word that was looked for\n");
        return Ok(ExitCode::SUCCESS);
    }
    print(&objections.text());
    Ok(ExitCode::from(DID_NOT_HOLD))
}

fn case(place: &Place, id: &str) -> Result<Case, Failure> {
    let (state, about) = state_of(place)?;
    let mut folder = DirectoryStore::new(evidence_of(&state)?);
    let unreadable = |cause: std::io::Error| Failure::failed(format!("evidence: {cause}"));
    // Segments are read twice and never held: the first walk tells which time the second is about.
    let mut each = |take: &mut dyn FnMut(&[u8])| -> Result<(), Failure> {
        for name in in_order(&mut folder).map_err(unreadable)? {
            match folder.read(&name.to_string()) {
                Ok(bytes) => take(&bytes),
                // The disk budget may take the oldest meanwhile.
                Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => {}
                Err(cause) => return Err(unreadable(cause)),
            }
        }
        Ok(())
    };
    let mut survey = Survey::default();
    each(&mut |segment| survey.take(segment))?;
    let unknown = || Failure::failed(format!("no incident {id:?}; `incident list` lists them"));
    let id = id.parse().map_err(|_| unknown())?;
    let mut gathering = survey.begin(&id).map_err(|_| unknown())?;
    each(&mut |segment| gathering.take(segment))?;
    let check = checked(&mut folder);
    Ok(gathering.case(&check, about))
}

/// Where the evidence lies, and what a configuration says of who reports and of its platforms.
pub(super) fn state_of(place: &Place) -> Result<(PathBuf, About), Failure> {
    let config = place.running.config.as_deref().map(files::read).transpose()?;
    let about = config.as_ref().map(about).unwrap_or_default();
    match (&place.state_dir, config) {
        (Some(state), _) => Ok((state.clone(), about)),
        (None, Some(config)) => Ok((config.state_dir, about)),
        (None, None) => Err(Failure::wrong(vec![
            "this is made from evidence: say --state-dir DIR, or -c FILE".to_owned(),
        ])),
    }
}

fn about(config: &Config) -> About {
    let Reporter { organisation, contact, tlp } = &config.report;
    About {
        organisation: organisation.as_deref().map(Line::of),
        contact: contact.as_deref().map(Line::of),
        tlp: tlp.map(|tlp| match tlp {
            seawall_config::Tlp::Red => Tlp::Red,
            seawall_config::Tlp::AmberStrict => Tlp::AmberStrict,
            seawall_config::Tlp::Amber => Tlp::Amber,
            seawall_config::Tlp::Green => Tlp::Green,
            seawall_config::Tlp::Clear => Tlp::Clear,
        }),
        aware_at: None,
        platforms: config.platforms.iter().map(|platform| Line::of(&platform.name)).collect(),
    }
}

/// What a check of the log says, once for the whole document.
fn checked(folder: &mut DirectoryStore) -> Check {
    let (trusted, unchecked) = node_key(folder);
    match verify(folder, &trusted) {
        Ok(found) => match &found.first_break {
            Some(broken) => {
                let what = format!("{}, record {}: {}", broken.file, broken.record, broken.what);
                Check::Broken { what: Line::of(&what) }
            }
            // Whose log it is was not looked at: that is no check.
            None if unchecked.is_some() => Check::NotMade,
            None => Check::Holds { signed_before: found.signed },
        },
        Err(_) => Check::NotMade,
    }
}

/// A form by its word.
///
/// # Errors
/// The words that there are.
pub(crate) fn form(word: &str) -> Result<Form, String> {
    Form::read(word).ok_or_else(|| {
        let words: Vec<_> = Form::ALL.into_iter().map(Form::word).collect();
        format!("no such form; there are {}", words.join(", "))
    })
}
