//! What the shield and the operator did, as the log tells it.

use crate::line::Line;
use seawall_types::WallTime;
use seawall_types::evidence::{
    CarryQuantity, Fact, LaneEntered, LaneInvited, LaneRevoked, MeasureBegan, MeasureEnded,
    MeasureRelieved, Standing as OriginStanding, StandingMeasure,
};

/// One deed and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// When it was recorded.
    pub at: WallTime,
    /// The record that tells of it.
    pub record: u64,
    /// What kind of deed.
    pub deed: Deed,
    /// What was done, in one sentence.
    pub what: Line,
}

/// What kind of deed it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// The shield began or ended to serve.
    Run,
    /// The operator offered another configuration, or let somebody into a lane.
    Configuration,
    /// Limits of single sources acted.
    Limits,
    /// The shield gave an origin another share.
    Origin,
    /// The shield learned how much can be carried.
    Capacity,
    /// A table of the shield was full.
    Saturation,
}

impl Deed {
    /// One word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Configuration => "configuration",
            Self::Limits => "limits",
            Self::Origin => "origin",
            Self::Capacity => "capacity",
            Self::Saturation => "saturation",
        }
    }
}

/// The deed that a fact tells of, if it tells of one.
pub(super) fn deed(fact: &Fact) -> Option<(Deed, Line)> {
    let (deed, what) = match fact {
        Fact::NodeStarted { version, .. } => {
            (Deed::Run, format!("the shield began to serve, version {version}"))
        }
        Fact::NodeStopped => (Deed::Run, "the shield ended by itself".to_owned()),
        Fact::ConfigurationApplied { configuration } => {
            (Deed::Configuration, format!("configuration {configuration} came into force"))
        }
        Fact::ConfigurationRefused { configuration, faults } => {
            let which = configuration.as_deref().unwrap_or("that could not be read");
            let faults = format!("{faults} faults (measured)");
            (Deed::Configuration, format!("configuration {which} was refused for {faults}"))
        }
        Fact::MitigationBegan(began) => {
            let MeasureBegan { platform, rung, stopped_per_s, sources_least, .. } = began;
            let stopped = format!("{stopped_per_s} requests per second (measured)");
            let (rung, sources) = (rung.word(), format!("at least {sources_least} sources"));
            let what =
                format!("limits of {platform} ({rung}) began to stop {stopped} of {sources}");
            (Deed::Limits, what)
        }
        Fact::MitigationRelieved(MeasureRelieved { platform, .. }) => {
            (Deed::Limits, format!("demand at the origins of {platform} was back in its bound"))
        }
        Fact::MitigationEnded(MeasureEnded { platform, stopped, admitted, .. }) => {
            let counted = format!("{stopped} requests stopped, {admitted} admitted (measured)");
            (Deed::Limits, format!("limits of {platform} had nothing to do any more: {counted}"))
        }
        // What it is about may name a source.
        Fact::MeasureBegan(measure) => (Deed::Limits, format!("{} was taken up", named(measure))),
        Fact::MeasureChanged { was, measure } => {
            (Deed::Limits, format!("{} came from the rung {}", named(measure), was.word()))
        }
        Fact::MeasureEnded { how, measure, .. } => {
            let (met, stopped) = (measure.counts.met, measure.counts.stopped);
            let counted = format!("at least {met} requests met, {stopped} stopped (measured)");
            (Deed::Limits, format!("{} was over, {}: {counted}", named(measure), how.word()))
        }
        Fact::LaneInvited(_) | Fact::LaneEntered(_) | Fact::LaneRevoked(_) => {
            (Deed::Configuration, of_link(fact)?)
        }
        Fact::OriginStanding { origin, was, now } => {
            let (was, now) = (standing(*was), standing(*now));
            (Deed::Origin, format!("origin {origin} went from {was} to {now}"))
        }
        Fact::CarryLearned { platform, origin, quantity, was, now } => {
            let whose = origin.as_deref().unwrap_or(platform);
            let unit = match quantity {
                CarryQuantity::CapacityMsPerS => "origin-ms per second",
                CarryQuantity::LimitRequests => "requests at once",
            };
            let said = |value: &Option<u64>| {
                value.map_or("unknown".to_owned(), |value| format!("{value} {unit}"))
            };
            let (was, now) = (said(was), said(now));
            (Deed::Capacity, format!("what {whose} can carry went from {was} to {now} (estimated)"))
        }
        Fact::TableSaturated { table, times } => {
            (Deed::Saturation, format!("table {table} had no room for {times} entries (measured)"))
        }
        Fact::IncidentOpened(_)
        | Fact::IncidentChanged(_)
        | Fact::IncidentMerged { .. }
        | Fact::IncidentClosed(_)
        | Fact::IncidentSources(_)
        | Fact::IncidentSealed(_)
        | Fact::IncidentRing(_)
        | Fact::IntegrityLook(_)
        | Fact::PlatformSecond(_) => return None,
    };
    Some((deed, Line::of(&what)))
}

/// What became of a link; whom it was for is the operator's own business.
fn of_link(fact: &Fact) -> Option<String> {
    match fact {
        Fact::LaneInvited(LaneInvited { invite, lane, platform, .. }) => {
            Some(format!("link {invite} into lane {lane} of {platform} was made"))
        }
        Fact::LaneEntered(LaneEntered { invite, lane, member }) => {
            Some(format!("link {invite} into lane {lane} was used, by number {member}"))
        }
        Fact::LaneRevoked(LaneRevoked { invite, lane }) => {
            Some(format!("link {invite} into lane {lane} was taken back"))
        }
        _ => None,
    }
}

fn named(measure: &StandingMeasure) -> String {
    let StandingMeasure { id, platform, by, rung, .. } = measure;
    format!("measure {id} on {platform} ({}, by the {})", rung.word(), by.word())
}

const fn standing(standing: OriginStanding) -> &'static str {
    match standing {
        OriginStanding::Healthy => "healthy",
        OriginStanding::Returning => "returning",
        OriginStanding::Out => "out",
    }
}
