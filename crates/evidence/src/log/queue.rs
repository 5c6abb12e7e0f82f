//! Facts that wait for the disk, and those that found no room.
//!
//! An entry stays until it is synced; the first `written` of them are in the file already.
//! Bounds: `waiting_records` and `waiting_bytes` of [`Limits`]; of those, the last quarter takes
//! only what matters most. Losses are kept by reason.

use super::Limits;
use crate::line::{Body, LINE_MAX};
use seawall_types::evidence::{Bookkeeping, Gap, GapReason, Stamp, Weight};
use std::collections::VecDeque;

/// Bytes that a line may have before its body: numbers, names, link.
const PLACE_MAX: usize = 256;

/// A record that waits.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) stamp: Stamp,
    pub(super) body: Body,
    pub(super) weight: Weight,
}

#[derive(Debug)]
pub(super) struct Queue {
    limits: Limits,
    entries: VecDeque<Entry>,
    written: usize,
    bytes: usize,
    /// Of facts that found no room, one for each reason.
    losses: Vec<Gap>,
    lost: u64,
}

impl Queue {
    pub(super) fn new(limits: Limits) -> Self {
        let (entries, losses) = (VecDeque::new(), Vec::new());
        Self { limits, entries, written: 0, bytes: 0, losses, lost: 0 }
    }

    /// Facts that wait, and facts lost since start.
    pub(super) fn counts(&self) -> (u64, u64) {
        ((self.entries.len() - self.written) as u64, self.lost)
    }

    /// Takes a record, or counts it as lost for `why`.
    pub(super) fn offer(
        &mut self,
        now: Stamp,
        (body, weight): (Body, Weight),
        why: (GapReason, &str),
    ) {
        if body.len() > LINE_MAX - PLACE_MAX {
            let detail = format!("a record of {} bytes", body.len());
            return self.lose(now, (GapReason::TooLong, &detail));
        }
        // A gap stands where the loss was, so it goes before the first record that has room again.
        let gaps = self.gaps();
        let lengths = gaps.iter().map(Body::len).sum::<usize>() + body.len();
        if !self.has_room((gaps.len() + 1, lengths), weight) {
            return self.lose(now, why);
        }
        self.tell(now, gaps);
        self.push(Entry { stamp: now, body, weight });
    }

    /// Facts that never came here: the disk held up whoever would have brought them.
    pub(super) fn lost_before(&mut self, (from, to): (Stamp, Stamp), facts: u64) {
        self.lost += facts;
        let known = self.losses.iter_mut().find(|gap| gap.reason == GapReason::DiskSlow);
        if let Some(gap) = known {
            (gap.to, gap.lost) = (to, gap.lost.map(|lost| lost + facts));
            return;
        }
        let (reason, detail) = (GapReason::DiskSlow, String::new());
        self.losses.push(Gap { reason, from, to, lost: Some(facts), detail });
    }

    /// Puts the gaps of a beginning before everything.
    pub(super) fn begin_with(&mut self, now: Stamp, gaps: Vec<Body>) {
        for body in gaps.into_iter().rev() {
            self.bytes += body.len();
            self.entries.push_front(Entry { stamp: now, body, weight: Weight::Pivotal });
        }
    }

    /// Makes records of losses when nothing waits any more; tells whether there were any.
    pub(super) fn tell_losses(&mut self, now: Stamp) -> bool {
        let gaps = self.gaps();
        let is_told = self.entries.is_empty() && !gaps.is_empty();
        if is_told {
            self.tell(now, gaps);
        }
        is_told
    }

    pub(super) fn has_unwritten(&self) -> bool {
        self.written < self.entries.len()
    }

    /// What is not in the file yet, oldest first.
    pub(super) fn unwritten(&self) -> impl Iterator<Item = &Entry> {
        self.entries.range(self.written..)
    }

    /// Everything is in the file now.
    pub(super) fn mark_written(&mut self) {
        self.written = self.entries.len();
    }

    /// The file was cut back: nothing of it is there.
    pub(super) fn forget_written(&mut self) {
        self.written = 0;
    }

    /// What is in the file outlasts a loss of power.
    pub(super) fn forget_synced(&mut self) {
        let synced = self.entries.drain(..self.written);
        self.bytes -= synced.map(|entry| entry.body.len()).sum::<usize>();
        self.written = 0;
    }

    /// Whether so much waits that it should be synced before there is no room.
    pub(super) fn is_crowded(&self) -> bool {
        let Limits { waiting_records, waiting_bytes, .. } = self.limits;
        self.entries.len() >= waiting_records / 2 || self.bytes >= waiting_bytes / 2
    }

    fn gaps(&self) -> Vec<Body> {
        let body = |gap: &Gap| Body::of_bookkeeping(&Bookkeeping::Gap(gap.clone()));
        self.losses.iter().map(body).collect()
    }

    fn tell(&mut self, now: Stamp, gaps: Vec<Body>) {
        self.losses.clear();
        for body in gaps {
            self.push(Entry { stamp: now, body, weight: Weight::Pivotal });
        }
    }

    fn has_room(&self, (more, length): (usize, usize), weight: Weight) -> bool {
        let Limits { waiting_records, waiting_bytes, .. } = self.limits;
        let (records, bytes) = match weight {
            Weight::Routine => (waiting_records / 4 * 3, waiting_bytes / 4 * 3),
            Weight::Pivotal => (waiting_records, waiting_bytes),
        };
        self.entries.len() + more <= records && self.bytes + length <= bytes
    }

    fn push(&mut self, entry: Entry) {
        self.bytes += entry.body.len();
        self.entries.push_back(entry);
    }

    fn lose(&mut self, now: Stamp, (reason, detail): (GapReason, &str)) {
        self.lost += 1;
        if let Some(gap) = self.losses.iter_mut().find(|gap| gap.reason == reason) {
            gap.to = now;
            gap.lost = gap.lost.map(|lost| lost + 1);
            return;
        }
        let gap = Gap { reason, from: now, to: now, lost: Some(1), detail: detail.to_owned() };
        self.losses.push(gap);
    }
}
