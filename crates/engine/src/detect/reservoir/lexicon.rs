//! Values of one attribute as short numbers, for requests that are kept by the ten thousand.
//!
//! A value has a code from its first request to its last; of each it is known how many requests of
//! either set of visitors show it.
//! Open addressing with a secret multiplier, so that nobody who chooses values knows which meet.
//! Bounds: [`CODES_MAX`] values; one more has no code and counts as unknown, which says nothing.

use crate::detect::tally::spread;

/// Short for "no value".
pub(super) const NO_CODE: u16 = 0;
/// All that two bytes can tell apart. Two full sets hold one request more, all of them different.
const CODES_MAX: usize = u16::MAX as usize;
const SMALLEST: usize = 64;

/// Values and how many requests show each.
#[derive(Debug, Clone)]
pub(super) struct Lexicon {
    /// Codes, where their values hash to; [`NO_CODE`] where there is none.
    slots: Vec<u16>,
    /// By code, the first is 1.
    entries: Vec<Entry>,
    /// Codes that are not given.
    free: Vec<u16>,
    /// Slots that hold a code.
    used: usize,
    multiplier: u64,
}

/// A value with requests of the two sets that show it.
#[derive(Debug, Clone, Copy)]
struct Entry {
    value: u32,
    counts: [u16; 2],
}

impl Lexicon {
    /// Empty; `seed` decides where values lie.
    pub(super) fn new(seed: u64) -> Self {
        Self {
            slots: vec![NO_CODE; SMALLEST],
            entries: Vec::new(),
            free: Vec::new(),
            used: 0,
            multiplier: spread(seed) | 1,
        }
    }

    /// One more request of a set shows a value; its code.
    pub(super) fn take_in(&mut self, set: usize, value: u32) -> u16 {
        if value == 0 {
            return NO_CODE;
        }
        let place = self.place(value);
        let code = match self.slots[place] {
            NO_CODE => self.give(value),
            code => code,
        };
        if let Some(entry) = self.entry_mut(code) {
            entry.counts[set] = entry.counts[set].saturating_add(1);
        }
        code
    }

    /// One request of a set less shows it.
    pub(super) fn let_go(&mut self, set: usize, code: u16) {
        if let Some(entry) = self.entry_mut(code) {
            entry.counts[set] = entry.counts[set].saturating_sub(1);
        }
    }

    /// The code of a value; none when no request shows it.
    pub(super) fn code(&self, value: u32) -> Option<u16> {
        if value == 0 {
            return None;
        }
        Some(self.slots[self.place(value)]).filter(|code| *code != NO_CODE)
    }

    /// The value of a code; 0 for no code.
    pub(super) fn value(&self, code: u16) -> u32 {
        self.entry(code).map_or(0, |entry| entry.value)
    }

    /// Requests of a set that show a value, by its code.
    pub(super) fn count(&self, set: usize, code: u16) -> u32 {
        self.entry(code).map_or(0, |entry| u32::from(entry.counts[set]))
    }

    /// Every value that requests of a set show, with how many do, in no order that means anything.
    pub(super) fn counted(&self, set: usize) -> impl Iterator<Item = (u32, u32)> {
        let shown = self.entries.iter().filter(move |entry| entry.counts[set] > 0);
        shown.map(move |entry| (entry.value, u32::from(entry.counts[set])))
    }

    /// A code for a value that has none.
    fn give(&mut self, value: u32) -> u16 {
        if self.used * 4 >= self.slots.len() * 3
            || (self.free.is_empty() && self.entries.len() >= CODES_MAX)
        {
            self.forget_unshown();
        }
        let entry = Entry { value, counts: [0; 2] };
        let code = match self.free.pop() {
            Some(code) => code,
            None if self.entries.len() < CODES_MAX => {
                self.entries.push(entry);
                u16::try_from(self.entries.len()).unwrap_or(NO_CODE)
            }
            None => return NO_CODE,
        };
        if let Some(own) = self.entry_mut(code) {
            *own = entry;
        }
        let place = self.place(value);
        self.slots[place] = code;
        self.used += 1;
        code
    }

    /// Takes back the codes of values that nobody shows any more, and makes room for as many again.
    fn forget_unshown(&mut self) {
        let held = std::mem::take(&mut self.slots).into_iter().filter(|code| *code != NO_CODE);
        let is_shown = |code: &u16| self.entry(*code).is_some_and(|entry| entry.counts != [0, 0]);
        let (shown, gone): (Vec<u16>, Vec<u16>) = held.partition(is_shown);
        self.free.extend(gone);
        let room = (shown.len() * 2).next_power_of_two().max(SMALLEST);
        self.slots = vec![NO_CODE; room];
        self.used = shown.len();
        for code in shown {
            let place = self.place(self.value(code));
            self.slots[place] = code;
        }
    }

    fn entry(&self, code: u16) -> Option<&Entry> {
        self.entries.get(usize::from(code).checked_sub(1)?)
    }

    fn entry_mut(&mut self, code: u16) -> Option<&mut Entry> {
        self.entries.get_mut(usize::from(code).checked_sub(1)?)
    }

    /// Where a value lies, or would.
    fn place(&self, value: u32) -> usize {
        let mask = self.slots.len() - 1;
        let mut place = self.home(value);
        while self.slots[place] != NO_CODE && self.value(self.slots[place]) != value {
            place = (place + 1) & mask;
        }
        place
    }

    /// Where a value lies when nothing else does: by one multiplication alone values in a row pile up
    /// under some multipliers.
    fn home(&self, value: u32) -> usize {
        let once = u64::from(value).wrapping_mul(self.multiplier);
        let twice = (once ^ (once >> 32)).wrapping_mul(self.multiplier);
        let bits = self.slots.len().trailing_zeros();
        usize::try_from(twice >> (64 - bits)).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn counts_as_an_ordered_map_does_and_codes_stay_while_they_are_shown(
            steps in proptest::collection::vec((0_u32..300, 0_usize..2, any::<bool>()), 0..2_000),
            seed in any::<u64>(),
        ) {
            let mut lexicon = Lexicon::new(seed);
            let mut truth: BTreeMap<u32, ([u32; 2], u16)> = BTreeMap::new();
            for (value, set, comes) in steps {
                if comes {
                    let code = lexicon.take_in(set, value);
                    prop_assert_eq!(code == NO_CODE, value == 0);
                    let (counts, given) = truth.entry(value).or_insert(([0; 2], code));
                    prop_assert_eq!(*given, code);
                    counts[set] += 1;
                } else if let Some((counts, code)) = truth.get_mut(&value)
                    && counts[set] > 0
                {
                    lexicon.let_go(set, *code);
                    counts[set] -= 1;
                }
                truth.retain(|_, (counts, _)| *counts != [0, 0]);
            }
            truth.remove(&0);
            for set in 0..2 {
                let mut counted: Vec<_> = lexicon.counted(set).collect();
                counted.sort_unstable();
                let expected = truth.iter().map(|(value, (counts, _))| (*value, counts[set]));
                prop_assert_eq!(counted, expected.filter(|(_, n)| *n > 0).collect::<Vec<_>>());
            }
            for (value, (_, code)) in truth {
                prop_assert_eq!(lexicon.code(value), Some(code));
                prop_assert_eq!(lexicon.value(code), value);
            }
        }
    }

    #[test]
    fn one_value_more_than_there_are_codes_has_none_until_another_is_gone() {
        let mut lexicon = Lexicon::new(7);
        let all = u32::try_from(CODES_MAX).unwrap();
        assert!((1..=all).all(|value| lexicon.take_in(0, value) != NO_CODE));
        assert_eq!(lexicon.take_in(1, all + 1), NO_CODE);
        assert_eq!(lexicon.code(all + 1), None);
        lexicon.let_go(0, lexicon.code(5).unwrap());
        let code = lexicon.take_in(1, all + 1);
        assert_eq!((lexicon.value(code), lexicon.count(1, code)), (all + 1, 1));
        assert_eq!(lexicon.code(5), None);
    }

    #[test]
    fn values_that_came_and_went_take_no_room() {
        let mut lexicon = Lexicon::new(0x9E37_79B9_7F4A_7C15);
        for value in 1..200_000 {
            let code = lexicon.take_in(0, value);
            lexicon.let_go(0, code);
        }
        assert!(lexicon.slots.len() <= 256, "{}", lexicon.slots.len());
        assert!(lexicon.entries.len() <= 256, "{}", lexicon.entries.len());
    }
}
