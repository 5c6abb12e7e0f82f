//! Requests that are in the world now, in a table whose places are used again.

use crate::origin::{FlightId, Work};
use crate::request::{Request, Ticket};
use crate::score::Counted;
use seawall_types::Moment;

/// A place of the table and who has it, for what is looked at again later.
#[derive(Debug, Clone, Copy)]
pub(super) struct Named {
    pub(super) flight: FlightId,
    pub(super) ticket: Ticket,
}

/// One request in the world.
#[derive(Debug, Clone, Copy)]
pub(super) struct Flight {
    pub(super) ticket: Ticket,
    pub(super) request: Request,
    pub(super) counted: Counted,
    pub(super) work: Work,
    pub(super) sent_at: Moment,
    pub(super) place: Place,
}

/// Where a request is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// On its way to the defence, byte by byte.
    Arriving,
    /// Looked at by the defence.
    Judging,
    /// Waiting there.
    Waiting,
    /// At its origin.
    Origin { since: Moment },
    /// At its origin, though its client has left.
    Abandoned { since: Moment },
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Flights {
    places: Vec<Option<Flight>>,
    free: Vec<FlightId>,
}

impl Flights {
    pub(super) fn begin(&mut self, flight: Flight) -> FlightId {
        if let Some(id) = self.free.pop() {
            self.places[id as usize] = Some(flight);
            return id;
        }
        self.places.push(Some(flight));
        u32::try_from(self.places.len() - 1).unwrap_or(u32::MAX)
    }

    pub(super) fn of(&mut self, id: FlightId) -> Option<&mut Flight> {
        self.places.get_mut(id as usize)?.as_mut()
    }

    /// The request, if its place has not been given to another.
    pub(super) fn named(&mut self, named: Named) -> Option<&mut Flight> {
        self.of(named.flight).filter(|flight| flight.ticket == named.ticket)
    }

    pub(super) fn end(&mut self, id: FlightId) -> Option<Flight> {
        let flight = self.places.get_mut(id as usize)?.take()?;
        self.free.push(id);
        Some(flight)
    }

    /// Everybody whose client has not left.
    pub(super) fn present(&self) -> Vec<FlightId> {
        let places = self.places.iter().zip(0..);
        places
            .filter(|(flight, _)| {
                let place = flight.as_ref().map(|flight| flight.place);
                place.is_some_and(|place| !matches!(place, Place::Abandoned { .. }))
            })
            .map(|(_, id)| id)
            .collect()
    }
}
