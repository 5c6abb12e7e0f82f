//! What each request costs its origin: what its record says, else the running median of its route
//! class, else [`UNKNOWN_MS`].

use super::held::Held;
use super::routes::ROUTES_MAX;
use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

/// What a request costs of whose route class nothing is known.
const UNKNOWN_MS: f64 = 10.0;

/// Gives every record of `order`, which is that of their times, its cost.
pub(super) fn resolve(records: &mut [Held], order: &[u32]) {
    let mut medians: Vec<_> = (0..ROUTES_MAX).map(|_| Median::default()).collect();
    for index in order {
        let record = &mut records[*index as usize];
        let median = &mut medians[usize::from(record.route)];
        match record.cost_ms() {
            // A cache's answer says nothing of the origin.
            Some(cost) if cost > 0.0 => median.add(cost),
            Some(_) => {}
            None => record.resolve(median.value().unwrap_or(UNKNOWN_MS)),
        }
    }
}

/// The exact median of everything that was added: 16 bytes a value.
#[derive(Debug, Default)]
struct Median {
    /// The smaller half, its largest first; as many as the larger half, or one more.
    lower: BinaryHeap<Ordered>,
    upper: BinaryHeap<Reverse<Ordered>>,
}

impl Median {
    fn add(&mut self, value: f64) {
        let value = Ordered(value);
        if self.lower.peek().is_none_or(|middle| value <= *middle) {
            self.lower.push(value);
        } else {
            self.upper.push(Reverse(value));
        }
        if self.lower.len() > self.upper.len() + 1 {
            self.upper.extend(self.lower.pop().map(Reverse));
        } else if self.upper.len() > self.lower.len() {
            self.lower.extend(self.upper.pop().map(|Reverse(value)| value));
        }
    }

    /// The middle value, or the mean of the two in the middle.
    fn value(&self) -> Option<f64> {
        let lower = self.lower.peek()?.0;
        let is_even = self.lower.len() == self.upper.len();
        let upper = self.upper.peek().filter(|_| is_even).map(|Reverse(value)| value.0);
        Some(upper.map_or(lower, |upper| f64::midpoint(lower, upper)))
    }
}

/// A number that is never "not a number", in its order.
#[derive(Debug, Clone, Copy)]
struct Ordered(f64);

impl Ord for Ordered {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl PartialOrd for Ordered {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Ordered {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Ordered {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_median_is_the_one_of_the_sorted_values(
            values in proptest::collection::vec(0.0_f64..100.0, 1..60),
        ) {
            let mut median = Median::default();
            for end in 1..=values.len() {
                median.add(values[end - 1]);
                let mut sorted = values[..end].to_vec();
                sorted.sort_by(f64::total_cmp);
                let expected = f64::midpoint(sorted[(end - 1) / 2], sorted[end / 2]);
                prop_assert_eq!(median.value(), Some(expected));
            }
        }
    }
}
