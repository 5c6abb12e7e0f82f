//! Checks an archive from its bytes alone.
//!
//! In this order, and it stops at the first thing that does not hold: the archive's own form, the
//! digest of each file, the manifest's signature, the checkpoint's, each record's form and link, the
//! tree of records and proof, and whether the incident is told of.

use super::{MANIFEST, NAMED, PROOF, RECORDS, archive, manifest};
use crate::checkpoint::Checkpoint;
use crate::cosignature::{Seen, seen};
use crate::key::KnownKey;
use crate::line::{Line, Link};
use crate::merkle::{self, Hash, cover};
use crate::note::Note;
use crate::segment;
use crate::verify::{Trusted, Witnessed};
use manifest::Manifest;
use thiserror::Error;

/// Runs of records that are listed.
const RUNS_MAX: usize = 100;

/// The first thing in an archive that does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Fault {
    /// Bytes that this program does not write.
    #[error("the archive is not as it was made at byte {at}")]
    Frame {
        /// Where.
        at: u64,
    },
    /// Other files, or in another order.
    #[error("the archive does not hold the files that a bundle holds")]
    Files,
    /// No manifest, or one of another format.
    #[error("the manifest is not of a form that this program knows")]
    Manifest,
    /// A file that the manifest does not fit.
    #[error("{file} is not what the manifest names")]
    Digest {
        /// Which.
        file: &'static str,
    },
    /// Not of the log's key.
    #[error("the signature of the {whose} does not hold")]
    Signature {
        /// Of what.
        whose: String,
    },
    /// Another key than the one that is trusted.
    #[error("signed by {found}, not by {expected}")]
    Key {
        /// By whom it should be.
        expected: String,
        /// By whom it is.
        found: String,
    },
    /// No checkpoint of this log.
    #[error("the checkpoint is not one of this log")]
    Checkpoint,
    /// Bytes that no log writes, or a line of the proof that is none.
    #[error("line {line} of {file} is not of the form that it should have")]
    Form {
        /// Which file.
        file: &'static str,
        /// Counts from 1.
        line: u64,
    },
    /// The hash of the record before is another.
    #[error("record {record} does not follow record {}: its hash differs", record.saturating_sub(1))]
    Link {
        /// The one that says what it follows.
        record: u64,
    },
    /// Records and proof leave a hole, or give another head.
    #[error("the records are not those that were signed: they give another tree head")]
    Root,
    /// Nothing in it is about the incident that it names.
    #[error("no record tells of the incident that the manifest names")]
    Incident,
}

/// What a check of an archive found.
#[derive(Debug, Clone, Default)]
pub struct Checked {
    /// The incident that it is about.
    pub incident: String,
    /// Whose log.
    pub node: String,
    /// Who signs it.
    pub key: String,
    /// Records in it.
    pub records: u64,
    /// Their numbers, first and last of each run.
    pub runs: Vec<(u64, u64)>,
    /// Records that the checkpoint is over.
    pub signed: u64,
    /// Gaps that the records tell of.
    pub gaps: u64,
    /// What trusted witnesses signed.
    pub witnessed: Vec<Witnessed>,
    /// What could not be looked at, each a sentence.
    pub unchecked: Vec<String>,
}

/// Checks an archive.
///
/// # Errors
/// The first thing that does not hold.
pub fn check(bytes: &[u8], trusted: &Trusted) -> Result<Checked, Fault> {
    let files = archive::read(bytes).map_err(|at| Fault::Frame { at })?;
    let files = Files::of(&files)?;
    let said = manifest::read(files.manifest).ok_or(Fault::Manifest)?;
    files.compare(&said)?;
    let mut checked = Checked { incident: said.incident.clone(), ..Checked::default() };
    let read = read_records(files.named[1].1, &mut checked)?;
    let key = read.key.ok_or(Fault::Checkpoint)?;
    checked.key = key.to_string();
    take_key(&key, trusted, &mut checked)?;
    match &said.note {
        Some(note) if note.is_signed_by(&key) => {}
        Some(_) => return Err(Fault::Signature { whose: "manifest".to_owned() }),
        None => checked.unchecked.push(
            "that the custody sheet is the node's: the bundle was made without the node's key"
                .to_owned(),
        ),
    }
    let checkpoint = checkpoint(files.named[3].1, (&key, trusted), &mut checked)?;
    let blocks = proof(files.named[2].1)?;
    let tree = cover::tree(&read.leaves, &blocks).ok_or(Fault::Root)?;
    if (tree.size(), tree.root()) != (checkpoint.size, checkpoint.root) {
        return Err(Fault::Root);
    }
    checked.signed = checkpoint.size;
    if read.is_told { Ok(checked) } else { Err(Fault::Incident) }
}

/// The files of an archive.
struct Files<'a> {
    manifest: &'a [u8],
    named: [(&'static str, &'a [u8]); 4],
}

impl<'a> Files<'a> {
    fn of(files: &[(&str, &'a [u8])]) -> Result<Self, Fault> {
        let [manifest, named @ ..] = files else { return Err(Fault::Files) };
        let named: [(&str, &'a [u8]); 4] = named.try_into().map_err(|_| Fault::Files)?;
        let are_ours = manifest.0 == MANIFEST && named.map(|(name, _)| name) == NAMED;
        let [a, b, c, d] = named.map(|(_, bytes)| bytes);
        let named = [(NAMED[0], a), (NAMED[1], b), (NAMED[2], c), (NAMED[3], d)];
        if are_ours { Ok(Self { manifest: manifest.1, named }) } else { Err(Fault::Files) }
    }

    /// Whether the manifest is the one of these files.
    fn compare(&self, said: &Manifest) -> Result<(), Fault> {
        if manifest::text(&said.incident, &self.named) == said.text {
            return Ok(());
        }
        let unnamed = |(name, bytes): &(&'static str, &[u8])| {
            let line = manifest::text(&said.incident, &[(*name, *bytes)]);
            !line.lines().last().is_some_and(|line| said.text.lines().any(|said| said == line))
        };
        let file = self.named.iter().find(|file| unnamed(file));
        Err(file.map_or(Fault::Manifest, |(file, _)| Fault::Digest { file }))
    }
}

/// What the records say.
#[derive(Default)]
struct Read {
    leaves: Vec<(u64, Hash)>,
    key: Option<KnownKey>,
    /// Whether one of them is about the incident.
    is_told: bool,
}

fn read_records(bytes: &[u8], checked: &mut Checked) -> Result<Read, Fault> {
    let mut read = Read::default();
    let mut previous: Option<(u64, Link)> = None;
    let (lines, rest) = segment::lines(bytes);
    for (at, (_, bytes)) in (1..).zip(lines) {
        let form = Fault::Form { file: RECORDS, line: at };
        let line = Line::read(bytes).ok_or_else(|| form.clone())?;
        let place = &line.place;
        match previous {
            Some((before, _)) if place.number <= before => return Err(form),
            Some((before, after)) if place.number == before + 1 && place.previous != after => {
                return Err(Fault::Link { record: place.number });
            }
            _ => {}
        }
        if checked.node.is_empty() {
            place.node.clone_into(&mut checked.node);
        } else if checked.node != place.node {
            return Err(form);
        }
        match line.word {
            "segment_opened" => {
                let head = segment::head(&line).ok_or_else(|| form.clone())?;
                let key: KnownKey = head.key.parse().map_err(|_| form.clone())?;
                if read.key.as_ref().is_some_and(|known| *known != key) {
                    return Err(form);
                }
                read.key = Some(key);
            }
            "gap" => checked.gaps += 1,
            word => read.is_told |= word.starts_with("incident_") && line.names(&checked.incident),
        }
        let leaf = merkle::leaf(bytes);
        previous = Some((place.number, Link::to(&leaf)));
        read.leaves.push((place.number, leaf));
        note_run(place.number, checked);
    }
    let next = checked.records + 1;
    if rest.is_empty() { Ok(read) } else { Err(Fault::Form { file: RECORDS, line: next }) }
}

fn note_run(number: u64, checked: &mut Checked) {
    checked.records += 1;
    if let Some((_, last)) = checked.runs.last_mut().filter(|(_, last)| *last + 1 == number) {
        *last = number;
    } else if checked.runs.len() < RUNS_MAX {
        checked.runs.push((number, number));
    }
}

fn take_key(key: &KnownKey, trusted: &Trusted, checked: &mut Checked) -> Result<(), Fault> {
    match trusted.logs.first() {
        None => checked.unchecked.push(
            "whose key it is: --witnesses can name the log's, or compare it with the node's owner"
                .to_owned(),
        ),
        Some(first) if !trusted.logs.contains(key) => {
            let (expected, found) = (first.to_string(), key.to_string());
            return Err(Fault::Key { expected, found });
        }
        Some(_) => {}
    }
    Ok(())
}

fn checkpoint(
    bytes: &[u8],
    (key, trusted): (&KnownKey, &Trusted),
    checked: &mut Checked,
) -> Result<Checkpoint, Fault> {
    let text = std::str::from_utf8(bytes).map_err(|_| Fault::Checkpoint)?;
    let note = Note::parse(text).map_err(|_| Fault::Checkpoint)?;
    let checkpoint = Checkpoint::parse(&note.text).ok_or(Fault::Checkpoint)?;
    if checkpoint.origin != key.name() {
        return Err(Fault::Checkpoint);
    }
    if !note.is_signed_by(key) {
        return Err(Fault::Signature { whose: "checkpoint".to_owned() });
    }
    for witness in &trusted.witnesses {
        match seen(&note, witness) {
            Seen::At(at) => checked.witnessed.push(Witnessed {
                witness: witness.name().to_owned(),
                size: checkpoint.size,
                at,
            }),
            Seen::Forged => {
                return Err(Fault::Signature { whose: format!("witness {}", witness.name()) });
            }
            Seen::Never => {}
        }
    }
    if checked.witnessed.is_empty() {
        let what = "that the log was not written anew with its own key: no trusted witness signed \
                    this checkpoint";
        checked.unchecked.push(what.to_owned());
    }
    Ok(checkpoint)
}

/// The subtrees of a proof.
fn proof(bytes: &[u8]) -> Result<Vec<cover::Block>, Fault> {
    let text = std::str::from_utf8(bytes).map_err(|_| Fault::Form { file: PROOF, line: 1 })?;
    let block =
        |(at, line): (u64, &str)| subtree(line).ok_or(Fault::Form { file: PROOF, line: at });
    (1..).zip(text.lines()).map(block).collect()
}

fn subtree(line: &str) -> Option<cover::Block> {
    let mut words = line.split(' ');
    let (start, size) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    let hash = Hash::from_base64(words.next()?)?;
    words.next().is_none().then_some(cover::Block { start, size, hash })
}
