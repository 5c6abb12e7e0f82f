//! Times from sending to the end of an answer, in a histogram of fixed size.
//!
//! Buckets have a width of at most 1/128 of their value, so a quantile is right within 0.8 %.
//! Bounds: [`BUCKETS_MAX`] buckets; a longer time than 71 minutes is counted as that.

use std::time::Duration;

/// Parts of one power of two.
const PARTS_BITS: u32 = 7;
/// Buckets of one histogram.
pub const BUCKETS_MAX: usize = ((32 - PARTS_BITS as usize) + 1) << PARTS_BITS;

/// A histogram of times.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Latencies {
    /// By bucket; as long as the longest time needs.
    counts: Vec<u32>,
    total: u64,
}

impl Latencies {
    /// Counts one time.
    pub fn add(&mut self, time: Duration) {
        let at = bucket(u32::try_from(time.as_micros()).unwrap_or(u32::MAX));
        if self.counts.len() <= at {
            self.counts.resize(at + 1, 0);
        }
        self.counts[at] += 1;
        self.total += 1;
    }

    /// Counts what another histogram has counted.
    pub fn merge(&mut self, other: &Self) {
        if self.counts.len() < other.counts.len() {
            self.counts.resize(other.counts.len(), 0);
        }
        for (count, more) in self.counts.iter_mut().zip(&other.counts) {
            *count += more;
        }
        self.total += other.total;
    }

    /// Times counted.
    pub fn len(&self) -> u64 {
        self.total
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.total == 0
    }

    /// The time that `per_mille` of a thousand do not exceed; none when nothing was counted.
    pub fn quantile(&self, per_mille: u64) -> Option<Duration> {
        let rank = (self.total * per_mille.min(1_000)).div_ceil(1_000).max(1);
        let mut seen = 0;
        let at = self.counts.iter().position(|count| {
            seen += u64::from(*count);
            seen >= rank
        })?;
        Some(Duration::from_micros(upper_end(at)))
    }
}

fn bucket(us: u32) -> usize {
    let octave = (32 - us.leading_zeros()).saturating_sub(PARTS_BITS + 1);
    ((octave as usize) << PARTS_BITS) + (us >> octave) as usize
}

/// The largest time in a bucket.
fn upper_end(at: usize) -> u64 {
    let octave = (at >> PARTS_BITS).saturating_sub(1);
    let part = (at - (octave << PARTS_BITS)) as u64;
    ((part + 1) << octave) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_time_lies_in_a_bucket_that_is_no_wider_than_one_part_of_128() {
        for us in (0..4_000).chain((12..32).flat_map(|bits| {
            let edge = 1_u32 << bits;
            [edge - 1, edge, edge + 1, edge + edge / 3]
        })) {
            let upper = upper_end(bucket(us));
            assert!(upper >= u64::from(us) && upper <= u64::from(us) + u64::from(us) / 128, "{us}");
        }
        assert!(bucket(u32::MAX) < BUCKETS_MAX);
    }

    #[test]
    fn quantiles_are_those_of_the_sorted_list() {
        let mut latencies = Latencies::default();
        for ms in (1..=1_000).rev() {
            latencies.add(Duration::from_millis(ms));
        }
        for (per_mille, ms) in [(1, 1.0), (500, 500.0), (990, 990.0), (1_000, 1_000.0)] {
            let got = latencies.quantile(per_mille).unwrap().as_secs_f64() * 1e3;
            assert!((got - ms).abs() <= ms / 100.0, "{per_mille}: {got} ms");
        }
        assert_eq!(Latencies::default().quantile(500), None);
    }
}
