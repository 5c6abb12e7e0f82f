//! How much of the service was lost, on a scale that stands in every report.
//!
//! Judges the service as a whole, never the traffic: a large flood under which it went on is level 0,
//! whomever a measure turned away; those are told apart.
//! Is no category of any authority: those are given by them alone.

use super::{Impact, matrix::Coverage};
use crate::known::{Known, Why};

/// A level of the scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// No second was degraded.
    Unbroken,
    /// A minute or less was degraded.
    Slight,
    /// More was degraded, or up to a minute unavailable.
    Moderate,
    /// More than a minute was unavailable.
    Serious,
    /// More than half an hour was unavailable.
    Severe,
}

const MINUTE_S: u64 = 60;
const HALF_HOUR_S: u64 = 1_800;

impl Level {
    /// Every level, mildest first.
    pub const ALL: [Self; 5] =
        [Self::Unbroken, Self::Slight, Self::Moderate, Self::Serious, Self::Severe];

    /// From 0 to 4.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// One word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unbroken => "unbroken",
            Self::Slight => "slight",
            Self::Moderate => "moderate",
            Self::Serious => "serious",
            Self::Severe => "severe",
        }
    }

    /// What it takes.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Unbroken => "no second degraded or unavailable",
            Self::Slight => "1 to 60 seconds degraded, none unavailable",
            Self::Moderate => "more than 60 seconds degraded, or 1 to 60 seconds unavailable",
            Self::Serious => "more than 60 seconds unavailable",
            Self::Severe => "more than 1,800 seconds unavailable",
        }
    }

    const fn of(impact: &Impact) -> Self {
        match (impact.unavailable_s, impact.degraded_s) {
            (HALF_HOUR_S.., _) if impact.unavailable_s > HALF_HOUR_S => Self::Severe,
            (MINUTE_S.., _) if impact.unavailable_s > MINUTE_S => Self::Serious,
            (1.., _) => Self::Moderate,
            (0, degraded) if degraded > MINUTE_S => Self::Moderate,
            (0, 1..) => Self::Slight,
            (0, 0) => Self::Unbroken,
        }
    }
}

/// Stands beside the scale.
pub const TERMS: &str = "A second is unavailable when requests came and none was admitted; it is \
    degraded when 5 % of its requests or more met a fault at the origins, or when a request waited \
    500 ms or more for its turn. Whom a measure turned away or told to wait is no part of this scale \
    and is told apart.";

/// How much of the service was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Severity {
    /// What the recorded seconds show; the truth is this or more. `None` when there are none.
    pub at_least: Option<Level>,
    /// The level, where nothing was lost that could raise it.
    pub level: Known<Level>,
}

impl Severity {
    /// Of the platform that the incident is about.
    pub(super) fn of(impact: &Impact, coverage: &Coverage) -> Self {
        let shown = Level::of(impact);
        let level = match coverage.is_whole() {
            _ if coverage.seen_s == 0 => Known::Unknown(Why::NotRecorded),
            // Nothing lies above the highest.
            _ if shown == Level::Severe => Known::Is(shown),
            Err(why) => Known::Unknown(why),
            Ok(()) if impact.waits_known_s < coverage.seen_s && shown < Level::Moderate => {
                Known::Unknown(Why::NotMeasured)
            }
            Ok(()) => Known::Is(shown),
        };
        Self { at_least: (coverage.seen_s > 0).then_some(shown), level }
    }

    /// One sentence.
    pub fn sentence(&self) -> String {
        let said =
            |level: Level| format!("{} ({}): {}", level.number(), level.word(), level.meaning());
        match (self.level, self.at_least) {
            (Known::Is(level), _) => said(level),
            (Known::Unknown(why), Some(level)) => {
                format!("at least {}; whether more is unknown: {}", said(level), why.sentence())
            }
            (Known::Unknown(why), None) => format!("unknown: {}", why.sentence()),
        }
    }
}
