//! How many large answers may be under way at once: what the way out bears beside the pages.
//!
//! Large answers cost an origin little work and its line much. They have slots of their own, whose
//! number halves when pages become slow while large answers are most of the bytes, and rises by
//! one a round while pages are as fast as usual.

use crate::admission::sums::whole_slots;

/// Where it begins.
const FIRST: f64 = 16.0;
/// Never fewer: a download is served, if slowly.
const LEAST: f64 = 2.0;
const MOST: f64 = 4_096.0;
/// Pages slower than this times their base make it fall.
const SLOW: f64 = crate::admission::limiter::TOLERANCE;
/// A second fall waits for what the first brings, in rounds.
const REST: u32 = 3;

/// The limit of large answers of one origin.
#[derive(Debug, Clone, Copy)]
pub(super) struct BulkLimit {
    limit: f64,
    rest: u32,
}

/// What a round showed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Traffic {
    /// Latency of pages over their base.
    pub(super) ratio: f64,
    pub(super) page_bytes: u64,
    pub(super) bulk_bytes: u64,
    pub(super) bulk_in_flight: u32,
}

/// Who is to give way when pages are slow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gives {
    Bulk,
    Pages,
}

impl Default for BulkLimit {
    fn default() -> Self {
        Self { limit: FIRST, rest: 0 }
    }
}

impl BulkLimit {
    pub(super) fn slots(self) -> u32 {
        whole_slots(self.limit)
    }

    /// Moves the limit; tells whether large answers are what pages suffer from.
    pub(super) fn observe(&mut self, traffic: &Traffic) -> Gives {
        let fills_the_line = traffic.bulk_bytes > traffic.page_bytes && traffic.bulk_in_flight > 2;
        let slow = traffic.ratio > SLOW;
        self.rest = self.rest.saturating_sub(1);
        if slow && fills_the_line && self.limit > LEAST {
            if self.rest == 0 {
                let out = f64::from(traffic.bulk_in_flight);
                self.limit = (self.limit.min(out) / 2.0).max(LEAST);
                self.rest = REST;
            }
            return Gives::Bulk;
        }
        if !slow && f64::from(traffic.bulk_in_flight) + 1.0 >= self.limit {
            self.limit = (self.limit + 1.0).min(MOST);
        }
        if slow && self.rest > 0 { Gives::Bulk } else { Gives::Pages }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn traffic(ratio: f64, bulk_bytes: u64) -> Traffic {
        Traffic { ratio, page_bytes: 100_000, bulk_bytes, bulk_in_flight: 16 }
    }

    #[test]
    fn downloads_give_way_when_they_fill_the_line_and_pages_are_slow() {
        let mut limit = BulkLimit::default();
        assert_eq!(limit.observe(&traffic(3.0, 9_000_000)), Gives::Bulk);
        assert_eq!(limit.slots(), 8);
        for _ in 0..100 {
            limit.observe(&traffic(3.0, 9_000_000));
        }
        assert_eq!(limit.slots(), 2, "a download is served, if slowly");
        assert_eq!(limit.observe(&traffic(3.0, 9_000_000)), Gives::Pages, "no more can be given");
    }

    #[test]
    fn pages_that_are_slow_by_themselves_take_nothing_from_downloads() {
        let mut limit = BulkLimit::default();
        assert_eq!(limit.observe(&traffic(3.0, 50_000)), Gives::Pages);
        assert_eq!(limit.slots(), 16);
        assert_eq!(limit.observe(&traffic(1.0, 9_000_000)), Gives::Pages);
        assert_eq!(limit.slots(), 17);
    }
}
