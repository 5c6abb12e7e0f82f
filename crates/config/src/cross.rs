//! What no key can tell alone: names and addresses used twice, and parts that contradict.

mod lanes;
mod listeners;
mod origins;
mod platforms;
mod trusted;

use crate::faults::Fault;
use crate::sections::Sections;
use std::collections::BTreeMap;

/// Every fault between values that each fit their key.
pub(crate) fn cross(sections: &Sections) -> Vec<Fault> {
    let mut faults = Vec::new();
    listeners::check(sections, &mut faults);
    lanes::check(sections, &mut faults);
    platforms::check(sections, &mut faults);
    trusted::check(sections, &mut faults);
    origins::check(sections, &mut faults);
    faults
}

fn fault(line: usize, key: &str, says: &str) -> Fault {
    Fault { line, key: key.to_owned(), problem: format!("{key} {says}") }
}

/// Remembers the line where each thing was first seen.
struct Seen<T>(BTreeMap<T, usize>);

impl<T: Ord> Seen<T> {
    fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// The line of an earlier one that is equal.
    fn before(&mut self, thing: T, line: usize) -> Option<usize> {
        if let Some(earlier) = self.0.get(&thing) {
            return Some(*earlier);
        }
        self.0.insert(thing, line);
        None
    }
}
