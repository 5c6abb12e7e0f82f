//! What a request is taken to cost where no gate has learned it by routes.

/// What a request is taken to cost before any was answered.
const UNKNOWN_US: u32 = 10_000;

/// The mean of the last answers of a platform's origins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MeanCost {
    /// In microseconds; 0 before the first answer.
    us: u32,
}

impl MeanCost {
    /// In microseconds; ten milliseconds before any answer.
    pub fn us(self) -> u32 {
        if self.us == 0 { UNKNOWN_US } else { self.us }
    }

    /// The mean with one more answer, of which it takes a sixty-fourth.
    #[must_use]
    pub fn with(self, took_us: u32) -> Self {
        let took_us = took_us.max(1);
        if self.us == 0 {
            return Self { us: took_us };
        }
        // Rounded, so that it comes to rest within 32 us of what does not change.
        let sum = 63 * u64::from(self.us) + u64::from(took_us) + 32;
        Self { us: u32::try_from(sum / 64).unwrap_or(u32::MAX).max(1) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_costs_ten_milliseconds_until_answers_tell_and_then_their_mean() {
        let mut mean = MeanCost::default();
        assert_eq!(mean.us(), 10_000);
        mean = mean.with(2_000);
        assert_eq!(mean.us(), 2_000);
        for _ in 0..1_000 {
            mean = mean.with(40_000);
        }
        assert!((39_900..=40_000).contains(&mean.us()), "{}", mean.us());
        assert_eq!(MeanCost::default().with(0).us(), 1);
        assert_eq!(MeanCost::default().with(u32::MAX).with(u32::MAX).us(), u32::MAX);
    }
}
