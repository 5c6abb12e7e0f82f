//! A small world in virtual time: streams of requests, one platform, its origins.

use super::model::{Model, Origin};
use crate::admission::cost::BULK_BYTES;
use crate::admission::{
    Alone, Body, Call, Class, Ending, Head, Kind, MethodKind, Offer, OriginSet, Outcome, Permit,
    Prefix, Ready, Request, RouteKey, RouteSeed, Ticket,
};
use seawall_types::{Moment, OriginCapacity};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

/// A client gives up after this, as in the lab.
pub(super) const PATIENCE: Duration = Duration::from_secs(3);

/// Requests of one sort.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stream {
    pub(super) name: &'static str,
    pub(super) path: &'static str,
    pub(super) class: Class,
    /// Prefixes that ask, as many as `prefixes.1` from `prefixes.0` on.
    pub(super) prefixes: (u16, u16),
    pub(super) rps: f64,
    pub(super) from_s: f64,
    pub(super) until_s: f64,
    pub(super) work_ms: f64,
    /// Whether the work is drawn from an exponential distribution.
    pub(super) varies: bool,
    /// Of the answer; a large one is announced at once.
    pub(super) bytes: u64,
}

impl Stream {
    pub(super) const fn of(name: &'static str, rps: f64, work_ms: f64) -> Self {
        Self {
            name,
            path: "/dyn",
            class: Class::Unknown,
            prefixes: (0, 1_000),
            rps,
            from_s: 0.0,
            until_s: 1e9,
            work_ms,
            varies: false,
            bytes: 2_000,
        }
    }

    pub(super) const fn between(self, from_s: f64, until_s: f64) -> Self {
        Self { from_s, until_s, ..self }
    }

    pub(super) const fn of_prefixes(self, first: u16, count: u16) -> Self {
        Self { prefixes: (first, count), ..self }
    }
}

/// What changes in mid-run.
#[derive(Debug, Clone, Copy)]
pub(super) enum Change {
    Model(usize, Model),
    Slower(usize, f64),
    Usable(OriginSet),
}

/// What became of a stream in a second.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Second {
    pub(super) offered: u32,
    /// Answered within [`PATIENCE`]; counted in the second in which it was offered.
    pub(super) served: u32,
    pub(super) held: u32,
    pub(super) failed: u32,
    /// Answers that came in this second, and their work.
    pub(super) answers: u32,
}

/// A run's trace.
#[derive(Debug, Default)]
pub(super) struct Trace {
    pub(super) seconds: BTreeMap<(&'static str, u64), Second>,
    /// Limit, in flight, waiting: every 100 ms.
    pub(super) gauges: Vec<(f64, u32, u32, u32)>,
    pub(super) in_flight_over_limit: f64,
    pub(super) waited_max: Duration,
    /// Served by prefix.
    pub(super) by_prefix: BTreeMap<u16, u32>,
}

impl Trace {
    pub(super) fn sum(&self, name: &str, seconds: std::ops::Range<u64>) -> Second {
        let mut sum = Second::default();
        let of = self.seconds.iter().filter(|((stream, second), _)| {
            (name == "*" || *stream == name) && seconds.contains(second)
        });
        for (_, second) in of {
            sum.offered += second.offered;
            sum.served += second.served;
            sum.held += second.held;
            sum.failed += second.failed;
            sum.answers += second.answers;
        }
        sum
    }

    /// Answers a second.
    pub(super) fn goodput(&self, seconds: std::ops::Range<u64>) -> f64 {
        let span = u32::try_from(seconds.end - seconds.start).unwrap();
        f64::from(self.sum("*", seconds).answers) / f64::from(span)
    }

    pub(super) fn served_share(&self, name: &str, seconds: std::ops::Range<u64>) -> f64 {
        let sum = self.sum(name, seconds);
        f64::from(sum.served) / f64::from(sum.offered.max(1))
    }

    /// Most that was at the origins at once.
    pub(super) fn in_flight_max(&self, from_s: f64, until_s: f64) -> u32 {
        let within = self.gauges.iter().filter(|(at, ..)| (from_s..until_s).contains(at));
        within.map(|(_, _, out, _)| *out).max().unwrap_or(0)
    }

    /// Mean limit.
    pub(super) fn limit(&self, from_s: f64, until_s: f64) -> f64 {
        let within = self.gauges.iter().filter(|(at, ..)| (from_s..until_s).contains(at));
        let limits: Vec<_> = within.map(|(_, limit, ..)| f64::from(*limit)).collect();
        limits.iter().sum::<f64>() / f64::from(u32::try_from(limits.len()).unwrap().max(1))
    }
}

#[derive(Debug)]
struct Sent {
    stream: usize,
    prefix: u16,
    offered_at: Moment,
    work_ns: u64,
    permit: Option<Permit>,
}

/// The world before it runs.
#[derive(Debug, Clone)]
pub(super) struct World {
    pub(super) origins: Vec<Model>,
    pub(super) capacity: Option<f64>,
    pub(super) streams: Vec<Stream>,
    pub(super) changes: Vec<(f64, Change)>,
    pub(super) seed: u64,
}

impl World {
    pub(super) fn new(model: Model, streams: &[Stream]) -> Self {
        let streams = streams.to_vec();
        Self { origins: vec![model], capacity: None, streams, changes: Vec::new(), seed: 1 }
    }

    pub(super) fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    pub(super) fn change(mut self, at_s: f64, change: Change) -> Self {
        self.changes.push((at_s, change));
        self
    }

    pub(super) fn run(&self, seconds: f64) -> Trace {
        Running::new(self).run(moment(seconds))
    }
}

struct Running<'a> {
    world: &'a World,
    core: Alone,
    origins: Vec<Origin>,
    sent: BTreeMap<u64, Sent>,
    waiting: BTreeMap<(u32, u32), u64>,
    arrivals: BinaryHeap<Reverse<(u64, usize)>>,
    random: u64,
    next_id: u64,
    changed: usize,
    trace: Trace,
}

pub(in crate::admission) fn moment(seconds: f64) -> Moment {
    Moment(0) + Duration::from_secs_f64(seconds)
}

/// Of Steele, Lea and Flood 2014.
pub(super) fn draw(state: &mut u64) -> f64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    let bits = u32::try_from((mixed ^ (mixed >> 31)) >> 33).unwrap();
    (f64::from(bits) + 0.5) / f64::from(1_u32 << 31)
}

pub(in crate::admission) fn prefix(number: u16) -> Prefix {
    Prefix::of(IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, number, 0, 0, 0, 0, 1)))
}

fn key(ticket: Ticket) -> (u32, u32) {
    (ticket.entry << 2 | u32::try_from(ticket.kind.index()).unwrap(), ticket.generation)
}

impl<'a> Running<'a> {
    fn new(world: &'a World) -> Self {
        let capacity = world.capacity.and_then(OriginCapacity::new);
        let core = Alone::new(Moment(0), vec![capacity; world.origins.len()], [world.seed, 7]);
        let mut running = Self {
            world,
            core,
            origins: world.origins.iter().map(|model| Origin::new(*model)).collect(),
            sent: BTreeMap::new(),
            waiting: BTreeMap::new(),
            arrivals: BinaryHeap::new(),
            random: world.seed,
            next_id: 0,
            changed: 0,
            trace: Trace::default(),
        };
        for (index, stream) in world.streams.iter().enumerate() {
            running.schedule(moment(stream.from_s), index);
        }
        running
    }

    fn schedule(&mut self, now: Moment, index: usize) {
        let stream = &self.world.streams[index];
        let gap = -draw(&mut self.random).ln() / stream.rps;
        let at = now + Duration::from_secs_f64(gap);
        if at < moment(stream.until_s) {
            self.arrivals.push(Reverse((at.0, index)));
        }
    }

    fn run(mut self, until: Moment) -> Trace {
        let (mut gauge_at, mut last) = (Moment(0), Moment(0));
        loop {
            let arrival = self.arrivals.peek().map(|Reverse((at, _))| Moment(*at));
            let done = self.origins.iter().filter_map(Origin::next).min();
            let change = self.world.changes.get(self.changed).map(|(at, _)| moment(*at));
            let core = Some(self.core.next_deadline());
            let Some(now) = [arrival, done, change, core].into_iter().flatten().min() else {
                break;
            };
            let now = now.max(last);
            if now >= until {
                break;
            }
            last = now;
            if change.is_some_and(|change| change <= now) {
                self.change(now);
            }
            self.finish(now);
            if arrival.is_some_and(|arrival| arrival <= now) {
                self.arrive(now);
            }
            if self.core.next_deadline() <= now {
                self.core.on_deadline(now);
            }
            self.take_ready(now);
            self.watch();
            while gauge_at <= now {
                let gauges = (self.core.limit(), self.core.in_flight(Kind::Brief));
                let waiting = self.core.waiting(Kind::Brief);
                self.trace.gauges.push((gauge_at.as_secs_f64(), gauges.0, gauges.1, waiting));
                gauge_at = gauge_at + Duration::from_millis(100);
            }
        }
        self.trace
    }

    fn watch(&mut self) {
        let (limit, out) = (self.core.limit(), self.core.in_flight(Kind::Brief));
        let over = f64::from(out) / f64::from(limit.max(1));
        self.trace.in_flight_over_limit = self.trace.in_flight_over_limit.max(over);
    }

    fn change(&mut self, now: Moment) {
        let (_, change) = self.world.changes[self.changed];
        self.changed += 1;
        match change {
            Change::Model(origin, model) => self.origins[origin].model = model,
            Change::Slower(origin, factor) => self.origins[origin].slower = factor,
            Change::Usable(set) => self.core.use_origins(now, set),
        }
    }

    fn second(&mut self, stream: usize, at: Moment) -> &mut Second {
        let name = self.world.streams[stream].name;
        self.trace.seconds.entry((name, at.0 / 1_000_000_000)).or_default()
    }

    fn arrive(&mut self, now: Moment) {
        let Some(Reverse((_, index))) = self.arrivals.pop() else { return };
        self.schedule(now, index);
        let stream = self.world.streams[index];
        let (first, count) = stream.prefixes;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "below count")]
        let number = first + (draw(&mut self.random) * f64::from(count)) as u16;
        let factor = if stream.varies { -draw(&mut self.random).ln() } else { 1.0 };
        let work = Duration::from_secs_f64(stream.work_ms * factor / 1e3);
        let id = self.next_id;
        self.next_id += 1;
        let request = Request {
            route: RouteKey::of(RouteSeed([1, 2]), MethodKind::Read, stream.path),
            prefix: prefix(number),
            class: stream.class,
            kind: Kind::Brief,
            body: Body::Whole,
            bytes: 500,
            call: Call::First,
        };
        self.second(index, now).offered += 1;
        let work_ns = u64::try_from(work.as_nanos()).unwrap();
        let mut sent =
            Sent { stream: index, prefix: number, offered_at: now, work_ns, permit: None };
        match self.core.offer(now, &request) {
            Offer::Admit(permit) => {
                self.begin(now, (id, &sent), &permit);
                sent.permit = Some(permit);
            }
            Offer::Wait(ticket) => {
                let before = self.waiting.insert(key(ticket), id);
                assert_eq!(before, None, "a ticket is one request's");
            }
            Offer::Hold(_) => {
                self.second(index, now).held += 1;
                return;
            }
        }
        self.sent.insert(id, sent);
    }

    fn begin(&mut self, now: Moment, (id, sent): (u64, &Sent), permit: &Permit) {
        self.origins[permit.origin()].begin(now, id, sent.work_ns);
        let length = self.world.streams[sent.stream].bytes;
        if length > BULK_BYTES {
            let head = Head { length: Some(length), kind: Kind::Brief };
            self.core.headed(now, permit, head);
        }
    }

    fn take_ready(&mut self, now: Moment) {
        while let Some(Ready { ticket, answer }) = self.core.poll_ready() {
            let id = self.waiting.remove(&key(ticket)).expect("it waited");
            let sent = &self.sent[&id];
            let (stream, waited) = (sent.stream, now.since(sent.offered_at));
            let Ok(permit) = answer else {
                self.sent.remove(&id);
                self.second(stream, now).held += 1;
                continue;
            };
            let mut sent = self.sent.remove(&id).expect("it was sent");
            self.begin(now, (id, &sent), &permit);
            sent.permit = Some(permit);
            self.sent.insert(id, sent);
            self.trace.waited_max = self.trace.waited_max.max(waited);
        }
    }

    fn finish(&mut self, now: Moment) {
        for index in 0..self.origins.len() {
            let (answered, failed) = self.origins[index].done(now);
            for id in answered {
                let Some(sent) = self.sent.remove(&id) else { continue };
                self.second(sent.stream, now).answers += 1;
                if now.since(sent.offered_at) <= PATIENCE {
                    self.second(sent.stream, sent.offered_at).served += 1;
                    *self.trace.by_prefix.entry(sent.prefix).or_default() += 1;
                }
                let permit = sent.permit.expect("it was admitted");
                let bytes = self.world.streams[sent.stream].bytes;
                self.core.finished(now, permit, Outcome::answered(bytes));
            }
            for id in failed {
                let Some(sent) = self.sent.remove(&id) else { continue };
                self.second(sent.stream, now).failed += 1;
                let permit = sent.permit.expect("it was admitted");
                let outcome = Outcome::of(Ending::Faulted);
                self.core.finished(now, permit, outcome);
            }
        }
    }
}
