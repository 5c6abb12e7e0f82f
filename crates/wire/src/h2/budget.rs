//! Counts within the running second.

use super::{FrameFault, FrameLimits};
use seawall_types::Moment;
use std::time::Duration;

/// The span that budgets are for.
const SPAN: Duration = Duration::from_secs(1);

/// What a frame is charged to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Charge {
    Reset,
    Control,
    WindowUpdate,
    Empty,
}

/// Frames of the second that began with `since`.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Second {
    since: Moment,
    resets: u32,
    control: u32,
    window_updates: u32,
    empty: u32,
}

impl Second {
    /// Counts one frame; a second that is over is forgotten first.
    pub(super) fn charge(
        &mut self,
        now: Moment,
        charge: Charge,
        limits: &FrameLimits,
    ) -> Result<(), FrameFault> {
        if now.since(self.since) >= SPAN {
            *self = Self { since: now, ..Self::default() };
        }
        let (count, most, fault) = match charge {
            Charge::Reset => (&mut self.resets, limits.resets_per_second, FrameFault::ResetRate),
            Charge::Control => (&mut self.control, limits.control_per_second, FrameFault::Control),
            Charge::WindowUpdate => (
                &mut self.window_updates,
                limits.window_updates_per_second,
                FrameFault::WindowUpdates,
            ),
            Charge::Empty => (&mut self.empty, limits.empty_per_second, FrameFault::Empty),
        };
        *count = count.saturating_add(1);
        if *count > most { Err(fault) } else { Ok(()) }
    }
}
