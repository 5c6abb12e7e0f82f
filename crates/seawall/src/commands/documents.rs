//! Documents of one incident, made from the evidence in a state folder.

use super::verify::{evidence_of, node_key};
use super::{files, print};
use crate::cli::{Place, StatementCommand};
use crate::failure::{DID_NOT_HOLD, Failure};
use seawall_evidence::segment::in_order;
use seawall_evidence::verify::verify;
use seawall_evidence::{DirectoryStore, Folder as _};
use seawall_report::{About, Case, Check, Entry, Evidence, Form, Line, lint, render};
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
    let case = case(place, id)?;
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
    let (state, platforms) = state_of(place)?;
    let mut folder = DirectoryStore::new(evidence_of(&state)?);
    let unreadable = |cause: std::io::Error| Failure::failed(format!("evidence: {cause}"));
    let (mut entries, mut unread) = (Vec::new(), 0);
    for name in in_order(&mut folder).map_err(unreadable)? {
        let bytes = folder.read(&name.to_string()).map_err(unreadable)?;
        let (more, not_read) = Entry::read_all([bytes.as_slice()]);
        entries.extend(more);
        unread += not_read;
    }
    let check = checked(&mut folder);
    let evidence = Evidence { entries: &entries, unread, check: &check };
    let unknown = || Failure::failed(format!("no incident {id:?}; `incident list` lists them"));
    let id = id.parse().map_err(|_| unknown())?;
    let about = About { platforms, ..About::default() };
    Case::of(&evidence, &id, about).map_err(|_| unknown())
}

/// Where the evidence lies, and which platforms there are as far as a configuration says.
fn state_of(place: &Place) -> Result<(PathBuf, Vec<Line>), Failure> {
    if let Some(state) = &place.state_dir {
        return Ok((state.clone(), Vec::new()));
    }
    let Some(path) = &place.running.config else {
        return Err(Failure::wrong(vec![
            "this is made from evidence: say --state-dir DIR, or -c FILE".to_owned(),
        ]));
    };
    let config = files::read(path)?;
    let platforms = config.platforms.iter().map(|platform| Line::of(&platform.name)).collect();
    Ok((config.state_dir, platforms))
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
