//! One archive with the records of an incident and what proves them, to hand to somebody else.
//!
//! [`make`] takes a log's folder; [`check`] takes the archive alone.
//! Holds every record from half a minute before the incident to its last, of every platform and of
//! the log itself, so that nothing between them can be left out unseen; the subtrees that hold none of
//! them; the checkpoint that both lead to; a custody sheet; a manifest with the digest of each file.
//! The same log gives the same bytes: no clock is read, and who made it when is for a person to write.
//! Never holds what the log does not: no body, no address, no request.
//! Bounds: [`RECORDS_MAX`] bytes of records; one segment in memory beside them.

mod archive;
mod check;
mod choose;
mod custody;
mod manifest;
#[cfg(test)]
mod tests;
mod told;

pub use check::{Checked, Fault, check};
pub use told::{json, text};

use crate::cases::{CASES_MAX, Cases, read_segment};
use crate::checkpoint::Checkpoint;
use crate::key::{KnownKey, NodeKey};
use crate::line::Line;
use crate::merkle::{self, Peaks, cover};
use crate::note::Note;
use crate::segment::{self, CHECKPOINT, COSIGNED};
use crate::store::Folder;
use crate::verify::{Trusted, Unreadable, Verification, note_texts, verify};
use choose::Chosen;
use std::fmt::Write as _;
use std::io;
use thiserror::Error;

/// Bytes of the records of an archive: eight hours of ten platforms.
pub const RECORDS_MAX: usize = 128 * 1024 * 1024;
/// Bytes of an archive that is read: its records, a proof for them, and its frame.
pub const BUNDLE_MAX: u64 = 192 * 1024 * 1024;

/// The files of an archive, in their order.
const MANIFEST: &str = "manifest";
const CUSTODY: &str = "custody.txt";
const RECORDS: &str = "records.jsonl";
const PROOF: &str = "proof.txt";
/// The files that the manifest names.
const NAMED: [&str; 4] = [CUSTODY, RECORDS, PROOF, CHECKPOINT];

/// Why there is no archive.
#[derive(Debug, Error)]
pub enum Unmade {
    /// The log cannot be read.
    #[error("cannot read the evidence")]
    Log(#[from] io::Error),
    /// The log cannot be checked.
    #[error("cannot check the evidence")]
    Check(#[from] Unreadable),
    /// What does not hold proves nothing.
    #[error(
        "the evidence does not hold, so nothing can be proven with it: {what}; keep the whole folder \
         as it is instead"
    )]
    DoesNotHold {
        /// What the check named first.
        what: String,
    },
    /// Nothing of that name is recorded.
    #[error("no incident of that name; `incident list` lists them")]
    Unknown,
    /// No signature is over it yet.
    #[error("no checkpoint is over the incident yet; ask again in ten seconds")]
    NotSigned,
    /// More than an archive holds.
    #[error(
        "its records have more than {RECORDS_MAX} bytes; hand over the evidence folder itself instead"
    )]
    TooLarge,
}

/// What is to be put into an archive.
#[derive(Debug, Clone, Copy)]
pub struct Sought<'a> {
    /// The incident.
    pub incident: &'a str,
    /// Keys that the log must be signed by.
    pub trusted: &'a Trusted,
    /// Signs the manifest; without it the custody sheet is vouched for by nobody.
    pub key: Option<&'a NodeKey>,
}

/// The archive of an incident.
///
/// # Errors
/// The log cannot be read, does not hold, has no such incident or has not signed it yet.
pub fn make(folder: &mut impl Folder, sought: &Sought<'_>) -> Result<Vec<u8>, Unmade> {
    let found = verify(folder, sought.trusted)?;
    if let Some(broken) = &found.first_break {
        return Err(Unmade::DoesNotHold { what: broken.what.to_string() });
    }
    let cases = Cases::read(folder, CASES_MAX)?;
    let case = cases.get(sought.incident).ok_or(Unmade::Unknown)?;
    let mut chosen = Chosen::of(folder, case)?;
    let (note, checkpoint) = checkpoint(folder, &found, &chosen)?;
    let unsigned = chosen.end_before(checkpoint.size);
    let taken = Taken::read(folder, &chosen, checkpoint.size)?;
    if taken.root != Some(checkpoint.root) {
        return Err(Unmade::NotSigned);
    }
    let sheet = custody::Sheet { case, found: &found, checkpoint: &checkpoint, unsigned };
    let sheet = sheet.text(&chosen, &taken.records);
    let (records, proof, note) = (taken.records, taken.proof, note.to_string());
    let files: [(&str, &[u8]); 4] = [
        (CUSTODY, sheet.as_bytes()),
        (RECORDS, &records),
        (PROOF, proof.as_bytes()),
        (CHECKPOINT, note.as_bytes()),
    ];
    let manifest = manifest::write(sought.incident, &files, sought.key);
    let mut all = vec![(MANIFEST, manifest.as_bytes())];
    all.extend_from_slice(&files);
    Ok(archive::write(&all))
}

/// The checkpoint that the records are proven by: one that witnesses signed where it is over all of
/// them, and otherwise the newest.
fn checkpoint(
    folder: &mut impl Folder,
    found: &Verification,
    chosen: &Chosen,
) -> Result<(Note, Checkpoint), Unmade> {
    let key: Option<KnownKey> = found.key.as_deref().and_then(|key| key.parse().ok());
    let key = key.ok_or(Unmade::NotSigned)?;
    let mut aside = |name: &str| match folder.read(name) {
        Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        Err(cause) => Err(cause),
    };
    let read = |text: &str| {
        let note = Note::parse(text).ok().filter(|note| note.is_signed_by(&key))?;
        let checkpoint = Checkpoint::parse(&note.text)?;
        (checkpoint.origin == key.name()).then_some((note, checkpoint))
    };
    let newest = read(&aside(CHECKPOINT)?);
    let cosigned = note_texts(&aside(COSIGNED)?);
    let cosigned = cosigned.iter().filter_map(|text| read(text));
    // One over records that were removed since cannot be compared any more.
    let whole = cosigned.filter(|(_, it)| it.size > chosen.newest() && it.size >= found.first);
    let note = whole.min_by_key(|(_, checkpoint)| checkpoint.size).or(newest);
    note.filter(|(_, checkpoint)| checkpoint.size > chosen.first()).ok_or(Unmade::NotSigned)
}

/// Records and proof, read from the log.
#[derive(Debug, Default)]
struct Taken {
    records: Vec<u8>,
    proof: String,
    /// The head over as many records as the checkpoint is over, if so many are there.
    root: Option<merkle::Hash>,
}

impl Taken {
    fn read(folder: &mut impl Folder, chosen: &Chosen, size: u64) -> Result<Self, Unmade> {
        let mut cover: Option<cover::Cover> = None;
        let mut records = Vec::new();
        for name in segment::in_order(folder)? {
            let bytes = read_segment(folder, &name)?;
            for (_, bytes) in segment::lines(&bytes).0 {
                let Some(line) = Line::read(bytes) else { continue };
                let cover = cover.get_or_insert_with(|| cover::Cover::behind(&before(&line)));
                let number = line.place.number;
                if number >= size || number != cover.size() {
                    continue;
                }
                let is_chosen = chosen.holds(number);
                cover.push(merkle::leaf(bytes), is_chosen);
                if is_chosen {
                    if records.len() + bytes.len() >= RECORDS_MAX {
                        return Err(Unmade::TooLarge);
                    }
                    records.extend_from_slice(bytes);
                    records.push(b'\n');
                }
            }
        }
        let Some(cover) = cover.filter(|cover| cover.size() == size) else {
            return Ok(Self::default());
        };
        let root = Some(cover.root());
        let mut proof = String::new();
        for cover::Block { start, size, hash } in cover.finish() {
            let _ = writeln!(proof, "{start} {size} {hash}");
        }
        Ok(Self { records, proof, root })
    }
}

/// The tree before the first record that is there, as that record states it.
fn before(first: &Line<'_>) -> Peaks {
    let stated = segment::head(first).and_then(|head| {
        let peaks: Option<Vec<_>> =
            head.peaks.iter().map(|peak| merkle::Hash::from_base64(peak)).collect();
        Peaks::new(head.tree_size, peaks?)
    });
    stated.unwrap_or_default()
}
