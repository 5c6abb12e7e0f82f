//! Tree heads that are known besides those in the records: the newest checkpoint, and those that
//! witnesses signed or the reader kept.
//!
//! Each is compared when the walk has as many records as it is over.

use super::trusted::{Trusted, note_texts};
use super::{Difference, Witnessed};
use crate::checkpoint::Checkpoint;
use crate::cosignature::{Seen, seen};
use crate::key::KnownKey;
use crate::note::Note;
use std::collections::BTreeMap;

/// A tree head and who says so.
#[derive(Debug, Clone)]
pub(super) struct Head {
    /// For people.
    pub(super) whose: String,
    pub(super) note: Note,
    pub(super) checkpoint: Checkpoint,
    /// Whether the log itself wrote it, so that it must bear the log's signature.
    pub(super) is_own: bool,
}

/// Heads by the number of records that they are over.
#[derive(Debug, Default)]
pub(super) struct Heads {
    by_size: BTreeMap<u64, Vec<Head>>,
    /// The first that is none.
    pub(super) bad: Option<(String, Difference)>,
    pub(super) has_newest: bool,
}

impl Heads {
    /// From the files beside the segments and what the reader brought.
    pub(super) fn gather(
        (newest, cosigned): (Option<&str>, Option<&str>),
        trusted: &Trusted,
    ) -> Self {
        let mut heads = Self { has_newest: newest.is_some(), ..Self::default() };
        if let Some(text) = newest {
            heads.add(Note::parse(text).ok(), ("checkpoint", "newest checkpoint"), true);
        }
        for text in cosigned.map(note_texts).unwrap_or_default() {
            heads.add(Note::parse(&text).ok(), ("cosigned", "cosigned checkpoint"), true);
        }
        for note in &trusted.notes {
            heads.add(Some(note.clone()), ("witnesses", "checkpoint kept elsewhere"), false);
        }
        heads
    }

    fn add(&mut self, note: Option<Note>, (file, whose): (&str, &str), is_own: bool) {
        let whose = whose.to_owned();
        let checkpoint = note.as_ref().and_then(|note| Checkpoint::parse(&note.text));
        match (note, checkpoint) {
            (Some(note), Some(checkpoint)) => {
                let head = Head { whose, note, checkpoint, is_own };
                self.by_size.entry(head.checkpoint.size).or_default().push(head);
            }
            _ if self.bad.is_none() => {
                self.bad = Some((file.to_owned(), Difference::NoCheckpoint { whose }));
            }
            _ => {}
        }
    }

    /// The size over which the next head is.
    pub(super) fn next_size(&self) -> Option<u64> {
        self.by_size.keys().next().copied()
    }

    /// Takes the heads over at most `size` records, smallest first.
    pub(super) fn take_up_to(&mut self, size: u64) -> Vec<Head> {
        let larger = size.checked_add(1).map(|next| self.by_size.split_off(&next));
        let taken = std::mem::replace(&mut self.by_size, larger.unwrap_or_default());
        taken.into_values().flatten().collect()
    }

    /// Heads that were never reached, smallest first.
    pub(super) fn rest(&mut self) -> Vec<Head> {
        std::mem::take(&mut self.by_size).into_values().flatten().collect()
    }
}

impl Head {
    /// Whether it is of another node altogether, so that it says nothing about this log.
    ///
    /// One of this node under another key does: somebody may have written the log anew.
    pub(super) fn is_foreign(&self, node: &str) -> bool {
        let of_node = format!("seawall/{node}/");
        !self.is_own && !self.checkpoint.origin.starts_with(&of_node)
    }

    /// What is wrong with who signed it, if anything; `key` is the log's.
    pub(super) fn fault(&self, key: &KnownKey, witnesses: &[KnownKey]) -> Option<Difference> {
        let whose = || self.whose.clone();
        if key.name() != self.checkpoint.origin {
            return Some(Difference::NoCheckpoint { whose: whose() });
        }
        if self.is_own && !self.note.is_signed_by(key) {
            return Some(Difference::Signature { whose: whose() });
        }
        let forged = witnesses.iter().find(|witness| seen(&self.note, witness) == Seen::Forged)?;
        let whose = format!("witness {} under the {}", forged.name(), self.whose);
        Some(Difference::Signature { whose })
    }

    /// Each witness that signed it, with its time.
    pub(super) fn seen_by(&self, witnesses: &[KnownKey]) -> Vec<Witnessed> {
        let size = self.checkpoint.size;
        let at = |witness: &KnownKey| match seen(&self.note, witness) {
            Seen::At(at) => Some(Witnessed { witness: witness.name().to_owned(), size, at }),
            Seen::Forged | Seen::Never => None,
        };
        witnesses.iter().filter_map(at).collect()
    }
}
