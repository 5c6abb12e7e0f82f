//! Which records an archive holds.

use crate::cases::{Case, read_segment};
use crate::line::Line;
use crate::segment;
use crate::store::Folder;
use seawall_types::evidence::Bookkeeping;
use std::collections::BTreeSet;
use std::io;

/// How long before its first traffic the records of an incident begin.
pub(super) const BEFORE_MS: u64 = 30_000;
/// Gaps told elsewhere that are taken along; a log with more is itself the finding.
const GAPS_MAX: usize = 1_000;

/// Numbers of records: a run without a hole, and single ones beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chosen {
    first: u64,
    last: u64,
    beside: BTreeSet<u64>,
}

impl Chosen {
    /// Of an incident: everything from [`BEFORE_MS`] before its first traffic to its last record, with
    /// what says whose log it is, which run and configuration it was, and which gaps touch it.
    pub(super) fn of(folder: &mut impl Folder, case: &Case) -> io::Result<Self> {
        let clocks = &case.incident.clocks;
        let onset = clocks.onset_at.map_or(case.opened_at, |stamp| stamp.wall);
        let from = onset.min(case.opened_at).0.saturating_sub(BEFORE_MS);
        let to = clocks.ended_at.map_or(case.changed_at, |stamp| stamp.wall).max(case.changed_at).0;
        let (own_first, own_last) = case.records.unwrap_or_default();
        let mut chosen = Self { first: own_first, last: own_last, beside: BTreeSet::new() };
        // Newest before the run: head of its segment, start of the node, configuration.
        let mut known: [Option<u64>; 3] = [None; 3];
        let mut has_begun = false;
        for name in segment::in_order(folder)? {
            let bytes = read_segment(folder, &name)?;
            for line in segment::lines(&bytes).0.filter_map(|(_, line)| Line::read(line)) {
                let number = line.place.number;
                let wall = line.place.stamp.wall.0;
                if !has_begun && (number >= own_first || (from..=to).contains(&wall)) {
                    has_begun = true;
                    chosen.first = number.min(own_first);
                }
                match line.word {
                    "segment_opened" if !has_begun => known[0] = Some(number),
                    "node_started" if !has_begun => known[1] = Some(number),
                    "configuration_applied" if !has_begun => known[2] = Some(number),
                    "gap" if touches(&line, (from, to)) && chosen.beside.len() < GAPS_MAX => {
                        chosen.beside.insert(number);
                    }
                    _ => {}
                }
            }
        }
        chosen.beside.extend(known.into_iter().flatten());
        Ok(chosen)
    }

    /// Of the run.
    pub(super) const fn first(&self) -> u64 {
        self.first
    }

    /// Of the run.
    pub(super) const fn last(&self) -> u64 {
        self.last
    }

    /// The last of all.
    pub(super) fn newest(&self) -> u64 {
        self.beside.last().map_or(self.last, |beside| self.last.max(*beside))
    }

    /// Whether a record is among them.
    pub(super) fn holds(&self, number: u64) -> bool {
        (self.first..=self.last).contains(&number) || self.beside.contains(&number)
    }

    /// Leaves out what is not before that record; gives how many of the run that were.
    pub(super) fn end_before(&mut self, size: u64) -> u64 {
        self.beside.retain(|number| *number < size);
        let last = self.last.min(size.saturating_sub(1));
        let left = self.last - last;
        self.last = last;
        left
    }
}

/// Whether a gap touches a time.
fn touches(line: &Line<'_>, (from, to): (u64, u64)) -> bool {
    match line.bookkeeping() {
        Some(Bookkeeping::Gap(gap)) => gap.from.wall.0 <= to && gap.to.wall.0 >= from,
        _ => false,
    }
}
