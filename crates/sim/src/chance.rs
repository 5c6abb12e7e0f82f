//! Chance that can be replayed: the same seed gives the same draws.
//!
//! The generator is `SplitMix64` (Steele, Lea and Flood, OOPSLA 2014), which passes the usual tests
//! and needs eight bytes.
//! It is not for secrets.

use std::time::Duration;

/// Waits beyond this many times the mean are cut off, so that no pause is unbounded.
const EXPONENTIAL_CUT: f64 = 8.0;

/// A source of draws, fixed by its seed.
#[derive(Debug, Clone)]
pub struct Chance(u64);

impl Chance {
    /// Draws that depend on `seed` alone.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Draws for the `index`th part of something; parts do not resemble each other.
    pub fn for_part(seed: u64, index: u64) -> Self {
        let mut first = Self(seed);
        let base = first.next_u64();
        Self(Self(base ^ index.wrapping_mul(0xD6E8_FEB8_6659_FD93)).next_u64())
    }

    /// 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^ (bits >> 31)
    }

    /// A number from 0 up to but not including 1.
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit a double exactly")]
    pub fn unit(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A whole number below `end`; 0 when `end` is 0.
    pub fn below(&mut self, end: u32) -> u32 {
        ((u64::from(end) * (self.next_u64() >> 32)) >> 32) as u32
    }

    /// One of `choices`, or `None` when there are none.
    pub fn pick<'a, T>(&mut self, choices: &'a [T]) -> Option<&'a T> {
        let end = u32::try_from(choices.len()).unwrap_or(u32::MAX);
        choices.get(self.below(end) as usize)
    }

    /// The index of one of `weights`, each as likely as its weight; 0 when all are 0.
    pub fn weighted(&mut self, weights: impl Iterator<Item = u16> + Clone) -> usize {
        let total: u32 = weights.clone().map(u32::from).sum();
        let mut left = self.below(total);
        for (index, weight) in weights.enumerate() {
            match left.checked_sub(u32::from(weight)) {
                Some(rest) => left = rest,
                None => return index,
            }
        }
        0
    }

    /// The wait until the next of events that come at random, `mean` apart on average.
    ///
    /// Cut off at eight times the mean, which shortens the average by 0.03 %.
    pub fn exponential(&mut self, mean: Duration) -> Duration {
        let factor = -libm::log(1.0 - self.unit());
        mean.mul_f64(factor.min(EXPONENTIAL_CUT))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_draws_are_those_of_the_published_generator() {
        let mut chance = Chance::new(1_234_567);
        assert_eq!(chance.next_u64(), 6_457_827_717_110_365_317);
        assert_eq!(chance.next_u64(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn parts_of_one_seed_differ_and_repeat() {
        let first = |index| Chance::for_part(7, index).next_u64();
        assert_eq!(first(3), first(3));
        assert_ne!(first(3), first(4));
    }

    #[test]
    fn random_waits_average_their_mean() {
        let mut chance = Chance::new(1);
        let mean = Duration::from_millis(100);
        let total: Duration = (0..20_000).map(|_| chance.exponential(mean)).sum();
        let average = total / 20_000;
        assert!(average.abs_diff(mean) < Duration::from_millis(3), "{average:?}");
    }

    #[test]
    fn a_weight_of_nothing_is_never_chosen() {
        let mut chance = Chance::new(2);
        let counts = (0..9_000).fold([0_u32; 3], |mut counts, _| {
            counts[chance.weighted([1, 0, 2].into_iter())] += 1;
            counts
        });
        assert_eq!(counts[1], 0);
        assert!(counts[0].abs_diff(3_000) < 200, "{counts:?}");
    }
}
