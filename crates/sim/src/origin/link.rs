//! A link that answers share: evenly, except that a slow reader takes no more than it reads.
//!
//! The shares are max-min fair.
//! Readers of one speed form a class with a virtual time of its own (bytes that each of them got),
//! so that an arrival or an end costs a step of a heap and a look at each class.
//! Bounds: [`CLASSES_MAX`] classes; further speeds count as the nearest that there is.

use super::jobs::JobId;
use super::spec::span;
use seawall_types::Moment;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

/// Speeds of readers that are told apart.
pub(super) const CLASSES_MAX: usize = 32;
/// An answer that is this close to its end is sent.
const ROUNDING_BYTES: f64 = 1e-3;

/// A link under way.
#[derive(Debug)]
pub(super) struct Link {
    /// Bytes per second; infinite where nothing bounds them.
    capacity: f64,
    /// Slowest readers first.
    classes: Vec<Class>,
    at: Moment,
    sequence: u64,
}

#[derive(Debug)]
struct Class {
    reads_per_s: f64,
    /// Bytes that each of its readers has got since the start.
    got: f64,
    rate: f64,
    live: u32,
    ends: BinaryHeap<Reverse<Entry>>,
}

#[derive(Debug)]
struct Entry {
    ends: f64,
    sequence: u64,
    job: JobId,
    reaches: Reaches,
}

/// What an answer has reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reaches {
    /// What is left fits into buffers.
    Buffers,
    /// Its end.
    End,
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.sequence == other.sequence
    }
}

impl Eq for Entry {}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.ends.total_cmp(&other.ends).then(self.sequence.cmp(&other.sequence))
    }
}

/// An answer to be sent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sending {
    pub(super) job: JobId,
    pub(super) bytes: u64,
    /// What its reader takes per second; infinite for one that takes what comes.
    pub(super) reads_per_s: f64,
    pub(super) buffer: u64,
}

impl Link {
    pub(super) fn new(capacity: Option<f64>) -> Self {
        let capacity = capacity.unwrap_or(f64::INFINITY);
        Self { capacity, classes: Vec::new(), at: Moment(0), sequence: 0 }
    }

    /// Whether an answer to that reader is sent in no time.
    pub(super) fn is_instant(&self, reads_per_s: f64) -> bool {
        self.capacity.is_infinite() && reads_per_s.is_infinite()
    }

    #[expect(clippy::cast_precision_loss, reason = "bytes of one answer")]
    pub(super) fn begin(&mut self, now: Moment, sending: Sending) {
        self.advance(now);
        let at = self.class_of(sending.reads_per_s);
        let class = &mut self.classes[at];
        class.live += 1;
        let unbuffered = sending.bytes.saturating_sub(sending.buffer);
        let steps = [(unbuffered, Reaches::Buffers), (sending.bytes, Reaches::End)];
        for (bytes, reaches) in steps.into_iter().filter(|(bytes, _)| *bytes > 0) {
            self.sequence += 1;
            let ends = class.got + bytes as f64;
            let (sequence, job) = (self.sequence, sending.job);
            class.ends.push(Reverse(Entry { ends, sequence, job, reaches }));
        }
        self.share();
    }

    /// An answer whose reader has left takes nothing any more.
    pub(super) fn left(&mut self, now: Moment, reads_per_s: f64) {
        self.advance(now);
        let at = self.class_of(reads_per_s);
        self.classes[at].live = self.classes[at].live.saturating_sub(1);
        self.share();
    }

    pub(super) fn set_capacity(&mut self, now: Moment, capacity: f64) {
        self.advance(now);
        self.capacity = capacity;
        self.share();
    }

    pub(super) fn next_deadline(&self) -> Option<Moment> {
        let due = |class: &Class| {
            let Reverse(first) = class.ends.peek()?;
            if class.live == 0 || class.rate <= 0.0 {
                return None;
            }
            let left = (first.ends - class.got - ROUNDING_BYTES).max(0.0);
            Some(self.at + span(left / class.rate) + Duration::from_nanos(1))
        };
        self.classes.iter().filter_map(due).min()
    }

    /// The next answer that has reached something by `now`; `is_live` says which still have a
    /// reader.
    pub(super) fn reached(
        &mut self,
        now: Moment,
        is_live: impl Fn(JobId) -> bool,
    ) -> Option<(JobId, Reaches)> {
        self.advance(now);
        for at in 0..self.classes.len() {
            let class = &mut self.classes[at];
            while let Some(Reverse(first)) = class.ends.peek() {
                if first.ends > class.got + ROUNDING_BYTES {
                    break;
                }
                let (job, reaches) = (first.job, first.reaches);
                class.ends.pop();
                if !is_live(job) {
                    continue;
                }
                if reaches == Reaches::End {
                    class.live = class.live.saturating_sub(1);
                    self.share();
                }
                return Some((job, reaches));
            }
        }
        None
    }

    fn class_of(&mut self, reads_per_s: f64) -> usize {
        let at = self.classes.partition_point(|class| class.reads_per_s < reads_per_s);
        let is_known = self.classes.get(at).is_some_and(|class| class.reads_per_s <= reads_per_s);
        if is_known || self.classes.len() >= CLASSES_MAX {
            return at.min(self.classes.len() - 1);
        }
        let ends = BinaryHeap::new();
        self.classes.insert(at, Class { reads_per_s, got: 0.0, rate: 0.0, live: 0, ends });
        at
    }

    fn advance(&mut self, now: Moment) {
        if now > self.at {
            let passed_s = now.since(self.at).as_secs_f64();
            for class in self.classes.iter_mut().filter(|class| class.live > 0) {
                class.got += class.rate * passed_s;
            }
            self.at = now;
        }
    }

    /// Deals the link out: who reads slowest first, what it leaves to the others.
    fn share(&mut self) {
        let mut readers: u32 = self.classes.iter().map(|class| class.live).sum();
        let mut left = self.capacity;
        for class in self.classes.iter_mut().filter(|class| class.live > 0) {
            let even = left / f64::from(readers.max(1));
            class.rate = class.reads_per_s.min(even);
            readers -= class.live;
            if left.is_finite() {
                left = (left - class.rate * f64::from(class.live)).max(0.0);
            }
        }
    }
}
