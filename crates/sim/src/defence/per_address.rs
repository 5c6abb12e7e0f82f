//! A rate for each address, as `limit_req` of nginx and a stick table of `HAProxy` do it.
//!
//! Uses the shield's own source table, so that the figures are those of a correct implementation.

use super::{Arrival, Decision, Defence, Kept, Stopped};
use crate::score::TableSize;
use seawall_engine::policy::{
    AddressSet, AtAccept, Judge, OverRate, Rules, SOURCES_MAX, SourceBudget, SourceTable,
};
use seawall_types::{Mode, Moment, RequestRate, Verdict};
use std::time::Duration;

/// A rate for each address.
#[derive(Debug)]
pub struct PerAddress {
    name: &'static str,
    rules: Rules,
    seed: u64,
    table: SourceTable,
}

impl PerAddress {
    /// 10 requests a second for each address, 20 at once; what exceeds it gets 429.
    pub fn new(seed: u64, platforms: usize) -> Self {
        Self::with("per address", seed, rules(RequestRate::new(10.0), 20, platforms))
    }

    /// 2.5 requests a second for each address, 10 at once; what exceeds it gets 429.
    pub fn strict(seed: u64, platforms: usize) -> Self {
        Self::with("per address, strict", seed, rules(RequestRate::new(2.5), 10, platforms))
    }

    fn with(name: &'static str, seed: u64, rules: Rules) -> Self {
        Self { name, rules, seed, table: table(seed) }
    }
}

/// A table as the seed keys it.
pub(super) fn table(seed: u64) -> SourceTable {
    SourceTable::new([seed, seed ^ 1])
}

/// Rules that limit each source to `rate`, or not at all, and protect every platform.
pub(super) fn rules(rate: Option<RequestRate>, burst: u32, platforms: usize) -> Rules {
    Rules {
        allow: AddressSet::new(&[]),
        source_budget: rate.map(|rate| SourceBudget::new(rate, burst, OverRate::Limit)),
        source_connections: u32::MAX,
        modes: vec![Mode::Protect; platforms],
    }
}

/// How full a source table is.
pub(super) fn table_size(table: &SourceTable, now: Moment) -> TableSize {
    TableSize {
        name: "sources",
        entries: table.entries(now),
        capacity: u64::try_from(SOURCES_MAX).unwrap_or(u64::MAX),
    }
}

impl Defence for PerAddress {
    fn name(&self) -> &'static str {
        self.name
    }

    fn arrive(&mut self, now: Moment, arrival: Arrival<'_>) -> Decision {
        let judge = Judge { rules: &self.rules, table: &self.table };
        let AtAccept::Serve(standing) = judge.at_accept(now, arrival.request.source) else {
            return Decision::Stop(Stopped::of(Verdict::Drop, None));
        };
        let verdict = judge.request(now, standing, arrival.request.platform).verdict;
        judge.at_close(standing);
        match verdict {
            Verdict::Admit => Decision::Admit,
            verdict => Decision::Stop(Stopped::of(verdict, Some(Duration::from_secs(1)))),
        }
    }

    fn restarted(&mut self, _now: Moment, _kept: Kept) {
        self.table = table(self.seed);
    }

    fn tables(&self, now: Moment) -> Vec<TableSize> {
        vec![table_size(&self.table, now)]
    }
}
