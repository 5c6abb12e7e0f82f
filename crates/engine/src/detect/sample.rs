//! A bounded sample of rows that stands for all of them, by cost.
//!
//! Priority sampling: a row of cost `c` draws `u` from (0, 1] and has the priority `c / u`; those
//! with the highest stay. A row that stayed stands for the larger of its cost and the threshold,
//! which makes every sum over the sample unbiased.
//! Source: Duffield, Lund, Thorup, "Priority sampling for estimation of arbitrary subset sums"
//! (2007).
//! Merging is commutative and associative, so cores, slots of time and nodes may be joined in any
//! order; samples that are to be merged must have different seeds.
//! Never draws chance: `u` is a hash of the seed and a count. A row that costs nothing is left out:
//! it asks nothing of an origin.
//! Bounds: half as many rows again as it may keep; joined ones may keep as many as all together.

use super::row::Row;

/// Rows of the sample that a search looks at.
pub const WINDOW_ROWS: usize = 4_096;

/// Rows that there is room for at first.
const ROOM_AT_FIRST: usize = 32;

/// Some of the rows that were observed.
#[derive(Debug, Clone)]
pub struct Sample {
    kept: Vec<Kept>,
    capacity: usize,
    /// Rows of this priority and below are not in it.
    threshold: Priority,
    seed: u64,
    observed: u64,
    cost_us: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Kept {
    priority: Priority,
    row: Row,
}

/// A positive number, as bits that compare as the number does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
struct Priority(u64);

impl Priority {
    fn of(number: f64) -> Self {
        Self(number.to_bits())
    }

    fn number(self) -> f64 {
        f64::from_bits(self.0)
    }
}

/// Rows with what each stands for, most telling first.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Weighted {
    /// The rows.
    pub rows: Vec<Row>,
    /// Microseconds of cost that each stands for.
    pub weights: Vec<f64>,
}

impl Sample {
    /// Empty; keeps at most `capacity` rows.
    pub fn new(capacity: usize, seed: u64) -> Self {
        let threshold = Priority::default();
        Self { kept: Vec::new(), capacity, threshold, seed, observed: 0, cost_us: 0 }
    }

    /// Takes a row.
    pub fn observe(&mut self, row: &Row) {
        self.observed += 1;
        self.cost_us += u64::from(row.cost_us);
        let priority = Priority::of(f64::from(row.cost_us) / unit(self.seed, self.observed));
        if priority <= self.threshold {
            return;
        }
        if self.kept.len() >= self.capacity + self.capacity / 2 {
            self.prune();
        }
        self.make_room();
        self.kept.push(Kept { priority, row: *row });
    }

    /// Room grows as that of vectors does, and never beyond what may be kept.
    fn make_room(&mut self) {
        let (held, most) = (self.kept.len(), self.capacity + self.capacity / 2);
        if held == self.kept.capacity() {
            self.kept.reserve_exact(held.max(ROOM_AT_FIRST).min(most.saturating_sub(held)));
        }
    }

    /// Joins with a sample of other rows; it may keep as many as both.
    #[must_use]
    pub fn merged(mut self, other: &Self) -> Self {
        let mut other = other.clone();
        self.prune();
        other.prune();
        self.capacity += other.capacity;
        self.threshold = self.threshold.max(other.threshold);
        self.observed += other.observed;
        self.cost_us += other.cost_us;
        // Equal whichever side was merged into the other.
        self.seed ^= other.seed;
        self.kept.append(&mut other.kept);
        self.prune();
        self
    }

    /// As it is kept when nothing more is taken: with no more room than it needs.
    ///
    /// Not put in order, since most samples are forgotten before anybody looks at them.
    #[must_use]
    pub fn settled(&mut self) -> Self {
        self.prune();
        self.clone()
    }

    /// Forgets all rows and goes on with another seed.
    pub fn restart(&mut self, seed: u64) {
        self.kept.clear();
        *self = Self { kept: std::mem::take(&mut self.kept), ..Self::new(self.capacity, seed) };
    }

    /// Rows that it was shown.
    pub fn observed(&self) -> u64 {
        self.observed
    }

    /// What all of them would cost, exactly.
    pub fn cost_us(&self) -> u64 {
        self.cost_us
    }

    /// At most [`WINDOW_ROWS`] rows that stand for all, with what each stands for.
    pub fn weighted(&self) -> Weighted {
        let is_settled = self.kept.len() <= self.capacity.min(WINDOW_ROWS)
            && self.kept.is_sorted_by(|a, b| a >= b);
        if !is_settled {
            let mut settled = self.clone();
            settled.capacity = settled.capacity.min(WINDOW_ROWS);
            settled.prune();
            settled.kept.sort_unstable_by(|a, b| b.cmp(a));
            return settled.weighted();
        }
        let threshold = self.threshold.number();
        let stands_for = |kept: &Kept| f64::from(kept.row.cost_us).max(threshold);
        Weighted {
            weights: self.kept.iter().map(stands_for).collect(),
            rows: self.kept.iter().map(|kept| kept.row).collect(),
        }
    }

    /// Leaves the rows of highest priority; the highest that goes is the threshold.
    fn prune(&mut self) {
        if self.kept.len() > self.capacity {
            let (_, first_out, _) =
                self.kept.select_nth_unstable_by(self.capacity, |a, b| b.cmp(a));
            self.threshold = self.threshold.max(first_out.priority);
        }
        let threshold = self.threshold;
        self.kept.retain(|kept| kept.priority > threshold);
    }
}

/// A number from (0, 1], even over all counts.
///
/// Source: the finalizer of `SplitMix64` (Steele, Lea, Flood 2014).
#[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
fn unit(seed: u64, count: u64) -> f64 {
    let mut z = seed.wrapping_add(count.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^= z >> 31;
    ((z >> 11) + 1) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests;
