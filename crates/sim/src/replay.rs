//! Recorded traffic, played through the virtual shield.
//!
//! A [`Recording`] takes inputs one after another; [`Recorded`] is what they hold, in the order of
//! its times and with the cost of every request known; [`play`] gives the [`Outcome`] under one
//! configuration, which tells its verdicts in the order of the input, and a [`Summary`].
//! The same inputs, plan and seed give the same bytes.
//! Bounds: [`RECORDS_MAX`] records of 120 bytes, [`NAMES_MAX`] names, [`ROUTES_MAX`] route classes,
//! [`TEXTS_MAX`] texts of what requests show.

mod capacity;
mod compare;
mod costs;
mod demand;
mod expect;
mod held;
mod incidents;
mod names;
mod play;
mod recorded;
mod recording;
mod routes;
mod summary;
mod text;
mod texts;
mod verdicts;

pub use compare::{Comparison, Difference, compare};
pub use expect::{BadBounds, Bounds};
pub use held::RECORDS_MAX;
pub use incidents::IncidentSummary;
pub use names::{NAMES_MAX, Named};
pub use play::{Outcome, Place, Plan, play};
pub use recorded::Recorded;
pub use recording::{Capture, Recording, TooMuch, UNREAD_NAMED_MAX, Unread};
pub use routes::ROUTES_MAX;
pub use summary::{PlatformSummary, Summary, json};
pub use text::text;
pub use texts::TEXTS_MAX;

/// The platform of records that name none, where no configuration says otherwise.
pub const DEFAULT_PLATFORM: &str = "www";

#[cfg(test)]
mod tests;
