//! How late answers are for no reason of the origin's: other programs on the machine, the scheduler.
//!
//! Such lateness is of milliseconds, however short an answer is, so no ratio can tell it from load.
//! It is learned while nobody waits for the origin and at most half of its slots are in use.
//! Bounds: [`LEAST_US`] to [`MOST_US`].

/// What is taken for it before it is known: two programs that share a processor take turns of a few
/// milliseconds, and an answer crosses it several times.
const FIRST_US: f64 = 10_000.0;
/// A turn of one other program.
const LEAST_US: f64 = 2_000.0;
/// Beyond this a person notices, whatever the reason.
const MOST_US: f64 = 40_000.0;
/// Twice what the mean of a look showed, since single ones of a busy moment are above it.
const ABOVE_MEAN: f64 = 2.0;
/// Looks in which it fades; there is one a second, or more where there are many answers.
const FADES_IN: f64 = 60.0;

/// Lateness of an answer that is no sign of load.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Noise(f64);

impl Default for Noise {
    fn default() -> Self {
        Self(FIRST_US)
    }
}

impl Noise {
    pub(super) fn us(self) -> f64 {
        self.0
    }

    /// Answers of a calm look were late by so much on average; negative where they were early.
    pub(super) fn observe(&mut self, late_us: f64) {
        let seen = (ABOVE_MEAN * late_us).clamp(LEAST_US, MOST_US);
        self.0 = if seen > self.0 { seen } else { self.0 + (seen - self.0) / FADES_IN };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_moment_fades_in_a_minute_and_no_lateness_passes_its_bound() {
        let mut noise = Noise::default();
        noise.observe(15_000.0);
        assert!((noise.us() - 30_000.0).abs() < 1.0);
        noise.observe(1e9);
        assert!((noise.us() - MOST_US).abs() < 1.0);
        (0..60).for_each(|_| noise.observe(-5_000.0));
        assert!((15_000.0..17_000.0).contains(&noise.us()), "{}", noise.us());
        (0..600).for_each(|_| noise.observe(0.0));
        assert!((noise.us() - LEAST_US).abs() < 10.0);
    }
}
