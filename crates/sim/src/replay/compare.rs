//! Two configurations on the same records: who is treated differently.
//!
//! Records do not say who means well, so that nothing here is called leak or collateral outright:
//! work that reaches an origin is the most that can have leaked, and requests that are not
//! admitted are the most that can have been harmed.

use super::play::Outcome;
use super::recorded::Recorded;
use super::summary::PlatformSummary;
use serde::Serialize;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// Sources that are named of those that are treated differently.
const SOURCES_NAMED_MAX: usize = 5;
/// Sources that are told apart.
const SOURCES_MAX: usize = 1 << 20;

/// The difference that a second configuration makes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// SHA-256 over the verdict lines of the second.
    pub decisions_hash: String,
    /// By platform of the first configuration.
    pub platforms: BTreeMap<String, Difference>,
}

/// The difference on one platform; pairs are of the first configuration and the second.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Difference {
    /// Milliseconds at the origins that were let through: a bound of the leak.
    pub admitted_ms: [f64; 2],
    /// Requests that were not admitted: a bound of the collateral.
    pub not_admitted: [u64; 2],
    /// Seconds in which more was let through than the origins carry.
    pub overload_seconds: [u64; 2],
    /// Requests that only the first admits.
    pub only_first_admits: u64,
    /// Requests that only the second admits.
    pub only_second_admits: u64,
    /// Sources of either.
    pub sources_changed: u64,
    /// The sources with most of them, and how many.
    pub most_changed: Vec<(IpAddr, u64)>,
}

/// Compares two outcomes of the same records.
pub fn compare(recorded: &Recorded, first: &Outcome, second: &Outcome) -> Comparison {
    let mut platforms: BTreeMap<String, Difference> = BTreeMap::new();
    let mut sources: Vec<BTreeMap<IpAddr, u64>> =
        vec![BTreeMap::new(); first.summary.platforms.len()];
    for platform in &first.summary.platforms {
        platforms.insert(platform.name.clone(), sums(platform, second));
    }
    for (index, record) in recorded.records.iter().enumerate() {
        let Some(platform) = first.platforms[index] else { continue };
        let admitted = [first, second].map(|outcome| outcome.decisions[index].is_admitted());
        let name = &first.summary.platforms[platform.index()].name;
        let Some(difference) = platforms.get_mut(name).filter(|_| admitted[0] != admitted[1])
        else {
            continue;
        };
        difference.only_first_admits += u64::from(admitted[0]);
        difference.only_second_admits += u64::from(admitted[1]);
        let sources = &mut sources[platform.index()];
        if sources.len() < SOURCES_MAX || sources.contains_key(&record.source()) {
            *sources.entry(record.source()).or_default() += 1;
        }
    }
    for (platform, sources) in first.summary.platforms.iter().zip(sources) {
        if let Some(difference) = platforms.get_mut(&platform.name) {
            difference.sources_changed = sources.len() as u64;
            difference.most_changed = most(sources);
        }
    }
    Comparison { decisions_hash: second.summary.decisions_hash.clone(), platforms }
}

/// What both say of a platform; one that the second does not have lets nothing through.
fn sums(first: &PlatformSummary, second: &Outcome) -> Difference {
    let same = second.summary.platforms.iter().find(|platform| platform.name == first.name);
    Difference {
        admitted_ms: [first.admitted_ms, same.map_or(0.0, |same| same.admitted_ms)],
        not_admitted: [
            first.not_admitted(),
            same.map_or(first.records(), PlatformSummary::not_admitted),
        ],
        overload_seconds: [first.overload_seconds, same.map_or(0, |same| same.overload_seconds)],
        ..Difference::default()
    }
}

fn most(sources: BTreeMap<IpAddr, u64>) -> Vec<(IpAddr, u64)> {
    let mut sources: Vec<_> = sources.into_iter().collect();
    sources.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    sources.truncate(SOURCES_NAMED_MAX);
    sources
}
