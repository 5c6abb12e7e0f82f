//! What is due when, in an order that never depends on anything but what was put in.
//!
//! Entries of one moment come out in the order they went in.

use seawall_types::Moment;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A list of things to do, earliest first.
#[derive(Debug, Clone)]
pub struct Agenda<T> {
    heap: BinaryHeap<Entry<T>>,
    sequence: u64,
}

#[derive(Debug, Clone)]
struct Entry<T> {
    due: Reverse<(Moment, u64)>,
    what: T,
}

impl<T> PartialEq for Entry<T> {
    fn eq(&self, other: &Self) -> bool {
        self.due == other.due
    }
}

impl<T> Eq for Entry<T> {}

impl<T> PartialOrd for Entry<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Entry<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.due.cmp(&other.due)
    }
}

impl<T> Default for Agenda<T> {
    fn default() -> Self {
        Self { heap: BinaryHeap::new(), sequence: 0 }
    }
}

impl<T> Agenda<T> {
    /// Puts `what` on the list for `due`.
    pub fn put(&mut self, due: Moment, what: T) {
        self.sequence += 1;
        self.heap.push(Entry { due: Reverse((due, self.sequence)), what });
    }

    /// When the first thing is due.
    pub fn next_due(&self) -> Option<Moment> {
        self.heap.peek().map(|entry| entry.due.0.0)
    }

    /// Takes the first thing if it is due by `now`.
    pub fn take_due(&mut self, now: Moment) -> Option<(Moment, T)> {
        if self.next_due()? > now {
            return None;
        }
        self.heap.pop().map(|entry| (entry.due.0.0, entry.what))
    }

    /// Things on the list.
    pub fn len(&self) -> usize {
        self.heap.len()
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.heap.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_of_one_moment_come_out_as_they_went_in() {
        let mut agenda = Agenda::default();
        for (due, what) in [(5, 'c'), (1, 'a'), (5, 'd'), (1, 'b')] {
            agenda.put(Moment(due), what);
        }
        let out: String =
            std::iter::from_fn(|| agenda.take_due(Moment(5)).map(|(_, what)| what)).collect();
        assert_eq!(out, "abcd");
    }
}
