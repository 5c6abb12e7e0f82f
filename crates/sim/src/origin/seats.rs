//! Who is being worked on, and who waits in line for that.

use super::jobs::JobId;
use std::collections::VecDeque;

/// Seats and a line, in order of arrival.
#[derive(Debug)]
pub(super) struct Seats {
    free: usize,
    line: VecDeque<JobId>,
    places: usize,
}

/// What became of one who wants a seat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Offered {
    Seated,
    InLine,
    Full,
}

impl Seats {
    pub(super) fn new(seats: usize, places: usize) -> Self {
        Self { free: seats, line: VecDeque::new(), places }
    }

    pub(super) fn offer(&mut self, job: JobId) -> Offered {
        if self.free > 0 {
            self.free -= 1;
            return Offered::Seated;
        }
        if self.line.len() < self.places {
            self.line.push_back(job);
            return Offered::InLine;
        }
        Offered::Full
    }

    /// A seat is free again; `next` says of each in line whether it still waits, and the first that
    /// does is seated.
    pub(super) fn leave(&mut self, still_waits: impl Fn(JobId) -> bool) -> Option<JobId> {
        while let Some(job) = self.line.pop_front() {
            if still_waits(job) {
                return Some(job);
            }
        }
        self.free += 1;
        None
    }

    /// Lets those at the head of the line go who wait no longer.
    pub(super) fn tidy(&mut self, still_waits: impl Fn(JobId) -> bool) {
        while self.line.front().is_some_and(|job| !still_waits(*job)) {
            self.line.pop_front();
        }
    }

    pub(super) fn in_line(&self) -> usize {
        self.line.len()
    }

    /// Whether nobody could be seated and at least half of the line is taken.
    pub(super) fn is_half_full(&self) -> bool {
        self.free == 0 && self.line.len() * 2 >= self.places
    }
}
