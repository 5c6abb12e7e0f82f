//! Counts by 32-bit value, for values that a sender may choose.
//!
//! Open addressing with a secret multiplier (after multiply-shift: Dietzfelbinger and others 1997),
//! so that nobody who chooses values knows which meet.
//! Bounds: grows with different values alone, at most to [`VALUES_MAX`]; its users hold fewer.

/// Far above what any user holds: four rows of 8,192 visitors are 32,768.
const VALUES_MAX: usize = 1 << 17;
const SMALLEST: usize = 64;

/// A count for each value that is not zero.
#[derive(Debug, Clone)]
pub(super) struct Tally {
    slots: Vec<Slot>,
    used: usize,
    multiplier: u64,
}

#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    value: u32,
    count: u32,
}

impl Tally {
    /// Empty; `seed` decides where values lie.
    pub(super) fn new(seed: u64) -> Self {
        Self { slots: vec![Slot::default(); SMALLEST], used: 0, multiplier: spread(seed) | 1 }
    }

    /// The count of `value`.
    pub(super) fn count(&self, value: u32) -> u32 {
        self.slots[self.place(value)].count
    }

    /// The count of `value`, to be changed; a value that was never there is there from now on.
    pub(super) fn entry(&mut self, value: u32) -> &mut u32 {
        debug_assert!(value != 0, "zero marks an empty slot");
        if self.used * 4 >= self.slots.len() * 3 && self.slots.len() < VALUES_MAX * 2 {
            self.rebuild();
        }
        let place = self.place(value);
        let slot = &mut self.slots[place];
        if slot.value == 0 {
            slot.value = value;
            self.used += 1;
        }
        &mut slot.count
    }

    /// Values with a count above zero, in no order that means anything.
    pub(super) fn counted(&self) -> impl Iterator<Item = (u32, u32)> {
        self.slots.iter().filter(|slot| slot.count > 0).map(|slot| (slot.value, slot.count))
    }

    /// Forgets everything, and keeps its room.
    pub(super) fn clear(&mut self) {
        self.slots.fill(Slot::default());
        self.used = 0;
    }

    fn place(&self, value: u32) -> usize {
        let mask = self.slots.len() - 1;
        let mut place = self.home(value);
        while self.slots[place].value != value && self.slots[place].value != 0 {
            place = (place + 1) & mask;
        }
        place
    }

    /// Where a value lies when nothing else does.
    ///
    /// By one multiplication alone values in a row pile up under some multipliers.
    fn home(&self, value: u32) -> usize {
        let once = u64::from(value).wrapping_mul(self.multiplier);
        let twice = (once ^ (once >> 32)).wrapping_mul(self.multiplier);
        let bits = self.slots.len().trailing_zeros();
        usize::try_from(twice >> (64 - bits)).unwrap_or(0)
    }

    /// Leaves out what counts nothing any more; doubles when that is not enough.
    fn rebuild(&mut self) {
        let counted: Vec<_> = self.counted().collect();
        let room = (counted.len() * 2).next_power_of_two().max(SMALLEST);
        self.slots = vec![Slot::default(); room];
        self.used = counted.len();
        for (value, count) in counted {
            let place = self.place(value);
            self.slots[place] = Slot { value, count };
        }
    }
}

/// The finalizer of `SplitMix64` (Steele, Lea, Flood 2014): a seed need not look random.
pub(super) fn spread(number: u64) -> u64 {
    let z = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn counts_as_an_ordered_map_does(
            steps in proptest::collection::vec((1_u32..300, any::<bool>()), 0..2_000),
            seed in any::<u64>(),
        ) {
            let (mut tally, mut map) = (Tally::new(seed), BTreeMap::<u32, u32>::new());
            for (value, up) in steps {
                let (count, expected) = (tally.entry(value), map.entry(value).or_default());
                *count = if up { *count + 1 } else { count.saturating_sub(1) };
                *expected = if up { *expected + 1 } else { expected.saturating_sub(1) };
            }
            for value in 1..300 {
                prop_assert_eq!(tally.count(value), map.get(&value).copied().unwrap_or(0));
            }
            let mut counted: Vec<_> = tally.counted().collect();
            counted.sort_unstable();
            let expected: Vec<_> = map.into_iter().filter(|(_, count)| *count > 0).collect();
            prop_assert_eq!(counted, expected);
        }
    }

    #[test]
    fn values_in_a_row_lie_apart_whatever_the_seed() {
        for seed in (0..200).chain([u64::MAX]) {
            let mut tally = Tally::new(seed);
            (1..=4_000).for_each(|value| *tally.entry(value) += 1);
            let from_home = |value: u32| {
                let mask = tally.slots.len() - 1;
                tally.place(value).wrapping_sub(tally.home(value)) & mask
            };
            let steps: usize = (1..=4_000).map(from_home).sum();
            assert!(steps < 4 * 4_000, "{steps} steps for 4,000 values with the seed {seed}");
        }
    }

    #[test]
    fn values_that_came_and_went_take_no_room() {
        let mut tally = Tally::new(0x9E37_79B9_7F4A_7C15);
        for value in 1..1_000_000 {
            *tally.entry(value) += 1;
            *tally.entry(value) -= 1;
        }
        assert!(tally.slots.len() <= 256, "{}", tally.slots.len());
    }
}
