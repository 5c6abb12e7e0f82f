//! Requests counted by what they got, and one second of a platform.

use super::IncidentId;
use crate::{Reason, Verdict};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Requests by verdict and reason; what is zero is left out.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RequestCounts(BTreeMap<Verdict, BTreeMap<Reason, u64>>);

impl RequestCounts {
    /// From a table by verdict and reason.
    pub fn of(table: &[[u64; Reason::COUNT]; Verdict::COUNT]) -> Self {
        let mut counts = Self::default();
        for (verdict, row) in Verdict::ALL.into_iter().zip(table) {
            for (reason, requests) in Reason::ALL.into_iter().zip(row) {
                counts.add(verdict, reason, *requests);
            }
        }
        counts
    }

    /// Adds requests; saturates.
    pub fn add(&mut self, verdict: Verdict, reason: Reason, requests: u64) {
        if requests > 0 {
            let count = self.0.entry(verdict).or_default().entry(reason).or_default();
            *count = count.saturating_add(requests);
        }
    }

    /// Requests of one verdict, all reasons together.
    pub fn with(&self, verdict: Verdict) -> u64 {
        let sum =
            |row: &BTreeMap<Reason, u64>| row.values().fold(0, |a: u64, b| a.saturating_add(*b));
        self.0.get(&verdict).map_or(0, sum)
    }

    /// Every verdict and reason with its requests, in their order; those of zero left out.
    pub fn each(&self) -> impl Iterator<Item = (Verdict, Reason, u64)> + '_ {
        let row = |(verdict, row): (&Verdict, &'_ BTreeMap<Reason, u64>)| {
            let verdict = *verdict;
            row.iter().map(move |(reason, n)| (verdict, *reason, *n)).collect::<Vec<_>>()
        };
        self.0.iter().flat_map(row)
    }

    /// Requests by verdict, those of zero left out.
    pub fn by_verdict(&self) -> BTreeMap<Verdict, u64> {
        self.0.keys().map(|verdict| (*verdict, self.with(*verdict))).collect()
    }
}

/// What one platform saw in one second.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlatformSecond {
    /// Its name.
    pub platform: String,
    /// The case that is open there.
    pub incident: Option<IncidentId>,
    /// Requests answered in this second.
    pub requests: RequestCounts,
    /// Milliseconds that origins worked on requests that ended.
    pub origin_ms: u64,
    /// Bytes sent to clients.
    pub bytes_out: u64,
    /// Demand of what asked over what the origins can carry, in thousandths.
    pub pressure_permille: Option<u32>,
    /// Requests that may be at the origins at once.
    pub limit: Option<u32>,
    /// Requests at the origins when the second ended.
    pub in_flight: u32,
    /// Longest that a request of this second waited for its turn.
    pub queue_wait_max_ms: Option<u32>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_and_its_counts_say_the_same() {
        let mut table = [[0; Reason::COUNT]; Verdict::COUNT];
        table[Verdict::Limit.index()][Reason::Rate.index()] = 7;
        table[Verdict::Limit.index()][Reason::Capacity.index()] = 2;
        let counts = RequestCounts::of(&table);
        assert_eq!((counts.with(Verdict::Limit), counts.with(Verdict::Admit)), (9, 0));
        assert_eq!(counts.by_verdict(), BTreeMap::from([(Verdict::Limit, 9)]));
    }
}
