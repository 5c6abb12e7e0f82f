//! Documents from evidence: one incident as a page, a letter, a notification or a machine's format.
//!
//! Takes records of the evidence log ([`Entry`]) and what the operator says of itself ([`About`]);
//! gives a [`Case`], and of it any [`Form`].
//! Says what was measured, by what unit and how; what is not known is [`Known::Unknown`] with its
//! reason, and lost telemetry makes "unknown", never "not affected".
//! Never opens a file, reads a clock, asks anyone, or prints who may be behind traffic.
//! The same records give the same bytes.
//! Bounds: each list of a [`Case`] has a named maximum and says how many were left out.

pub mod about;
pub mod assess;
pub mod between;
pub mod case;
pub mod entry;
pub mod finding;
pub mod forms;
pub mod known;
pub mod line;
pub mod lint;
pub mod names;
pub mod place;
mod redact;
pub mod source;
mod words;

pub use about::{About, Tlp};
pub use case::{Case, Check, Evidence, NoSuchIncident, Survey};
pub use entry::Entry;
pub use forms::{Form, Unable, render};
pub use known::{Basis, Known, Quantity, Unit, Why};
pub use line::Line;
pub use lint::lint;
