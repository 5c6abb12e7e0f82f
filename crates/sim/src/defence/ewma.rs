//! Sheds at random what exceeds a smoothed rate by five standard deviations.
//!
//! The rate of each quarter of a second is compared with its exponentially weighted mean and
//! variance; while it is too high, the next quarter lets through the mean and three deviations.
//! The mean does not learn from quarters that were too high.
//! Constants are those of the published comparison that the design was measured against.

use super::notices::Notices;
use super::{Arrival, Decision, Defence, Kept, Stopped};
use crate::Chance;
use seawall_types::{Moment, PlatformId, Verdict};
use std::time::Duration;

/// Length of what is compared.
const TICK_NS: u64 = 250_000_000;
/// Nothing is shed before this much was learned.
const LEARNS: Duration = Duration::from_secs(5);
/// Weight of the newest quarter.
const WEIGHT: f64 = 0.02;
/// Deviations from which on a rate is too high.
const TOO_HIGH: f64 = 5.0;
/// Deviations that are let through then.
const LET_THROUGH: f64 = 3.0;
/// A rate is too high only from this many times the mean.
const TIMES_MEAN: f64 = 1.5;

/// Sheds what exceeds a smoothed rate.
#[derive(Debug)]
pub struct Ewma {
    chance: Chance,
    started: Moment,
    platforms: Vec<Smoothed>,
    notices: Notices,
}

/// One platform's rate, in requests per quarter.
#[derive(Debug, Clone, Default)]
struct Smoothed {
    tick: u64,
    count: u32,
    usual: Option<Usual>,
    /// Share that is let through; none while the rate is as usual.
    keeps: Option<f64>,
}

#[derive(Debug, Clone, Copy)]
struct Usual {
    mean: f64,
    variance: f64,
}

impl Ewma {
    /// One that has seen nothing.
    pub fn new(seed: u64, platforms: usize) -> Self {
        Self {
            chance: Chance::for_part(seed, 0x6577_6d61),
            started: Moment(0),
            platforms: vec![Smoothed::default(); platforms],
            notices: Notices::new(platforms),
        }
    }
}

impl Smoothed {
    /// Closes every quarter that is over.
    fn close(&mut self, now: Moment, learns: bool) {
        let tick = now.0 / TICK_NS;
        while self.tick < tick {
            self.conclude(learns);
            self.tick += 1;
            self.count = 0;
        }
    }

    fn conclude(&mut self, learns: bool) {
        let rate = f64::from(self.count);
        let usual = self.usual.get_or_insert(Usual { mean: rate, variance: 0.04 * rate * rate });
        let deviation = usual.variance.sqrt();
        let is_high =
            rate > usual.mean + TOO_HIGH * deviation && rate > TIMES_MEAN * usual.mean && !learns;
        if is_high {
            self.keeps = Some((usual.mean + LET_THROUGH * deviation) / rate);
        } else {
            let off = rate - usual.mean;
            usual.mean += WEIGHT * off;
            usual.variance = (1.0 - WEIGHT) * (usual.variance + WEIGHT * off * off);
            self.keeps = None;
        }
    }
}

impl Defence for Ewma {
    fn name(&self) -> &'static str {
        "ewma shed"
    }

    fn arrive(&mut self, now: Moment, arrival: Arrival<'_>) -> Decision {
        let learns = now.since(self.started) < LEARNS;
        let Some(platform) = self.platforms.get_mut(arrival.request.platform.index()) else {
            return Decision::Admit;
        };
        let was_usual = platform.keeps.is_none();
        platform.close(now, learns);
        platform.count += 1;
        if was_usual && platform.keeps.is_some() {
            self.notices.add(arrival.request.platform, now);
        }
        match platform.keeps {
            Some(keeps) if self.chance.unit() >= keeps => {
                Decision::Stop(Stopped::of(Verdict::Limit, Some(Duration::from_secs(1))))
            }
            _ => Decision::Admit,
        }
    }

    fn restarted(&mut self, now: Moment, _kept: Kept) {
        self.started = now;
        for platform in &mut self.platforms {
            *platform = Smoothed { tick: now.0 / TICK_NS, ..Smoothed::default() };
        }
    }

    fn noticed(&self, platform: PlatformId, since: Moment) -> Option<Moment> {
        self.notices.first_since(platform, since)
    }
}
