//! How a request ends, and who is told: the score, a witness and its sender.

use super::flights::{Flight, Named};
use super::{Place, World};
use crate::defence::Check;
use crate::group::Heard;
use crate::origin::FlightId;
use crate::request::{Answer, Fate, Request, Sender, Ticket};
use crate::score::Counted;
use crate::world::Witnessed;
use seawall_types::{Moment, Verdict};
use std::time::Duration;

/// A request that is over, as its sender will be told.
#[derive(Debug, Clone, Copy)]
pub(super) struct Told {
    ticket: Ticket,
    request: Request,
    counted: Counted,
    sent_at: Moment,
    fate: Fate,
    pub(super) retry_after: Option<Duration>,
    /// The check that it is asked to pass.
    pub(super) check: Option<Check>,
    /// Whether it did.
    pub(super) has_passed: bool,
    took: Duration,
}

impl Told {
    pub(super) fn of(flight: &Flight, fate: Fate) -> Self {
        let Flight { ticket, request, counted, sent_at, .. } = *flight;
        let (retry_after, check, took) = (None, None, Duration::ZERO);
        let has_passed = false;
        Self { ticket, request, counted, sent_at, fate, retry_after, check, has_passed, took }
    }

    pub(super) fn request(&self) -> &Request {
        &self.request
    }

    pub(super) fn sender(&self) -> Sender {
        self.request.sender
    }
}

impl World {
    /// Counts a request that is over, and lets its sender hear of it next.
    pub(super) fn tell(&mut self, now: Moment, told: Told) {
        let told = Told { took: now.since(told.sent_at), ..told };
        let Told { ticket, request, counted, sent_at, fate, took, .. } = told;
        self.scores[request.platform.index()].ended(now, &counted, fate);
        if counted.role.is_honest() && fate != Fate::Served {
            self.wants.unmet(now, &request, counted.first_at);
        }
        if let Some(seen) = &mut self.seen {
            let (group, _) = &self.groups[usize::from(request.sender.group)];
            seen.push(Witnessed {
                ticket,
                request,
                role: counted.role,
                passes: group.passes(request.sender.member),
                sent_at,
                first_at: counted.first_at,
                sent_wall: self.clock.wall(sent_at),
                cost: counted.cost,
                bytes: counted.bytes,
                fate,
                took,
            });
        }
        self.told.push_back(told);
    }

    /// Its sender hears what became of a request, unless it has a check to pass first.
    pub(super) fn hear(&mut self, now: Moment, told: &Told) {
        if !self.is_challenged(now, told) {
            self.hear_of_page(now, told);
        }
    }

    /// Its sender hears what became of a request, and sends what it will.
    pub(super) fn hear_of_page(&mut self, now: Moment, told: &Told) {
        let Told { ticket, request, fate, retry_after, has_passed, took, .. } = *told;
        let set_cookie =
            (fate == Fate::Served && request.cookie.is_none()).then(|| cookie_of_sender(&request));
        let answer = Answer { fate, took, retry_after, set_cookie, has_passed };
        let index = usize::from(request.sender.group);
        let (group, outbox) = &mut self.groups[index];
        group.on_answer(now, Heard { ticket, request: &request, answer }, outbox);
        self.dispatch(now, index);
    }

    /// The defence's node goes away, and every connection with it.
    pub(super) fn drop_with_node(&mut self, now: Moment, id: FlightId) {
        if let Some(ticket) = self.flights.of(id).map(|flight| flight.ticket) {
            self.leave(now, Named { flight: id, ticket }, Fate::Stopped(Verdict::Drop));
        }
    }

    /// A client is gone, wherever its request is; what it asked of an origin may go on there.
    pub(super) fn leave(&mut self, now: Moment, named: Named, fate: Fate) {
        let Some(flight) = self.flights.named(named) else {
            return;
        };
        let id = named.flight;
        let (place, index) = (flight.place, flight.request.platform.index());
        match place {
            Place::Abandoned { .. } => return,
            Place::Arriving | Place::Waiting => self.held[index] -= 1,
            Place::Judging => {}
            Place::Origin { since } => {
                flight.place = Place::Abandoned { since };
                let told = Told::of(flight, fate);
                self.defence.left(self.clock.monotonic(now), id);
                self.platforms[index].origin.left(now, id);
                self.tell(now, told);
                return;
            }
        }
        if place == Place::Waiting {
            self.defence.left(self.clock.monotonic(now), id);
        }
        if let Some(flight) = self.flights.end(id) {
            self.tell(now, Told::of(&flight, fate));
        }
    }
}

/// The cookie that an origin sets with an answer to a request.
pub(super) fn cookie_of_sender(request: &Request) -> u64 {
    cookie_of(request.sender.group, request.sender.member)
}

/// The cookie that an origin sets for a member: the same each time, and told apart by nobody else.
pub fn cookie_of(group: u16, member: u32) -> u64 {
    crate::Chance::for_part(u64::from(group), u64::from(member)).next_u64() | 1
}
