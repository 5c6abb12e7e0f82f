//! Per-source limits at work on one platform.

use super::Stamp;
use crate::Rung;
use serde::{Deserialize, Serialize};

/// Per-source limits began to act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeasureBegan {
    /// Where.
    pub platform: String,
    /// When the first request was stopped.
    pub began_at: Stamp,
    /// What those get that are stopped.
    pub rung: Rung,
    /// Requests stopped in a second of the first window.
    pub stopped_per_s: u64,
    /// Different sources among those stopped, at least.
    pub sources_least: u64,
    /// Demand over what the origins can carry in that window, in thousandths.
    pub pressure_permille: Option<u32>,
}

/// Demand at the origins is back in its bound.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeasureRelieved {
    /// Where.
    pub platform: String,
    /// When the measure began.
    pub began_at: Stamp,
    /// Since when demand has been in its bound.
    pub relieved_at: Stamp,
    /// Demand over what the origins can carry, in thousandths.
    pub pressure_permille: Option<u32>,
}

/// The limits have had nothing to do for a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeasureEnded {
    /// Where.
    pub platform: String,
    /// When the measure began.
    pub began_at: Stamp,
    /// When the last request was stopped.
    pub ended_at: Stamp,
    /// Requests stopped between.
    pub stopped: u64,
    /// Requests admitted between.
    pub admitted: u64,
    /// Most requests stopped in one second.
    pub peak_stopped_per_s: u64,
}
