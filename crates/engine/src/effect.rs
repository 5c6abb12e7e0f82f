//! What the engine wants done or told: a closed list.

use crate::detect::FindingChange;
use crate::incident::IncidentChange;
use seawall_types::{Moment, PlatformId, Rung};

/// Something the engine wants done or told.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Per-source limits began to act on a platform.
    MitigationBegan(MitigationBegan),
    /// Demand at the origins is back in its bound.
    Relieved(Relieved),
    /// The measure has had nothing to do for a while.
    MitigationEnded(MitigationEnded),
    /// An incident of a platform opened, goes on, changed or closed.
    Incident {
        /// Where.
        platform: PlatformId,
        /// What became of it.
        change: IncidentChange,
    },
    /// What the detector says of a platform began, changed or is over.
    Finding(FindingChange),
    /// A bounded table had no room for a new entry.
    TableSaturated {
        /// Its name.
        table: &'static str,
        /// When the engine learned of it.
        at: Moment,
        /// Times since the last such effect.
        times: u64,
    },
}

/// Per-source limits began to act on a platform.
#[derive(Debug, Clone, PartialEq)]
pub struct MitigationBegan {
    /// Where.
    pub platform: PlatformId,
    /// When the first request was stopped.
    pub at: Moment,
    /// What they get.
    pub rung: Rung,
    /// Requests per second stopped in the first window.
    pub stopped_rps: f64,
    /// Different sources among those stopped, at least.
    pub sources: u32,
    /// Demand let through over capacity in that window; none when capacity is unknown.
    pub pressure: Option<f64>,
}

/// Demand at the origins is back in its bound.
#[derive(Debug, Clone, PartialEq)]
pub struct Relieved {
    /// Where.
    pub platform: PlatformId,
    /// When.
    pub at: Moment,
    /// When the measure began.
    pub began_at: Moment,
    /// Demand let through over capacity.
    pub pressure: f64,
}

/// The measure has had nothing to do for a while.
#[derive(Debug, Clone, PartialEq)]
pub struct MitigationEnded {
    /// Where.
    pub platform: PlatformId,
    /// When the last request was stopped.
    pub at: Moment,
    /// When the measure began.
    pub began_at: Moment,
    /// Requests stopped between.
    pub stopped: u64,
    /// Requests admitted between.
    pub admitted: u64,
    /// Highest rate of stopped requests over one second.
    pub peak_stopped_rps: f64,
}
