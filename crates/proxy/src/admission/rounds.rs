//! Where cores meet, ten times a second: sums of what they saw against what they may use.
//!
//! One lock, taken by each core once a round and never on the way of a request.

use super::Planned;
use seawall_engine::AdmissionSnapshot;
use seawall_engine::admission::{Coordinator, Grant, Report};
use seawall_types::Moment;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What all cores share of admission.
#[derive(Debug)]
pub(crate) struct Rounds {
    table: Mutex<Table>,
    cores: usize,
}

#[derive(Debug)]
struct Table {
    planned: Planned,
    coordinator: Coordinator,
}

impl Rounds {
    pub(crate) fn new(now: Moment, planned: &Planned, cores: usize) -> Self {
        let coordinator = Coordinator::as_told(now, planned.plan(cores));
        Self { table: Mutex::new(Table { planned: planned.clone(), coordinator }), cores }
    }

    /// Follows other settings; what was learned of origins that stay, stays.
    pub(crate) fn follow(&self, now: Moment, planned: &Planned) {
        let mut table = self.table();
        let kept = planned.kept_from(&table.planned);
        table.coordinator.replan(now, planned.plan(self.cores), &kept);
        table.planned = planned.clone();
    }

    /// Tells what a core saw, by platform index; gives what it may use.
    ///
    /// The first core to come after the end of a round turns it. A core of other settings than those
    /// in force is told nothing: what it has is its own until it follows.
    pub(crate) fn exchange(
        &self,
        now: Moment,
        (core, number): (usize, u64),
        reports: &[Report],
    ) -> Vec<Option<Grant>> {
        let mut table = self.table();
        if table.planned.number != number {
            return Vec::new();
        }
        for (platform, report) in reports.iter().enumerate() {
            table.coordinator.report(platform, core, report);
        }
        if table.coordinator.next_deadline() <= now {
            table.coordinator.on_deadline(now);
        }
        (0..reports.len()).map(|platform| table.coordinator.grant(platform, core)).collect()
    }

    /// What a core may use before its first round.
    pub(crate) fn first(&self, (core, number): (usize, u64), platform: usize) -> Option<Grant> {
        let table = self.table();
        (table.planned.number == number).then(|| table.coordinator.grant(platform, core))?
    }

    /// What is known of each platform, by its index.
    ///
    /// None for a platform that a reload took away.
    pub(crate) fn look(&self) -> Vec<Option<AdmissionSnapshot>> {
        let table = self.table();
        (0..table.planned.platforms.len())
            .map(|platform| table.coordinator.look(platform))
            .collect()
    }

    /// Each change is whole by itself, so a panic elsewhere leaves nothing half done.
    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
