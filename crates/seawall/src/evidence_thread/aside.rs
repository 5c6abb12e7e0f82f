//! Addresses of sources, put aside beside the log: again where a command was at work, told again
//! where the log did not get to it, removed when their time is over.
//!
//! Never waits for a command while the shield runs.
//! Bounds: [`WAITING_MAX`] incidents wait for their turn; what finds no room is told.

use crate::places::Placing;
use crate::sealed::{Swept, Tried, Vault, VaultFault};
use seawall_evidence::DirectoryStore;
use seawall_evidence::sealed::{Proof, proofs};
use seawall_evidence::sources::Counted;
use seawall_types::Moment;
use seawall_types::evidence::{Fact, IncidentId, Stamp};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// How often addresses that are over their time are removed.
const SWEEP_EVERY: Duration = Duration::from_hours(1);
/// Incidents that wait until a command has done its work.
const WAITING_MAX: usize = 64;
/// How often what has to be done now is tried, and the time between.
const LAST_TRIES: usize = 40;
const LAST_PAUSE: Duration = Duration::from_millis(50);

/// What the log tells last of each incident.
pub(super) type Proven = BTreeMap<IncidentId, Proof>;

/// Room for the newest of something, from one thread to another.
pub(super) struct Slot<T>(Arc<Mutex<Option<T>>>);

impl<T> Slot<T> {
    pub(super) fn put(&self, newest: T) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(newest);
    }

    pub(super) fn take(&self) -> Option<T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<T> Clone for Slot<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

/// Addresses of sources, beside the log.
pub(super) struct Aside {
    vault: Vault,
    /// Counts whose turn has not come, the newest of each incident.
    waiting: Vec<Counted>,
    /// What the log proves, once it was read and until it was compared.
    proven: Slot<Proven>,
    swept_at: Option<Moment>,
}

impl Aside {
    pub(super) fn new(vault: Vault) -> Self {
        Self { vault, waiting: Vec::new(), proven: Slot::default(), swept_at: None }
    }

    /// Where what the log proves is to be put.
    pub(super) fn proven(&self) -> Slot<Proven> {
        self.proven.clone()
    }

    /// Whether something is to be tried again.
    pub(super) fn waits(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Puts them aside; gives what the log is to tell of that.
    pub(super) fn put(&mut self, counted: Counted, placing: &Placing) -> Option<Fact> {
        // A later count says all that an earlier one of its incident did.
        self.waiting.retain(|one| one.incident() != counted.incident());
        match self.vault.put(&counted, placing) {
            Ok(Tried::Done(fact)) => return fact,
            Ok(Tried::Busy) if self.waiting.len() < WAITING_MAX => self.waiting.push(counted),
            Ok(Tried::Busy) => tracing::error!(
                incident = %counted.incident(),
                "addresses of sources are not put aside: {WAITING_MAX} incidents wait already"
            ),
            Err(fault) => {
                let cause = crate::failure::chain(&fault);
                tracing::error!(
                    cause,
                    "addresses of sources are not put aside; traffic is unaffected"
                );
            }
        }
        None
    }

    /// What is due: what had to wait, what the log has not told, what is over its time.
    pub(super) fn again(&mut self, now: Stamp, placing: &Placing) -> Vec<Fact> {
        self.sweep(now);
        let mut facts = self.retry(placing);
        if let Some(proven) = self.proven.take() {
            match self.vault.untold(&proven) {
                Ok(Tried::Done(untold)) => facts.extend(untold),
                Ok(Tried::Busy) => self.proven.put(proven),
                Err(fault) => {
                    told(&fault, "addresses that the log does not prove are not looked for");
                }
            }
        }
        facts
    }

    /// At the end of a run: what waits is tried for two seconds more.
    pub(super) fn last(&mut self, placing: &Placing) -> Vec<Fact> {
        let mut facts = self.retry(placing);
        for _ in 0..LAST_TRIES {
            if !self.waits() {
                return facts;
            }
            thread::sleep(LAST_PAUSE);
            facts.extend(self.retry(placing));
        }
        for counted in &self.waiting {
            tracing::error!(
                incident = %counted.incident(),
                "the last addresses of sources are not put aside: another process holds the folder"
            );
        }
        facts
    }

    fn retry(&mut self, placing: &Placing) -> Vec<Fact> {
        let waiting = std::mem::take(&mut self.waiting);
        waiting.into_iter().filter_map(|counted| self.put(counted, placing)).collect()
    }

    /// Removes what is over its time, at start and from time to time.
    fn sweep(&mut self, now: Stamp) {
        if self.swept_at.is_some_and(|at| now.moment.since(at) < SWEEP_EVERY) {
            return;
        }
        let swept = match self.vault.sweep(now.wall) {
            Ok(Tried::Done(swept)) => swept,
            Ok(Tried::Busy) => return,
            Err(fault) => Swept { faults: vec![fault], ..Swept::default() },
        };
        self.swept_at = Some(now.moment);
        if swept.files > 0 {
            let files = swept.files;
            tracing::info!(files, "addresses of sources are over their time: removed");
        }
        for fault in &swept.faults {
            told(fault, "addresses that are over their time cannot be removed");
        }
    }
}

fn told(fault: &VaultFault, what: &str) {
    let cause = crate::failure::chain(fault);
    tracing::error!(cause, "{what}");
}

/// Reads what the log proves of what was put aside; on a thread of its own, since a log may be long.
pub(super) fn prove(vault: &Vault, log: &Path, proven: &Slot<Proven>) {
    let what = "addresses that the log does not prove are not looked for";
    let mut tries = 0;
    let of = loop {
        match vault.incidents() {
            Ok(Tried::Done(incidents)) => break incidents,
            Ok(Tried::Busy) if tries < LAST_TRIES => {
                tries += 1;
                thread::sleep(LAST_PAUSE);
            }
            Ok(Tried::Busy) => {
                tracing::error!("{what}: another process holds the folder");
                return;
            }
            Err(fault) => return told(&fault, what),
        }
    };
    if of.is_empty() {
        return;
    }
    match proofs(&mut DirectoryStore::new(log), &of) {
        Ok(all) => proven.put(all),
        Err(cause) => {
            tracing::warn!(%cause, "what the log proves of addresses cannot be read");
        }
    }
}
