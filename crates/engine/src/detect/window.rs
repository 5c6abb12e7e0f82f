//! The last seconds of what was asked, sampled by cost.
//!
//! Slots of one tick make the last second; seconds make the last eight, for floods of few requests.
//! What is sampled of cores and slots may be joined in any order.
//! Bounds: [`SLOT_ROWS`] rows a slot, [`SECOND_ROWS`] rows a second, and half as many again.

use super::row::Row;
use super::sample::{Sample, Weighted};
use std::collections::VecDeque;

/// Rows of one tick: four of them are what a search looks at.
const SLOT_ROWS: usize = 1_024;
/// Slots that make a second.
const SLOTS: usize = 4;
/// Rows of one of the last seconds.
const SECOND_ROWS: usize = 512;
/// Seconds that are kept.
pub(super) const SECONDS: usize = 8;

/// The last seconds of what was asked.
#[derive(Debug)]
pub(super) struct Window {
    under_way: Sample,
    /// Closed ticks, the newest last.
    slots: VecDeque<Sample>,
    /// Whole seconds, the newest last.
    seconds: VecDeque<Sample>,
    second_under_way: Sample,
    /// Ticks that were closed.
    closed: u64,
    seed: u64,
}

impl Window {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            under_way: Sample::new(SLOT_ROWS, seed),
            slots: VecDeque::with_capacity(SLOTS + 1),
            seconds: VecDeque::with_capacity(SECONDS + 1),
            second_under_way: Sample::new(SECOND_ROWS, seed ^ SECOND_MARK),
            closed: 0,
            seed,
        }
    }

    /// Takes a row.
    pub(super) fn observe(&mut self, row: &Row) {
        self.under_way.observe(row);
        self.second_under_way.observe(row);
    }

    /// The tick is over.
    pub(super) fn close(&mut self) {
        self.closed += 1;
        // Every sample draws from a seed of its own, or joined ones would share their chance.
        let seed = self.seed.wrapping_add(self.closed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        self.slots.push_back(self.under_way.settled());
        self.under_way.restart(seed);
        if self.slots.len() > SLOTS {
            self.slots.pop_front();
        }
        if self.closed.is_multiple_of(SLOTS as u64) {
            self.seconds.push_back(self.second_under_way.settled());
            self.second_under_way.restart(seed ^ SECOND_MARK);
            if self.seconds.len() > SECONDS {
                self.seconds.pop_front();
            }
        }
    }

    /// What the last tick would cost, in microseconds.
    pub(super) fn tick_cost_us(&self) -> u64 {
        self.slots.back().map_or(0, Sample::cost_us)
    }

    /// The rows of the last tick.
    pub(super) fn last_tick(&self) -> Weighted {
        self.slots.back().map(Sample::weighted).unwrap_or_default()
    }

    /// The rows of the last second.
    pub(super) fn last_second(&self) -> Weighted {
        joined(self.slots.iter())
    }

    /// The rows of the last whole seconds, and how many those are.
    pub(super) fn last_seconds(&self) -> (Weighted, usize) {
        (joined(self.seconds.iter()), self.seconds.len())
    }
}

/// Keeps seeds of seconds and ticks apart.
const SECOND_MARK: u64 = 0x5ec0_0d5e_c00d_5ec0;

/// Each row goes on standing for what it stood for in its own sample.
fn joined<'s>(samples: impl Iterator<Item = &'s Sample>) -> Weighted {
    let mut all = Weighted::default();
    for sample in samples {
        let Weighted { rows, weights } = sample.weighted();
        all.rows.extend(rows);
        all.weights.extend(weights);
    }
    all
}
