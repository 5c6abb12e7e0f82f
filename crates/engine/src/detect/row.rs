//! One request as the detector keeps it.

use seawall_types::{RequestObservation, SourceKey, Traits};

/// What a description is made from: 80 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Row {
    /// What it showed of itself.
    pub traits: Traits,
    /// Who asked.
    pub source: SourceKey,
    /// What it would cost the origin, in microseconds, whatever became of it.
    pub cost_us: u32,
    /// Whether its visitor was known to be good before it asked.
    pub is_proven: bool,
}

impl From<&RequestObservation> for Row {
    fn from(request: &RequestObservation) -> Self {
        Self {
            traits: request.traits,
            source: request.source,
            cost_us: request.cost_us,
            is_proven: request.is_proven,
        }
    }
}
