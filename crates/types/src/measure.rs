//! Names of standing measures, and what each of them met.

use std::fmt;
use std::num::NonZeroU32;

/// Names one standing measure of a node; never given twice within a run.
///
/// Codes in answers carry it in 20 bits, so that there are [`MeasureId::MAX`] of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
