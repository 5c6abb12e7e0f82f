//! What the engine wants done or told: a closed list.

use crate::detect::FindingChange;
use crate::incident::IncidentChange;
use crate::policy::Measure;
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
    /// A standing measure was taken up, changed or is over; what the hot path looks up has changed.
    Measure(MeasureChange),
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

/// What became of a standing measure.
#[derive(Debug, Clone, PartialEq)]
pub enum MeasureChange {
    /// It stands.
    Began(Measure),
    /// It is on another rung.
    Changed {
        /// As it is now.
        measure: Measure,
        /// The rung before.
        was: Rung,
        /// When.
        at: Moment,
    },
    /// Somebody took it away.
    Lifted {
        /// As it was.
        measure: Measure,
        /// When.
        at: Moment,
    },
    /// Its time was over and nothing spoke for more of it.
    Expired {
        /// As it was.
        measure: Measure,
        /// When.
        at: Moment,
    },
}

impl MeasureChange {
    /// What happened to it, in one word.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Began(_) => "began",
            Self::Changed { .. } => "changed",
            Self::Lifted { .. } => "lifted",
            Self::Expired { .. } => "expired",
        }
    }

    /// When.
    pub const fn at(&self) -> Moment {
        match self {
            Self::Began(measure) => measure.began_at,
            Self::Changed { at, .. } | Self::Lifted { at, .. } | Self::Expired { at, .. } => *at,
        }
    }

    /// The measure as it is, or as it was when it ended.
    pub fn measure(&self) -> &Measure {
        match self {
            Self::Began(measure)
            | Self::Changed { measure, .. }
            | Self::Lifted { measure, .. }
            | Self::Expired { measure, .. } => measure,
        }
    }
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
