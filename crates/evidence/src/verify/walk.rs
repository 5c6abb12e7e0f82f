//! Goes through the segments once, record by record.
//!
//! Signatures in the log are checked from the newest of a segment: it is over all earlier ones, so
//! only when it does not hold are the others looked at, to name the first.

mod clock;
mod finish;

use super::Trusted;
use super::heads::Heads;
use super::{Break, Difference, FoundGap, GAPS_MAX, Verification};
use crate::checkpoint::Checkpoint;
use crate::key::KnownKey;
use crate::line::{Line, Link};
use crate::merkle::{self, Hash, Peaks};
use crate::note::Note;
use crate::segment::{self, SegmentName};
use clock::Clock;
use seawall_types::evidence::{Bookkeeping, Gap, GapReason, SegmentHead, Stamp};

/// The state of a check.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    trusted: &'a Trusted,
    heads: Heads,
    tree: Peaks,
    previous: Link,
    /// Name and key, once a segment said them.
    log: Option<(String, KnownKey)>,
    /// Tree head over what is not there any more.
    before: Option<Hash>,
    next_segment: Option<u64>,
    /// Whether the run ended by itself and nothing may follow in its segment.
    has_ended: bool,
    clock: Clock,
    signed: Vec<Signed>,
    found: Verification,
}

/// A checkpoint of the segment that is read.
#[derive(Debug)]
struct Signed {
    record: u64,
    offset: u64,
    note: Note,
}

impl<'a> Walk<'a> {
    pub(super) fn new(heads: Heads, trusted: &'a Trusted) -> Self {
        Self {
            trusted,
            heads,
            tree: Peaks::default(),
            previous: Link::default(),
            log: None,
            before: None,
            next_segment: None,
            has_ended: false,
            clock: Clock::default(),
            signed: Vec::new(),
            found: Verification::default(),
        }
    }

    /// Reads a segment; `is_last` tells whether another follows.
    pub(super) fn segment(&mut self, name: &SegmentName, bytes: &[u8], is_last: bool) {
        let file = name.to_string();
        self.found.segments += 1;
        self.found.bytes += bytes.len() as u64;
        let (lines, rest) = segment::lines(bytes);
        if let Err(what) = self.follow(name) {
            self.break_at((&file, 0), what);
        }
        let mut is_first = true;
        for (offset, bytes) in lines {
            if self.found.holds() {
                if let Err(what) = self.record((offset as u64, bytes), (&file, name), is_first) {
                    self.break_at((&file, offset as u64), what);
                }
            } else {
                self.look_for_gap(bytes, &file);
            }
            is_first = false;
        }
        // A run that was killed as it began its segment leaves it without a whole line.
        if is_first && is_last {
            self.has_ended = false;
        } else if is_first {
            let why = "it is empty";
            self.break_at((&file, 0), Difference::Head { segment: name.number, why });
        }
        self.check_signatures(&file);
        self.end_of_segment((&file, bytes.len() - rest.len()), rest, is_last);
    }

    /// Whether this segment is the one that should come.
    fn follow(&mut self, name: &SegmentName) -> Result<(), Difference> {
        let expected = self.next_segment.replace(name.number + 1);
        match expected {
            Some(from) if from < name.number => {
                Err(Difference::Segments { from, until: name.number })
            }
            Some(from) if from > name.number => {
                Err(Difference::Head { segment: name.number, why: "its number is there twice" })
            }
            _ => Ok(()),
        }
    }

    fn record(
        &mut self,
        (offset, bytes): (u64, &[u8]),
        (file, name): (&str, &SegmentName),
        is_first: bool,
    ) -> Result<(), Difference> {
        let number = self.tree.size();
        let line = Line::read(bytes).ok_or(Difference::Form { record: number })?;
        if is_first {
            self.begin(&line, name)?;
        }
        self.place(&line)?;
        let told = match line.word {
            "segment_opened" if !is_first => return Err(Difference::Form { record: number }),
            "checkpoint" | "gap" | "removed" => {
                Some(line.bookkeeping().ok_or(Difference::Form { record: number })?)
            }
            word => {
                self.has_ended |= word == "node_stopped";
                None
            }
        };
        match told {
            Some(Bookkeeping::Checkpoint { note }) => self.checkpoint(&note, offset)?,
            Some(Bookkeeping::Gap(gap)) => self.gap(file, gap)?,
            Some(Bookkeeping::Removed(removed)) => self.found.removed = Some(removed),
            Some(Bookkeeping::SegmentOpened(_)) => return Err(Difference::Form { record: number }),
            None => {}
        }
        let leaf = merkle::leaf(bytes);
        self.tree.push(leaf);
        self.previous = Link::to(&leaf);
        self.compare_heads()
    }

    /// Whether a record stands where it says.
    fn place(&mut self, line: &Line<'_>) -> Result<(), Difference> {
        let place = &line.place;
        let expected = self.tree.size();
        if place.number != expected {
            return Err(Difference::Number { expected, found: place.number });
        }
        if place.previous != self.previous {
            return Err(Difference::Link { record: expected });
        }
        let node = self.log.as_ref().map_or("", |(node, _)| node);
        if place.node != node {
            let (expected, found) = (node.to_owned(), place.node.to_owned());
            return Err(Difference::Node { record: place.number, expected, found });
        }
        if self.has_ended && line.word != "checkpoint" && line.word != "removed" {
            return Err(Difference::BehindEnd { record: expected });
        }
        self.clock.look(place, &mut self.found);
        self.found.span = Some(match self.found.span {
            Some((first, _)) => (first, place.stamp),
            None => (place.stamp, place.stamp),
        });
        Ok(())
    }

    /// Takes the head of a segment.
    fn begin(&mut self, line: &Line<'_>, name: &SegmentName) -> Result<(), Difference> {
        let wrong = |why| Difference::Head { segment: name.number, why };
        let head = segment::head(line).ok_or(wrong("its first record is no head"))?;
        if head.segment != name.number {
            return Err(wrong("its head names another segment"));
        }
        if head.format != segment::FORMAT {
            return Err(wrong("it is of a format that this program does not know"));
        }
        let peaks: Option<Vec<_>> = head.peaks.iter().map(|peak| Hash::from_base64(peak)).collect();
        let tree = peaks.and_then(|peaks| Peaks::new(head.tree_size, peaks));
        let tree = tree.ok_or(wrong("its tree is none"))?;
        self.take_key(&head)?;
        if self.found.segments == 1 {
            self.found.first = tree.size();
            self.before = Some(tree.root());
            self.previous = line.place.previous;
            self.tree = tree;
            self.compare_heads()?;
        } else if self.tree != tree {
            return Err(wrong("its head states another tree than the records before it"));
        }
        self.has_ended = false;
        self.clock.begin();
        Ok(())
    }

    fn take_key(&mut self, head: &SegmentHead) -> Result<(), Difference> {
        let why = "its key cannot be read";
        let key: KnownKey =
            head.key.parse().map_err(|_| Difference::Head { segment: head.segment, why })?;
        let differs = |expected: &KnownKey| Difference::Key {
            expected: expected.to_string(),
            found: key.to_string(),
        };
        if let Some((_, known)) = self.log.as_ref().filter(|(_, known)| *known != key) {
            return Err(differs(known));
        }
        let trusted = &self.trusted.logs;
        if let Some(first) = trusted.first().filter(|_| !trusted.contains(&key)) {
            return Err(differs(first));
        }
        self.found.node = Some(head.log_of.to_string());
        self.found.key = Some(key.to_string());
        self.log = Some((head.log_of.to_string(), key));
        Ok(())
    }

    fn checkpoint(&mut self, note: &str, offset: u64) -> Result<(), Difference> {
        let record = self.tree.size();
        let whose = format!("checkpoint in record {record}");
        let unlike = || Difference::NoCheckpoint { whose: whose.clone() };
        let parsed = Note::parse(note).map_err(|_| unlike())?;
        let checkpoint = Checkpoint::parse(&parsed.text).ok_or_else(unlike)?;
        let is_ours = self.log.as_ref().is_some_and(|(_, key)| key.name() == checkpoint.origin);
        if !is_ours || checkpoint.size != record {
            return Err(unlike());
        }
        if checkpoint.root != self.tree.root() {
            return Err(Difference::Root { whose, size: record });
        }
        self.found.checkpoints += 1;
        self.found.signed = self.found.signed.max(record);
        self.signed.push(Signed { record, offset, note: parsed });
        Ok(())
    }

    fn gap(&mut self, file: &str, gap: Gap) -> Result<(), Difference> {
        let (sentence, breaks) = (gap.reason.sentence(), gap.reason.breaks_the_log());
        let what = if gap.detail.is_empty() {
            sentence.to_owned()
        } else {
            format!("{sentence} ({})", gap.detail)
        };
        let record = self.tree.size();
        self.list(FoundGap { record, segment: file.to_owned(), gap });
        if breaks { Err(Difference::Told { what }) } else { Ok(()) }
    }

    fn list(&mut self, gap: FoundGap) {
        if self.found.gaps.len() < GAPS_MAX {
            self.found.gaps.push(gap);
        } else {
            self.found.gaps_unlisted += 1;
        }
    }

    /// Behind a break, gaps are still told.
    fn look_for_gap(&mut self, bytes: &[u8], file: &str) {
        let line = Line::read(bytes).filter(|line| line.word == "gap");
        let Some(line) = line else { return };
        if let Some(Bookkeeping::Gap(gap)) = line.bookkeeping() {
            self.list(FoundGap { record: line.place.number, segment: file.to_owned(), gap });
        }
    }

    /// Compares the heads that are over as many records as were read.
    fn compare_heads(&mut self) -> Result<(), Difference> {
        let size = self.tree.size();
        if self.heads.next_size().is_none_or(|next| next > size) {
            return Ok(());
        }
        let Some((node, key)) = &self.log else { return Ok(()) };
        for head in self.heads.take_up_to(size) {
            if head.is_foreign(node) {
                let origin = &head.checkpoint.origin;
                self.found.unchecked.push(format!("a checkpoint of another log, {origin}"));
                continue;
            }
            if let Some(fault) = head.fault(key, &self.trusted.witnesses) {
                return Err(fault);
            }
            if head.checkpoint.size < size {
                let (whose, over) = (&head.whose, head.checkpoint.size);
                let what = format!("the {whose} is over {over} records, which were removed since");
                self.found.unchecked.push(what);
                continue;
            }
            if head.checkpoint.root != self.tree.root() {
                return Err(Difference::Root { whose: head.whose, size });
            }
            self.found.signed = self.found.signed.max(if head.is_own { size } else { 0 });
            self.found.witnessed.extend(head.seen_by(&self.trusted.witnesses));
        }
        Ok(())
    }

    fn check_signatures(&mut self, file: &str) {
        let signed = std::mem::take(&mut self.signed);
        let Some((_, key)) = self.log.as_ref().filter(|_| self.found.holds()) else { return };
        let holds = |signed: &Signed| signed.note.is_signed_by(key);
        if signed.last().is_none_or(holds) {
            return;
        }
        let first = signed.iter().find(|signed| !holds(signed));
        let Some(Signed { record, offset, .. }) = first else { return };
        let whose = format!("checkpoint in record {record}");
        let (file, record, offset) = (file.to_owned(), *record, *offset);
        let what = Difference::Signature { whose };
        self.found.first_break = Some(Break { file, record, offset, what });
    }

    fn end_of_segment(&mut self, (file, end): (&str, usize), rest: &[u8], is_last: bool) {
        let next = self.tree.size();
        if rest.is_empty() || !self.found.holds() {
            return;
        }
        if !is_last || self.has_ended {
            let what = Difference::Torn { bytes: rest.len() as u64, next };
            return self.break_at((file, end as u64), what);
        }
        let stamp = self.found.span.map_or(Stamp::default(), |(_, last)| last);
        let detail = format!("{} bytes", rest.len());
        let gap = Gap { reason: GapReason::Torn, from: stamp, to: stamp, lost: None, detail };
        self.list(FoundGap { record: next, segment: file.to_owned(), gap });
    }

    fn break_at(&mut self, (file, offset): (&str, u64), what: Difference) {
        if self.found.holds() {
            let (file, record) = (file.to_owned(), self.tree.size());
            self.found.first_break = Some(Break { file, record, offset, what });
        }
    }
}
