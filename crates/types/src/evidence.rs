//! What the evidence log states: a closed list of plain facts, each with both clocks.
//!
//! [`Fact`] is what the shield tells the log, [`Bookkeeping`] what the log writes about itself.
//! Numbers are whole and carry their unit in their name; `None` is "not known", never "none".
//! Says what was measured, not what it means.

mod bookkeeping;
mod counts;
mod incident;
mod integrity;
mod lane;
mod measure;
mod name;
mod ring;
mod sources;

pub use bookkeeping::{Bookkeeping, Gap, GapReason, Removed, SegmentHead};
pub use counts::{PlatformSecond, RequestCounts};
pub use incident::{Clocks, Incident, IncidentKind, Measured, Signature, VisitorsHarmed};
pub use integrity::{Aspect, IntegrityLook, Seen};
pub use lane::{LaneEntered, LaneInvited, LaneRevoked};
pub use measure::{
    MeasureBegan, MeasureBy, MeasureEnd, MeasureEnded, MeasureRelieved, StandingMeasure,
};
pub use name::{BadName, IncidentId, NAME_MAX, NodeName};
pub use ring::IncidentRing;
pub use sources::{
    AddressWord, Cluster, Clusters, IncidentSealed, IncidentSources, PlaceCount, PlaceRow,
    PlaceTable, Placed, SourceCrowd,
};

use crate::{Moment, Rung, WallTime};
use serde::{Deserialize, Serialize};

/// One instant on both clocks, so that a step of the wall clock shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Stamp {
    /// Milliseconds since 1970 UTC, as this machine believed.
    #[serde(rename = "wall_ms")]
    pub wall: WallTime,
    /// Nanoseconds since the process began; never goes back within a run.
    #[serde(rename = "mono_ns")]
    pub moment: Moment,
}

/// Something the shield states.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "snake_case")]
pub enum Fact {
    /// The process began to serve.
    NodeStarted {
        /// Of the program.
        version: String,
        /// Digest of the configuration in force, such as `sha256:…`.
        configuration: String,
    },
    /// The process ends by itself; what follows in the log is another run.
    NodeStopped,
    /// Another configuration is in force.
    ConfigurationApplied {
        /// Its digest.
        configuration: String,
    },
    /// Another configuration was offered and has faults; the one in force stays.
    ConfigurationRefused {
        /// Digest of what was offered; `None` when it could not be read.
        configuration: Option<String>,
        /// How many faults were told.
        faults: u64,
    },
    /// Per-source limits of a platform began to act.
    MitigationBegan(MeasureBegan),
    /// Demand at the origins of that platform is back in its bound.
    MitigationRelieved(MeasureRelieved),
    /// Those limits have had nothing to do for a while.
    MitigationEnded(MeasureEnded),
    /// A standing measure was taken up.
    MeasureBegan(StandingMeasure),
    /// A standing measure is on another rung.
    MeasureChanged {
        /// The rung before.
        was: Rung,
        /// As it is now.
        #[serde(flatten)]
        measure: StandingMeasure,
    },
    /// A standing measure is over.
    MeasureEnded {
        /// How that came.
        how: MeasureEnd,
        /// When.
        ended_at: Stamp,
        /// As it was.
        #[serde(flatten)]
        measure: StandingMeasure,
    },
    /// An operator made a link into a lane.
    LaneInvited(LaneInvited),
    /// Somebody got into a lane by a link.
    LaneEntered(LaneEntered),
    /// An operator took a link away, with everything that came of it.
    LaneRevoked(LaneRevoked),
    /// A case was opened.
    IncidentOpened(Incident),
    /// What is known of a case changed.
    IncidentChanged(Incident),
    /// A case was found to be part of another.
    IncidentMerged {
        /// Which.
        incident: IncidentId,
        /// The one that goes on.
        into: IncidentId,
    },
    /// A case was closed.
    IncidentClosed(Incident),
    /// What is known of the sources of a case changed.
    IncidentSources(Box<IncidentSources>),
    /// Addresses of the sources of a case were put aside, where they can be erased.
    IncidentSealed(IncidentSealed),
    /// What a case began with.
    IncidentRing(IncidentRing),
    /// What one platform saw in one second of an incident.
    PlatformSecond(PlatformSecond),
    /// What was watched for a change that nobody ordered.
    IntegrityLook(IntegrityLook),
    /// An origin gets another share of requests than before.
    OriginStanding {
        /// Its URL, as the configuration writes it.
        origin: String,
        /// Before.
        was: Standing,
        /// Now.
        now: Standing,
    },
    /// What the shield believes that an origin or a platform can carry changed.
    CarryLearned {
        /// Whose.
        platform: String,
        /// Of one origin; `None` for the platform as a whole.
        origin: Option<String>,
        /// What it is, with its unit.
        quantity: CarryQuantity,
        /// Before; `None` when nothing was known.
        was: Option<u64>,
        /// Now; `None` when nothing is known any more.
        now: Option<u64>,
    },
    /// A bounded table had no room for a new entry.
    TableSaturated {
        /// Its name in metrics.
        table: String,
        /// Times since it was last told.
        times: u64,
    },
}

/// Whether an origin gets requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Its whole share.
    Healthy,
    /// A share that grows, since it was out.
    Returning,
    /// None while others are healthy.
    Out,
}

/// A learned quantity and its unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CarryQuantity {
    /// Origin-milliseconds that can be done in a second.
    CapacityMsPerS,
    /// Requests that may be at the origin at once.
    LimitRequests,
}

/// How much it matters that a fact is on disk at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// One of many; the next sync of the log's rhythm is soon enough.
    Routine,
    /// A case begins or ends, or the run does: synced as soon as it is written.
    Pivotal,
}

impl Fact {
    /// How much it matters that it is on disk at once.
    pub const fn weight(&self) -> Weight {
        match self {
            Self::IncidentOpened(_) | Self::IncidentClosed(_) | Self::NodeStopped => {
                Weight::Pivotal
            }
            Self::NodeStarted { .. }
            | Self::ConfigurationApplied { .. }
            | Self::ConfigurationRefused { .. }
            | Self::MitigationBegan(_)
            | Self::MitigationRelieved(_)
            | Self::MitigationEnded(_)
            | Self::MeasureBegan(_)
            | Self::MeasureChanged { .. }
            | Self::MeasureEnded { .. }
            | Self::LaneInvited(_)
            | Self::LaneEntered(_)
            | Self::LaneRevoked(_)
            | Self::IncidentChanged(_)
            | Self::IncidentMerged { .. }
            | Self::IncidentSources(_)
            | Self::IncidentSealed(_)
            | Self::IncidentRing(_)
            | Self::PlatformSecond(_)
            | Self::IntegrityLook(_)
            | Self::OriginStanding { .. }
            | Self::CarryLearned { .. }
            | Self::TableSaturated { .. } => Weight::Routine,
        }
    }
}
