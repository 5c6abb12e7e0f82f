//! The log of a node: facts in, segments and signed checkpoints out.
//!
//! [`Log::append`] only takes a fact into a bounded queue; [`Log::on_deadline`] does the writing, so
//! a thread that may wait for a disk calls it and nobody else waits.
//! What is written stays in the queue until it is synced: when a write or a sync fails, the file is
//! cut back to what is known to be on disk and the rest is written anew.
//! What finds no room is counted, and named by a gap as soon as writing works again.
//! Never reads a clock, never fails its caller.
//! Bounds: [`Limits`].

mod budget;
mod fault;
mod limits;
mod queue;
mod resume;
mod tail;
#[cfg(test)]
mod tests;
mod writer;

pub use fault::Fault;
pub use limits::Limits;

use crate::key::NodeKey;
use crate::line::Body;
use crate::store::Store;
use queue::Queue;
use seawall_types::Moment;
use seawall_types::evidence::{Bookkeeping, Fact, Gap, GapReason, Stamp, Weight};
use writer::Writer;

/// The log of a node.
#[derive(Debug)]
pub struct Log<S> {
    store: S,
    key: NodeKey,
    limits: Limits,
    queue: Queue,
    /// None until the folder could be read.
    writer: Option<Writer>,
    due: Due,
    failing: Option<Failing>,
}

/// What is to be done, and when at the latest.
#[derive(Debug, Default)]
struct Due {
    write: Option<Moment>,
    sync: Option<Moment>,
    checkpoint: Option<Moment>,
}

/// The disk does not take what it is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failing {
    /// Since when.
    pub since: Stamp,
    /// In a gap's words.
    pub reason: GapReason,
    /// What the system said last.
    pub detail: String,
    retry_at: Moment,
}

/// How the log stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Status {
    /// Records in the log.
    pub records: u64,
    /// Those that outlast a loss of power.
    pub synced: u64,
    /// Facts that wait to be written.
    pub waiting: u64,
    /// Facts that found no room since start.
    pub lost: u64,
    /// Segments on disk.
    pub segments: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Set while the disk does not take what it is given.
    pub failing: Option<Failing>,
}

/// What a call to the disk is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Effort {
    /// What is due.
    Due,
    /// Everything, as before an end.
    All,
}

impl<S: Store> Log<S> {
    /// Opens the log in `store`, which may be empty, damaged or out of order: then the log says so
    /// in its records, or tries again later.
    pub fn open(store: S, key: NodeKey, limits: Limits, now: Stamp) -> Self {
        let queue = Queue::new(limits.clone());
        let due = Due::default();
        let mut log = Self { store, key, limits, queue, writer: None, due, failing: None };
        log.on_deadline(now);
        log
    }

    /// Takes a fact; it is written at the next deadline.
    pub fn append(&mut self, now: Stamp, fact: &Fact) {
        let (reason, detail) = match &self.failing {
            Some(failing) => (failing.reason, failing.detail.as_str()),
            None => (GapReason::DiskSlow, ""),
        };
        let body = Body::of_fact(fact);
        self.queue.offer(now, (body, fact.weight()), (reason, detail));
        let soon = match fact.weight() {
            Weight::Pivotal => now.moment,
            Weight::Routine => now.moment + self.limits.write_within,
        };
        bring_forward(&mut self.due.write, soon);
        if self.queue.is_crowded() {
            bring_forward(&mut self.due.write, now.moment);
            bring_forward(&mut self.due.sync, now.moment);
        }
    }

    /// Counts facts that were lost before they came here, because whoever calls was too slow.
    pub fn lost(&mut self, (from, to): (Stamp, Stamp), facts: u64) {
        self.queue.lost_before((from, to), facts);
        bring_forward(&mut self.due.write, to.moment);
    }

    /// When [`Self::on_deadline`] should be called; `None` while there is nothing to do.
    pub fn next_deadline(&self) -> Option<Moment> {
        if let Some(failing) = &self.failing {
            return Some(failing.retry_at);
        }
        let Due { write, sync, checkpoint } = self.due;
        [write, sync, checkpoint].into_iter().flatten().min()
    }

    /// Writes, syncs and signs what is due; may wait for the disk.
    pub fn on_deadline(&mut self, now: Stamp) {
        if self.failing.as_ref().is_none_or(|failing| now.moment >= failing.retry_at) {
            self.try_work(now, Effort::Due);
        }
    }

    /// Writes, syncs and signs everything that there is, as before an end.
    pub fn finish(&mut self, now: Stamp) {
        self.try_work(now, Effort::All);
        // What was lost is told once the rest is on disk.
        if self.failing.is_none() && self.queue.has_unwritten() {
            self.try_work(now, Effort::All);
        }
    }

    /// How it stands.
    pub fn status(&self) -> Status {
        let writer = self.writer.as_ref().map(Writer::status).unwrap_or_default();
        let (waiting, lost) = self.queue.counts();
        Status { waiting, lost, failing: self.failing.clone(), ..writer }
    }

    /// The folder, for whoever ends the log and goes on with it.
    pub fn into_store(self) -> S {
        self.store
    }

    fn try_work(&mut self, now: Stamp, effort: Effort) {
        match self.work(now, effort) {
            Ok(()) => self.failing = None,
            Err(fault) => {
                let since = self.failing.take().map_or(now, |failing| failing.since);
                let retry_at = now.moment + self.limits.retry_every;
                let (reason, detail) = (fault.reason(), fault.to_string());
                self.failing = Some(Failing { since, reason, detail, retry_at });
            }
        }
    }

    fn work(&mut self, now: Stamp, effort: Effort) -> Result<(), Fault> {
        if self.writer.is_none() {
            let (writer, gaps) = resume::resume(&mut self.store, &self.key, now)?;
            self.writer = Some(writer);
            self.queue.begin_with(now, gaps.into_iter().map(gap_body).collect());
        }
        let writer = self.writer.as_mut().expect("invariant: made just above");
        if writer.roll_back(&mut self.store)? {
            self.queue.forget_written();
        }
        self.write(now)?;
        self.make_durable(now, effort)?;
        if self.queue.tell_losses(now) {
            self.due.write = Some(now.moment);
        }
        self.keep_budget(now)
    }

    /// Writes what waits.
    fn write(&mut self, now: Stamp) -> Result<(), Fault> {
        let writer = self.writer.as_mut().expect("invariant: made by work");
        if !self.queue.has_unwritten() {
            self.due.write = None;
            return Ok(());
        }
        if writer.is_due_to_rotate(now, &self.limits) {
            self.seal(now)?;
            let writer = self.writer.as_mut().expect("invariant: made by work");
            writer.leave_segment();
        }
        let writer = self.writer.as_mut().expect("invariant: made by work");
        let weight = writer.write((&mut self.store, &self.key), now, self.queue.unwritten())?;
        self.queue.mark_written();
        self.due.write = None;
        let sync = match weight {
            Weight::Pivotal => now.moment,
            Weight::Routine => now.moment + self.limits.sync_within,
        };
        bring_forward(&mut self.due.sync, sync);
        let checkpoint = match weight {
            Weight::Pivotal => now.moment,
            Weight::Routine => now.moment + self.limits.checkpoint_within,
        };
        bring_forward(&mut self.due.checkpoint, checkpoint);
        Ok(())
    }

    /// Signs and syncs what is due.
    fn make_durable(&mut self, now: Stamp, effort: Effort) -> Result<(), Fault> {
        let is_due = |due: Option<Moment>| match effort {
            Effort::Due => due.is_some_and(|due| now.moment >= due),
            Effort::All => due.is_some(),
        };
        if is_due(self.due.checkpoint) {
            self.seal(now)?;
            self.due = Due { write: self.due.write, ..Due::default() };
        } else if is_due(self.due.sync) {
            let writer = self.writer.as_mut().expect("invariant: made by work");
            writer.sync(&mut self.store)?;
            self.queue.forget_synced();
            self.due.sync = None;
        }
        Ok(())
    }

    /// Signs and syncs everything that is written.
    fn seal(&mut self, now: Stamp) -> Result<(), Fault> {
        let writer = self.writer.as_mut().expect("invariant: made by work");
        writer.seal((&mut self.store, &self.key), now)?;
        // Before anything else can fail: what is synced must not be written again.
        self.queue.forget_synced();
        writer.publish((&mut self.store, &self.key))
    }

    /// Takes the oldest segments away when there are too many bytes.
    fn keep_budget(&mut self, now: Stamp) -> Result<(), Fault> {
        let writer = self.writer.as_mut().expect("invariant: made by work");
        let Some(removal) = budget::plan(&mut self.store, writer, self.limits.total_bytes)? else {
            return Ok(());
        };
        let told = Body::of_bookkeeping(&Bookkeeping::Removed(removal.told.clone()));
        writer.write_own((&mut self.store, &self.key), now, &told)?;
        self.seal(now)?;
        let writer = self.writer.as_mut().expect("invariant: made by work");
        writer.remove(&mut self.store, &removal.names)
    }
}

/// Makes something due at `moment`, if it is not due before.
fn bring_forward(due: &mut Option<Moment>, moment: Moment) {
    *due = Some(due.map_or(moment, |due| due.min(moment)));
}

fn gap_body(gap: Gap) -> Body {
    Body::of_bookkeeping(&Bookkeeping::Gap(gap))
}
