//! When a flood began, and how long after that it was noticed, stopped, and of no more harm.
//!
//! Reads the quarters of a second of a [`Score`]; each state must last for [`STEADY`] quarters to
//! count, and its time is that of its first quarter.
//! A flood that pauses can only be seen to be stopped while it sends, so the quarters in which it
//! does not are left out of that clock.

use super::{QUARTERS_PER_SECOND, Quarter, Score, Second};
use crate::group::Role;

/// Quarters for which a state must last: 2 s.
const STEADY: usize = 8;
/// A flood is stopped when less than this share of its cost gets through.
const STOPPED_BELOW: f64 = 0.1;
/// An origin is in its bound up to this share of its capacity.
pub(super) const IN_BOUND: f64 = 1.05;
/// Visitors are well when this share of what they ask for is served.
const WELL_FROM: f64 = 0.95;

/// Five clocks of one event; the later four run from the onset, in seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Clocks {
    /// The flood's first request, or where there is no flood the surge's begin, since the start.
    pub onset_s: Option<f64>,
    /// Until the defence said that something is wrong.
    pub detected_s: Option<f64>,
    /// Until less than a tenth of the flood's cost got through, for 2 s in which it was sent.
    pub effective_s: Option<f64>,
    /// Until the work let through was back in its bound, for 2 s on end.
    pub safe_s: Option<f64>,
    /// Until 95 % of what honest senders asked for was served, for 2 s on end.
    pub well_s: Option<f64>,
}

impl Clocks {
    pub(super) fn of(score: &Score) -> Self {
        let flood = score.quarters.iter().position(|quarter| quarter.flood_offered > 0);
        let surge = score.event.map(|event| quarter_of(event.from));
        let Some(onset) = flood.or(surge) else {
            return Self::default();
        };
        let since_onset = |at: usize| seconds(at) - seconds(onset);
        let first = |holds: fn(&[Quarter]) -> bool| {
            let windows = score.quarters.windows(STEADY).enumerate().skip(onset);
            windows.into_iter().find(|(_, window)| holds(window)).map(|(at, _)| since_onset(at))
        };
        let well = score.seconds.windows(STEADY / QUARTERS_PER_SECOND).enumerate();
        let detected = score.detected_at.map(|at| at.as_secs_f64() - seconds(onset));
        Self {
            onset_s: Some(seconds(onset)),
            detected_s: detected.filter(|s| *s >= 0.0),
            effective_s: stopped(&score.quarters).map(since_onset),
            safe_s: first(is_in_bound),
            well_s: well
                .skip(onset / QUARTERS_PER_SECOND)
                .find(|(_, window)| is_well(window))
                .map(|(at, _)| since_onset(at * QUARTERS_PER_SECOND).max(0.0)),
        }
    }
}

/// The first quarter from which on the flood is stopped for as long as it must be, or for all of it
/// where it is shorter than that.
fn stopped(quarters: &[Quarter]) -> Option<usize> {
    let sends = |at: &usize| quarters[*at].flood_offered > 0;
    let sending: Vec<_> = (0..quarters.len()).filter(sends).collect();
    let windows = sending.windows(STEADY.min(sending.len()).max(1));
    windows.into_iter().find(|at| is_stopped(quarters, at)).map(|at| at[0])
}

/// By requests where the flood costs nothing.
fn is_stopped(quarters: &[Quarter], window: &[usize]) -> bool {
    let sum = |of: fn(&Quarter) -> f64| window.iter().map(|at| of(&quarters[*at])).sum::<f64>();
    let (offered, admitted) = match sum(|quarter| quarter.flood_offered_ms) {
        ms if ms > 0.0 => (ms, sum(|quarter| quarter.flood_admitted_ms)),
        _ => (
            sum(|quarter| f64::from(quarter.flood_offered)),
            sum(|quarter| f64::from(quarter.flood_admitted)),
        ),
    };
    offered > 0.0 && admitted < STOPPED_BELOW * offered
}

/// Every second within the window is in its bound.
fn is_in_bound(window: &[Quarter]) -> bool {
    window.windows(QUARTERS_PER_SECOND).all(|second| {
        let admitted: f64 = second.iter().map(|quarter| quarter.admitted_ms).sum();
        let capacity: f64 = second.iter().map(|quarter| quarter.capacity_ms).sum();
        admitted <= IN_BOUND * capacity
    })
}

fn is_well(window: &[Second]) -> bool {
    window.iter().all(|second| {
        let sum = |of: &[u32; Role::COUNT]| -> u32 {
            let honest = Role::ALL.into_iter().filter(|role| role.is_honest());
            honest.map(|role| of[role.index()]).sum()
        };
        f64::from(sum(&second.served)) >= WELL_FROM * f64::from(sum(&second.offered))
    })
}

#[expect(clippy::cast_precision_loss, reason = "quarters of a run")]
fn seconds(quarter: usize) -> f64 {
    quarter as f64 / 4.0
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a span is a run's and not negative"
)]
fn quarter_of(second: f64) -> usize {
    (second.max(0.0) * 4.0) as usize
}
