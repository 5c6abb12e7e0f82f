//! A case, as far as it is known when it is recorded.

use super::{IncidentId, Stamp};
use crate::Verdict;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// Which.
    pub id: IncidentId,
    /// The platform that it is about.
    pub platform: String,
    /// What can be said of its nature.
    pub kind: IncidentKind,
    /// Its times.
    pub clocks: Clocks,
    /// Requests since it was opened, by verdict.
    pub requests: BTreeMap<Verdict, u64>,
    /// Legitimate people and programs that a measure harmed.
    pub visitors_harmed: VisitorsHarmed,
    /// What was measured.
    pub measured: Measured,
    /// What its traffic had in common, as far as anything was described.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signatures: Vec<Signature>,
}

/// One description of a part of a case's traffic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// The whole sentence, with what it explains and whom it touches; holds values that senders
    /// chose.
    pub text: String,
    /// The conjunction alone.
    pub expression: String,
    /// Of the traffic above normal, in thousandths.
    pub share_of_excess_permille: u32,
    /// Known-good visitors that it touches.
    pub hits: u32,
    /// Known-good visitors that it was tried on.
    pub visitors: u32,
    /// Most of the known-good visitors that it may touch, at 95 % certainty, in millionths.
    pub bound_ppm: u32,
}

/// What can be said of a case's nature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IncidentKind {
    /// Traffic unlike the platform's own.
    Flood,
    /// More of the platform's own kind of traffic.
    Surge,
    /// Neither was shown.
    Unknown,
}

impl IncidentKind {
    /// The word of the contract.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Flood => "flood",
            Self::Surge => "surge",
            Self::Unknown => "unknown",
        }
    }
}

/// The five clocks of a case; `None` is "not yet, or not known".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Clocks {
    /// Its first traffic, found backwards.
    pub onset_at: Option<Stamp>,
    /// When the shield knew.
    pub detected_at: Option<Stamp>,
    /// When the first measure acted.
    pub mitigated_at: Option<Stamp>,
    /// When load at the origins was back in its bound.
    pub relieved_at: Option<Stamp>,
    /// Its last traffic.
    pub ended_at: Option<Stamp>,
}

/// How many visitors were harmed: a range, or nothing that can be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VisitorsHarmed {
    /// It was not measured.
    Unknown,
    /// At least and at most this many.
    Between {
        /// At least.
        least: u64,
        /// At most.
        most: u64,
    },
}

/// Numbers of a case since it was opened; `None` is "not measured".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Measured {
    /// Most requests of any verdict in one second.
    pub peak_requests_per_s: Option<u64>,
    /// Most admitted requests in one second.
    pub peak_admitted_per_s: Option<u64>,
    /// Highest demand of what asked over what the origins can carry, in thousandths.
    pub peak_pressure_permille: Option<u32>,
    /// Most requests at the origins at once.
    pub peak_in_flight: Option<u32>,
    /// Longest that a request waited for its turn, in milliseconds.
    pub queue_wait_max_ms: Option<u32>,
    /// Milliseconds that origins worked.
    pub origin_ms: Option<u64>,
    /// Bytes sent to clients.
    pub bytes_out: Option<u64>,
    /// Different sources that were counted, at least.
    pub sources_least: Option<u64>,
}
