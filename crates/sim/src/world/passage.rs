//! The way of a request: to the defence, past it, to an origin and out of it.

use super::bodies::body_of;
use super::flights::{Flight, Named};
use super::telling::{Told, cookie_of_sender};
use super::{Due, Node, Place, World};
use crate::defence::{
    Arrival, Decision, Ended, EndsTls, Follows, Headed, Holding, Passing, Stopped,
};
use crate::origin::{Done, End, FlightId, Work};
use crate::request::{Fate, Manner, Request, Ticket};
use crate::score::{Asking, Counted};
use seawall_types::{Moment, Verdict};
use std::time::Duration;

/// What a TLS handshake costs a worker that ends TLS itself.
///
/// Source: 390 µs each, measured with nginx 1.22 and ECDSA P-256 on one virtual core of 2.6 GHz.
const HANDSHAKE_COST: Duration = Duration::from_micros(390);

impl World {
    pub(super) fn arrive(&mut self, now: Moment, ticket: Ticket, request: Request) {
        let index = request.platform.index();
        if index >= self.platforms.len() {
            return;
        }
        let work = self.work_of(&request);
        let asked = self.asked(now, ticket, &request);
        let counted = self.counted(&request, work, asked);
        self.scores[index].sent(now, &counted);
        let place = Place::Judging;
        let flight = Flight { ticket, request, counted, work, sent_at: now, place };
        if self.node == Node::Away {
            self.tell(now, Told::of(&flight, Fate::Stopped(Verdict::Drop)));
            return;
        }
        if request.manner == Manner::Handshake && self.holding.tls == EndsTls::Defence {
            self.tell(now, Told::of(&flight, Fate::Cancelled));
            return;
        }
        let id = self.flights.begin(flight);
        let named = Named { flight: id, ticket };
        self.due.put(now + request.patience, Due::Patience(named));
        match arrives_within(request.manner, self.holding) {
            None => self.judge(now, id),
            Some(Arriving { takes, at_most }) => {
                if let Some(flight) = self.flights.of(id) {
                    flight.place = Place::Arriving;
                }
                self.held[index] += 1;
                self.look(index);
                if is_read_ahead(request.manner, self.holding) {
                    return self.read_ahead(now, (named, takes));
                }
                let due = if takes > at_most { Due::Cut(named) } else { Due::Whole(named) };
                self.due.put(now + takes.min(at_most), due);
            }
        }
    }

    fn work_of(&self, request: &Request) -> Work {
        let manner = request.manner;
        if manner == Manner::Handshake {
            let cost = match self.holding.tls {
                EndsTls::Origin => HANDSHAKE_COST,
                EndsTls::Defence => Duration::ZERO,
            };
            return Work { cost, bytes: 0, manner };
        }
        let route = self.platforms[request.platform.index()].site.route(request.route);
        let (cost, bytes) = route.map_or((Duration::ZERO, 0), |route| (route.cost, route.bytes));
        Work { cost, bytes, manner: felt(manner, self.holding) }
    }

    fn counted(&self, request: &Request, work: Work, asked: Asked) -> Counted {
        Counted {
            role: self.groups[usize::from(request.sender.group)].0.role(),
            first_at: asked.first_at,
            asking: asked.asking,
            cost: work.cost,
            bytes: work.bytes,
            patience_ms: u32::try_from(request.patience.as_millis()).unwrap_or(u32::MAX),
        }
    }

    /// Whether what a request asks for was asked for before, in vain.
    fn asked(&mut self, now: Moment, ticket: Ticket, request: &Request) -> Asked {
        let since = ticket.is_again().then(|| self.wants.again(now, request)).flatten();
        match since {
            Some(first_at) => Asked { first_at, asking: Asking::Again },
            None => Asked { first_at: now, asking: Asking::First },
        }
    }

    /// A request's head or body has come whole.
    pub(super) fn whole(&mut self, now: Moment, named: Named) {
        let arriving = self.flights.named(named).filter(|f| f.place == Place::Arriving);
        if let Some(flight) = arriving {
            flight.place = Place::Judging;
            let index = flight.request.platform.index();
            self.held[index] -= 1;
            self.judge(now, named.flight);
        }
    }

    fn judge(&mut self, now: Moment, id: FlightId) {
        let Some(flight) = self.flights.of(id).copied() else {
            return;
        };
        let Flight { request, ticket, counted, .. } = flight;
        let site = &self.platforms[request.platform.index()].site;
        let pass = self.checks.of(request.sender);
        let arrival = Arrival { flight: id, request: &request, body: body_of(&flight), pass, site };
        let decision = self.defence.arrive(self.clock.monotonic(now), arrival);
        let matched = self.defence.matched_last();
        self.scores[request.platform.index()].judged(now, &counted, (request.sender, matched));
        self.decide(now, id, decision);
        if request.manner == Manner::Reset {
            self.leave(now, Named { flight: id, ticket }, Fate::Cancelled);
        }
    }

    fn decide(&mut self, now: Moment, id: FlightId, decision: Decision) {
        match decision {
            Decision::Wait => {
                if let Some(flight) = self.flights.of(id) {
                    flight.place = Place::Waiting;
                    let index = flight.request.platform.index();
                    self.held[index] += 1;
                    self.look(index);
                }
            }
            Decision::Admit => self.admit(now, id),
            Decision::Stop(stopped) => self.stop(now, id, stopped),
        }
    }

    /// The defence has made up its mind about a request that waited.
    pub(super) fn release(&mut self, now: Moment, id: FlightId, decision: Decision) {
        if let Some(flight) = self.flights.of(id).filter(|flight| flight.place == Place::Waiting) {
            flight.place = Place::Judging;
            let index = flight.request.platform.index();
            self.held[index] -= 1;
            self.decide(now, id, decision);
        }
    }

    fn stop(&mut self, now: Moment, id: FlightId, stopped: Stopped) {
        if let Some(flight) = self.flights.end(id) {
            let mut told = Told::of(&flight, Fate::Stopped(stopped.verdict));
            (told.retry_after, told.check) = (stopped.retry_after, stopped.check);
            self.tell(now, told);
        }
    }

    fn admit(&mut self, now: Moment, id: FlightId) {
        let Some(flight) = self.flights.of(id) else {
            return;
        };
        flight.place = Place::Origin { since: now };
        let Flight { request, ticket, counted, work, .. } = *flight;
        let index = request.platform.index();
        self.scores[index].admitted(now, &counted);
        self.platforms[index].origin.offer(now, id, work);
        self.look(index);
        if let Manner::SlowBody(takes) = work.manner {
            self.holds_a_place(now, (Named { flight: id, ticket }, takes));
        }
        if is_slow_reader(request.manner, self.holding) {
            let named = Named { flight: id, ticket };
            self.due.put(now + Holding::HURRIED_GRACE, Due::SlowRead { named, since: now });
        }
    }

    /// Cuts a reader off that took too little for too long, or while others need its place.
    pub(super) fn look_at_reader(&mut self, now: Moment, (named, since): (Named, Moment)) {
        let Some(Flight { request, .. }) = self.flights.named(named) else {
            return;
        };
        let Manner::SlowRead(bytes) = request.manner else {
            return;
        };
        let is_hurried = self.defence.hurries_readers(request.platform);
        let is_over =
            bytes < self.holding.reads_per_s_min && now.since(since) >= Holding::SLOW_READ_GRACE;
        if is_hurried || is_over {
            self.leave(now, named, Fate::Stopped(Verdict::Error));
        } else {
            self.due.put(now + Holding::HURRIED_GRACE, Due::SlowRead { named, since });
        }
    }

    /// The head of an answer has come, and the rest will take longer.
    pub(super) fn head(&mut self, now: Moment, id: FlightId) {
        let present = |flight: &&mut Flight| matches!(flight.place, Place::Origin { .. });
        if let Some(flight) = self.flights.of(id).filter(present) {
            let follows = match flight.request.manner {
                Manner::Socket(_) => Follows::Socket,
                Manner::Plain
                | Manner::SlowHead(_)
                | Manner::SlowBody(_)
                | Manner::SlowRead(_)
                | Manner::Reset
                | Manner::Handshake => Follows::Body,
            };
            let headed = Headed { flight: id, bytes: flight.work.bytes, follows };
            self.defence.headed(self.clock.monotonic(now), headed);
        }
    }

    /// An origin is done with a request.
    pub(super) fn settle(&mut self, now: Moment, done: Done) {
        let Some(flight) = self.flights.end(done.flight) else {
            return;
        };
        let (Place::Origin { since } | Place::Abandoned { since }) = flight.place else {
            return;
        };
        let served = done.end == End::Served;
        let bytes = if served { flight.work.bytes } else { 0 };
        let sets = served && flight.request.cookie.is_none();
        let ended = Ended {
            flight: done.flight,
            took: now.since(since),
            bytes,
            end: done.end,
            set_cookie: sets.then(|| cookie_of_sender(&flight.request)),
        };
        // Of one whose client has left as well: the defence may keep a place for it.
        self.defence.finished(self.clock.monotonic(now), ended);
        if matches!(flight.place, Place::Abandoned { .. }) {
            return;
        }
        let fate = match (done.end, flight.request.manner) {
            (End::Served, Manner::Handshake) => Fate::Cancelled,
            (End::Served, _) => Fate::Served,
            _ => Fate::OriginFailed,
        };
        self.tell(now, Told::of(&flight, fate));
    }
}

/// Since when something has been asked for.
#[derive(Debug, Clone, Copy)]
struct Asked {
    first_at: Moment,
    asking: Asking,
}

/// A head or body on its way to the defence.
#[derive(Debug, Clone, Copy)]
struct Arriving {
    takes: Duration,
    at_most: Duration,
}

/// What the defence waits for before it judges.
fn arrives_within(manner: Manner, holding: Holding) -> Option<Arriving> {
    match manner {
        Manner::SlowHead(takes) => holding.head_max.map(|at_most| Arriving { takes, at_most }),
        Manner::SlowBody(takes) if holding.bodies != Passing::AsItComes => {
            holding.body_max.map(|at_most| Arriving { takes, at_most })
        }
        Manner::SlowBody(_)
        | Manner::Plain
        | Manner::SlowRead(_)
        | Manner::Reset
        | Manner::Socket(_)
        | Manner::Handshake => None,
    }
}

/// How the origin feels the way in which a request is sent or its answer read.
fn felt(manner: Manner, holding: Holding) -> Manner {
    let is_kept = match manner {
        Manner::SlowHead(_) => holding.head_max.is_some(),
        Manner::SlowBody(_) => holding.bodies != Passing::AsItComes,
        Manner::SlowRead(_) => holding.answers == Passing::Whole,
        Manner::Plain | Manner::Reset | Manner::Socket(_) | Manner::Handshake => false,
    };
    if is_kept { Manner::Plain } else { manner }
}

/// Whether the defence reads a body for a while before it asks the origin.
fn is_read_ahead(manner: Manner, holding: Holding) -> bool {
    matches!(manner, Manner::SlowBody(_)) && holding.bodies == Passing::Ahead
}

/// Whether a reader may be cut off before it has all of its answer.
fn is_slow_reader(manner: Manner, holding: Holding) -> bool {
    let least = holding.reads_per_s_min.max(holding.hurried_per_s_min);
    let is_passed_on = holding.answers == Passing::AsItComes;
    matches!(manner, Manner::SlowRead(bytes) if is_passed_on && bytes < least)
}
