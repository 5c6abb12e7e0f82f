//! Where the log stands in its files, and how it gets on.
//!
//! `written` is where the file should end, `synced` is what is known to be on disk; after a fault
//! the writer rolls back to the latter before it writes again.

use super::queue::Entry;
use super::{Fault, Limits, Status};
use crate::checkpoint::Checkpoint;
use crate::key::NodeKey;
use crate::line::{self, Body, Link, Place};
use crate::merkle::{self, Peaks};
use crate::segment::{CHECKPOINT, FORMAT, SegmentName, hour_of};
use crate::store::Store;
use seawall_types::evidence::{Bookkeeping, SegmentHead, Stamp, Weight};

/// Bytes that are handed to the disk at once.
const CHUNK: usize = 1024 * 1024;

/// Disk and key, which every step needs.
pub(super) type Hands<'a, S> = (&'a mut S, &'a NodeKey);

/// An end of the log.
#[derive(Debug, Clone)]
pub(super) struct Tip {
    /// The segment that is written to; none when the next record begins one.
    pub(super) segment: Option<Segment>,
    pub(super) next_segment: u64,
    pub(super) tree: Peaks,
    pub(super) previous: Link,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Segment {
    pub(super) name: String,
    pub(super) length: u64,
    pub(super) hour: u64,
}

#[derive(Debug)]
pub(super) struct Writer {
    synced: Tip,
    written: Tip,
    is_astray: bool,
    /// Segments that are complete, oldest first, with their bytes.
    complete: Vec<(SegmentName, u64)>,
}

impl Writer {
    /// Goes on behind `tip`.
    pub(super) fn new(tip: Tip, complete: Vec<(SegmentName, u64)>) -> Self {
        Self { synced: tip.clone(), written: tip, is_astray: false, complete }
    }

    pub(super) fn status(&self) -> Status {
        let open = self.written.segment.as_ref();
        let bytes = self.complete.iter().map(|(_, bytes)| bytes).sum::<u64>();
        Status {
            records: self.written.tree.size(),
            synced: self.synced.tree.size(),
            segments: self.complete.len() as u64 + u64::from(open.is_some()),
            bytes: bytes + open.map_or(0, |segment| segment.length),
            ..Status::default()
        }
    }

    /// Segments that are complete, oldest first, with their bytes.
    pub(super) fn complete(&self) -> &[(SegmentName, u64)] {
        &self.complete
    }

    /// Whether the segment is long or old enough.
    pub(super) fn is_due_to_rotate(&self, now: Stamp, limits: &Limits) -> bool {
        self.written.segment.as_ref().is_some_and(|segment| {
            segment.length >= limits.segment_bytes || segment.hour != hour_of(now.wall)
        })
    }

    /// Cuts the file back to what is on disk, when the last step failed; tells whether it did.
    pub(super) fn roll_back(&mut self, store: &mut impl Store) -> Result<bool, Fault> {
        if !self.is_astray {
            return Ok(false);
        }
        let synced = self.synced.segment.as_ref();
        if let Some(segment) = synced {
            let (name, length) = (segment.name.as_str(), segment.length);
            store.cut(name, length).map_err(Fault::of("cut", name))?;
        }
        let written = self.written.segment.as_ref();
        if let Some(begun) = written.filter(|w| synced.is_none_or(|s| s.name != w.name)) {
            store.remove(&begun.name).map_err(Fault::of("remove", &begun.name))?;
        }
        self.written = self.synced.clone();
        self.is_astray = false;
        Ok(true)
    }

    /// The next record begins a segment.
    pub(super) fn leave_segment(&mut self) {
        if let Some(left) = self.written.segment.take() {
            self.complete.extend(SegmentName::parse(&left.name).map(|name| (name, left.length)));
        }
        self.synced.segment = None;
    }

    /// Adds records; tells the weight of the weightiest.
    pub(super) fn write<'a, S: Store>(
        &mut self,
        (store, key): Hands<'_, S>,
        now: Stamp,
        entries: impl Iterator<Item = &'a Entry>,
    ) -> Result<Weight, Fault> {
        let mut chunk = String::new();
        let mut weight = Weight::Routine;
        self.begin_segment(key, now, &mut chunk);
        for entry in entries {
            self.add(key, (entry.stamp, &entry.body), &mut chunk);
            weight = weight.max(entry.weight);
            if chunk.len() >= CHUNK {
                self.hand_over(store, &chunk)?;
                chunk.clear();
            }
        }
        self.hand_over(store, &chunk)?;
        Ok(weight)
    }

    /// Adds one record of the log's own.
    pub(super) fn write_own<S: Store>(
        &mut self,
        (store, key): Hands<'_, S>,
        now: Stamp,
        body: &Body,
    ) -> Result<(), Fault> {
        let mut chunk = String::new();
        self.begin_segment(key, now, &mut chunk);
        self.add(key, (now, body), &mut chunk);
        self.hand_over(store, &chunk)
    }

    /// Signs everything up to here and syncs.
    pub(super) fn seal<S: Store>(
        &mut self,
        (store, key): Hands<'_, S>,
        now: Stamp,
    ) -> Result<(), Fault> {
        let note = Checkpoint::sign(key, &self.written.tree).to_string();
        let own = Body::of_bookkeeping(&Bookkeeping::Checkpoint { note });
        self.write_own((store, key), now, &own)?;
        self.sync(store)
    }

    /// Puts a checkpoint over everything that is synced beside the segments.
    ///
    /// It is over the last checkpoint's own record too, so that no whole record is outside.
    pub(super) fn publish<S: Store>(&self, (store, key): Hands<'_, S>) -> Result<(), Fault> {
        let newest = Checkpoint::sign(key, &self.synced.tree).to_string();
        store.replace(CHECKPOINT, newest.as_bytes()).map_err(Fault::of("write", CHECKPOINT))
    }

    /// Makes what was written outlast a loss of power.
    pub(super) fn sync(&mut self, store: &mut impl Store) -> Result<(), Fault> {
        let Some(segment) = &self.written.segment else { return Ok(()) };
        let synced = store.sync(&segment.name);
        self.is_astray |= synced.is_err();
        synced.map_err(Fault::of("sync", &segment.name))?;
        self.synced = self.written.clone();
        Ok(())
    }

    /// Takes complete segments away, in this order.
    pub(super) fn remove(
        &mut self,
        store: &mut impl Store,
        names: &[SegmentName],
    ) -> Result<(), Fault> {
        for name in names {
            let file = name.to_string();
            store.remove(&file).map_err(Fault::of("remove", &file))?;
            self.complete.retain(|(kept, _)| kept != name);
        }
        Ok(())
    }

    fn begin_segment(&mut self, key: &NodeKey, now: Stamp, chunk: &mut String) {
        if self.written.segment.is_some() {
            return;
        }
        let number = self.written.next_segment;
        let name = SegmentName::new(number, now.wall).to_string();
        self.written.segment = Some(Segment { name, length: 0, hour: hour_of(now.wall) });
        self.written.next_segment = number + 1;
        let head = SegmentHead {
            format: FORMAT,
            segment: number,
            tree_size: self.written.tree.size(),
            peaks: self.written.tree.hashes().iter().map(ToString::to_string).collect(),
            key: key.known().to_string(),
            log_of: key.node().clone(),
        };
        let head = Body::of_bookkeeping(&Bookkeeping::SegmentOpened(head));
        self.add(key, (now, &head), chunk);
    }

    fn add(&mut self, key: &NodeKey, (stamp, body): (Stamp, &Body), chunk: &mut String) {
        let (number, node) = (self.written.tree.size(), key.node().as_str());
        let place = Place { number, node, stamp, previous: self.written.previous };
        let line = line::write(&place, body);
        let leaf = merkle::leaf(line.as_bytes());
        self.written.tree.push(leaf);
        self.written.previous = Link::to(&leaf);
        chunk.push_str(&line);
        chunk.push('\n');
    }

    fn hand_over(&mut self, store: &mut impl Store, chunk: &str) -> Result<(), Fault> {
        let segment =
            self.written.segment.as_mut().expect("invariant: begun before lines are added");
        let appended = store.append(&segment.name, chunk.as_bytes());
        segment.length += chunk.len() as u64;
        self.is_astray |= appended.is_err();
        appended.map_err(Fault::of("write", &segment.name))
    }
}
