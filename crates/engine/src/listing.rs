//! What one core lists for the engine beside its counts: single requests, and texts of values.
//!
//! When more came than is listed, which ones are is drawn by their cost (priority sampling), so
//! that what costs most is hardly ever left out and sums over the list stay unbiased.
//! Never reads a clock or draws chance of its own: the same seed and requests give the same list.
//! Bounds: [`LISTED_MAX`] requests of a batch, twice that while it is gathered; [`NAMES_MAX`]
//! texts.
//!
//! Source: Duffield, Lund and Thorup, "Priority sampling for estimation of arbitrary subset sums",
//! 2007.

mod mean;
mod names;

pub use mean::MeanCost;

use names::Names;
use seawall_types::observation::{LISTED_MAX, NAMES_MAX};
use seawall_types::{Attribute, Batch, Moment, RequestObservation, Traits};

/// Requests and texts since the last batch.
#[derive(Debug)]
pub struct Listing {
    /// All requests, as long as there is room for them: nothing is drawn before there is none.
    all: Vec<RequestObservation>,
    /// From then on those of the highest priorities.
    rows: Vec<Row>,
    /// No request of a lower priority is listed; 0 while there is room for all.
    bar: f64,
    unlisted: u32,
    chance: u64,
    names: Names,
}

#[derive(Debug)]
struct Row {
    priority: f64,
    observation: RequestObservation,
}

/// Pruned at twice the length, so that each request costs the same on average.
const GATHERED_MAX: usize = 2 * LISTED_MAX;
/// From one draw to the next.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

impl Listing {
    /// An empty list; `seed` decides who is left out.
    pub fn new(seed: u64) -> Self {
        let (all, rows) = (Vec::new(), Vec::new());
        Self { all, rows, bar: 0.0, unlisted: 0, chance: seed, names: Names::default() }
    }

    /// Adds a request.
    pub fn add(&mut self, observation: &RequestObservation) {
        if self.bar > 0.0 {
            self.add_drawn(observation);
            return;
        }
        self.all.push(*observation);
        if self.all.len() >= GATHERED_MAX {
            self.weigh();
        }
    }

    /// Tells texts of values that were not told lately; `text` is asked for those alone.
    pub fn name(&mut self, traits: &Traits, text: impl FnMut(Attribute) -> Option<String>) {
        self.names.tell(traits, text);
    }

    /// Moves what was listed into a batch that is cut now.
    pub fn cut(&mut self, now: Moment, batch: &mut Batch) {
        if self.all.len() > LISTED_MAX {
            self.weigh();
        } else if self.rows.len() > LISTED_MAX {
            self.prune();
        }
        if self.bar > 0.0 {
            // Pruning has mixed them.
            self.rows.sort_unstable_by_key(|row| row.observation.at);
            batch.requests = self.rows.drain(..).map(|row| row.observation).collect();
        } else {
            // Each has its own draw, needed or not: what is drawn later does not depend on it.
            self.chance = self.chance.wrapping_add(STEP.wrapping_mul(self.all.len() as u64));
            // As much room again: the next batch is seldom much longer.
            let next = Vec::with_capacity(self.all.len());
            batch.requests = std::mem::replace(&mut self.all, next);
        }
        batch.unlisted = batch.unlisted.saturating_add(std::mem::take(&mut self.unlisted));
        batch.stands_for_us = std::mem::take(&mut self.bar);
        // A batch that could not be handed over keeps those that it had.
        batch.names.append(&mut self.names.cut(now));
        batch.names.truncate(NAMES_MAX);
    }

    fn add_drawn(&mut self, observation: &RequestObservation) {
        let priority = self.priority(observation);
        if priority <= self.bar {
            self.unlisted = self.unlisted.saturating_add(1);
            return;
        }
        self.rows.push(Row { priority, observation: *observation });
        if self.rows.len() >= GATHERED_MAX {
            self.prune();
        }
    }

    /// There is not room for all: each draws what it would have drawn as it came.
    fn weigh(&mut self) {
        let (mut all, mut rows) = (std::mem::take(&mut self.all), std::mem::take(&mut self.rows));
        let row = |observation| Row { priority: self.priority(&observation), observation };
        rows.extend(all.drain(..).map(row));
        // Their room is needed again while as much comes.
        (self.all, self.rows) = (all, rows);
        self.prune();
    }

    /// Leaves the rows of the highest priorities; the next one's is the bar from now on.
    fn prune(&mut self) {
        self.rows.select_nth_unstable_by(LISTED_MAX, |a, b| b.priority.total_cmp(&a.priority));
        self.bar = self.rows[LISTED_MAX].priority;
        let left_out = u32::try_from(self.rows.len() - LISTED_MAX).unwrap_or(u32::MAX);
        self.unlisted = self.unlisted.saturating_add(left_out);
        self.rows.truncate(LISTED_MAX);
    }

    fn priority(&mut self, observation: &RequestObservation) -> f64 {
        f64::from(observation.cost_us.max(1)) / self.draw()
    }

    /// A number above 0 and at most 1.
    ///
    /// Source: `SplitMix64` (Steele, Lea and Flood, 2014).
    fn draw(&mut self) -> f64 {
        self.chance = self.chance.wrapping_add(STEP);
        let a = (self.chance ^ (self.chance >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let b = (a ^ (a >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let bits = (b ^ (b >> 31)) >> 11;
        // As many as a float holds, of which none is lost.
        #[expect(clippy::cast_precision_loss, reason = "53 bits are what a float holds")]
        let whole = (bits + 1) as f64;
        whole / 9_007_199_254_740_992.0
    }
}

#[cfg(test)]
mod tests;
