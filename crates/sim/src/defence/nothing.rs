//! No shield at all: everything reaches the origin.

use super::{Arrival, Decision, Defence, Holding};
use seawall_types::Moment;

/// No shield at all.
#[derive(Debug, Clone, Copy, Default)]
pub struct Nothing;

impl Defence for Nothing {
    fn name(&self) -> &'static str {
        "nothing"
    }

    fn holding(&self) -> Holding {
        Holding::NOTHING
    }

    fn arrive(&mut self, _now: Moment, _arrival: Arrival<'_>) -> Decision {
        Decision::Admit
    }
}
