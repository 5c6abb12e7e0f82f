//! The window's rows as columns of bits, one for each thing that enough of them show.
//!
//! Rows are laid out by what they weigh, so that those of one word weigh about the same: the weight
//! of a set of rows is then a few multiplications, not a walk over its rows.
//! Bounds: [`WINDOW_ROWS`] rows; [`COLUMNS_MAX`] columns, the heaviest ones.

use super::reservoir::Known;
use super::row::Row;
use super::sample::WINDOW_ROWS;
use super::signature::Term;
use super::tally::Tally;
use seawall_types::{Attribute, Trait};

/// A value must stand for a tenth of the excess, and there are fifteen attributes with a novelty
/// each: more than a few dozen columns are rare.
pub(super) const COLUMNS_MAX: usize = 96;
/// Weights of one word that differ by less count as their mean: a support of a tenth need not be
/// known better, and rows summed one by one took most of a long search.
const ALIKE: f64 = 1.1;

/// Bits, one a row.
pub(super) type Rows = Vec<u64>;

/// A window laid out for being searched.
#[derive(Debug)]
pub(super) struct Window<'a> {
    /// In the order of their weights.
    rows: Vec<&'a Row>,
    weights: Vec<f64>,
    /// By word: what each of its rows weighs; zero where they differ.
    alike: Vec<f64>,
    /// Words whose rows weigh differently.
    mixed: Vec<u16>,
    /// By row: its source as a number of this window.
    sources: Vec<u16>,
}

/// How much a set of rows is.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Heft {
    pub(super) weight: f64,
    pub(super) rows: u32,
}

/// A thing that rows show.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) term: Term,
    pub(super) rows: Rows,
}

impl<'a> Window<'a> {
    /// Lays out the heaviest rows; rows without a weight are left out.
    pub(super) fn new(rows: impl Iterator<Item = (&'a Row, f64)>) -> Self {
        let mut weighed: Vec<(&Row, f64)> = rows.filter(|(_, weight)| *weight > 0.0).collect();
        // By content behind the weight, so that the order in which rows come decides nothing.
        weighed.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(b.0)));
        weighed.truncate(WINDOW_ROWS);
        let weights: Vec<f64> = weighed.iter().map(|(_, weight)| *weight).collect();
        let rows: Vec<&Row> = weighed.iter().map(|(row, _)| *row).collect();
        let alike: Vec<f64> = weights.chunks(64).map(weight_of_each).collect();
        let mixed = (0..).zip(&alike).filter(|(_, weight)| **weight <= 0.0).map(|(word, _)| word);
        Self { sources: numbered(&rows), mixed: mixed.collect(), rows, weights, alike }
    }

    /// Rows of the window, in their order.
    pub(super) fn rows(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().copied()
    }

    /// What one row weighs.
    pub(super) fn weight(&self, place: usize) -> f64 {
        self.weights[place]
    }

    /// All rows.
    pub(super) fn everything(&self) -> Rows {
        let mut rows = vec![u64::MAX; self.rows.len().div_ceil(64)];
        if let Some(last) = rows.last_mut().filter(|_| !self.rows.len().is_multiple_of(64)) {
            *last = (1 << (self.rows.len() % 64)) - 1;
        }
        rows
    }

    /// How much the rows are that lie in both sets.
    pub(super) fn heft(&self, a: &[u64], b: &[u64]) -> Heft {
        let mut heft = Heft::default();
        for ((a, b), weight) in a.iter().zip(b).zip(&self.alike) {
            let count = (a & b).count_ones();
            heft.rows += count;
            heft.weight += f64::from(count) * weight;
        }
        for word in &self.mixed {
            let word = usize::from(*word);
            let mut rest = a[word] & b[word];
            while rest != 0 {
                heft.weight += self.weights[word * 64 + rest.trailing_zeros() as usize];
                rest &= rest - 1;
            }
        }
        heft
    }

    /// Different sources of a set of rows, counted up to `enough`.
    pub(super) fn sources(&self, rows: impl Iterator<Item = usize>, enough: u32) -> u32 {
        let mut seen = vec![0_u64; self.rows.len().div_ceil(64)];
        let mut count = 0;
        for row in rows {
            let source = usize::from(self.sources[row]);
            let bit = 1 << (source % 64);
            count += u32::from(seen[source / 64] & bit == 0);
            seen[source / 64] |= bit;
            if count >= enough {
                break;
            }
        }
        count
    }

    /// A column for each thing that rows of at least `least` weight show, heaviest first.
    pub(super) fn columns(&self, known: &Known, least: f64, seed: u64) -> Vec<Column> {
        let mut heavy = Vec::new();
        let mut places = Tally::new(seed);
        for attribute in Attribute::ALL.into_iter().filter(|a| known.is_comparable(*a)) {
            self.columns_of(attribute, (known, least), (&mut places, &mut heavy));
        }
        heavy.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.term.cmp(&b.1.term)));
        heavy.truncate(COLUMNS_MAX);
        heavy.into_iter().map(|(_, column)| column).collect()
    }

    fn columns_of(
        &self,
        attribute: Attribute,
        (known, least): (&Known, f64),
        (places, heavy): (&mut Tally, &mut Vec<(f64, Column)>),
    ) {
        places.clear();
        let mut sums: Vec<(u32, f64)> = Vec::new();
        let mut of_row: Vec<u16> = Vec::with_capacity(self.rows.len());
        for (row, weight) in self.rows.iter().zip(&self.weights) {
            let value = row.traits.get(attribute).to_bits();
            if value == 0 {
                of_row.push(UNKNOWN);
                continue;
            }
            let place = places.entry(value);
            if *place == 0 {
                sums.push((value, 0.0));
                *place = u32::try_from(sums.len()).unwrap_or(u32::MAX);
            }
            let at = *place - 1;
            sums[at as usize].1 += weight;
            of_row.push(u16::try_from(at).unwrap_or(UNKNOWN));
        }
        let is_new = |value: u32| known.is_novel(attribute, Trait::new(value));
        let mut column_of: Vec<Option<usize>> = vec![None; sums.len()];
        let mut novel_weight = 0.0;
        let first = heavy.len();
        let words = self.rows.len().div_ceil(64);
        let mut add = |weight: f64, term: Term| {
            heavy.push((weight, Column { term, rows: vec![0; words] }));
            heavy.len() - 1
        };
        for (column, (value, weight)) in column_of.iter_mut().zip(&sums) {
            if *weight >= least {
                let value = Trait::new(*value);
                *column = Some(add(*weight, Term::Is(attribute, value)));
            }
        }
        let is_novel: Vec<bool> = sums.iter().map(|(value, _)| is_new(*value)).collect();
        for (_, (_, weight)) in is_novel.iter().zip(&sums).filter(|(is_novel, _)| **is_novel) {
            novel_weight += weight;
        }
        let novel = (novel_weight >= least && novel_weight > 0.0)
            .then(|| add(novel_weight, Term::Novel(attribute)));
        if heavy.len() == first {
            return;
        }
        for (place, at) in of_row.iter().enumerate().filter(|(_, at)| **at != UNKNOWN) {
            let (word, bit) = (place / 64, 1 << (place % 64));
            let at = usize::from(*at);
            if let Some(column) = column_of[at] {
                heavy[column].1.rows[word] |= bit;
            }
            if let Some(column) = novel.filter(|_| is_novel[at]) {
                heavy[column].1.rows[word] |= bit;
            }
        }
    }
}

/// Marks a row that does not show the attribute.
const UNKNOWN: u16 = u16::MAX;
const _: () = assert!(WINDOW_ROWS < UNKNOWN as usize);

/// What each of some rows weighs when all weigh about the same, else zero.
fn weight_of_each(weights: &[f64]) -> f64 {
    let (heaviest, lightest) = (weights[0], weights[weights.len() - 1]);
    if heaviest > lightest * ALIKE {
        return 0.0;
    }
    let count = u32::try_from(weights.len()).unwrap_or(u32::MAX);
    weights.iter().sum::<f64>() / f64::from(count)
}

/// Each row's source as a small number.
fn numbered(rows: &[&Row]) -> Vec<u16> {
    let mut by_source: Vec<(u64, u16)> =
        rows.iter().map(|row| row.source.to_bits()).zip(0..).collect();
    by_source.sort_unstable();
    let mut numbers = vec![0; rows.len()];
    let mut number = 0;
    for (at, (source, row)) in by_source.iter().enumerate() {
        if at > 0 && by_source[at - 1].0 != *source {
            number += 1;
        }
        numbers[usize::from(*row)] = number;
    }
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use seawall_types::{SourceKey, Traits};
    use std::net::Ipv4Addr;

    fn row(source: u32, agent: u32) -> Row {
        let traits = Traits::default().with(Attribute::Agent, Trait::new(agent));
        let source = SourceKey::of(Ipv4Addr::from(source).into());
        Row { traits, source, cost_us: 1, is_proven: false }
    }

    proptest! {
        #[test]
        fn a_set_weighs_what_its_rows_weigh(
            weights in proptest::collection::vec(1_u32..2_000, 1..300),
            pick in any::<u64>(),
        ) {
            let rows: Vec<Row> = (0..).zip(&weights).map(|(n, _)| row(n % 9, n)).collect();
            let weights: Vec<f64> = weights.into_iter().map(f64::from).collect();
            let window = Window::new(rows.iter().zip(weights.iter().copied()));
            let picked: Rows = window
                .everything()
                .iter()
                .zip(0_u32..)
                .map(|(word, at)| word & pick.rotate_left(at * 7))
                .collect();
            let heft = window.heft(&window.everything(), &picked);
            let places: Vec<usize> =
                crate::detect::reservoir::ones(&picked).collect();
            let truth: f64 = places.iter().map(|place| window.weight(*place)).sum();
            prop_assert_eq!(heft.rows as usize, places.len());
            prop_assert!((heft.weight - truth).abs() <= truth * (ALIKE - 1.0));
            let mut sources: Vec<_> = places.iter().map(|at| window.rows[*at].source).collect();
            sources.sort_unstable();
            sources.dedup();
            let counted = window.sources(places.into_iter(), u32::MAX);
            prop_assert_eq!(counted as usize, sources.len());
        }
    }

    #[test]
    fn the_order_in_which_rows_come_does_not_matter() {
        let mut rows: Vec<(Row, f64)> =
            (0..200).map(|n| (row(n % 13, n % 5), f64::from(n % 3 + 1))).collect();
        let show = |rows: &[(Row, f64)]| {
            let window = Window::new(rows.iter().map(|(row, weight)| (row, *weight)));
            window.rows.iter().map(|row| **row).collect::<Vec<_>>()
        };
        let before = show(&rows);
        rows.reverse();
        assert_eq!(before, show(&rows));
    }
}
