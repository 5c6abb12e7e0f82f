//! What the rung `limit` lets through: one rate for everything that a measure meets together.
//!
//! Together and not by source, so that what reaches the origins is bounded however many sources
//! there are, and a measure needs one number and no table.
//! GCRA, as for single sources; shared by all cores and by every compiled copy of the measure.
//! Never locks, waits or allocates after it was made.

use seawall_types::{Moment, RequestRate, moment};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// What a measure on the rung `limit` lets through in a second unless it says otherwise.
pub const LIMIT_RPS_DEFAULT: f64 = 10.0;
/// What comes at once is let through as far as it is this much ahead of the rate.
const AHEAD_MAX: Duration = Duration::from_secs(1);

/// A rate that requests take from.
#[derive(Debug, Clone)]
pub struct Allowance {
    rate: Option<RequestRate>,
    interval_ns: u64,
    /// Theoretical arrival time of the next request, in nanoseconds.
    due: Arc<AtomicU64>,
}

impl Allowance {
    /// So many requests a second, or [`LIMIT_RPS_DEFAULT`].
    pub fn new(rate: Option<RequestRate>) -> Self {
        let interval = match rate {
            Some(rate) => rate.interval(),
            None => Duration::from_secs_f64(1.0 / LIMIT_RPS_DEFAULT),
        };
        Self { rate, interval_ns: moment::nanos(interval), due: Arc::default() }
    }

    /// The rate, where one was told.
    pub fn rate(&self) -> Option<RequestRate> {
        self.rate
    }

    /// Takes one request; false when there is none to take.
    pub fn take(&self, now: Moment) -> bool {
        let ahead = moment::nanos(AHEAD_MAX);
        let next = |due: u64| {
            let begins = due.max(now.0);
            (begins - now.0 <= ahead).then(|| begins.saturating_add(self.interval_ns))
        };
        self.due.fetch_update(Relaxed, Relaxed, next).is_ok()
    }
}

/// How much of it is used up says nothing of what it is.
impl PartialEq for Allowance {
    fn eq(&self, other: &Self) -> bool {
        self.rate == other.rate
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(allowance: &Allowance, (from_ms, to_ms): (u64, u64)) -> usize {
        let at = |ms| Moment(0) + Duration::from_millis(ms);
        (from_ms..to_ms).filter(|ms| allowance.take(at(*ms))).count()
    }

    #[test]
    fn a_rate_lets_a_second_of_it_through_at_once_and_then_itself() {
        let allowance = Allowance::new(RequestRate::new(20.0));
        assert_eq!(taken(&allowance, (0, 1)), 1);
        let at_once = (0..100).filter(|_| allowance.take(Moment(0))).count();
        assert_eq!(at_once, 20);
        assert_eq!(taken(&allowance, (1, 10_001)), 200);
    }

    #[test]
    fn copies_take_from_the_same_rate() {
        let allowance = Allowance::new(RequestRate::new(0.02));
        let copy = allowance.clone();
        assert!(allowance.take(Moment(0)));
        assert!(!copy.take(Moment(0) + Duration::from_secs(40)));
        assert!(copy.take(Moment(0) + Duration::from_secs(50)));
    }

    #[test]
    fn without_a_rate_ten_requests_a_second_go_through() {
        assert_eq!(taken(&Allowance::new(None), (0, 10_000)), 110);
    }
}
