//! Everything that is known of one incident, and of every platform beside it.
//!
//! [`Survey`] and [`Gathering`] make it of a log, a segment at a time, [`Case::of`] of records in
//! memory; a form only reads it.
//! A platform is ruled out only where every second has a record and none of them shows load;
//! wherever records are lost or missing it is unknown.
//! Never fills a hole: what no record states is [`Known::Unknown`].
//! Bounds: [`PLATFORMS_MAX`], [`ACTIONS_MAX`], [`GAPS_MAX`], [`SECONDS_MAX`]; the rest are counted.

mod actions;
mod clocks;
mod gather;
mod impact;
mod integrity;
mod matrix;
mod phases;
mod scales;
mod series;
mod severity;

pub use actions::{Action, Deed};
pub use clocks::{CLOCK_STEP_MS, Clock, ClockSteps, FiveClocks};
pub use gather::{Gathering, Survey};
pub use impact::{
    FAULTS_PERMILLE, Impact, NOT_ADMITTED_PERMILLE, PRESSURE_FULL_PERMILLE, SLOW_WAIT_MS, Second,
};
pub use integrity::{Borne, Departure, Integrity, Watched};
pub use matrix::{Coverage, PlatformView, Standing};
pub use phases::{Edge, PHASE_TERMS, Phase, USUAL_LEAST_S, Usual};
pub use scales::{Reading, SCALE_TERMS, SCALES, Scale};
pub use series::{COLUMNS_MAX, Column, Series};
pub use severity::{Level, Severity, TERMS};

use crate::about::About;
use crate::assess::Likeness;
use crate::entry::Entry;
use crate::finding::Signature;
use crate::known::{Bound, Known, Quantity, Unit, Why};
use crate::line::Line;
use crate::place::{Crowd, Places};
use crate::source::{Seal, SourceSeen};
use seawall_types::evidence::{IncidentId, IncidentKind, Measured, VisitorsHarmed};
use seawall_types::{Verdict, WallTime};
use std::net::SocketAddr;
use thiserror::Error;

/// Platforms that a case lists.
pub const PLATFORMS_MAX: usize = 64;
/// Deeds that a case lists.
pub const ACTIONS_MAX: usize = 400;
/// Gaps that a case lists.
pub const GAPS_MAX: usize = 200;
/// Seconds of a platform that are kept one by one: six hours.
pub const SECONDS_MAX: usize = 21_600;

/// What a case is made from.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    /// Records of one log, in their order.
    pub entries: &'a [Entry],
    /// Records that could not be read.
    pub unread: u64,
    /// What a check of the log said.
    pub check: &'a Check,
}

/// What a check of the log said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Check {
    /// It holds; records before this number are signed.
    Holds {
        /// The first that is not.
        signed_before: u64,
    },
    /// It does not.
    Broken {
        /// What the check named first.
        what: Line,
    },
    /// Nobody checked.
    NotMade,
}

/// There is no such incident in these records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("no record tells of an incident of that name")]
pub struct NoSuchIncident;

/// Everything that is known of one incident.
#[derive(Debug, Clone)]
pub struct Case {
    /// Which.
    pub id: IncidentId,
    /// Who reports.
    pub about: About,
    /// Where the facts come from.
    pub custody: Custody,
    /// What can be said of its nature.
    pub kind: IncidentKind,
    /// How far it is.
    pub state: State,
    /// Others that were found to be part of it.
    pub merged: Vec<IncidentId>,
    /// The time that the report is about.
    pub window: Window,
    /// Its times.
    pub clocks: FiveClocks,
    /// What was admitted, and what was not, between each two of them.
    pub phases: Vec<Phase>,
    /// How large, how various and how lasting it was.
    pub scales: [Reading; SCALES.len()],
    /// Every platform: the one that the incident is about first, the others by name.
    pub platforms: Vec<PlatformView>,
    /// Platforms that found no room in the list.
    pub platforms_unlisted: u64,
    /// Requests of the incident as it was recorded last, by verdict.
    pub requests: [u64; Verdict::COUNT],
    /// What the incident itself measured.
    pub measured: Measured,
    /// Legitimate people and programs that a measure harmed: at least and at most.
    pub visitors_harmed: Known<(u64, u64)>,
    /// How much of the service was lost.
    pub severity: Severity,
    /// What detection described; empty while nothing did.
    pub signatures: Vec<Signature>,
    /// Where a table places the sources.
    pub places: Known<Places>,
    /// Earlier and later incidents of this log, the likest first.
    pub likenesses: Vec<Likeness>,
    /// What proves the addresses that were put aside.
    pub seal: Known<Seal>,
    /// Single sources, most requests first, for the forms that name them and for no other; none
    /// until whoever may read them has put them here.
    pub sources: Vec<SourceSeen>,
    /// The address of ours that they reached and its port, where only one can be meant.
    pub reached: Option<SocketAddr>,
    /// What was watched for a change that nobody ordered.
    pub integrity: Integrity,
    /// What the shield and the operator did, in order.
    pub actions: Vec<Action>,
    /// Deeds that found no room in the list.
    pub actions_unlisted: u64,
}

/// Where the facts come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Custody {
    /// The node that recorded.
    pub node: Line,
    /// Version of the program, as it said at its last start before the end.
    pub version: Known<Line>,
    /// Digest of the configuration in force when it began.
    pub configuration: Known<Line>,
    /// First record about this incident.
    pub first_record: u64,
    /// Last record about this incident.
    pub last_record: u64,
    /// Wall time of the newest record: the report knows nothing later.
    pub as_of: WallTime,
    /// What a check of the log said.
    pub check: Check,
    /// Records that could not be read.
    pub unread: u64,
    /// Holes that touch the window.
    pub gaps: Vec<GapSeen>,
    /// Holes that found no room in the list.
    pub gaps_unlisted: u64,
    /// Records before this number were taken away to keep to the disk budget.
    pub removed_before: Option<u64>,
}

/// A hole in the log that touches the window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GapSeen {
    /// The record that names it.
    pub record: u64,
    /// Its beginning.
    pub from: WallTime,
    /// Its end.
    pub to: WallTime,
    /// Records that are lost.
    pub lost: Known<Quantity>,
    /// Why, for people.
    pub why: Line,
}

/// How far an incident is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It goes on, as far as the records go.
    Open,
    /// It was closed.
    Closed,
    /// It was found to be part of another.
    MergedInto(IncidentId),
}

/// The time that a report is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// From the first traffic that is known, or from when the incident was opened.
    pub from: WallTime,
    /// To its end, or to the newest record while it goes on.
    pub to: WallTime,
}

impl Window {
    /// Whole seconds in it, at least one.
    pub fn seconds(self) -> u64 {
        (self.to.0.saturating_sub(self.from.0) / 1_000).max(1)
    }
}

impl State {
    /// The word of the contract.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
            Self::MergedInto(_) => "merged",
        }
    }
}

impl Case {
    /// The case of `id`, from records alone.
    ///
    /// # Errors
    /// No record tells of it.
    pub fn of(
        evidence: &Evidence<'_>,
        id: &IncidentId,
        about: About,
    ) -> Result<Self, NoSuchIncident> {
        gather::gather(evidence, id, about)
    }

    /// The platform that the incident is about.
    pub fn subject(&self) -> &PlatformView {
        // The subject is put there before any other: see `gather`.
        &self.platforms[0]
    }

    /// Platforms beside the one that the incident is about.
    pub fn others(&self) -> &[PlatformView] {
        self.platforms.get(1..).unwrap_or_default()
    }

    /// Requests of the incident in all.
    pub fn total(&self) -> Quantity {
        let sum = self.requests.iter().fold(0, |a: u64, b| a.saturating_add(*b));
        Quantity::measured(sum, Unit::Requests)
    }

    /// Requests of the incident that got one verdict.
    pub fn with(&self, verdict: Verdict) -> Quantity {
        Quantity::measured(self.requests[verdict.index()], Unit::Requests)
    }

    /// The numbers of the incident itself, each with its name.
    pub fn figures(&self) -> Vec<(&'static str, Known<Quantity>)> {
        let Measured {
            peak_requests_per_s,
            peak_admitted_per_s,
            peak_pressure_permille,
            peak_in_flight,
            queue_wait_max_ms,
            origin_ms,
            bytes_out,
            sources_least,
        } = self.measured;
        let known = |value: Option<u64>, unit| {
            Known::measured(value).map(|value| Quantity::measured(value, unit))
        };
        let crowd = |of: fn(&Places) -> &Crowd| match &self.places {
            Known::Is(places) => Known::Is(of(places).sources),
            Known::Unknown(_) => {
                known(sources_least, Unit::Sources).map(|q| q.bounded(Bound::AtLeast))
            }
        };
        vec![
            ("most requests in one second", known(peak_requests_per_s, Unit::RequestsPerSecond)),
            ("most admitted in one second", known(peak_admitted_per_s, Unit::RequestsPerSecond)),
            (
                "highest demand over what the origins can carry",
                known(peak_pressure_permille.map(u64::from), Unit::TimesCapacity),
            ),
            (
                "most requests at the origins",
                known(peak_in_flight.map(u64::from), Unit::RequestsAtOnce),
            ),
            (
                "longest wait for a turn",
                known(queue_wait_max_ms.map(u64::from), Unit::Milliseconds),
            ),
            ("work of the origins", known(origin_ms, Unit::OriginMilliseconds)),
            ("sent to clients", known(bytes_out, Unit::Bytes)),
            ("different sources that asked", crowd(|places| &places.asked)),
            ("different sources that a measure met", crowd(|places| &places.met)),
        ]
    }

    /// What a shield of this kind cannot see; stands in every report.
    pub const fn out_of_sight() -> [&'static str; 6] {
        [
            "Traffic that never reached the shield, such as a full line before it.",
            "Bits and packets per second: requests are counted, packets are not.",
            "Who sent the traffic, who paid for it, and why.",
            "Whether anyone read or changed data, beyond the few signs that were watched.",
            "How many people gave up before they asked.",
            "Whether somebody who holds the node's key wrote its log anew: only a checkpoint that was \
             kept elsewhere shows that.",
        ]
    }
}

fn harmed(harmed: VisitorsHarmed) -> Known<(u64, u64)> {
    match harmed {
        VisitorsHarmed::Unknown => Known::Unknown(Why::NotMeasured),
        VisitorsHarmed::Between { least, most } => Known::Is((least, most)),
    }
}
