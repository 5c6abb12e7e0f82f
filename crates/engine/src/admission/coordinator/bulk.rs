//! How many large answers may be under way at once: what the way out bears beside the pages.
//!
//! Large answers cost an origin little work and its line much. They have slots of their own, whose
//! number halves when pages become slow, to their heads or from there to their ends, while large
//! answers are most of the bytes, and rises by one a round while pages are as fast as usual.
//! Up to where it fell from it rises by one in [`SLOW_RISE`] rounds: a reader that takes little holds
//! a worker of its origin for seconds, and a rise shows what it did only when they are many.
//! Bounds: [`LEAST`] to [`MOST`] slots.

use crate::admission::sums::whole_slots;

/// Where it begins.
const FIRST: f64 = 16.0;
/// Never fewer: a download is served, if slowly.
const LEAST: f64 = 2.0;
const MOST: f64 = 4_096.0;
/// Pages slower than this times their base make it fall.
const SLOW: f64 = crate::admission::limiter::TOLERANCE;
/// Pages whose bodies take more than this times the usual, and so much longer each, are late: the
/// scheduler of a busy machine makes them late by less.
const LATE: f64 = 2.0;
const LATE_US: f64 = 20_000.0;
/// Pages that must have come for that.
const PAGES_FEW: u32 = 4;
/// A second fall waits for what the first brings, in rounds.
const REST: u32 = 3;
/// After so many rounds without a late page the line is no longer taken to be full.
const FULL_FOR: u32 = 20;
/// Rounds without a page of those that are at the origin, after which they are late: a second.
const SILENT_FOR: u32 = 10;
/// Rounds between two rises below where it fell from: a second.
const SLOW_RISE: u32 = 10;
/// Bytes are compared over ten seconds, since a download is counted once and sent for long.
const FADES: f64 = 0.99;
/// The usual time of a byte grows by 0.3 % a second at most, as a base does.
const GROWTH: f64 = 1.0003;
/// Part of the way that it goes down in a round.
const STEP: f64 = 1.0 / 64.0;

/// The limit of large answers of one origin.
#[derive(Debug, Clone, Copy)]
pub(super) struct BulkLimit {
    limit: f64,
    rest: u32,
    /// Where it last fell from; none while that is not known.
    fell_from: Option<f64>,
    /// Rounds since the last rise.
    steady: u32,
    /// Rounds in which pages were at the origin and none came back.
    silent: u32,
    /// Of pages and of large answers lately.
    bytes: [f64; 2],
    /// Time of a page's byte from its head to its end; none before the first.
    usual_us: Option<f64>,
    full_for: u32,
}

/// What a round showed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Traffic {
    /// Latency of pages over what is due.
    pub(super) ratio: f64,
    /// Of pages and of large answers.
    pub(super) bytes: [u64; 2],
    pub(super) pages_sent: u32,
    pub(super) pages_sent_us: u64,
    pub(super) pages_wait: bool,
    pub(super) pages: Pages,
    pub(super) bulk_in_flight: u32,
}

/// What came of pages in a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pages {
    /// They were answered, or none was asked for.
    Answered,
    /// Some are at the origin, and none came back.
    Silent,
    /// More failed than were answered.
    Failing,
}

/// Who is to give way when pages are slow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gives {
    Bulk,
    Pages,
}

impl Default for BulkLimit {
    fn default() -> Self {
        let (fell_from, usual_us) = (None, None);
        let bytes = [0.0; 2];
        Self {
            limit: FIRST,
            rest: 0,
            fell_from,
            steady: 0,
            silent: 0,
            bytes,
            usual_us,
            full_for: 0,
        }
    }
}

impl BulkLimit {
    pub(super) fn slots(&self) -> u32 {
        whole_slots(self.limit)
    }

    /// Whether large answers fill the line that pages are sent over.
    pub(super) fn fills_the_line(&self) -> bool {
        self.full_for > 0
    }

    /// Moves the limit; tells whether large answers are what pages suffer from.
    pub(super) fn observe(&mut self, traffic: &Traffic) -> Gives {
        for (sum, more) in self.bytes.iter_mut().zip(traffic.bytes) {
            *sum = FADES * *sum + float(more);
        }
        let out = f64::from(traffic.bulk_in_flight);
        let is_most = self.bytes[1] > self.bytes[0] && out >= LEAST;
        let late = self.are_late(traffic);
        self.full_for = if late && is_most { FULL_FOR } else { self.full_for.saturating_sub(1) };
        self.silent = if traffic.pages == Pages::Silent { self.silent + 1 } else { 0 };
        // Workers that wait for readers have no time for pages.
        let stuck = traffic.pages == Pages::Failing || self.silent >= SILENT_FOR;
        let slow = traffic.ratio > SLOW || late || stuck;
        self.rest = self.rest.saturating_sub(1);
        if slow && is_most && out > LEAST && self.limit > LEAST {
            if self.rest == 0 {
                // That of a row of falls is the first of them.
                self.fell_from = Some(self.fell_from.unwrap_or(self.limit).max(self.limit));
                self.limit = (self.limit.min(out) / 2.0).max(LEAST);
                self.rest = REST;
            }
            return Gives::Bulk;
        }
        let is_well = !slow && traffic.pages == Pages::Answered && !self.fills_the_line();
        if is_well && out + 1.0 >= self.limit {
            self.rise();
        }
        if slow && self.rest > 0 { Gives::Bulk } else { Gives::Pages }
    }

    fn rise(&mut self) {
        self.steady = self.steady.saturating_add(1);
        let is_careful = self.fell_from.is_some_and(|before| self.limit < before);
        if is_careful && self.steady < SLOW_RISE {
            return;
        }
        self.steady = 0;
        self.limit = (self.limit + 1.0).min(MOST);
        self.fell_from = self.fell_from.filter(|_| is_careful);
    }

    /// Whether pages take longer from head to end than they usually do; learns what is usual.
    fn are_late(&mut self, traffic: &Traffic) -> bool {
        let Traffic { pages_sent, pages_sent_us, bytes: [bytes, _], .. } = *traffic;
        if pages_sent == 0 || bytes == 0 {
            return false;
        }
        let each_us = float(pages_sent_us) / float(bytes);
        let usual_us = *self.usual_us.get_or_insert(each_us);
        // Where pages wait for slots that others hold while they are sent, any lateness counts.
        let borne_us = if traffic.pages_wait { 0.0 } else { LATE_US * f64::from(pages_sent) };
        let due_us = LATE * usual_us * float(bytes) + borne_us;
        if pages_sent >= PAGES_FEW && float(pages_sent_us) > due_us {
            return true;
        }
        let next = if each_us > usual_us {
            each_us.min(usual_us * GROWTH)
        } else {
            usual_us + (each_us - usual_us) * STEP
        };
        self.usual_us = Some(next);
        false
    }
}

#[expect(clippy::cast_precision_loss, reason = "a ratio needs no more than 53 bits")]
fn float(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn traffic(ratio: f64, bulk_bytes: u64) -> Traffic {
        Traffic {
            ratio,
            bytes: [100_000, bulk_bytes],
            pages_sent: 10,
            pages_sent_us: 10_000,
            pages_wait: false,
            pages: Pages::Answered,
            bulk_in_flight: 16,
        }
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

    #[test]
    fn downloads_give_way_where_pages_fail_or_never_come_and_are_given_more_slowly_then() {
        for (pages, rounds) in [(Pages::Failing, 1), (Pages::Silent, SILENT_FOR)] {
            let mut limit = BulkLimit::default();
            let stuck =
                Traffic { pages, pages_sent: 0, pages_sent_us: 0, ..traffic(1.0, 9_000_000) };
            for _ in 1..rounds {
                limit.observe(&stuck);
                assert_eq!(limit.slots(), 16, "one that takes its time may come yet");
            }
            assert_eq!(limit.observe(&stuck), Gives::Bulk);
            assert_eq!(limit.slots(), 8);
            let well = Traffic { bulk_in_flight: 8, ..traffic(1.0, 9_000_000) };
            for _ in 0..SLOW_RISE * 2 {
                limit.observe(&well);
            }
            assert_eq!(limit.slots(), 10, "one in a second");
        }
    }

    #[test]
    fn pages_that_come_late_over_a_full_line_make_downloads_give_way_although_heads_are_quick() {
        let mut limit = BulkLimit::default();
        (0..100).for_each(|_| assert_eq!(limit.observe(&traffic(1.0, 0)), Gives::Pages));
        let late = Traffic { pages_sent_us: 600_000, ..traffic(1.0, 9_000_000) };
        let before = limit.slots();
        assert_eq!(limit.observe(&late), Gives::Bulk);
        assert!(limit.slots() < before && limit.fills_the_line());
        // The scheduler makes none of them that late.
        let mut calm = BulkLimit::default();
        (0..100).for_each(|_| assert_eq!(calm.observe(&traffic(1.0, 0)), Gives::Pages));
        let noisy = Traffic { pages_sent_us: 150_000, ..traffic(1.0, 9_000_000) };
        assert_eq!(calm.observe(&noisy), Gives::Pages);
        assert!(!calm.fills_the_line());
        let waiting = Traffic { pages_wait: true, ..noisy };
        assert_eq!(calm.observe(&waiting), Gives::Bulk);
    }
}
