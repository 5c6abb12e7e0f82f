//! The sources of an incident as a record: numbers, a fair sample by place, no address.
//!
//! Takes what the engine counted and the tables that are configured; gives [`IncidentSources`].
//! An address is looked up and forgotten: a record holds rows of tables, never who stands in them.
//! Bounds: [`ROWS_MAX`] rows of each kind; the rest are summed.

mod clusters;

use crate::places::{Place, Tables};
use seawall_engine::SourcesSeen;
use seawall_engine::sources::{CrowdSeen, Sampled};
use seawall_types::evidence::{
    AddressWord, Fact, IncidentId, IncidentSources, PlaceCount, PlaceRow, Placed, SourceCrowd,
    Stamp,
};
use seawall_types::{Moment, WallTime};
use std::collections::BTreeMap;

/// Rows of countries, of networks and of kinds that a record lists.
pub const ROWS_MAX: usize = 40;

/// The key of the marks of sources, which only a node's secret gives.
pub fn key(secret: &[u8; 32]) -> [u8; 16] {
    use sha2::Digest as _;
    let mut hasher = sha2::Sha256::new();
    hasher.update(b"seawall marks of sources, version 1\0");
    hasher.update(secret);
    let digest: [u8; 32] = hasher.finalize().into();
    let mut key = [0; 16];
    key.copy_from_slice(&digest[..16]);
    key
}

/// Marks of sources that a record lists: two crowds are compared by them within some percent.
pub const MARKS_MAX: usize = 256;

/// The sources of an incident before they are looked up; holds addresses.
#[derive(Debug, Clone, PartialEq)]
pub struct Counted {
    pub(crate) incident: IncidentId,
    pub(crate) platform: String,
    pub(crate) since: Stamp,
    pub(crate) until: Stamp,
    pub(crate) seen: SourcesSeen,
}

impl Counted {
    /// Of which incident.
    pub const fn incident(&self) -> &IncidentId {
        &self.incident
    }

    /// What people's clocks said at a moment.
    pub(crate) fn wall(&self, moment: Moment) -> WallTime {
        let started = self.since.wall.0.saturating_sub(self.since.moment.0 / 1_000_000);
        WallTime(started.saturating_add(moment.0 / 1_000_000))
    }

    /// What a record tells of them.
    pub fn fact(&self, tables: &Tables, addresses: AddressWord) -> Fact {
        Fact::IncidentSources(Box::new(IncidentSources {
            incident: self.incident.clone(),
            platform: self.platform.clone(),
            since: self.since,
            until: self.until,
            asked: crowd(&self.seen.asked, tables),
            met: crowd(&self.seen.met, tables),
            clusters: Some(clusters::of(&self.seen, |at| self.wall(at).0)),
            unlisted: self.seen.unlisted,
            addresses,
            tables: tables.about(),
        }))
    }
}

/// A crowd as records tell it.
fn crowd(seen: &CrowdSeen, tables: &Tables) -> SourceCrowd {
    let placed: Vec<_> = seen.sample.iter().map(|one| (tables.place(one.source), one)).collect();
    let (names_country, names_network) = tables.kinds();
    let says = |place: &Place| place.country.is_some();
    // A table of networks may name countries as well.
    let names_country = names_country || placed.iter().any(|(place, _)| says(place));
    let both = placed.iter().filter(|(place, _)| place.second_country.is_some());
    let differ = both.clone().filter(|(place, _)| place.second_country != place.country);
    let country = |place: &Place| place.country.map(|code| String::from_utf8_lossy(&code).into());
    let network = |place: &Place| place.network.map(|number| format!("AS{number}"));
    let class = |place: &Place| place.class.map(|class| class.word().to_owned());
    let has_class = placed.iter().any(|(place, _)| place.class.is_some());
    SourceCrowd {
        sources: seen.sources,
        error_permille: seen.error_permille,
        requests: seen.requests,
        sampled: seen.sample.len() as u64,
        sampled_requests: sum(&seen.sample),
        effective_requests: effective(&seen.sample),
        countries: names_country.then(|| rows(&placed, country)),
        networks: names_network.then(|| rows(&placed, network)),
        classes: has_class.then(|| rows(&placed, class)),
        marks: seen.sample.iter().take(MARKS_MAX).map(|one| format!("{:016x}", one.mark)).collect(),
        compared: both.count() as u64,
        disagreeing: differ.count() as u64,
    }
}

fn sum(sample: &[Sampled]) -> u64 {
    sample.iter().fold(0, |sum: u64, one| sum.saturating_add(one.requests))
}

/// Kish's effective sample size, rounded down.
fn effective(sample: &[Sampled]) -> u64 {
    let all = u128::from(sum(sample));
    let squares = sample.iter().map(|one| u128::from(one.requests).saturating_pow(2));
    let squares: u128 = squares.fold(0, u128::saturating_add);
    u64::try_from(all.saturating_mul(all) / squares.max(1)).unwrap_or(u64::MAX)
}

fn rows(placed: &[(Place, &Sampled)], name: impl Fn(&Place) -> Option<String>) -> Placed {
    let mut by_name: BTreeMap<String, PlaceCount> = BTreeMap::new();
    let mut unplaced = PlaceCount::default();
    for (place, one) in placed {
        let count = match name(place) {
            Some(name) => by_name.entry(name).or_default(),
            None => &mut unplaced,
        };
        add(count, PlaceCount { sources: 1, requests: one.requests });
    }
    let mut rows: Vec<_> =
        by_name.into_iter().map(|(place, count)| PlaceRow { place, count }).collect();
    rows.sort_by(|a, b| b.count.sources.cmp(&a.count.sources).then_with(|| a.place.cmp(&b.place)));
    let mut others = PlaceCount::default();
    rows.iter().skip(ROWS_MAX).for_each(|row| add(&mut others, row.count));
    rows.truncate(ROWS_MAX);
    Placed { rows, others, unplaced }
}

fn add(count: &mut PlaceCount, more: PlaceCount) {
    count.sources += more.sources;
    count.requests = count.requests.saturating_add(more.requests);
}

#[cfg(test)]
mod tests;
