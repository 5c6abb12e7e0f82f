//! One server: its seats, what does its work, and whether it is up.

use super::jobs::{JobId, Jobs, State};
use super::processor::{Processor, Setup};
use super::seats::Seats;
use super::spec::{Model, OriginSpec};
use seawall_types::Moment;

/// One server of an origin.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) seats: Seats,
    pub(super) processor: Processor,
    pub(super) standing: Standing,
    pub(super) connections: u32,
    /// Since when its line has been full, or nearly.
    pub(super) full_since: Option<Moment>,
    /// Until when the balancer would rather not use it.
    pub(super) passed_over_until: Moment,
}

/// Whether a server works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Up,
    /// It takes connections, and nothing comes of them.
    Hung,
    /// It takes none.
    Down,
}

impl Server {
    pub(super) fn new(spec: &OriginSpec, speed: f64) -> Self {
        let (workers, line) = (usize::from(spec.workers), spec.line as usize);
        let (seats, places) = match spec.model {
            Model::Workers => (workers, line),
            Model::Cores => (workers + line, 0),
        };
        let setup =
            Setup { model: spec.model, workers: spec.workers, contention: spec.contention, speed };
        Self {
            seats: Seats::new(seats, places),
            processor: Processor::new(setup),
            standing: Standing::Up,
            connections: 0,
            full_since: None,
            passed_over_until: Moment(0),
        }
    }

    /// When work of it is done; never while it does none.
    pub(super) fn next_deadline(&self) -> Option<Moment> {
        (self.standing == Standing::Up).then(|| self.processor.next_deadline())?
    }

    pub(super) fn finished(&mut self, now: Moment) -> Option<JobId> {
        (self.standing == Standing::Up).then(|| self.processor.finished(now))?
    }

    /// Gives a seat back; who is seated next, if anyone waits.
    pub(super) fn leave_seat(&mut self, jobs: &Jobs) -> Option<JobId> {
        let next = self.seats.leave(|job| waits(jobs, job));
        if !self.seats.is_half_full() {
            self.full_since = None;
        }
        next
    }

    /// Lets those at the head of the line go whose requests have ended.
    pub(super) fn tidy_line(&mut self, jobs: &Jobs) {
        self.seats.tidy(|job| waits(jobs, job));
    }
}

fn waits(jobs: &Jobs, job: JobId) -> bool {
    jobs.seen(job).is_some_and(|job| job.state == State::InLine)
}
