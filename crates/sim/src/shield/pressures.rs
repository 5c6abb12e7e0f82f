//! What is asked of each platform's origins over what they can carry, as admission would tell it.
//!
//! Nothing is held back here: the engine is told of a gate that lets all through.
//! Bounds: a second of sums a platform.

use seawall_engine::{AdmissionSnapshot, PlatformSettings, TICK};
use seawall_types::moment::nanos;
use seawall_types::{Moment, OriginCapacity, PlatformCounts};

/// Ticks of a second.
const TICKS: usize = 4;

/// Demand of the last second, by platform.
#[derive(Debug)]
pub(super) struct Pressures {
    platforms: Vec<Demand>,
}

#[derive(Debug)]
struct Demand {
    capacity: Option<OriginCapacity>,
    /// Microseconds by tick, each with the tick's number.
    ticks: [(u64, u64); TICKS],
    /// Since the last look.
    offered_us: u64,
}

impl Pressures {
    pub(super) fn new(platforms: &[PlatformSettings]) -> Self {
        let demand = |settings: &PlatformSettings| Demand {
            capacity: settings.capacity,
            ticks: [(0, 0); TICKS],
            offered_us: 0,
        };
        Self { platforms: platforms.iter().map(demand).collect() }
    }

    pub(super) fn add(&mut self, counts: &[PlatformCounts]) {
        for (demand, counts) in self.platforms.iter_mut().zip(counts) {
            demand.offered_us += counts.offered_us;
        }
    }

    /// What the engine is told at a tick; none of a platform whose capacity nobody knows.
    pub(super) fn look(&mut self, now: Moment) -> Vec<Option<AdmissionSnapshot>> {
        self.platforms.iter_mut().map(|demand| demand.look(now.0 / nanos(TICK))).collect()
    }
}

impl Demand {
    #[expect(clippy::cast_precision_loss, reason = "microseconds of a second")]
    fn look(&mut self, tick: u64) -> Option<AdmissionSnapshot> {
        self.ticks.rotate_left(1);
        self.ticks[TICKS - 1] = (tick, std::mem::take(&mut self.offered_us));
        let is_last = |(number, _): &&(u64, u64)| number + TICKS as u64 > tick;
        let offered_us: u64 = self.ticks.iter().filter(is_last).map(|(_, us)| us).sum();
        let pressure = offered_us as f64 / 1e3 / self.capacity?.ms_per_second();
        let limit = AdmissionSnapshot::BOUNDS_NOTHING;
        Some(AdmissionSnapshot { limit, carries: f64::from(limit), pressure })
    }
}
