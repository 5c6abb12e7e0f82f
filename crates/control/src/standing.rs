//! What stands, and what stood lately, as the API tells it.
//!
//! The engine's thread publishes it; whoever asks reads the last that was published.
//! Bounds: the measures of the engine; [`ENDED_MAX`] that are over, the oldest forgotten first.

use crate::api::{Mitigation, MitigationMatch};
use crate::shared::Identity;
use arc_swap::ArcSwap;
use seawall_engine::policy::{Matches, Measure};
use seawall_engine::{MeasureChange, Snapshot};
use seawall_types::PlatformId;
use seawall_types::wall::rfc3339;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

/// Measures that are told after their end; the evidence tells of older ones.
const ENDED_MAX: usize = 256;

/// Standing measures and those that are over.
#[derive(Debug, Default)]
pub(crate) struct Standing {
    now: ArcSwap<Vec<Mitigation>>,
    /// The newest last.
    ended: Mutex<VecDeque<Mitigation>>,
}

impl Standing {
    pub(crate) fn publish(&self, now: Vec<Mitigation>) {
        // Told four times a second: nothing is made where nothing stands.
        if !(now.is_empty() && self.now.load().is_empty()) {
            self.now.store(Arc::new(now));
        }
    }

    pub(crate) fn end(&self, one: Mitigation) {
        let mut ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        if ended.len() == ENDED_MAX {
            ended.pop_front();
        }
        ended.push_back(one);
    }

    pub(crate) fn now(&self) -> Arc<Vec<Mitigation>> {
        self.now.load_full()
    }

    /// One that stands, or stood lately.
    pub(crate) fn get(&self, id: &str) -> Option<Mitigation> {
        let now = self.now.load();
        let stands = now.iter().find(|one| one.id == id).cloned();
        stands.or_else(|| {
            let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
            ended.iter().rev().find(|one| one.id == id).cloned()
        })
    }

    /// How many stand on a platform, by rung; rungs of none are left out.
    pub(crate) fn by_rung(&self, platform: &str) -> BTreeMap<String, u32> {
        let mut rungs = BTreeMap::new();
        for one in self.now.load().iter().filter(|one| one.platform == platform) {
            *rungs.entry(one.rung.clone()).or_default() += 1;
        }
        rungs
    }
}

/// A measure as the API tells it.
pub(crate) fn told(measure: &Measure, identity: &Identity, snapshot: &Snapshot) -> Mitigation {
    let at = |moment| rfc3339(identity.wall(moment));
    let totals = measure.totals;
    Mitigation {
        id: measure.id.to_string(),
        platform: name_of(measure.platform, snapshot),
        matches: matches(measure),
        rung: measure.rung.word().to_owned(),
        by: measure.by.word().to_owned(),
        rate: measure.allowance.rate().map(|rate| rate.to_string()),
        text: measure.text.to_string(),
        reason: measure.why.to_string(),
        began_at: at(measure.began_at),
        expires_at: at(measure.expires_at),
        ended: None,
        ended_at: None,
        met: totals.met,
        met_proven: totals.met_proven,
        stopped: totals.stopped,
        stopped_proven: totals.stopped_proven,
        challenged: totals.challenged,
        passed: totals.passed,
    }
}

/// The measure of a change, with how and when it ended where it did.
pub(crate) fn changed(
    change: &MeasureChange,
    identity: &Identity,
    snapshot: &Snapshot,
) -> Mitigation {
    let told = told(change.measure(), identity, snapshot);
    match change {
        MeasureChange::Began(_) | MeasureChange::Changed { .. } => told,
        MeasureChange::Lifted { at, .. } | MeasureChange::Expired { at, .. } => Mitigation {
            ended: Some(change.word().to_owned()),
            ended_at: Some(rfc3339(identity.wall(*at))),
            ..told
        },
    }
}

fn matches(measure: &Measure) -> MitigationMatch {
    let mut matches = MitigationMatch::default();
    match &measure.matches {
        Matches::Source(network) => matches.source = Some(network.to_string()),
        Matches::Path(path) => matches.path = Some(path.to_string()),
        Matches::Signature(_) => matches.signature = Some(measure.text.to_string()),
        // Of these there is no match to name: the text says whom the ladder means.
        Matches::Navigations => {}
    }
    matches
}

/// The name of a platform, as far as it was told.
pub(crate) fn name_of(id: PlatformId, snapshot: &Snapshot) -> String {
    match snapshot.platforms.get(id.index()) {
        Some(platform) => platform.name.clone(),
        // Between a reload and its first snapshot the number is all that is known.
        None => format!("platform {}", id.0),
    }
}
