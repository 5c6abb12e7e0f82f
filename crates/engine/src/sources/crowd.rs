//! A crowd of sources: how many, how much they asked for, and a fair sample.
//!
//! The sample holds the sources with the smallest hashes under a key that no sender knows, so that
//! each source is as likely in it as any other, however much it asks.
//! Who is in it at the end has been in it since its first request, so what is counted of it is exact.

use super::distinct::{Distinct, ERROR_PERMILLE};
use crate::ring::{AIM, LOOK, digest};
use seawall_types::{FarEnd, Moment, RequestObservation, SourceKey};
use std::collections::BTreeMap;

/// Sources of a sample; with fewer in the crowd all of them are in it.
///
/// A share among so many is known within 1.6 percent points.
pub const CROWD_SAMPLE_MAX: usize = 4_096;
const SECOND_NS: u64 = 1_000_000_000;

/// One source of a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sampled {
    /// Which.
    pub source: SourceKey,
    /// The far end of its first request.
    pub far: FarEnd,
    /// Its mark.
    pub mark: u64,
    /// What its first request showed of its client: equal for equal clients.
    pub look: u32,
    /// What that asked for: equal for equal paths and methods.
    pub aim: u32,
    /// Whether a visitor known to be good asked from there.
    pub is_known_good: bool,
    /// Requests of it that were listed.
    pub requests: u64,
    /// Most of them in one second.
    pub peak_per_s: u32,
    /// The first.
    pub first: Moment,
    /// The last.
    pub last: Moment,
    /// Which second is counted, and what was counted in it.
    second: (u64, u32),
}

/// What is known of a crowd.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CrowdSeen {
    /// Different sources.
    pub sources: u64,
    /// How far that may be off at 95 % certainty, in thousandths; 0 when all were counted.
    pub error_permille: u32,
    /// Listed requests of the whole crowd.
    pub requests: u64,
    /// A fair sample, in an order that says nothing; all of them when the error is 0.
    pub sample: Vec<Sampled>,
}

/// A crowd while it is counted.
#[derive(Debug, Default)]
pub(super) struct Crowd {
    distinct: Distinct,
    sample: BTreeMap<u64, Sampled>,
    requests: u64,
}

impl Crowd {
    pub(super) fn add(&mut self, hash: u64, request: &RequestObservation) {
        self.requests = self.requests.saturating_add(1);
        self.distinct.add(hash);
        let is_full = self.sample.len() >= CROWD_SAMPLE_MAX;
        let largest = self.sample.last_key_value().map(|(hash, _)| *hash);
        if is_full && largest.is_some_and(|largest| hash > largest) {
            return;
        }
        self.sample.entry(hash).or_insert_with(|| Sampled::new(hash, request)).add(request);
        if self.sample.len() > CROWD_SAMPLE_MAX {
            self.sample.pop_last();
        }
    }

    pub(super) fn seen(&self) -> CrowdSeen {
        let sampled = self.sample.len() as u64;
        let is_whole = self.sample.len() < CROWD_SAMPLE_MAX;
        let (sources, error_permille) = if is_whole {
            (sampled, 0)
        } else {
            (self.distinct.estimate().max(sampled), ERROR_PERMILLE)
        };
        let sample = self.sample.values().copied().collect();
        CrowdSeen { sources, error_permille, requests: self.requests, sample }
    }
}

impl Sampled {
    /// A source of which a request is to come, under its mark.
    pub fn new(mark: u64, request: &RequestObservation) -> Self {
        Self {
            source: request.source,
            far: request.far,
            mark,
            look: digest(&request.traits, &LOOK),
            aim: digest(&request.traits, &AIM),
            is_known_good: false,
            requests: 0,
            peak_per_s: 0,
            first: request.at,
            last: request.at,
            second: (request.at.0 / SECOND_NS, 0),
        }
    }

    fn add(&mut self, request: &RequestObservation) {
        let at = request.at;
        self.requests += 1;
        self.is_known_good |= request.is_proven;
        if at < self.first {
            (self.first, self.far) = (at, request.far);
        }
        self.last = self.last.max(at);
        let second = at.0 / SECOND_NS;
        // Batches of cores interleave: of a second that is over no more is counted.
        if second < self.second.0 {
            return;
        }
        if second > self.second.0 {
            self.second = (second, 0);
        }
        self.second.1 += 1;
        self.peak_per_s = self.peak_per_s.max(self.second.1);
    }
}
