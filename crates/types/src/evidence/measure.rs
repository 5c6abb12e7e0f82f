//! What stops traffic on one platform: per-source limits at work, and standing measures.

use super::Stamp;
use crate::{MeasureId, MeasureTotals, Rung};
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

/// A standing measure, as it is when it is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StandingMeasure {
    /// Its name in codes.
    pub id: MeasureId,
    /// Where.
    pub platform: String,
    /// Who wanted it.
    pub by: MeasureBy,
    /// What those get that it meets.
    pub rung: Rung,
    /// What it is about; holds values that senders chose, where it is a description.
    pub about: String,
    /// Why, in the words of whoever wanted it.
    pub why: String,
    /// When it was taken up.
    pub began_at: Stamp,
    /// Until when it stands unless it is renewed.
    pub expires_at: Stamp,
    /// What it met so far, at least: what cores saw in the last tenth of a second may be missing.
    pub counts: MeasureTotals,
}

/// Who wanted a measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MeasureBy {
    /// The shield, from what it found.
    Ladder,
    /// A person who runs it.
    Operator,
}

impl MeasureBy {
    /// For people and programs.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ladder => "ladder",
            Self::Operator => "operator",
        }
    }
}

/// How a measure came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MeasureEnd {
    /// Somebody took it away.
    Lifted,
    /// Its time was over.
    Expired,
}

impl MeasureEnd {
    /// For people and programs.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Lifted => "lifted",
            Self::Expired => "expired",
        }
    }
}
