//! How long one origin takes to answer: counts in buckets that all cores add to.
//!
//! Buckets are an eighth of an octave wide, so that a quantile is right within 7 %.
//! Bounds: [`BUCKETS`] counts, twice; answers faster or slower than they reach stand in the first
//! or the last.

use seawall_types::Moment;
use std::array;
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

/// Buckets of one octave.
const STEPS: u32 = 8;
/// The first octave begins at 32 µs.
const FIRST: u32 = 5;
/// Octaves up to more than two minutes.
const OCTAVES: u32 = 23;
const BUCKETS: usize = (STEPS * OCTAVES) as usize;
/// Two spans are kept: the one under way and the one before.
const SPAN: Duration = Duration::from_secs(5);

/// Answers of the last five to ten seconds.
#[derive(Debug)]
pub(crate) struct Latency {
    spans: [[AtomicU32; BUCKETS]; 2],
    current: AtomicUsize,
    began: AtomicU64,
}

impl Default for Latency {
    fn default() -> Self {
        let empty = || array::from_fn(|_| AtomicU32::new(0));
        Self { spans: [empty(), empty()], current: AtomicUsize::new(0), began: AtomicU64::new(0) }
    }
}

impl Latency {
    /// Adds an answer; old ones are put away by whoever [looks](Self::quantiles_ms).
    pub(crate) fn add(&self, took: Duration) {
        let span = &self.spans[self.current.load(Relaxed) % 2];
        span[bucket(took)].fetch_add(1, Relaxed);
    }

    /// Quantiles in milliseconds; none when nothing was answered lately.
    ///
    /// Called by one thread alone.
    pub(crate) fn quantiles_ms<const N: usize>(
        &self,
        now: Moment,
        wanted: [f64; N],
    ) -> Option<[f64; N]> {
        self.turn(now);
        let counts: [u64; BUCKETS] = array::from_fn(|bucket| {
            self.spans.iter().map(|span| u64::from(span[bucket].load(Relaxed))).sum()
        });
        let total: u64 = counts.iter().sum();
        (total > 0).then(|| wanted.map(|quantile| quantile_ms(&counts, total, quantile)))
    }

    fn turn(&self, now: Moment) {
        let age = now.since(Moment(self.began.load(Relaxed)));
        if age < SPAN {
            return;
        }
        let next = (self.current.load(Relaxed) + 1) % 2;
        let forget = |span: &[AtomicU32]| span.iter().for_each(|count| count.store(0, Relaxed));
        forget(&self.spans[next]);
        if age >= 2 * SPAN {
            forget(&self.spans[1 - next]);
        }
        self.current.store(next, Relaxed);
        self.began.store(now.0, Relaxed);
    }
}

/// Leading bit and the three below it.
fn bucket(took: Duration) -> usize {
    let us = u32::try_from(took.as_micros()).unwrap_or(u32::MAX).max(1 << FIRST);
    let octave = us.ilog2();
    let step = (us >> (octave - 3)) & (STEPS - 1);
    (((octave - FIRST) * STEPS + step) as usize).min(BUCKETS - 1)
}

/// The middle of a bucket.
fn middle_ms(bucket: usize) -> f64 {
    let bucket = u32::try_from(bucket).unwrap_or(0);
    let (octave, step) = (bucket / STEPS + FIRST, bucket % STEPS);
    let width = f64::from(1_u32 << (octave - 3));
    (f64::from(STEPS + step) + 0.5) * width / 1e3
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a count of ten seconds, and a part of it"
)]
fn quantile_ms(counts: &[u64; BUCKETS], total: u64, quantile: f64) -> f64 {
    let rank = (quantile * (total - 1) as f64) as u64;
    let mut seen = 0;
    let reached = counts.iter().position(|count| {
        seen += count;
        seen > rank
    });
    middle_ms(reached.unwrap_or(BUCKETS - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_latency_is_told_within_seven_percent() {
        for us in (40..100_000_000).step_by(99_991) {
            let told = middle_ms(bucket(Duration::from_micros(us)));
            let is = Duration::from_micros(us).as_secs_f64() * 1e3;
            assert!((told / is - 1.0).abs() < 0.07, "{is} ms told as {told} ms");
        }
        for (odd, told) in [(Duration::ZERO, 0.034), (Duration::from_hours(9), 260_000.0)] {
            let is = middle_ms(bucket(odd));
            assert!((is / told - 1.0).abs() < 0.02, "{odd:?} told as {is} ms");
        }
    }

    #[test]
    fn quantiles_are_of_the_last_seconds_alone() {
        let latency = Latency::default();
        let second = |s| Moment(0) + Duration::from_secs(s);
        for ms in 1..=100 {
            latency.add(Duration::from_millis(ms));
        }
        let [median, high] = latency.quantiles_ms(second(6), [0.5, 0.99]).unwrap();
        assert!((46.0..54.0).contains(&median) && (92.0..106.0).contains(&high), "{median} {high}");
        latency.add(Duration::from_secs(1));
        let [low, most] = latency.quantiles_ms(second(8), [0.0, 1.0]).unwrap();
        assert!(low < 1.1 && most > 930.0, "both spans: {low} {most}");
        let [low] = latency.quantiles_ms(second(12), [0.0]).unwrap();
        assert!(low > 930.0, "the first span is put away: {low}");
        assert_eq!(latency.quantiles_ms(second(60), [0.5]), None);
    }
}
