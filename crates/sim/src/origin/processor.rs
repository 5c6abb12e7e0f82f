//! How work that has a seat proceeds: one worker each, or all sharing the cores.
//!
//! Shared cores follow a virtual time that advances at the speed of each single job, so that an
//! arrival or an end costs a step of a heap and not a look at every job.

use super::jobs::JobId;
use super::spec::{Model, span};
use crate::agenda::Agenda;
use seawall_types::Moment;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

/// Work that is this close to its end is done: 1 ns.
const ROUNDING_S: f64 = 1e-9;

/// What does the work of one server.
#[derive(Debug)]
pub(super) struct Processor {
    kind: Kind,
    workers: f64,
    contention: f64,
    speed: f64,
}

#[derive(Debug)]
enum Kind {
    Each(Agenda<JobId>),
    Shared(Shared),
}

#[derive(Debug, Default)]
struct Shared {
    /// Work that each job has got since the start, in seconds of cost.
    virtual_s: f64,
    at: Moment,
    jobs: BinaryHeap<Reverse<Entry>>,
    sequence: u64,
}

#[derive(Debug)]
struct Entry {
    ends_s: f64,
    sequence: u64,
    job: JobId,
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
        self.ends_s.total_cmp(&other.ends_s).then(self.sequence.cmp(&other.sequence))
    }
}

/// What a processor is made with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Setup {
    pub(super) model: Model,
    pub(super) workers: u16,
    pub(super) contention: f64,
    pub(super) speed: f64,
}

/// A job that is worked on from now.
#[derive(Debug, Clone, Copy)]
pub(super) struct Begun {
    pub(super) job: JobId,
    pub(super) cost: Duration,
    /// Others in line, which slow it.
    pub(super) waiting: usize,
}

impl Processor {
    pub(super) fn new(setup: Setup) -> Self {
        let kind = match setup.model {
            Model::Workers => Kind::Each(Agenda::default()),
            Model::Cores => Kind::Shared(Shared::default()),
        };
        let workers = f64::from(setup.workers);
        Self { kind, workers, contention: setup.contention, speed: setup.speed }
    }

    pub(super) fn begin(&mut self, now: Moment, begun: Begun) {
        let Begun { job, cost, waiting } = begun;
        let slower = self.slower(waiting);
        match &mut self.kind {
            Kind::Each(agenda) => {
                agenda.put(now + span(cost.as_secs_f64() * slower / self.speed), job);
            }
            Kind::Shared(shared) => {
                let rate = rate(shared.jobs.len(), self.workers, self.contention, self.speed);
                shared.advance(now, rate);
                shared.sequence += 1;
                let ends_s = shared.virtual_s + cost.as_secs_f64();
                shared.jobs.push(Reverse(Entry { ends_s, sequence: shared.sequence, job }));
            }
        }
    }

    /// Works faster or slower from now on; what a worker has begun keeps its time.
    pub(super) fn set_speed(&mut self, now: Moment, speed: f64) {
        if let Kind::Shared(shared) = &mut self.kind {
            let rate = rate(shared.jobs.len(), self.workers, self.contention, self.speed);
            shared.advance(now, rate);
        }
        self.speed = speed;
    }

    pub(super) fn next_deadline(&self) -> Option<Moment> {
        match &self.kind {
            Kind::Each(agenda) => agenda.next_due(),
            Kind::Shared(shared) => {
                let Reverse(first) = shared.jobs.peek()?;
                let left_s = (first.ends_s - shared.virtual_s - ROUNDING_S).max(0.0);
                let rate = rate(shared.jobs.len(), self.workers, self.contention, self.speed);
                // One more nanosecond, since a span is rounded down.
                Some(shared.at + span(left_s / rate) + Duration::from_nanos(1))
            }
        }
    }

    /// The next job whose work is done by `now`.
    pub(super) fn finished(&mut self, now: Moment) -> Option<JobId> {
        match &mut self.kind {
            Kind::Each(agenda) => agenda.take_due(now).map(|(_, job)| job),
            Kind::Shared(shared) => {
                let rate = rate(shared.jobs.len(), self.workers, self.contention, self.speed);
                shared.advance(now, rate);
                let Reverse(first) = shared.jobs.peek()?;
                if first.ends_s > shared.virtual_s + ROUNDING_S {
                    return None;
                }
                shared.jobs.pop().map(|Reverse(entry)| entry.job)
            }
        }
    }

    /// Lets the time until `now` pass without any work being done.
    pub(super) fn skip_to(&mut self, now: Moment) {
        if let Kind::Shared(shared) = &mut self.kind {
            shared.at = shared.at.max(now);
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "a line's length")]
    fn slower(&self, waiting: usize) -> f64 {
        1.0 + self.contention * waiting as f64 / self.workers
    }
}

impl Shared {
    fn advance(&mut self, now: Moment, rate: f64) {
        if now > self.at {
            self.virtual_s += now.since(self.at).as_secs_f64() * rate;
            self.at = now;
        }
    }
}

/// Work that each of `jobs` gets in a second, in seconds of cost.
#[expect(clippy::cast_precision_loss, reason = "jobs of one server")]
fn rate(jobs: usize, cores: f64, contention: f64, speed: f64) -> f64 {
    let jobs = jobs.max(1) as f64;
    let beyond = (jobs - cores).max(0.0);
    speed * (cores / jobs).min(1.0) / (1.0 + contention * beyond / cores)
}
