//! Everything that the inputs hold, in the order of its times.

use super::held::Held;
use super::names::{Named, Names};
use super::recording::{Capture, Unread};
use super::texts::Texts;

/// What the inputs of a replay hold, ready to be played under any configuration.
#[derive(Debug)]
pub struct Recorded {
    /// In the order of the inputs.
    pub(super) records: Vec<Held>,
    /// Indices of records in the order of their times.
    pub(super) order: Vec<u32>,
    pub(super) names: Names,
    pub(super) unread: Vec<Unread>,
    pub(super) unread_count: u64,
    pub(super) captures: Vec<Capture>,
    /// What the traits of records read.
    pub(super) texts: Texts,
}

impl Recorded {
    /// Records that were read.
    pub fn records(&self) -> usize {
        self.records.len()
    }

    /// Lines and captures that were not read, or not to their end.
    pub fn unread(&self) -> u64 {
        self.unread_count
    }

    /// The first of them.
    pub fn unread_named(&self) -> &[Unread] {
        &self.unread
    }

    /// How many more there are than are named.
    pub fn unread_unnamed(&self) -> u64 {
        self.unread_count - self.unread.iter().map(|named| 1 + named.likewise).sum::<u64>()
    }

    /// What each capture consists of.
    pub fn captures(&self) -> &[Capture] {
        &self.captures
    }

    /// Seconds from the first record to the last.
    pub fn span_secs(&self) -> f64 {
        let mut in_order = self.in_order();
        let first = in_order.next().map_or(0.0, |(_, record)| record.t);
        in_order.next_back().map_or(0.0, |(_, record)| record.t - first)
    }

    /// The platforms that records name, in the order of their first lines, and
    /// [`DEFAULT_PLATFORM`](super::DEFAULT_PLATFORM) where some name none: what there is to protect
    /// where no configuration says it.
    pub fn platforms(&self) -> Vec<String> {
        let mut is_named = vec![false; self.names.all().len()];
        let mut platforms: Vec<String> = Vec::new();
        for record in &self.records {
            if std::mem::replace(&mut is_named[usize::from(record.named)], true) {
                continue;
            }
            let platform = platform(&self.names.all()[usize::from(record.named)]);
            if !platforms.iter().any(|known| known == platform) {
                platforms.push(platform.to_owned());
            }
        }
        platforms
    }

    /// Records with their indices, in the order of their times.
    pub(super) fn in_order(&self) -> impl DoubleEndedIterator<Item = (usize, &Held)> {
        let at = |index: &u32| (*index as usize, &self.records[*index as usize]);
        self.order.iter().map(at)
    }
}

/// The platform that a record is for where no configuration says it.
pub(super) fn platform(named: &Named) -> &str {
    named.platform.as_deref().unwrap_or(super::DEFAULT_PLATFORM)
}
