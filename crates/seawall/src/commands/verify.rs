//! `seawall verify`: does the evidence hold?

use super::print;
use crate::cli::Verify;
use crate::failure::{DID_NOT_HOLD, Failure};
use crate::state::{KEY_FILE, read_secret};
use seawall_evidence::bundle::{self, BUNDLE_MAX};
use seawall_evidence::segment::log_of;
use seawall_evidence::verify::{Trusted, Verification, json, text, verify as check};
use seawall_evidence::{DirectoryStore, NodeKey};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The longest file of keys and checkpoints that is read.
const TRUSTED_MAX: u64 = 16 * 1024 * 1024;
/// The end of an archive alone has as many bytes.
const BUNDLE_LEAST: u64 = 1_024;

/// Checks evidence.
///
/// # Errors
/// It cannot be read, or the file of witnesses cannot.
pub(crate) fn verify(arguments: &Verify) -> Result<ExitCode, Failure> {
    let mut trusted = arguments.witnesses.as_deref().map_or(Ok(Trusted::default()), trusted)?;
    if arguments.path.is_file() {
        return bundle(arguments, &trusted);
    }
    let mut folder = DirectoryStore::new(evidence_of(&arguments.path)?);
    let mut unchecked = None;
    if trusted.logs.is_empty() {
        let pinned = node_key(&mut folder);
        (trusted.logs, unchecked) = (pinned.0.logs, pinned.1);
    }
    let mut found = check(&mut folder, &trusted).map_err(|fault| {
        let place = folder.path().display();
        Failure::failed(format!("{place}: {}", crate::failure::chain(&fault)))
    })?;
    note(&mut found, unchecked);
    print(&if arguments.json { format!("{}\n", json(&found)) } else { text(&found) });
    Ok(if found.holds() { ExitCode::SUCCESS } else { ExitCode::from(DID_NOT_HOLD) })
}

/// Checks the archive of one incident.
fn bundle(arguments: &Verify, trusted: &Trusted) -> Result<ExitCode, Failure> {
    let place = arguments.path.display();
    let unreadable = |cause| Failure::failed(format!("{place}: cannot be read: {cause}"));
    let length = fs::metadata(&arguments.path).map_err(unreadable)?.len();
    if length < BUNDLE_LEAST {
        let what = format!("{place}: has {length} bytes, and is neither a folder nor a bundle");
        return Err(Failure::failed(what));
    }
    if length > BUNDLE_MAX {
        let what = format!("{place}: has {length} bytes; a bundle has at most {BUNDLE_MAX}");
        return Err(Failure::failed(what));
    }
    let bytes = fs::read(&arguments.path).map_err(unreadable)?;
    let found = bundle::check(&bytes, trusted);
    let said =
        if arguments.json { format!("{}\n", bundle::json(&found)) } else { bundle::text(&found) };
    print(&said);
    Ok(if found.is_ok() { ExitCode::SUCCESS } else { ExitCode::from(DID_NOT_HOLD) })
}

/// The key that `node.key` beside the evidence gives, or why there is none of it.
///
/// Whoever changed the log and signed it anew with a key of their own is found by it.
pub(super) fn node_key(folder: &mut DirectoryStore) -> (Trusted, Option<String>) {
    let Some(path) = beside(folder.path()) else { return (Trusted::default(), None) };
    // A folder whose log cannot be read is told by the check itself.
    let Ok(Some(node)) = log_of(folder) else { return (Trusted::default(), None) };
    match read_secret(&path) {
        Ok(secret) => {
            let logs = vec![NodeKey::of_node(node, &secret).known().clone()];
            (Trusted { logs, ..Trusted::default() }, None)
        }
        Err(fault) => {
            let why = crate::failure::chain(&fault);
            let what = format!("that the log is signed by the key of this node: {why}");
            (Trusted::default(), Some(what))
        }
    }
}

/// The key itself, where it lies beside the evidence and can be read.
pub(super) fn signing_key(folder: &mut DirectoryStore) -> Option<NodeKey> {
    let path = beside(folder.path())?;
    let node = log_of(folder).ok().flatten()?;
    read_secret(&path).ok().map(|secret| NodeKey::of_node(node, &secret))
}

/// Adds what could not be looked at.
pub(super) fn note(found: &mut Verification, unchecked: Option<String>) {
    found.unchecked.extend(unchecked);
}

/// The secret of the node whose state folder holds this folder of segments.
fn beside(evidence: &Path) -> Option<PathBuf> {
    let whole = fs::canonicalize(evidence).ok()?;
    let path = whole.parent()?.join(KEY_FILE);
    path.exists().then_some(path)
}

/// The folder of segments in or at `path`.
///
/// # Errors
/// There is no such folder.
pub(super) fn evidence_of(path: &Path) -> Result<PathBuf, Failure> {
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
