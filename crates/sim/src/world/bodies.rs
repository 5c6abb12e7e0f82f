//! Bodies that come slowly: read before the origin is asked as far as the defence does so, and hurried
//! while they hold a place there.

use super::flights::{Flight, Named};
use super::{Due, Place, World};
use crate::defence::{Holding, Passing};
use crate::request::{Fate, Manner};
use seawall_engine::admission::Body;
use seawall_types::{Moment, Verdict};
use std::time::Duration;

impl World {
    /// A request is at the defence, which reads its body for a while before it asks the origin.
    pub(super) fn read_ahead(&mut self, now: Moment, (named, takes): (Named, Duration)) {
        if self.holding.body_max.is_none_or(|at_most| takes <= at_most) {
            self.due.put(now + takes, Due::Whole(named));
        }
        self.due.put(now + Holding::AHEAD_PATIENCE, Due::Ahead(named));
    }

    /// Whether a body that has not come whole goes on as it comes, is waited for, or is given up.
    pub(super) fn look_ahead(&mut self, now: Moment, named: Named) {
        let Some(flight) = self.flights.named(named).filter(|f| f.place == Place::Arriving) else {
            return;
        };
        let Flight { request, sent_at, .. } = *flight;
        let Manner::SlowBody(takes) = request.manner else {
            return;
        };
        let given_up = self.holding.body_max.map(|at_most| sent_at + at_most);
        if given_up.is_some_and(|due| due <= now) {
            self.leave(now, named, Fate::Stopped(Verdict::Error));
            return;
        }
        if !self.defence.spares_one(request.platform) {
            let next = now + Holding::AHEAD_LOOK;
            self.due.put(given_up.map_or(next, |due| next.min(due)), Due::Ahead(named));
            return;
        }
        flight.work.manner = Manner::SlowBody((sent_at + takes).since(now));
        self.whole(now, named);
    }

    /// A request whose body comes has a place at an origin.
    pub(super) fn holds_a_place(&mut self, now: Moment, (named, takes): (Named, Duration)) {
        if let Some(at_most) = self.holding.body_max.filter(|at_most| takes > *at_most) {
            self.due.put(now + at_most, Due::Cut(named));
        }
        if self.holding.bodies == Passing::Ahead {
            let until = now + takes;
            self.due.put(now + Holding::HURRIED_GRACE, Due::SlowBody { named, until });
        }
    }

    /// Cuts off a body that others wait for; it brings less than is asked for then.
    pub(super) fn look_at_body(&mut self, now: Moment, (named, until): (Named, Moment)) {
        if now >= until {
            return;
        }
        let present = |flight: &&mut Flight| matches!(flight.place, Place::Origin { .. });
        let Some(Flight { request, .. }) = self.flights.named(named).filter(present) else {
            return;
        };
        let platform = request.platform;
        if self.defence.hurries_bodies(self.clock.monotonic(now), platform) {
            self.leave(now, named, Fate::Stopped(Verdict::Error));
        } else {
            self.due.put(now + Holding::HURRIED_GRACE, Due::SlowBody { named, until });
        }
    }
}

/// Whether all of a request is there when it asks for a place.
pub(super) fn body_of(flight: &Flight) -> Body {
    match flight.work.manner {
        Manner::SlowBody(_) => Body::Comes,
        Manner::Plain
        | Manner::SlowHead(_)
        | Manner::SlowRead(_)
        | Manner::Reset
        | Manner::Socket(_)
        | Manner::Handshake => Body::Whole,
    }
}
