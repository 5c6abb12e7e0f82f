//! The five times of an incident.

use super::Tick;
use seawall_types::Moment;

/// Five times of an incident; those that are none are not known, or have not come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clocks {
    /// The first traffic of it, found backwards.
    pub onset_at: Moment,
    /// When it was told.
    pub detected_at: Moment,
    /// When the first request was stopped after the onset.
    pub mitigated_at: Option<Moment>,
    /// From when what was let through stayed within what the origins can carry.
    pub relieved_at: Option<Moment>,
    /// When pressure fell for good; known once it has stayed down.
    pub ended_at: Option<Moment>,
    /// The last tick over the calm mark.
    pub(super) last_over: Moment,
}

impl Clocks {
    pub(super) fn begun(onset_at: Moment, detected_at: Moment) -> Self {
        Self {
            onset_at,
            detected_at,
            mitigated_at: None,
            relieved_at: None,
            ended_at: None,
            last_over: detected_at,
        }
    }

    /// It was over and is not.
    pub(super) fn go_on(&mut self, now: Moment) {
        self.ended_at = None;
        self.last_over = now;
    }

    /// Whether with this tick something was stopped for the first time.
    pub(super) fn act(&mut self, tick: &Tick) -> bool {
        if self.mitigated_at.is_some() || tick.stopped() == 0 {
            return false;
        }
        self.mitigated_at = Some(tick.at);
        true
    }
}
