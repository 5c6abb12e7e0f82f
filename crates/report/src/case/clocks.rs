//! The five clocks of an incident, each with its distance from detection and where it comes from.
//!
//! Distances are on the clock that never goes back; the wall clock is what people read.

use crate::known::{Known, Why};
use seawall_types::WallTime;
use seawall_types::evidence::{Clocks, Stamp};

/// A step of the wall clock against the other that is told.
pub const CLOCK_STEP_MS: u64 = 2_000;

/// One clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clock {
    /// One word, as the contract has it.
    pub word: &'static str,
    /// For people.
    pub name: &'static str,
    /// When, as this machine believed.
    pub at: Known<WallTime>,
    /// Milliseconds after detection; before it when negative.
    pub from_detection_ms: Known<i64>,
    /// How it was found.
    pub source: &'static str,
}

/// The five clocks, and what is known of the machine's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FiveClocks {
    /// First traffic, detected, first measure, load back in its bound, end.
    pub five: [Clock; 5],
    /// How far the machine's clock is from UTC, in milliseconds.
    pub offset_ms: Known<i64>,
    /// Steps of the wall clock during the window.
    pub steps: ClockSteps,
}

/// Steps of the wall clock against the clock that never goes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ClockSteps {
    /// How many over [`CLOCK_STEP_MS`].
    pub count: u64,
    /// The largest, in milliseconds.
    pub largest_ms: u64,
}

impl FiveClocks {
    /// From an incident's record.
    pub(super) fn of(clocks: &Clocks, steps: ClockSteps) -> Self {
        let Clocks { onset_at, detected_at, mitigated_at, relieved_at, ended_at } = *clocks;
        let clock = |(word, name, source), stamp: Option<Stamp>| Clock {
            word,
            name,
            at: Known::or(stamp.map(|stamp| stamp.wall), Why::NotYet),
            from_detection_ms: Known::or(
                stamp.zip(detected_at).map(|(stamp, detected)| distance_ms(detected, stamp)),
                Why::NotYet,
            ),
            source,
        };
        let onset = (
            "onset_at",
            "first traffic",
            "found backwards: the last quarter second before demand rose",
        );
        let detected = ("detected_at", "detected", "when the shield stated it");
        let mitigated = ("mitigated_at", "first measure", "when a request was first not admitted");
        let relieved = ("relieved_at", "load back in its bound", "from the demand at the origins");
        let ended = ("ended_at", "end", "the last quarter second in which demand was not calm");
        let mut five = [
            clock(onset, onset_at),
            clock(detected, detected_at),
            clock(mitigated, mitigated_at),
            clock(relieved, relieved_at),
            clock(ended, ended_at),
        ];
        if onset_at.is_none() {
            // The past is there or not: waiting does not bring it.
            five[0].at = Known::Unknown(Why::NotMeasured);
            five[0].from_detection_ms = Known::Unknown(Why::NotMeasured);
        }
        Self { five, offset_ms: Known::Unknown(Why::NotMeasured), steps }
    }

    /// The clock of that word.
    pub fn clock(&self, word: &str) -> Option<&Clock> {
        self.five.iter().find(|clock| clock.word == word)
    }

    /// When the clock of that word stood, if it is known.
    pub fn at(&self, word: &str) -> Option<WallTime> {
        self.clock(word).and_then(|clock| clock.at.value().copied())
    }
}

fn distance_ms(from: Stamp, to: Stamp) -> i64 {
    let ms = |later: Stamp, earlier: Stamp| {
        i64::try_from(later.moment.0.saturating_sub(earlier.moment.0) / 1_000_000)
            .unwrap_or(i64::MAX)
    };
    if to.moment >= from.moment { ms(to, from) } else { -ms(from, to) }
}

/// Compares both clocks of records, in their order.
#[derive(Debug, Default)]
pub(super) struct StepWatch {
    last: Option<Stamp>,
    steps: ClockSteps,
}

impl StepWatch {
    /// Looks at the next record.
    pub(super) fn look(&mut self, stamp: Stamp) {
        let last = self.last.replace(stamp);
        // A clock that went back to its beginning is another run's.
        let Some(last) = last.filter(|last| last.moment <= stamp.moment) else { return };
        let mono = i128::from((stamp.moment.0 - last.moment.0) / 1_000_000);
        let wall = i128::from(stamp.wall.0) - i128::from(last.wall.0);
        let step = u64::try_from((wall - mono).unsigned_abs()).unwrap_or(u64::MAX);
        if step > CLOCK_STEP_MS {
            self.steps.count += 1;
            self.steps.largest_ms = self.steps.largest_ms.max(step);
        }
    }

    /// Another run begins: its clocks are not those of the run before.
    pub(super) fn begin_run(&mut self) {
        self.last = None;
    }

    pub(super) fn steps(&self) -> ClockSteps {
        self.steps
    }
}
