//! `seawall verify`: does the evidence hold?

use super::print;
use crate::cli::Verify;
use crate::failure::{DID_NOT_HOLD, Failure};
use seawall_evidence::DirectoryStore;
use seawall_evidence::verify::{Trusted, json, text, verify as check};
use std::fs;
use std::path::Path;
use std::process::ExitCode;

/// The longest file of keys and checkpoints that is read.
const TRUSTED_MAX: u64 = 16 * 1024 * 1024;

/// Checks evidence.
///
/// # Errors
/// It cannot be read, or the file of witnesses cannot.
pub(crate) fn verify(arguments: &Verify) -> Result<ExitCode, Failure> {
    let trusted = arguments.witnesses.as_deref().map_or(Ok(Trusted::default()), trusted)?;
    let mut folder = DirectoryStore::new(evidence_of(&arguments.path)?);
    let found = check(&mut folder, &trusted).map_err(|fault| {
        let place = folder.path().display();
        Failure::failed(format!("{place}: {}", crate::failure::chain(&fault)))
    })?;
    print(&if arguments.json { format!("{}\n", json(&found)) } else { text(&found) });
    Ok(if found.holds() { ExitCode::SUCCESS } else { ExitCode::from(DID_NOT_HOLD) })
}

/// The folder of segments in or at `path`.
///
/// # Errors
/// There is no such folder.
pub(super) fn evidence_of(path: &Path) -> Result<std::path::PathBuf, Failure> {
    let inner = path.join("evidence");
    if inner.is_dir() {
        return Ok(inner);
    }
    if path.is_dir() {
        return Ok(path.to_owned());
    }
    let place = path.display();
    Err(Failure::failed(format!("{place} is no folder; give a state folder or its `evidence`")))
}

fn trusted(file: &Path) -> Result<Trusted, Failure> {
    let place = file.display();
    let unreadable = |cause| Failure::failed(format!("{place}: cannot be read: {cause}"));
    let length = fs::metadata(file).map_err(unreadable)?.len();
    if length > TRUSTED_MAX {
        let what = format!("{place}: has {length} bytes; at most {TRUSTED_MAX} are read");
        return Err(Failure::failed(what));
    }
    let text = fs::read_to_string(file).map_err(unreadable)?;
    Trusted::parse(&text).map_err(|bad| Failure::failed(format!("{place}: {bad}")))
}
