//! Admission as one core of a node runs it: who goes to an origin, who waits, who is sent away.
//!
//! Takes requests that the judge let pass, and how they ended; gives decisions.
//! Each platform's origins count as one, since a balancer of the operator's stands before them.
//! Bounds: those of [`Alone`].

use super::super::{Arrival, Decision, Ended, Follows, Headed, Stopped};
use crate::origin::{End, FlightId};
use crate::request::{Manner, Query, Request};
use crate::site::{RouteId, Site};
use seawall_engine::AdmissionSnapshot;
use seawall_engine::admission::{
    Alone, Call, Class, Ending, Head, Hold, Kind, MethodKind, Offer, Outcome, Permit, Prefix,
    RouteKey, RouteSeed, Ticket,
};
use seawall_types::{Moment, OriginCapacity, PlatformId, Verdict};
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

/// Memory of a request that waits: its head and the state of its connection.
const WAITING_BYTES: u32 = 4_096;

/// Admission of all platforms.
#[derive(Debug)]
pub(super) struct Admission {
    platforms: Vec<Alone>,
    seed: RouteSeed,
    routes: BTreeMap<(u16, RouteId, bool), RouteKey>,
    /// By flight: who waits or is at an origin.
    flights: Vec<Option<Known>>,
    waiting: Vec<(Ticket, FlightId)>,
    released: VecDeque<(FlightId, Decision)>,
}

/// A request that waits or is at an origin.
#[derive(Debug)]
struct Known {
    platform: usize,
    stage: Stage,
    reader: Reader,
}

/// How its answer is read.
#[derive(Debug, Clone, Copy)]
enum Reader {
    /// As fast as it comes.
    Ready,
    /// Slower than it comes: from its head on the origin waits for the client.
    Slow { headed: Option<Moment> },
}

impl Reader {
    fn of(manner: Manner) -> Self {
        match manner {
            Manner::SlowRead(_) => Self::Slow { headed: None },
            Manner::Plain
            | Manner::SlowHead(_)
            | Manner::SlowBody(_)
            | Manner::Reset
            | Manner::Socket(_)
            | Manner::Handshake => Self::Ready,
        }
    }

    /// Time in which the client did not take what was there.
    fn waited_us(self, now: Moment) -> u32 {
        match self {
            Self::Ready | Self::Slow { headed: None } => 0,
            Self::Slow { headed: Some(headed) } => {
                u32::try_from(now.since(headed).as_micros()).unwrap_or(u32::MAX)
            }
        }
    }
}

#[derive(Debug)]
enum Stage {
    Waits(Ticket),
    AtOrigin(Permit),
}

impl Admission {
    pub(super) fn new(now: Moment, capacities: &[Option<OriginCapacity>], seed: u64) -> Self {
        let keys = [seed, seed ^ 0x5ea_0a11];
        let alone = |told: &Option<OriginCapacity>| Alone::as_told(now, vec![*told], keys);
        Self {
            platforms: capacities.iter().map(alone).collect(),
            seed: RouteSeed(keys),
            routes: BTreeMap::new(),
            flights: Vec::new(),
            waiting: Vec::new(),
            released: VecDeque::new(),
        }
    }

    /// Asks for a slot, for a request that takes its turn as one of a network.
    pub(super) fn offer(
        &mut self,
        now: Moment,
        arrival: Arrival<'_>,
        (class, prefix, call): (Class, Prefix, Call),
    ) -> Decision {
        let Arrival { flight, request, body, site, .. } = arrival;
        let platform = request.platform.index();
        let asked = seawall_engine::admission::Request {
            route: self.route(request, site),
            prefix,
            class,
            kind: kind(request.manner),
            body,
            bytes: WAITING_BYTES,
            call,
        };
        let Some(alone) = self.platforms.get_mut(platform) else {
            return Decision::Admit;
        };
        let offer = alone.offer(now, &asked);
        let (decision, stage) = match offer {
            Offer::Admit(permit) => (Decision::Admit, Some(Stage::AtOrigin(permit))),
            Offer::Wait(ticket) => {
                self.waiting.push((ticket, flight));
                (Decision::Wait, Some(Stage::Waits(ticket)))
            }
            Offer::Hold(hold) => (held(hold), None),
        };
        if let Some(stage) = stage {
            let reader = Reader::of(request.manner);
            self.know(flight, Known { platform, stage, reader });
        }
        self.collect(platform);
        decision
    }

    /// What is known of each platform.
    pub(super) fn look(&self) -> Vec<Option<AdmissionSnapshot>> {
        self.platforms.iter().map(Alone::look).collect()
    }

    /// What a request would cost its origin, in microseconds.
    pub(super) fn cost_us(&mut self, request: &Request, site: &Site) -> u32 {
        let route = self.route(request, site);
        let alone = self.platforms.get(request.platform.index());
        alone.map_or(0, |alone| alone.cost_us(route))
    }

    /// The head of an answer has come.
    pub(super) fn headed(&mut self, now: Moment, headed: Headed) {
        let Some(Known { platform, stage: Stage::AtOrigin(permit), reader }) =
            self.flights.get_mut(headed.flight as usize).and_then(Option::as_mut)
        else {
            return;
        };
        if let Reader::Slow { headed } = reader {
            *headed = Some(now);
        }
        let (length, kind) = match headed.follows {
            Follows::Body => (Some(headed.bytes), Kind::Brief),
            Follows::Socket => (None, Kind::Lasting),
        };
        let platform = *platform;
        if let Some(alone) = self.platforms.get_mut(platform) {
            alone.headed(now, permit, Head { length, kind });
        }
        self.collect(platform);
    }

    /// A client has left: one that waited waits no more, one whose request is at its origin leaves
    /// it there, with its slot, until it is over.
    pub(super) fn left(&mut self, now: Moment, flight: FlightId) {
        let known = self.flights.get(flight as usize).and_then(Option::as_ref);
        if known.is_some_and(|known| matches!(known.stage, Stage::Waits(_))) {
            self.over(now, flight, Outcome::of(Ending::Left));
        }
    }

    /// A request is over.
    pub(super) fn over(&mut self, now: Moment, flight: FlightId, outcome: Outcome) {
        let Some(known) = self.flights.get_mut(flight as usize).and_then(Option::take) else {
            return;
        };
        let Some(alone) = self.platforms.get_mut(known.platform) else {
            return;
        };
        // A release that nobody has heard of must not meet the next user of the flight's place.
        self.released.retain(|(released, _)| *released != flight);
        match known.stage {
            Stage::AtOrigin(permit) => {
                let reader_us = known.reader.waited_us(now);
                alone.finished(now, permit, Outcome { reader_us, ..outcome });
            }
            Stage::Waits(ticket) => {
                alone.cancelled(now, ticket);
                self.waiting.retain(|(waiting, _)| *waiting != ticket);
            }
        }
        self.collect(known.platform);
    }

    /// Whether large answers have more slots than there are for them.
    pub(super) fn downloads_press(&self, platform: PlatformId) -> bool {
        self.platforms.get(platform.index()).is_some_and(Alone::downloads_press)
    }

    /// Whether a slot can be spared for a request of whose body next to nothing has come.
    pub(super) fn spares_one(&self, platform: PlatformId) -> bool {
        self.platforms.get(platform.index()).is_some_and(Alone::spares_one)
    }

    /// Whether others wait for slots that bodies hold.
    pub(super) fn bodies_press(&self, now: Moment, platform: PlatformId) -> bool {
        self.platforms.get(platform.index()).is_some_and(|alone| alone.bodies_press(now))
    }

    /// What was asked for over what the origins can carry, by platform.
    pub(super) fn pressures(&self) -> impl Iterator<Item = f64> {
        self.platforms.iter().map(Alone::pressure)
    }

    pub(super) fn next_deadline(&self) -> Option<Moment> {
        self.platforms.iter().map(Alone::next_deadline).min()
    }

    pub(super) fn on_deadline(&mut self, now: Moment) {
        for platform in 0..self.platforms.len() {
            let alone = &mut self.platforms[platform];
            if alone.next_deadline() <= now {
                alone.on_deadline(now);
                self.collect(platform);
            }
        }
    }

    pub(super) fn poll_release(&mut self) -> Option<(FlightId, Decision)> {
        self.released.pop_front()
    }

    /// Takes over what waiting has come to.
    fn collect(&mut self, platform: usize) {
        while let Some(ready) = self.platforms[platform].poll_ready() {
            let Some(at) = self.waiting.iter().position(|(ticket, _)| *ticket == ready.ticket)
            else {
                continue;
            };
            let (_, flight) = self.waiting.swap_remove(at);
            let decision = match ready.answer {
                Ok(permit) => {
                    let known = self.flights.get(flight as usize).and_then(Option::as_ref);
                    let reader = known.map_or(Reader::Ready, |known| known.reader);
                    let stage = Stage::AtOrigin(permit);
                    self.know(flight, Known { platform, stage, reader });
                    Decision::Admit
                }
                Err(hold) => {
                    self.flights[flight as usize] = None;
                    held(hold)
                }
            };
            self.released.push_back((flight, decision));
        }
    }

    fn know(&mut self, flight: FlightId, known: Known) {
        let at = flight as usize;
        if self.flights.len() <= at {
            self.flights.resize_with(at + 1, || None);
        }
        self.flights[at] = Some(known);
    }

    /// The route of a request; asked of its text once for each that there is.
    fn route(&mut self, request: &Request, site: &Site) -> RouteKey {
        let has_query = request.query != Query::None;
        let seed = self.seed;
        *self.routes.entry((request.platform.0, request.route, has_query)).or_insert_with(|| {
            let method = site.route(request.route).map_or("GET", |route| route.method.word());
            RouteKey::of(seed, MethodKind::of(method), &request.target(site))
        })
    }
}

/// How an ended request counts.
pub(super) fn outcome(ended: &Ended) -> Outcome {
    let ending = match ended.end {
        End::Served => Ending::Answered,
        End::LineFull => Ending::Failed,
        End::Refused => Ending::Unreached,
        End::TimedOut | End::Lost => Ending::Faulted,
        End::Left => Ending::Left,
    };
    Outcome { bytes_out: ended.bytes, ..Outcome::of(ending) }
}

fn kind(manner: Manner) -> Kind {
    match manner {
        Manner::Socket(_) => Kind::Lasting,
        Manner::Plain
        | Manner::SlowHead(_)
        | Manner::SlowBody(_)
        | Manner::SlowRead(_)
        | Manner::Reset
        | Manner::Handshake => Kind::Brief,
    }
}

fn held(hold: Hold) -> Decision {
    let retry_after = Some(Duration::from_secs(u64::from(hold.retry_after_s)));
    Decision::Stop(Stopped::of(Verdict::Hold, retry_after))
}
