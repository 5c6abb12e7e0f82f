//! What the engine knows at one moment, for people and programs outside.

use crate::detect::Finding;
use crate::incident::Incident;
use seawall_types::{Moment, PlatformCounts, Reason, Verdict};
use serde::Serialize;
use std::sync::Arc;

/// The whole shield at one moment.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Snapshot {
    /// When it was taken.
    pub at: Moment,
    /// By platform index.
    pub platforms: Vec<PlatformSnapshot>,
    /// Requests that belonged to no platform, since start, by reason; all got `error`.
    pub no_platform: [u64; Reason::COUNT],
    /// Connections reset at accept since start.
    pub resets_at_accept: u64,
    /// Single requests that were counted but not listed, since start.
    pub observations_dropped: u64,
    /// Bounded tables and how full they are.
    pub tables: Vec<TableSnapshot>,
}

/// One platform at one moment.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PlatformSnapshot {
    /// Its name.
    pub name: String,
    /// What the shield thinks of it.
    pub state: PlatformState,
    /// Requests per second over the last whole second, by verdict.
    pub rps: [f64; Verdict::COUNT],
    /// Requests since start, by verdict and reason.
    pub totals: [[u64; Reason::COUNT]; Verdict::COUNT],
    /// Verdicts not carried out since start, by verdict (`mode = "observe"`).
    pub would_have: [u64; Verdict::COUNT],
    /// Demand of what asks over what the origins can carry; none when capacity is unknown.
    pub pressure: Option<f64>,
    /// Requests at the origins.
    pub in_flight: u32,
    /// Requests that may be at the origins at once; none when nothing bounds them.
    pub limit: Option<u32>,
    /// Median time at the origins over the last ten seconds, in milliseconds.
    pub p50_ms: Option<f64>,
    /// 99th percentile, likewise.
    pub p99_ms: Option<f64>,
    /// Origins that are not out.
    pub healthy: Option<u32>,
    /// Each of its origins, in the order of the configuration.
    pub origins: Vec<OriginSnapshot>,
    /// The incident that is open.
    pub incident: Option<Incident>,
    /// What the detector says of what goes on.
    pub finding: Option<Finding>,
    /// What was measured besides.
    pub sums: Sums,
}

/// Sums of one platform that no verdict is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sums {
    /// Time that origins worked on requests that ended, since start, in microseconds.
    pub origin_us: u64,
    /// Bytes sent to clients since start.
    pub bytes_out: u64,
    /// Longest wait of a request that was let through, in microseconds, between the last two
    /// ticks.
    pub waited_us: u64,
    /// The same since the last tick.
    waiting_us: u64,
}

impl Sums {
    pub(crate) fn add(&mut self, counts: &PlatformCounts) {
        self.origin_us = self.origin_us.saturating_add(counts.origin_us);
        self.bytes_out = self.bytes_out.saturating_add(counts.bytes_out);
        self.waiting_us = self.waiting_us.max(counts.waited_max_us.into());
    }

    pub(crate) fn tick(&mut self) {
        self.waited_us = std::mem::take(&mut self.waiting_us);
    }
}

/// One origin at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct OriginSnapshot {
    /// Its URL, as the configuration writes it.
    pub origin: Arc<str>,
    /// Whether it gets requests.
    pub standing: OriginStanding,
    /// Requests that are at it, of all platforms that name it.
    pub in_flight: u32,
    /// Median time to the head of its answers over the last five to ten seconds, in milliseconds.
    pub p50_ms: Option<f64>,
    /// 99th percentile, likewise.
    pub p99_ms: Option<f64>,
    /// Faults since start: not reached, no answer, none in time, a probe that was not good.
    pub faults: u64,
    /// Times that it was taken out since start.
    pub ejections: u64,
}

/// Whether an origin gets requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OriginStanding {
    /// Its whole share.
    Healthy,
    /// A share that grows, since it was out.
    Returning,
    /// None while others are healthy.
    Out,
}

/// What is known of one platform's admission.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AdmissionSnapshot {
    /// Brief requests that may be at its origins at once.
    pub limit: u32,
    /// Work that they do at once, in requests: what is told, or what was seen when they were full;
    /// the limit before that.
    pub carries: f64,
    /// What was asked for over what they can carry, over the last second.
    pub pressure: f64,
}

impl AdmissionSnapshot {
    /// The limit of a gate that lets all through and only measures.
    pub const BOUNDS_NOTHING: u32 = u32::MAX;

    /// Whether what is let through is bounded.
    pub fn bounds(self) -> bool {
        self.limit < Self::BOUNDS_NOTHING
    }
}

/// What the shield thinks of a platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PlatformState {
    /// Nothing is refused beyond the odd broken message.
    #[default]
    Calm,
    /// A measure acts, demand nears what the origins can carry, or an incident rests: it was calm for
    /// five seconds and closes when it stays so.
    Watch,
    /// An incident is open and goes on.
    Incident,
}

impl PlatformState {
    /// The word of the contract.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Calm => "calm",
            Self::Watch => "watch",
            Self::Incident => "incident",
        }
    }
}

/// A bounded table and how full it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableSnapshot {
    /// Its name in metrics.
    pub name: &'static str,
    /// Entries in use.
    pub entries: u64,
    /// Entries it can hold.
    pub capacity: u64,
    /// Times that a new entry found no room, since start.
    pub saturated: u64,
}
