//! Checks a log from its files alone, and says what does not hold.
//!
//! Takes a [`Folder`] and what is [`Trusted`] from outside; gives a [`Verification`]: the first
//! [`Break`], every gap, what witnesses saw.
//! Never writes, asks nobody, reads no clock.
//! Bounds: one segment in memory at a time; [`GAPS_MAX`] gaps and [`STEPS_MAX`] clock steps are
//! listed, the rest are counted.

mod breaks;
mod heads;
mod report;
#[cfg(test)]
mod tests;
mod trusted;
mod walk;

pub use breaks::{Break, Difference};
pub use report::{json, text};
pub(crate) use trusted::note_texts;
pub use trusted::{BadTrust, Trusted};

use crate::segment::{self, CHECKPOINT, COSIGNED};
use crate::store::Folder;
use heads::Heads;
use seawall_types::evidence::{Gap, Removed, Stamp};
use std::io;
use thiserror::Error;
use walk::Walk;

/// Gaps that are listed.
pub const GAPS_MAX: usize = 10_000;
/// Steps of the wall clock that are listed.
pub const STEPS_MAX: usize = 100;

/// Why a log cannot be checked at all.
#[derive(Debug, Error)]
pub enum Unreadable {
    /// The folder cannot be listed.
    #[error("cannot list the evidence folder")]
    Folder(#[source] io::Error),
    /// A file cannot be read.
    #[error("cannot read {file}")]
    File {
        /// Its name.
        file: String,
        /// Why.
        source: io::Error,
    },
    /// There is nothing to check.
    #[error("no evidence here: no file is called like 00000000-20260301T12.jsonl")]
    Empty,
}

/// What a check found.
#[derive(Debug, Clone, Default)]
pub struct Verification {
    /// Whose log, as its first segment says.
    pub node: Option<String>,
    /// Who signs it, likewise.
    pub key: Option<String>,
    /// Number of the first record that is there.
    pub first: u64,
    /// Number of the record that would come next.
    pub next: u64,
    /// Segments read.
    pub segments: u64,
    /// Bytes read from them.
    pub bytes: u64,
    /// Of the first and the last record.
    pub span: Option<(Stamp, Stamp)>,
    /// Whether the last run ended by itself; a node that runs has not.
    pub has_ended: bool,
    /// Signed tree heads in the log.
    pub checkpoints: u64,
    /// Records that the newest checkpoint is over.
    pub signed: u64,
    /// The first thing that does not hold.
    pub first_break: Option<Break>,
    /// What is not there and the log, or its end, says so.
    pub gaps: Vec<FoundGap>,
    /// Gaps that were found beyond those listed.
    pub gaps_unlisted: u64,
    /// The newest record of a removal.
    pub removed: Option<Removed>,
    /// Steps of the wall clock against the other.
    pub steps: Vec<ClockStep>,
    /// Steps that were found beyond those listed.
    pub steps_unlisted: u64,
    /// What witnesses saw.
    pub witnessed: Vec<Witnessed>,
    /// What could not be looked at, each a sentence.
    pub unchecked: Vec<String>,
}

impl Verification {
    /// Whether nothing was found that does not hold.
    pub fn holds(&self) -> bool {
        self.first_break.is_none()
    }
}

/// A gap and where it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundGap {
    /// The record that tells it; for what only the end of the files shows, the next number.
    pub record: u64,
    /// In which segment.
    pub segment: String,
    /// What is told.
    pub gap: Gap,
}

/// The wall clock moved against the one that only goes forward.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockStep {
    /// The first record after it.
    pub record: u64,
    /// Forward when above zero.
    pub by_ms: i128,
}

/// A checkpoint of this log that a trusted witness signed, and that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witnessed {
    /// Name of the witness's key.
    pub witness: String,
    /// Records that it is over.
    pub size: u64,
    /// When, in seconds since 1970, as the witness says.
    pub at: u64,
}

/// Checks everything in `folder`.
///
/// A node may be writing there meanwhile, so what does not hold is looked at once more.
///
/// # Errors
/// Something cannot be read; what was read and does not hold is in the verification instead.
pub fn verify(folder: &mut impl Folder, trusted: &Trusted) -> Result<Verification, Unreadable> {
    match look(folder, trusted) {
        Ok(found) if found.holds() => Ok(found),
        Err(Unreadable::Empty) => Err(Unreadable::Empty),
        _ => look(folder, trusted),
    }
}

fn look(folder: &mut impl Folder, trusted: &Trusted) -> Result<Verification, Unreadable> {
    // Before the segments are listed: those are then at least as new as what was signed.
    let newest = aside(folder, CHECKPOINT)?;
    let cosigned = aside(folder, COSIGNED)?;
    let segments = segment::in_order(folder).map_err(Unreadable::Folder)?;
    if segments.is_empty() {
        return Err(Unreadable::Empty);
    }
    let heads = Heads::gather((newest.as_deref(), cosigned.as_deref()), trusted);
    let mut walk = Walk::new(heads, trusted);
    for (at, name) in segments.iter().enumerate() {
        let file = name.to_string();
        let bytes =
            folder.read(&file).map_err(|source| Unreadable::File { file: file.clone(), source })?;
        walk.segment(name, &bytes, at + 1 == segments.len());
    }
    Ok(walk.finish())
}

/// A text beside the segments, if it is there.
fn aside(folder: &mut impl Folder, name: &str) -> Result<Option<String>, Unreadable> {
    match folder.read(name) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(Unreadable::File { file: name.to_owned(), source }),
    }
}
