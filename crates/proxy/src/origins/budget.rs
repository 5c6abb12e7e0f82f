//! How many requests of a platform may be sent to an origin a second time.
//!
//! An origin in trouble must not get more than its visitors ask for: every request earns a tenth of
//! a repetition, so that origins see at most 1.1 times what came.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// What a repetition costs, in what a request earns.
const COST: u32 = 10;
/// Ten repetitions: what a quiet hour may save up.
const SAVED_MAX: u32 = 10 * COST;

/// The budget of one platform, shared by all cores.
#[derive(Debug)]
pub(crate) struct RetryBudget(AtomicU32);

impl Default for RetryBudget {
    /// One repetition, for the first visitor of a platform.
    fn default() -> Self {
        Self(AtomicU32::new(COST))
    }
}

impl RetryBudget {
    /// A request came.
    pub(crate) fn earn(&self) {
        // Cores that add at once overshoot by their number at most, and a full budget, which is
        // usual, is only read.
        if self.0.load(Relaxed) < SAVED_MAX {
            self.0.fetch_add(1, Relaxed);
        }
    }

    /// Whether one may be repeated, which is then paid for.
    pub(crate) fn spend(&self) -> bool {
        self.0.fetch_update(Relaxed, Relaxed, |saved| saved.checked_sub(COST)).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spent(budget: &RetryBudget) -> usize {
        (0..1_000).filter(|_| budget.spend()).count()
    }

    #[test]
    fn one_repetition_is_given_and_every_further_one_takes_ten_requests() {
        let budget = RetryBudget::default();
        assert_eq!(spent(&budget), 1);
        for _ in 0..9 {
            budget.earn();
        }
        assert_eq!(spent(&budget), 0);
        budget.earn();
        assert_eq!(spent(&budget), 1);
    }

    #[test]
    fn a_long_quiet_time_saves_up_ten_and_not_more() {
        let budget = RetryBudget::default();
        for _ in 0..10_000 {
            budget.earn();
        }
        assert_eq!(spent(&budget), 10);
    }
}
