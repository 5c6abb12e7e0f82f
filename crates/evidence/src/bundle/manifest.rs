//! The manifest of an archive: which incident, and the digest of every file.
//!
//! A signed note of the node's key where that was at hand, and otherwise the same text alone.
//! Its first line is no name of a log, so that it can never pass for a checkpoint.

use crate::digest;
use crate::key::NodeKey;
use crate::note::Note;
use std::fmt::Write as _;

const TITLE: &str = "seawall bundle, format 1";

/// A manifest as it was read.
#[derive(Debug)]
pub(super) struct Manifest {
    /// Which incident.
    pub(super) incident: String,
    /// Without its signatures.
    pub(super) text: String,
    /// With them; none where nobody signed.
    pub(super) note: Option<Note>,
}

/// The manifest of these files.
pub(super) fn write(incident: &str, files: &[(&str, &[u8])], key: Option<&NodeKey>) -> String {
    let text = text(incident, files);
    match key {
        None => text,
        Some(key) => {
            let signatures = vec![key.sign(&text)];
            Note { text, signatures }.to_string()
        }
    }
}

/// What the manifest of these files says.
pub(super) fn text(incident: &str, files: &[(&str, &[u8])]) -> String {
    let mut text = format!("{TITLE}\nincident {incident}\n");
    for (name, bytes) in files {
        let _ = writeln!(text, "{} {} {name}", digest(bytes), bytes.len());
    }
    text
}

/// Reads a manifest; `None` when it is none.
pub(super) fn read(bytes: &[u8]) -> Option<Manifest> {
    let whole = std::str::from_utf8(bytes).ok()?;
    let note = if whole.contains("\n\n") { Some(Note::parse(whole).ok()?) } else { None };
    let text = note.as_ref().map_or(whole, |note| &note.text);
    let mut lines = text.lines();
    let title = lines.next().filter(|title| *title == TITLE);
    let incident = title.and_then(|_| lines.next()?.strip_prefix("incident "))?.to_owned();
    Some(Manifest { incident, text: text.to_owned(), note })
}
