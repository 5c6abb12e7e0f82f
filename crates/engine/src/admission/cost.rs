//! What a request of each route costs its origin: learned from answers, never from claims.
//!
//! Takes answers; gives for each route its base time at the origin (what it takes when nothing
//! waits), the bytes of its answers, and the deadline of its slot.
//! Never reads a clock, allocates after construction, or learns a route from a request alone.
//! Bounds: [`ROUTES_MAX`] routes. Where there is no room the request counts as "other", and the
//! table counts that.

use super::RouteKey;
use seawall_types::Moment;
use std::time::Duration;

/// 512 routes at 48 bytes: 24 KiB a share. A large site's templates with a query or without.
pub const ROUTES_MAX: usize = 512;
const WAYS: usize = 8;
const SETS: usize = ROUTES_MAX / WAYS;
const _: () = assert!(SETS.is_power_of_two(), "a set is chosen by masking the hash");

/// A route unseen for so long gives its place to a new one.
const FORGET_AFTER: Duration = Duration::from_mins(10);

/// What an unknown request is taken to cost: a usual page.
const UNKNOWN_US: f32 = 10_000.0;
/// Answers larger than this on average go by the slots of [`super::Kind::Bulk`].
pub const BULK_BYTES: u64 = 1 << 20;

/// Answers whose plain mean is taken before the slow one: the first that come back are the quick
/// ones, so a few of them would make a base that no later answer keeps.
const FIRST_ANSWERS: u32 = 64;
/// Fastest that a base time may grow, a second: a slow ramp of load is not to pass for normal,
/// and a release that made a page twice as slow is learned within four minutes.
const GROWTH_PER_SECOND: f32 = 0.003;

/// A longer answer counts as one of a minute.
const TOOK_MAX_US: u32 = 60_000_000;

/// Bounds of a slot's deadline.
const DEADLINE_MIN: Duration = Duration::from_secs(1);
const DEADLINE_MAX: Duration = Duration::from_secs(30);
/// A slot is given up after so many times the 99th percentile of its route.
const DEADLINE_TIMES: f32 = 10.0;

/// Where a route lies in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RouteIndex(u16);

impl RouteIndex {
    /// All routes that have no place of their own.
    pub const OTHER: Self = Self(u16::MAX);
}

/// The circumstances of an answer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Load {
    /// The origin had room when the request was sent to it.
    Calm,
    /// Its slots were full; answers took `ratio` times the base.
    Pressed {
        /// Latency over base of what came back lately, at least 1.
        ratio: f32,
    },
}

/// One answer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Answer {
    /// Time at the origin, in microseconds.
    pub took_us: u32,
    /// Bytes of the answer.
    pub bytes: u64,
    /// How full the origin was.
    pub load: Load,
}

#[derive(Debug, Clone, Copy, Default)]
struct Route {
    key: u64,
    used_at: Moment,
    grown_at: Moment,
    base_us: f32,
    /// Mean of the last answers.
    recent_us: f32,
    /// Mean of the last calm answers.
    calm_us: f32,
    p99_us: f32,
    bytes: f32,
    answers: u32,
}

/// All routes of one platform that a share knows.
#[derive(Debug)]
pub struct RouteTable {
    routes: Box<[Route]>,
    other: Route,
    saturated: u64,
}

impl Default for RouteTable {
    fn default() -> Self {
        Self {
            routes: vec![Route::default(); ROUTES_MAX].into_boxed_slice(),
            other: Route::default(),
            saturated: 0,
        }
    }
}

impl RouteTable {
    /// Where the route lies; [`RouteIndex::OTHER`] when it is not known.
    pub fn look(&self, key: RouteKey) -> RouteIndex {
        let first = first_way(key);
        let set = &self.routes[first..first + WAYS];
        match set.iter().position(|route| route.key == key.to_bits()) {
            Some(way) => index(first + way),
            None => RouteIndex::OTHER,
        }
    }

    /// What a request of this route takes at an origin where nothing waits, in microseconds.
    pub fn base_us(&self, index: RouteIndex) -> u32 {
        let route = self.route(index);
        let base = if route.answers == 0 { UNKNOWN_US } else { route.base_us };
        whole_us(base)
    }

    /// Whether there is a base time that was learned.
    pub fn is_learned(&self, index: RouteIndex) -> bool {
        self.route(index).answers > 0
    }

    /// Bytes of an answer, on average.
    pub fn bytes(&self, index: RouteIndex) -> u64 {
        u64::from(whole_us(self.route(index).bytes))
    }

    /// Whether its answers are so large that their transfer is what they cost.
    pub fn is_bulk(&self, index: RouteIndex) -> bool {
        self.bytes(index) > BULK_BYTES
    }

    /// How long a slot waits for an answer: ten times the 99th percentile, 1 s to 30 s.
    pub fn deadline(&self, index: RouteIndex) -> Duration {
        let route = self.route(index);
        if route.answers < FIRST_ANSWERS {
            return DEADLINE_MAX;
        }
        let us = whole_us(route.p99_us * DEADLINE_TIMES);
        Duration::from_micros(us.into()).clamp(DEADLINE_MIN, DEADLINE_MAX)
    }

    /// Learns from the head of an answer that its body is so long.
    pub fn announce(&mut self, now: Moment, key: RouteKey, bytes: u64) {
        let known = match self.look(key) {
            RouteIndex::OTHER => self.claim(now, key),
            known => known,
        };
        if let RouteIndex(at) = known
            && known != RouteIndex::OTHER
        {
            self.routes[usize::from(at)].learn_bytes(bytes);
            self.routes[usize::from(at)].used_at = now;
        }
    }

    /// Learns from an answer that says that there is no such thing: no route comes of it.
    ///
    /// Gives where the route lies.
    pub fn learn_unfound(&mut self, now: Moment, key: RouteKey, answer: &Answer) -> RouteIndex {
        let index = self.look(key);
        self.route_mut(index).learn(now, answer);
        index
    }

    /// Learns from an answer, and the route if it is new and there is room; gives where it lies.
    pub fn learn(&mut self, now: Moment, key: RouteKey, answer: &Answer) -> RouteIndex {
        let index = match self.look(key) {
            RouteIndex::OTHER => self.claim(now, key),
            known => known,
        };
        self.route_mut(index).learn(now, answer);
        index
    }

    /// Answers that found no place for their route.
    pub fn saturated(&self) -> u64 {
        self.saturated
    }

    /// Routes with a place of their own.
    pub fn entries(&self) -> usize {
        self.routes.iter().filter(|route| route.key != 0).count()
    }

    fn route(&self, index: RouteIndex) -> &Route {
        match index {
            RouteIndex::OTHER => &self.other,
            RouteIndex(at) => &self.routes[usize::from(at)],
        }
    }

    fn route_mut(&mut self, index: RouteIndex) -> &mut Route {
        match index {
            RouteIndex::OTHER => &mut self.other,
            RouteIndex(at) => &mut self.routes[usize::from(at)],
        }
    }

    fn claim(&mut self, now: Moment, key: RouteKey) -> RouteIndex {
        let first = first_way(key);
        let free = |route: &Route| route.key == 0 || now.since(route.used_at) > FORGET_AFTER;
        let Some(way) = self.routes[first..first + WAYS].iter().position(free) else {
            self.saturated += 1;
            return RouteIndex::OTHER;
        };
        self.routes[first + way] = Route { key: key.to_bits(), ..Route::default() };
        index(first + way)
    }
}

impl Route {
    fn learn(&mut self, now: Moment, answer: &Answer) {
        self.used_at = now;
        self.answers = self.answers.saturating_add(1);
        let took = float_us(answer.took_us.clamp(1, TOOK_MAX_US));
        if self.answers == 1 {
            self.grown_at = now;
            self.recent_us = took;
            self.p99_us = took;
        }
        self.recent_us += (took - self.recent_us) / 64.0;
        self.learn_bytes(answer.bytes);
        self.learn_p99(took);
        self.learn_base(now, took, answer.load);
    }

    fn learn_bytes(&mut self, bytes: u64) {
        let bytes = float_us(u32::try_from(bytes).unwrap_or(u32::MAX));
        self.bytes += if self.bytes > 0.0 { (bytes - self.bytes) / 16.0 } else { bytes };
    }

    /// A step up for each answer above, a ninety-ninth of it down for each below: comes to rest
    /// where one in a hundred is above.
    fn learn_p99(&mut self, took: f32) {
        let step = self.p99_us.max(100.0) * 0.1;
        self.p99_us = if took > self.p99_us {
            (self.p99_us + step).min(took)
        } else {
            self.p99_us - step / 99.0
        };
    }

    fn learn_base(&mut self, now: Moment, took: f32, load: Load) {
        let alone = match load {
            Load::Calm => took,
            Load::Pressed { ratio } => took / ratio.max(1.0),
        };
        if self.answers <= FIRST_ANSWERS {
            self.base_us += (alone - self.base_us) / float_us(self.answers);
            self.calm_us = self.base_us;
            return;
        }
        if load == Load::Calm {
            self.calm_us += (took - self.calm_us) / 64.0;
            self.follow_calm(now);
        }
        // Far faster than thought, whatever the load: what was learned was no base.
        if self.recent_us < 0.7 * self.base_us {
            self.base_us += (self.recent_us - self.base_us) / 16.0;
            self.calm_us = self.calm_us.min(self.base_us);
        }
    }

    fn follow_calm(&mut self, now: Moment) {
        if self.calm_us > self.base_us {
            let seconds = now.since(self.grown_at).as_secs_f32().min(1.0);
            let most = self.base_us * (1.0 + GROWTH_PER_SECOND * seconds);
            self.base_us = self.calm_us.min(most);
        } else {
            self.base_us += (self.calm_us - self.base_us) / 64.0;
        }
        self.grown_at = now;
    }
}

fn first_way(key: RouteKey) -> usize {
    let set = (key.to_bits() >> 32) & (SETS as u64 - 1);
    usize::try_from(set).unwrap_or(0) * WAYS
}

fn index(at: usize) -> RouteIndex {
    RouteIndex(u16::try_from(at).expect("invariant: ROUTES_MAX fits in 16 bits"))
}

#[expect(clippy::cast_precision_loss, reason = "a mean needs no more than 24 bits")]
fn float_us(us: u32) -> f32 {
    us as f32
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a cast of a float saturates, and these are not negative"
)]
fn whole_us(us: f32) -> u32 {
    us as u32
}

#[cfg(test)]
mod tests;
