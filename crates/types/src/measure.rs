//! Names of standing measures, and what each of them met.

use crate::SourceKey;
use crate::observation::LISTED_MAX;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

/// Names one standing measure of a node; never given twice within a run.
///
/// Codes in answers carry it in 20 bits, so that there are [`MeasureId::MAX`] of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct MeasureId(NonZeroU32);

impl MeasureId {
    /// The last that fits a code; after it the first follows again.
    pub const MAX: u32 = (1 << 20) - 1;

    /// The id of a number from 1 to [`Self::MAX`].
    pub const fn new(number: u32) -> Option<Self> {
        match NonZeroU32::new(number) {
            Some(number) if number.get() <= Self::MAX => Some(Self(number)),
            Some(_) | None => None,
        }
    }

    /// As a number, as codes carry it.
    pub const fn number(self) -> u32 {
        self.0.get()
    }
}

impl fmt::Display for MeasureId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "m{}", self.0)
    }
}

/// Why a text names no measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAMeasure;

impl fmt::Display for NotAMeasure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not the name of a measure such as m17")
    }
}

impl std::error::Error for NotAMeasure {}

impl From<MeasureId> for String {
    fn from(id: MeasureId) -> Self {
        id.to_string()
    }
}

impl TryFrom<String> for MeasureId {
    type Error = NotAMeasure;
    fn try_from(text: String) -> Result<Self, NotAMeasure> {
        text.parse()
    }
}

impl FromStr for MeasureId {
    type Err = NotAMeasure;
    fn from_str(text: &str) -> Result<Self, NotAMeasure> {
        let digits = text.strip_prefix('m').filter(|rest| rest.bytes().all(|b| b.is_ascii_digit()));
        digits.and_then(|digits| Self::new(digits.parse().ok()?)).ok_or(NotAMeasure)
    }
}

/// Somebody passed a check that a measure asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckPassed {
    /// Which measure; where a visitor waited in the line that is his word.
    pub measure: MeasureId,
    /// Who passed.
    pub source: SourceKey,
}

/// Passed checks that one batch lists: as many as requests.
pub const PASSES_LISTED_MAX: usize = LISTED_MAX;

/// Measures of all platforms together that one batch has counts of.
pub const MEASURES_COUNTED_MAX: usize = 1_024;

/// What a measure met on one core since the core's last batch; exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MeasureCounts {
    /// Which.
    pub measure: MeasureId,
    /// Requests that showed what it is about, whatever became of them.
    pub met: u32,
    /// Those among them whose visitors were known to be good before.
    pub met_proven: u32,
    /// Those among them that it kept from the origin.
    pub stopped: u32,
    /// Those among them whose visitors were known to be good before.
    pub stopped_proven: u32,
    /// Challenges that were handed out.
    pub challenged: u32,
    /// Challenges that were passed.
    pub passed: u32,
}

impl MeasureCounts {
    /// Nothing met yet.
    pub const fn none(measure: MeasureId) -> Self {
        Self {
            measure,
            met: 0,
            met_proven: 0,
            stopped: 0,
            stopped_proven: 0,
            challenged: 0,
            passed: 0,
        }
    }
}

/// What a measure met since it began, on all cores; the counts of [`MeasureCounts`] added up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct MeasureTotals {
    /// Requests that showed what it is about, whatever became of them.
    pub met: u64,
    /// Those among them whose visitors were known to be good before.
    pub met_proven: u64,
    /// Those among them that it kept from the origin.
    pub stopped: u64,
    /// Those among them whose visitors were known to be good before.
    pub stopped_proven: u64,
    /// Challenges that were handed out.
    pub challenged: u64,
    /// Challenges that were passed.
    pub passed: u64,
}

impl MeasureTotals {
    /// Adds what one core met.
    pub fn add(&mut self, counts: &MeasureCounts) {
        for (total, counted) in [
            (&mut self.met, counts.met),
            (&mut self.met_proven, counts.met_proven),
            (&mut self.stopped, counts.stopped),
            (&mut self.stopped_proven, counts.stopped_proven),
            (&mut self.challenged, counts.challenged),
            (&mut self.passed, counts.passed),
        ] {
            *total = total.saturating_add(u64::from(counted));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_reads_back_and_nothing_else_does() {
        let id = MeasureId::new(17).unwrap();
        assert_eq!(id.to_string().parse(), Ok(id));
        for text in ["", "m", "m0", "17", "m-1", "m+1", "m1048576", "m99999999999"] {
            assert_eq!(text.parse::<MeasureId>(), Err(NotAMeasure), "{text}");
        }
    }
}
