//! A limit for each value of each dimension by itself: country, system, network, and of
//! the look user agent, handshake and header order.
//!
//! While it is calm, the requests of each value are counted by second; its limit is then 1.5 times
//! the 95th percentile of those seconds and five requests more, with five a second as the least
//! percentile. A value with more than twice its limit in a quarter of a second is stopped for the
//! rest of that quarter and for the next.
//! Constants are those of the published comparison that the design was measured against.
//! Bounds: [`VALUES_MAX`] values are counted at once; further ones are not judged.

use super::notices::Notices;
use super::{Arrival, Decision, Defence, Kept, Stopped};
use crate::flood::forgery::Forged;
use crate::request::Request;
use crate::score::TableSize;
use seawall_types::{Moment, PlatformId, Verdict};
use std::collections::BTreeMap;
use std::time::Duration;

/// Values counted at once.
const VALUES_MAX: usize = 65_536;
/// Dimensions of one request.
const DIMENSIONS: usize = 6;
const SECOND_NS: u64 = 1_000_000_000;
const TICK_NS: u64 = SECOND_NS / 4;
/// Requests per second of a value that is hardly ever seen.
const LEAST_RPS: f64 = 5.0;

/// A value of a dimension of a platform.
type Key = (u16, u8, u64);

/// A limit for each value.
#[derive(Debug)]
pub struct Profile {
    calm_until: Moment,
    learning: BTreeMap<Key, Learned>,
    seconds: u64,
    /// Requests per second; what is not in it has [`LEAST_RPS`].
    usual: BTreeMap<Key, f64>,
    tick: u64,
    counts: BTreeMap<Key, Count>,
    notices: Notices,
    /// By platform, the quarter in which something was last stopped.
    stopped_in: Vec<Option<u64>>,
}

/// Requests of one value, by second.
#[derive(Debug, Default)]
struct Learned {
    second: u64,
    count: u32,
    /// Counts of seconds before, without those that had none.
    before: Vec<u32>,
}

/// Requests of one value in the quarter under way and the one before.
#[derive(Debug, Clone, Copy)]
struct Count {
    now: u32,
    before: u32,
    /// How many of a quarter are too many.
    most: u32,
}

impl Profile {
    /// One that learns until `calm_until`.
    pub fn new(calm_until: Moment, platforms: usize) -> Self {
        Self {
            calm_until,
            learning: BTreeMap::new(),
            seconds: calm_until.0 / SECOND_NS,
            usual: BTreeMap::new(),
            tick: 0,
            counts: BTreeMap::new(),
            notices: Notices::new(platforms),
            stopped_in: vec![None; platforms],
        }
    }

    fn learn(&mut self, now: Moment, keys: [Key; DIMENSIONS]) {
        let second = now.0 / SECOND_NS;
        for key in keys {
            if self.learning.len() >= VALUES_MAX && !self.learning.contains_key(&key) {
                continue;
            }
            let learned = self.learning.entry(key).or_default();
            if learned.second != second {
                learned.close();
                learned.second = second;
            }
            learned.count += 1;
        }
    }

    fn conclude(&mut self) {
        for (key, mut learned) in std::mem::take(&mut self.learning) {
            learned.close();
            let usual = percentile_95(&mut learned.before, self.seconds);
            if usual > LEAST_RPS {
                self.usual.insert(key, usual);
            }
        }
    }

    /// Begins a new quarter when the last is over.
    fn turn(&mut self, now: Moment) {
        let tick = now.0 / TICK_NS;
        if tick == self.tick {
            return;
        }
        if tick == self.tick + 1 {
            self.counts.retain(|_, count| {
                (count.before, count.now) = (count.now, 0);
                count.before > 0
            });
        } else {
            self.counts.clear();
        }
        self.tick = tick;
    }

    /// Something is stopped: says so when nothing was in this quarter and the one before.
    fn notice(&mut self, now: Moment, platform: PlatformId) {
        if let Some(stopped_in) = self.stopped_in.get_mut(platform.index()) {
            if stopped_in.is_none_or(|tick| tick + 1 < self.tick) {
                self.notices.add(platform, now);
            }
            *stopped_in = Some(self.tick);
        }
    }

    /// Whether any of a request's values has come too often.
    fn is_over(&mut self, keys: [Key; DIMENSIONS]) -> bool {
        let mut is_over = false;
        for key in keys {
            if self.counts.len() >= VALUES_MAX && !self.counts.contains_key(&key) {
                continue;
            }
            let usual = &self.usual;
            let count = self.counts.entry(key).or_insert_with(|| {
                let rps = usual.get(&key).copied().unwrap_or(LEAST_RPS);
                Count { now: 0, before: 0, most: most(rps) }
            });
            count.now += 1;
            is_over |= count.now > count.most || count.before > count.most;
        }
        is_over
    }
}

impl Learned {
    fn close(&mut self) {
        if self.count > 0 {
            self.before.push(self.count);
            self.count = 0;
        }
    }
}

/// The count that 95 of 100 seconds do not exceed, those without any included.
fn percentile_95(counts: &mut [u32], seconds: u64) -> f64 {
    counts.sort_unstable();
    let above = usize::try_from(seconds / 20).unwrap_or(usize::MAX);
    counts
        .len()
        .checked_sub(above + 1)
        .and_then(|at| counts.get(at))
        .map_or(0.0, |count| f64::from(*count))
}

/// Requests of a value in a quarter of a second, above which it is stopped.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rate of one world, and positive"
)]
fn most(usual_rps: f64) -> u32 {
    (2.0 * (usual_rps * 1.5 + 5.0) / 4.0) as u32
}

fn keys(request: &Request) -> [Key; DIMENSIONS] {
    let platform = request.platform.0;
    let network = request.network;
    [
        (platform, 0, u64::from(u16::from_be_bytes(network.country))),
        (platform, 1, u64::from(network.asn)),
        (platform, 2, u64::from(network.index)),
        (platform, 3, Forged::USER_AGENT.number(request.look)),
        (platform, 4, Forged::HANDSHAKE.number(request.look)),
        (platform, 5, Forged::HEADERS.number(request.look)),
    ]
}

impl Defence for Profile {
    fn name(&self) -> &'static str {
        "profile"
    }

    fn arrive(&mut self, now: Moment, arrival: Arrival<'_>) -> Decision {
        let keys = keys(arrival.request);
        if now < self.calm_until {
            self.learn(now, keys);
            return Decision::Admit;
        }
        if !self.learning.is_empty() {
            self.conclude();
        }
        self.turn(now);
        if !self.is_over(keys) {
            return Decision::Admit;
        }
        self.notice(now, arrival.request.platform);
        Decision::Stop(Stopped::of(Verdict::Limit, Some(Duration::from_secs(1))))
    }

    // A profile is kept on disk; what was counted in this second is lost.
    fn restarted(&mut self, _now: Moment, _kept: Kept) {
        self.counts.clear();
    }

    fn noticed(&self, platform: PlatformId, since: Moment) -> Option<Moment> {
        self.notices.first_since(platform, since)
    }

    fn tables(&self, _now: Moment) -> Vec<TableSize> {
        vec![TableSize {
            name: "values",
            entries: self.counts.len() as u64,
            capacity: VALUES_MAX as u64,
        }]
    }
}
