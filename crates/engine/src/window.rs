//! The last seconds of one platform, by slots of a tick.

use seawall_types::{Moment, PlatformCounts, Reason, Verdict};
use sketches_ddsketch::{Config, DDSketch};
use std::time::Duration;

/// Length of one slot.
const SLOT: Duration = Duration::from_millis(250);
/// Slots that make the second over which rates are told.
const SLOTS: usize = 4;

/// Sums over the last second, in slots that are forgotten whole.
#[derive(Debug, Clone, Default)]
pub(crate) struct Window {
    /// The slot under way and the full ones before it.
    slots: [Slot; SLOTS + 1],
}

#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    number: u64,
    requests: [u32; Verdict::COUNT],
    stopped: u32,
    origin_us: u64,
    /// Requests that waited for an origin when the slot ended.
    waiting: Option<u32>,
}

impl Window {
    /// Adds a core's counts.
    pub(crate) fn add(&mut self, now: Moment, counts: &PlatformCounts) {
        let slot = self.slot_mut(number(now));
        for verdict in Verdict::ALL {
            slot.requests[verdict.index()] += counts.of(verdict);
        }
        slot.stopped += stopped(counts);
        slot.origin_us += counts.origin_us;
    }

    /// Requests per second over the last full second, by verdict.
    pub(crate) fn rps(&self, now: Moment) -> [f64; Verdict::COUNT] {
        let sum = |verdict: usize| {
            self.full(now).map(|slot| f64::from(slot.requests[verdict])).sum::<f64>()
        };
        std::array::from_fn(sum)
    }

    /// Requests stopped by a measure over the last full second.
    pub(crate) fn stopped_rps(&self, now: Moment) -> f64 {
        self.full(now).map(|slot| f64::from(slot.stopped)).sum()
    }

    /// Notes how many requests wait for an origin.
    pub(crate) fn look(&mut self, now: Moment, waiting: u32) {
        self.slot_mut(number(now)).waiting = Some(waiting);
    }

    /// Origin-milliseconds that were asked for in the last full second.
    ///
    /// What was answered tells it exactly; while an origin hangs, what waits tells more: one
    /// request that waits is 1,000 ms/s (Little's law).
    #[expect(clippy::cast_precision_loss, reason = "microseconds of one second")]
    pub(crate) fn demand_ms_per_second(&self, now: Moment) -> f64 {
        let answered: f64 = self.full(now).map(|slot| slot.origin_us as f64 / 1e3).sum();
        let looks: Vec<_> = self.full(now).filter_map(|slot| slot.waiting).collect();
        let waiting: f64 = looks.iter().copied().map(f64::from).sum();
        answered.max(1e3 * waiting / looks.len().max(1) as f64)
    }

    fn slot_mut(&mut self, number: u64) -> &mut Slot {
        let slot = &mut self.slots[position(number)];
        if slot.number != number {
            *slot = Slot { number, ..Slot::default() };
        }
        slot
    }

    fn full(&self, now: Moment) -> impl Iterator<Item = &Slot> {
        let current = number(now);
        let is_full = move |slot: &&Slot| slot.number < current && slot.number + 5 > current;
        self.slots.iter().filter(is_full)
    }
}

/// Slots count from one, so that an untouched slot is never mistaken for the first.
fn number(now: Moment) -> u64 {
    now.0 / seawall_types::moment::nanos(SLOT) + 5
}

#[expect(clippy::cast_possible_truncation, reason = "a remainder of a small number")]
fn position(number: u64) -> usize {
    (number % (SLOTS as u64 + 1)) as usize
}

/// Requests that a measure stopped, be it against a source's rate or its connections.
fn stopped(counts: &PlatformCounts) -> u32 {
    let measures = [Reason::Rate, Reason::Connections];
    let stops = [Verdict::Limit, Verdict::Refuse, Verdict::Drop];
    let of = |verdict: Verdict| {
        measures.iter().map(move |reason| counts.requests[verdict.index()][reason.index()])
    };
    stops.into_iter().flat_map(of).sum()
}

/// Time at the origins over the last five to ten seconds, within 1 %.
pub(crate) struct Latencies {
    current: DDSketch,
    previous: DDSketch,
    half_began: Moment,
}

/// The two halves that are kept.
const HALF: Duration = Duration::from_secs(5);

impl std::fmt::Debug for Latencies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Latencies").field("half_began", &self.half_began).finish_non_exhaustive()
    }
}

impl Default for Latencies {
    fn default() -> Self {
        Self { current: empty(), previous: empty(), half_began: Moment(0) }
    }
}

impl Latencies {
    pub(crate) fn add(&mut self, now: Moment, origin_us: u32) {
        self.turn(now);
        self.current.add(f64::from(origin_us));
    }

    /// A quantile in milliseconds; none when nothing was answered lately.
    pub(crate) fn quantile_ms(&self, now: Moment, quantile: f64) -> Option<f64> {
        if now.since(self.half_began) >= 2 * HALF {
            return None;
        }
        let mut both = self.previous.clone();
        both.merge(&self.current).ok()?;
        both.quantile(quantile).ok().flatten().map(|microseconds| microseconds / 1e3)
    }

    fn turn(&mut self, now: Moment) {
        let age = now.since(self.half_began);
        if age >= 2 * HALF {
            self.previous = empty();
            self.current = empty();
            self.half_began = now;
        } else if age >= HALF {
            self.previous = std::mem::replace(&mut self.current, empty());
            self.half_began = now;
        }
    }
}

fn empty() -> DDSketch {
    DDSketch::new(Config::defaults())
}
