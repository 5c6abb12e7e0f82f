//! What a defence and those whom it asks to pass a check tell each other.

use seawall_engine::challenge::Difficulty;
use seawall_engine::challenge::place::PlaceText;
use seawall_engine::challenge::token::TokenText;
use seawall_types::{MeasureId, Moment};

/// What somebody who passed was given, as it stands in a cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pass(pub(crate) TokenText);

/// A check that somebody is asked to pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Check {
    /// Tells it from every other.
    pub id: u64,
    /// The measure that asks for it.
    pub measure: Option<MeasureId>,
    /// How much work it is.
    pub difficulty: Difficulty,
}

/// A place in the line of those who do not solve, and when its turn is by the node's own clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turn {
    /// As it stands in an address.
    pub(crate) text: PlaceText,
    /// When that is.
    pub at: Moment,
}
