//! One core's part of what a platform's origins can carry: it decides alone.
//!
//! Takes requests, how they ended, and grants; gives admissions, waits, holds, and reports.
//! A request whose kind has a free slot and no queue goes at once. Else it waits, in the order of
//! [`super::queue`], for [`WAIT_MAX`] at most.
//! A slot older than its route's deadline is freed; until its connection closes one slot fewer is
//! used, since the origin may be working for it still, unless others are answered in time meanwhile.
//! Never reads a clock, allocates with what a sender chooses, or asks another core.
//! Bounds: permits, queue, routes and prefixes as each part says.

use super::calm::Calm;
use super::cost::{Answer, Load, RouteIndex, RouteTable};
use super::hold::{Hold, HoldReason, retry_after_s};
use super::permits::{Issue, Leaves, Permit, Permits, Record, State};
use super::queue::{Left, Order, Queue, Ticket, Waiting};
use super::ranks::{Place, Ranks, Waits};
use super::request::{Body, Call, Class, Ending, Head, Kind, Offer, Outcome, Ready, Request};
use super::sums::{Grant, OriginSet, Report};
use super::{ORIGINS_MAX, ROUND, RouteKey, WAIT_MAX};
use seawall_types::Moment;
use std::collections::VecDeque;
use std::time::Duration;

mod bodies;
mod elsewhere;
mod holds;
mod origin;

use bodies::CROWDED_FOR;
use holds::Held;
use origin::{Back, Origin};

/// What a share is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShareSettings {
    /// Origins of the platform, 1 to [`ORIGINS_MAX`].
    pub origins: usize,
    /// Prefixes whose turns it keeps, at most [`super::PREFIXES_MAX`].
    pub prefixes: usize,
    /// Keys its hashes and spreads its holds.
    pub seed: [u64; 2],
}

/// One core's part of one platform.
#[derive(Debug)]
pub struct Share {
    origins: Vec<Origin>,
    usable: OriginSet,
    routes: RouteTable,
    ranks: Ranks,
    permits: Permits,
    queues: [Queue; Kind::COUNT],
    ready: VecDeque<Ready>,
    generation: u64,
    pressure: f64,
    /// Until when a slot is kept free for the class of lanes.
    lanes_until: Moment,
    /// Until when those who hold slots are hurried, since somebody found none.
    crowded_until: Moment,
    /// From when on it is learned who usually asks for how much.
    remembers_from: Moment,
    calm: Calm,
    chance: u64,
    walk_at: Moment,
    looked_at: Moment,
    sums: Sums,
}

#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    offered_us: u64,
    admitted_us: u64,
    held: u32,
    admitted: u32,
    waited_max_us: u32,
}

/// Where a request stands.
#[derive(Debug, Clone, Copy)]
struct Placed {
    request: Request,
    index: RouteIndex,
    place: Place,
    base_us: u32,
}

/// What a permit is issued for.
#[derive(Debug, Clone, Copy)]
struct Errand {
    kind: Kind,
    route: RouteKey,
    index: RouteIndex,
    base_us: u32,
    class: Class,
    body: Body,
}

impl Placed {
    fn errand(&self) -> Errand {
        let Request { kind, route, class, body, .. } = self.request;
        Errand { kind, route, index: self.index, base_us: self.base_us, class, body }
    }
}

impl Share {
    /// A share without slots: they come with the first [`Grant`].
    pub fn new(now: Moment, settings: ShareSettings) -> Self {
        let origins = settings.origins.clamp(1, ORIGINS_MAX);
        Self {
            origins: (0..origins).map(|_| Origin::default()).collect(),
            usable: OriginSet::ALL,
            routes: RouteTable::default(),
            ranks: Ranks::new(settings.prefixes, settings.seed),
            permits: Permits::default(),
            queues: Default::default(),
            ready: VecDeque::new(),
            generation: 0,
            pressure: 0.0,
            lanes_until: now,
            crowded_until: now,
            remembers_from: now,
            calm: Calm::new(now),
            chance: settings.seed[0] ^ settings.seed[1].rotate_left(32),
            walk_at: now + ROUND,
            looked_at: now,
            sums: Sums::default(),
        }
    }

    /// Asks for a slot.
    pub fn offer(&mut self, now: Moment, request: &Request) -> Offer {
        let placed = self.place(now, request);
        let kind = placed.request.kind;
        let is_first = self.queues[kind.index()].is_empty();
        let room = if is_first { self.room(now, kind, placed.request.class) } else { None };
        let Some(origin) = room.filter(|at| self.takes_body(now, *at, &placed.request)) else {
            // Who is refused for its own body, or goes last anyway, is no crowd.
            let goes_last = placed.request.class == Class::Low;
            if room.is_none() && kind == Kind::Brief && !goes_last {
                self.crowded_until = now + CROWDED_FOR;
            }
            return self.wait(now, placed);
        };
        // Where there is enough for all nobody takes anything from another.
        if !self.origins[origin].is_calm() {
            let turn = self.ranks.charge(placed.place, placed.base_us);
            self.ranks.serve(turn);
        }
        Offer::Admit(self.issue(now, origin, placed.errand()))
    }

    /// What a request of this route is charged, in microseconds.
    pub fn cost_us(&self, route: RouteKey) -> u32 {
        self.routes.base_us(self.routes.look(route))
    }

    /// A request that waited does so no longer; one whose turn has come is given back.
    pub fn cancelled(&mut self, now: Moment, ticket: Ticket) {
        if let Some(waiting) = self.queues[ticket.kind.index()].cancel(ticket) {
            self.forget(now, &waiting);
            return;
        }
        let Some(at) = self.ready.iter().position(|ready| ready.ticket == ticket) else {
            return;
        };
        if let Some(Ready { answer: Ok(permit), .. }) = self.ready.remove(at) {
            self.finished(now, permit, Outcome::of(Ending::Left));
        }
    }

    /// The head of an answer is there: how long it took is what the limit is learned from, and a
    /// large or lasting answer moves to the slots of its kind.
    pub fn headed(&mut self, now: Moment, permit: &Permit, head: Head) {
        let Some(record) = self.permits.record(permit) else { return };
        let origin = &mut self.origins[usize::from(record.origin)];
        if record.took_us.is_none() {
            record.took_us = Some(micros(now, record.issued_at));
            origin.begin_sending(record);
        }
        let large = head.length.is_some_and(|length| length > super::cost::BULK_BYTES);
        let kind = if head.kind == Kind::Brief && large { Kind::Bulk } else { head.kind };
        if kind == Kind::Bulk {
            // Long before it is over, so that the next of its kind waits for a slot of its kind.
            self.routes.announce(now, record.route, head.length.unwrap_or(0));
            origin.announce(record, head.length);
        }
        let was = record.kind;
        if was == Kind::Brief && kind != was && record.state == State::Out {
            origin.end_sending(record);
            origin.end_body(record);
            record.kind = kind;
            origin.change(was, kind);
        }
        self.pump(now, was);
    }

    /// The request is over, or its connection is closed after its slot was given up.
    pub fn finished(&mut self, now: Moment, permit: Permit, outcome: Outcome) {
        let Some(mut record) = self.permits.take_back(permit) else {
            return;
        };
        let origin = &mut self.origins[usize::from(record.origin)];
        origin.end_body(&record);
        if record.state == State::Hung {
            origin.unhang();
            self.pump(now, Kind::Brief);
            return;
        }
        origin.end_sending(&record);
        origin.end(record.kind);
        let whole_us = micros(now, record.issued_at);
        let took_us = record.took_us.unwrap_or(whole_us);
        record.took_us = Some(took_us);
        let is_stale = record.epoch != origin.epoch() && !record.calm;
        let load = if record.calm { Load::Calm } else { Load::Pressed { ratio: origin.ratio() } };
        let answer = Answer { took_us, bytes: outcome.bytes_out, load };
        let index = match outcome.ending {
            _ if record.kind == Kind::Lasting => RouteIndex::OTHER,
            // It was sent to an origin that was overrun.
            _ if is_stale => self.routes.look(record.route),
            Ending::Answered => self.routes.learn(now, record.route, &answer),
            Ending::Unfound => self.routes.learn_unfound(now, record.route, &answer),
            Ending::Failed | Ending::Faulted | Ending::Unreached | Ending::Left => {
                RouteIndex::OTHER
            }
        };
        // What its route is known to cost by now, not what it was thought to when it left.
        let base_us = self.routes.base_us(index);
        // Who reads slowly makes its own answer last, and tells nothing of the line.
        let sent_us = whole_us.saturating_sub(took_us).saturating_sub(outcome.reader_us);
        if record.kind == Kind::Brief
            && matches!(outcome.ending, Ending::Answered | Ending::Unfound)
        {
            self.origins[usize::from(record.origin)].holds().learn(whole_us);
        }
        let back = Back { base_us, at: now, sent_us, outcome };
        self.origins[usize::from(record.origin)].count(&record, &back);
        self.pump(now, record.kind);
    }

    /// When [`Self::on_deadline`] has something to do.
    pub fn next_deadline(&self) -> Option<Moment> {
        let walk = (!self.permits.is_empty()).then_some(self.walk_at);
        if self.queues.iter().all(Queue::is_empty) {
            return walk;
        }
        let waits = self.queues.iter().filter_map(Queue::next_deadline).min();
        // Work at a pace is looked at when it may go on, which no return announces.
        let later = |resumes: &Moment| *resumes > self.looked_at;
        let paced = waits.and_then(|_| {
            let of = |class| self.origins.iter().filter_map(move |at| at.resumes_at(class));
            of(Class::Unknown).chain(of(Class::Low)).filter(later).min()
        });
        [waits, walk, paced].into_iter().flatten().min()
    }

    /// Sends away who has waited too long and frees slots that are too old.
    pub fn on_deadline(&mut self, now: Moment) {
        self.looked_at = now;
        for kind in Kind::ALL {
            while let Some(left) = self.queues[kind.index()].pop_overdue(now) {
                self.forget(now, &left.waiting);
                self.send_away(left, HoldReason::WaitedLong);
            }
        }
        if self.walk_at <= now {
            self.walk_at = now + ROUND;
            self.free_hung(now);
            self.look_at_holds(now);
        }
        for kind in Kind::ALL {
            self.pump(now, kind);
        }
    }

    /// The next end of a wait.
    pub fn poll_ready(&mut self) -> Option<Ready> {
        self.ready.pop_front()
    }

    /// Origins that requests may go to; when there is none, all are.
    pub fn use_origins(&mut self, now: Moment, usable: OriginSet) {
        self.usable = usable;
        for kind in Kind::ALL {
            self.pump(now, kind);
        }
    }

    /// What was seen since the last report.
    pub fn report(&mut self, now: Moment) -> Report {
        let sums = std::mem::take(&mut self.sums);
        Report {
            at: now,
            generation: self.generation,
            origins: self.origins.iter_mut().map(Origin::report).collect(),
            waiting: Kind::ALL.map(|kind| self.waiting(kind)),
            offered_us: sums.offered_us,
            admitted_us: sums.admitted_us,
            held: sums.held,
            admitted: sums.admitted,
            waited_max_us: sums.waited_max_us,
        }
    }

    /// Takes over what was granted; an older grant than the last changes nothing.
    pub fn accept(&mut self, now: Moment, grant: &Grant) {
        if grant.generation <= self.generation {
            return;
        }
        self.generation = grant.generation;
        self.pressure = grant.pressure;
        if let Some(long) = self.calm.weigh(now, self.pressure, now >= self.remembers_from) {
            self.remembers_from = self.remembers_from.max(now + long);
        }
        for (origin, grant) in self.origins.iter_mut().zip(&grant.origins) {
            origin.accept(now, grant);
        }
        for kind in Kind::ALL {
            self.pump(now, kind);
        }
    }

    /// Requests that wait.
    pub fn waiting(&self, kind: Kind) -> u32 {
        u32::try_from(self.queues[kind.index()].len()).unwrap_or(u32::MAX)
    }

    /// Whether large answers have all the slots that there are for them, and more: a request for
    /// another waits, or pages have been slow for their sake.
    pub fn downloads_press(&self) -> bool {
        let out = self.in_flight(Kind::Bulk);
        self.waiting(Kind::Bulk) > 0 || (out > 0 && out > self.slots(Kind::Bulk))
    }

    /// Permits out at all origins.
    pub fn in_flight(&self, kind: Kind) -> u32 {
        self.origins.iter().map(|origin| origin.in_flight(kind)).sum()
    }

    /// Slots that were given up and whose connections are not closed.
    pub fn hung(&self) -> u32 {
        self.origins.iter().map(Origin::given_up).sum()
    }

    /// Slots at all origins.
    pub fn slots(&self, kind: Kind) -> u32 {
        self.origins.iter().map(|origin| origin.slots(kind)).sum()
    }

    /// What was offered over what the origins can carry, as of the last grant.
    pub fn pressure(&self) -> f64 {
        self.pressure
    }

    /// Times that a route, then a prefix, found no place of its own.
    pub fn saturated(&self) -> [u64; 2] {
        [self.routes.saturated(), self.ranks.saturated()]
    }
}

/// From this pressure on nothing is learned of who is here usually, and for a while after: what
/// comes then may be the flood.
pub const FREEZE_FROM: f64 = 0.7;
/// How long after.
pub const FREEZE_FOR: Duration = Duration::from_mins(10);
/// Lanes that asked may ask again within this.
const LANES_ASK_AGAIN: Duration = Duration::from_secs(10);

impl Share {
    fn place(&mut self, now: Moment, request: &Request) -> Placed {
        let index = self.routes.look(request.route);
        let base_us = self.routes.base_us(index);
        let is_bulk = request.kind == Kind::Brief && self.routes.is_bulk(index);
        let kind = if is_bulk { Kind::Bulk } else { request.kind };
        let place = self.ranks.place(request.prefix);
        if request.class == Class::Lane {
            self.lanes_until = now + LANES_ASK_AGAIN;
        }
        self.sums.offered_us += u64::from(base_us);
        if self.remembers_from <= now && self.queues[kind.index()].is_empty() {
            self.ranks.remember(now, place, base_us);
        }
        Placed { request: Request { kind, ..*request }, index, place, base_us }
    }

    /// The usable origin with most of its slots free; the last slot of many is for lanes alone while any
    /// of them asks, that of few for no stranger while others are held for long.
    fn room(&self, now: Moment, kind: Kind, class: Class) -> Option<usize> {
        if !self.permits.has_room() {
            return None;
        }
        let known = 0..self.origins.len();
        let any = known.clone().any(|origin| self.usable.has(origin));
        let usable = if any { self.usable } else { OriginSet::ALL };
        let keeps = kind == Kind::Brief && now < self.lanes_until;
        let has_room = |origin: &Origin| match class {
            Class::Lane if keeps => origin.has_kept_room(now),
            _ => origin.has_room(now, kind, class) && !(keeps && origin.is_last_kept_from(class)),
        };
        known
            .filter(|origin| usable.has(*origin) && has_room(&self.origins[*origin]))
            .min_by_key(|origin| self.origins[*origin].fill(kind))
    }

    fn issue(&mut self, now: Moment, at: usize, errand: Errand) -> Permit {
        let Errand { kind, route, index, base_us, class, body } = errand;
        let origin = &mut self.origins[at];
        let leaves = Leaves::of(class);
        origin.begin(now, (kind, leaves), base_us);
        origin.begin_body(kind, body);
        self.sums.admitted += 1;
        self.sums.admitted_us += u64::from(base_us);
        let is_calm = origin.is_calm() && self.pressure < FREEZE_FROM;
        self.permits.issue(&Issue {
            kind,
            body,
            leaves,
            origin: at,
            full: kind == Kind::Brief && origin.is_full(),
            calm: is_calm && self.queues[kind.index()].is_empty(),
            epoch: origin.epoch(),
            at: now,
            deadline: now + self.routes.deadline(index),
            route,
        })
    }

    fn wait(&mut self, now: Moment, placed: Placed) -> Offer {
        let Placed { request, index, place, base_us } = placed;
        let turn = self.ranks.charge(place, base_us);
        self.ranks.waits(place, Waits::OneMore);
        let deadline = now + WAIT_MAX;
        let call = match request.call {
            // Whatever calls itself a part of a page: what costs more is one of its own.
            Call::Part if !self.ranks.is_little(base_us) => Call::First,
            // Pages and parts on and on are no page with its parts.
            Call::Part if self.ranks.is_far_ahead(turn) => Call::First,
            Call::Again { .. } if self.ranks.is_ahead(turn) => Call::First,
            call => call,
        };
        let order = Order::of(call, turn);
        let waiting = Waiting { request, index, place, turn, order, base_us, since: now, deadline };
        let ticket = self.queues[request.kind.index()].push(waiting);
        let bound = self.queue_work_max_us(request.kind);
        while let Some(left) = self.queues[request.kind.index()].pop_surplus(bound) {
            self.forget(now, &left.waiting);
            if left.ticket == ticket {
                return Offer::Hold(self.hold(HoldReason::QueueFull, request.class));
            }
            self.send_away(left, HoldReason::QueueFull);
        }
        // Slots may be free of which nobody told, at the end of a pace.
        self.pump(now, request.kind);
        Offer::Wait(ticket)
    }

    /// What the slots can do in [`WAIT_MAX`].
    fn queue_work_max_us(&self, kind: Kind) -> u64 {
        let wait_us = u64::try_from(WAIT_MAX.as_micros()).unwrap_or(u64::MAX);
        u64::from(self.slots(kind).max(1)).saturating_mul(wait_us)
    }

    /// Lets in who is next while there is room.
    fn pump(&mut self, now: Moment, kind: Kind) {
        while !self.queues[kind.index()].is_empty() {
            let anybodys = self.room(now, kind, Class::Unknown);
            let knowns = self.room(now, kind, Class::Proven);
            let lanes = || self.room(now, kind, Class::Lane);
            let Some(mut origin) = anybodys.or(knowns).or_else(lanes) else {
                return;
            };
            let lasts = self.room(now, kind, Class::Low);
            let queue = &mut self.queues[kind.index()];
            let next = match (anybodys, lasts) {
                (Some(_), Some(_)) => queue.pop_next(),
                (Some(_), None) => queue.pop_before_last(),
                (None, _) if knowns.is_some() => queue.pop_known(),
                (None, _) => queue.pop_lane(),
            };
            let Some(left) = next else { return };
            if left.waiting.request.class == Class::Low {
                origin = lasts.unwrap_or(origin);
            }
            let Waiting { mut request, index, place, turn, order, base_us, since, .. } =
                left.waiting;
            if self.turned_out_bulk(&request) {
                // Its like were answered while it waited: it goes by the slots of a download.
                let Some(other) = self.room(now, Kind::Bulk, request.class) else {
                    self.forget(now, &left.waiting);
                    self.send_away(left, HoldReason::QueueFull);
                    continue;
                };
                (origin, request.kind) = (other, Kind::Bulk);
            } else if !self.takes_body(now, origin, &request) {
                self.forget(now, &left.waiting);
                self.send_away(left, HoldReason::QueueFull);
                continue;
            }
            self.ranks.waits(place, Waits::OneLess);
            // What goes before its turn does not make it everybody's.
            if !matches!(order, Order::Part(_)) {
                self.ranks.serve(turn);
            }
            self.sums.waited_max_us = self.sums.waited_max_us.max(micros(now, since));
            let permit =
                self.issue(now, origin, Placed { request, index, place, base_us }.errand());
            self.ready.push_back(Ready { ticket: left.ticket, answer: Ok(permit) });
        }
    }

    fn turned_out_bulk(&self, request: &Request) -> bool {
        request.kind == Kind::Brief && self.routes.is_bulk(self.routes.look(request.route))
    }

    fn forget(&mut self, now: Moment, waiting: &Waiting) {
        self.ranks.refund(now, waiting.place, waiting.turn);
        self.ranks.waits(waiting.place, Waits::OneLess);
    }

    fn send_away(&mut self, left: Left, reason: HoldReason) {
        let hold = self.hold(reason, left.waiting.request.class);
        self.ready.push_back(Ready { ticket: left.ticket, answer: Err(hold) });
    }

    fn hold(&mut self, reason: HoldReason, class: Class) -> Hold {
        self.sums.held += 1;
        // An additive step and a mix: the generator of Steele, Lea and Flood 2014.
        self.chance = self.chance.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.chance ^ (self.chance >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let retry_after_s = retry_after_s(self.pressure, mixed >> 32);
        Hold { reason, class, retry_after_s }
    }

    /// Whether so many slots of an origin are held for long that no stranger has the last.
    fn look_at_holds(&mut self, now: Moment) {
        let mut held = [(0, 0); ORIGINS_MAX];
        let is_brief = |one: &&mut Record| one.kind == Kind::Brief && one.state == State::Out;
        for record in self.permits.iter_mut().filter(is_brief) {
            let at = usize::from(record.origin);
            let base_us = self.routes.base_us(self.routes.look(record.route));
            let for_us = micros(now, record.issued_at);
            let (long, strangely) = &mut held[at];
            match self.origins[at].holds().judge(for_us, base_us) {
                Held::AsUsual => {}
                Held::Long => *long += 1,
                Held::Strangely => (*long, *strangely) = (*long + 1, *strangely + 1),
            }
        }
        for (origin, held) in self.origins.iter_mut().zip(held) {
            origin.look_at_holds(held);
        }
    }

    fn free_hung(&mut self, now: Moment) {
        for record in self.permits.iter_mut() {
            let waits = record.state == State::Out && record.took_us.is_none();
            if waits && record.kind == Kind::Brief && record.deadline <= now {
                record.state = State::Hung;
                self.origins[usize::from(record.origin)].hang();
            }
        }
    }
}

fn micros(now: Moment, since: Moment) -> u32 {
    u32::try_from(now.since(since).as_micros()).unwrap_or(u32::MAX)
}
