//! Latencies in buckets of 6 %, so that any window can be cut out by subtracting two snapshots.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// Each doubling is split into this many buckets: a quantile is at most 1/16 too high.
const PER_OCTAVE: usize = 16;
/// Up to 2^27 µs (134 s); what is longer counts as that.
const BUCKETS: usize = 24 * PER_OCTAVE;

/// Counts that many tasks add to.
#[derive(Debug)]
pub(crate) struct LatencyRecorder(Box<[AtomicU64]>);

impl LatencyRecorder {
    pub(crate) fn new() -> Self {
        Self((0..BUCKETS).map(|_| AtomicU64::new(0)).collect())
    }

    pub(crate) fn record(&self, latency: Duration) {
        self.0[bucket_of(latency)].fetch_add(1, Relaxed);
    }

    pub(crate) fn snapshot(&self) -> Latency {
        Latency(self.0.iter().map(|count| count.load(Relaxed)).collect())
    }
}

/// How long requests took, as of one moment or between two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Latency(Box<[u64]>);

impl FromIterator<Duration> for Latency {
    fn from_iter<T: IntoIterator<Item = Duration>>(latencies: T) -> Self {
        let recorder = LatencyRecorder::new();
        latencies.into_iter().for_each(|latency| recorder.record(latency));
        recorder.snapshot()
    }
}

impl Latency {
    /// What was added after `earlier`.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        let pairs = self.0.iter().zip(&earlier.0);
        Self(pairs.map(|(now, then)| now.saturating_sub(*then)).collect())
    }

    /// Both together, as if one had measured them.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(a, b)| a + b).collect())
    }

    /// How many were measured.
    pub fn count(&self) -> u64 {
        self.0.iter().sum()
    }

    /// The time within which half of them ended; at most 1/16 too high.
    pub fn p50(&self) -> Option<Duration> {
        self.permille(500)
    }

    /// The time within which 99 of 100 ended; at most 1/16 too high.
    pub fn p99(&self) -> Option<Duration> {
        self.permille(990)
    }

    /// The upper edge of the bucket in which the quantile lies, or `None` when nothing was measured.
    fn permille(&self, permille: u64) -> Option<Duration> {
        let count = self.count();
        let rank = (count * permille).div_ceil(1_000).max(1);
        let mut seen = 0;
        let bucket = self.0.iter().position(|in_bucket| {
            seen += in_bucket;
            seen >= rank
        });
        bucket.map(upper_edge)
    }
}

/// Microseconds below 16 have a bucket each; above, 16 buckets share a doubling.
fn bucket_of(latency: Duration) -> usize {
    let us = usize::try_from(latency.as_micros()).unwrap_or(usize::MAX);
    let index = match us.checked_ilog2() {
        None | Some(0..4) => us,
        Some(octave) => (octave as usize - 3) * PER_OCTAVE + (us >> (octave - 4)) % PER_OCTAVE,
    };
    index.min(BUCKETS - 1)
}

fn upper_edge(bucket: usize) -> Duration {
    let (octave, part) = (bucket / PER_OCTAVE, bucket % PER_OCTAVE);
    let us = match octave.checked_sub(1) {
        None => part + 1,
        Some(shift) => (PER_OCTAVE + part + 1) << shift,
    };
    Duration::from_micros(us as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_quantile_is_never_too_low_and_at_most_a_sixteenth_too_high(us in 16_u64..100_000_000) {
            let edge = upper_edge(bucket_of(Duration::from_micros(us)));
            let edge = u64::try_from(edge.as_micros()).unwrap();
            prop_assert!(edge > us && edge <= us + us / 16 + 1, "{} {}", us, edge);
        }
    }

    #[test]
    fn a_window_holds_only_what_came_in_it() {
        let recorder = LatencyRecorder::new();
        recorder.record(Duration::from_secs(4));
        let earlier = recorder.snapshot();
        for _ in 0..99 {
            recorder.record(Duration::from_millis(10));
        }
        recorder.record(Duration::from_secs(1));
        let window = recorder.snapshot().since(&earlier);
        assert_eq!(window.count(), 100);
        assert!(window.p50().unwrap() < Duration::from_millis(11));
        assert!(window.p99().unwrap() < Duration::from_millis(11));
        assert!(recorder.snapshot().p99().unwrap() > Duration::from_millis(999));
        assert_eq!(earlier.since(&earlier).p50(), None);
        assert_eq!(earlier.plus(&window), recorder.snapshot());
    }

    #[test]
    fn latencies_from_elsewhere_count_alike() {
        let latency: Latency = [Duration::from_millis(3); 4].into_iter().collect();
        assert_eq!(latency.count(), 4);
        assert!(latency.p99().unwrap() <= Duration::from_micros(3_200));
    }

    #[test]
    fn an_endless_latency_lands_in_the_last_bucket() {
        assert_eq!(bucket_of(Duration::MAX), BUCKETS - 1);
    }
}
