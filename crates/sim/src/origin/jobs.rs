//! Requests at an origin, in a table whose places are used again.
//!
//! A job can outlive its request, when that timed out and its work goes on.

use super::{FlightId, Work};
use seawall_types::Moment;

/// Place of the table, and which of its users: a place that was given away matches no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct JobId {
    place: u32,
    use_number: u32,
}

/// One request at an origin.
#[derive(Debug, Clone, Copy)]
pub(super) struct Job {
    /// None once its request has ended.
    pub(super) flight: Option<FlightId>,
    pub(super) work: Work,
    pub(super) server: u16,
    pub(super) state: State,
    /// Whether its client has left.
    pub(super) client: Client,
    /// Whether it holds a seat of its server.
    pub(super) seat: Seat,
}

/// How far a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// Its head or body is on its way.
    Arriving,
    InLine,
    Working,
    /// Its answer is on its way.
    Sending,
    /// It is a WebSocket.
    Open,
}

/// Whether somebody waits for the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Client {
    Waits,
    Left,
}

/// Whether a job holds a seat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seat {
    None,
    Held,
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Jobs {
    places: Vec<(u32, Option<Job>)>,
    free: Vec<u32>,
    by_flight: Vec<Option<JobId>>,
}

impl Jobs {
    pub(super) fn begin(&mut self, job: Job) -> JobId {
        let place = self.free.pop().unwrap_or_else(|| {
            self.places.push((0, None));
            u32::try_from(self.places.len() - 1).unwrap_or(u32::MAX)
        });
        let (use_number, held) = &mut self.places[place as usize];
        *held = Some(job);
        let id = JobId { place, use_number: *use_number };
        if let Some(flight) = job.flight {
            let at = flight as usize;
            if self.by_flight.len() <= at {
                self.by_flight.resize(at + 1, None);
            }
            self.by_flight[at] = Some(id);
        }
        id
    }

    pub(super) fn of(&mut self, id: JobId) -> Option<&mut Job> {
        match self.places.get_mut(id.place as usize) {
            Some((use_number, job)) if *use_number == id.use_number => job.as_mut(),
            _ => None,
        }
    }

    pub(super) fn seen(&self, id: JobId) -> Option<&Job> {
        match self.places.get(id.place as usize) {
            Some((use_number, job)) if *use_number == id.use_number => job.as_ref(),
            _ => None,
        }
    }

    pub(super) fn by_flight(&self, flight: FlightId) -> Option<JobId> {
        let id = (*self.by_flight.get(flight as usize)?)?;
        self.seen(id).filter(|job| job.flight == Some(flight)).map(|_| id)
    }

    pub(super) fn end(&mut self, id: JobId) -> Option<Job> {
        let (use_number, job) = self.places.get_mut(id.place as usize)?;
        if *use_number != id.use_number {
            return None;
        }
        let job = job.take()?;
        *use_number = use_number.wrapping_add(1);
        self.free.push(id.place);
        Some(job)
    }

    /// Everybody at one server.
    pub(super) fn at_server(&self, server: u16) -> Vec<JobId> {
        let places = self.places.iter().zip(0_u32..);
        places
            .filter(|((_, job), _)| job.as_ref().is_some_and(|job| job.server == server))
            .map(|((use_number, _), place)| JobId { place, use_number: *use_number })
            .collect()
    }
}

/// Something to look at again, later.
#[derive(Debug, Clone, Copy)]
pub(super) struct Watch {
    pub(super) due: Moment,
    pub(super) job: JobId,
}
