//! The log that proves what happened: records to bytes, hashes, signatures, and the check of all.
//!
//! [`Log`] takes [`seawall_types::evidence::Fact`]s and the time and writes segments to a [`Store`].
//! [`verify`] reads them back and names the first thing that does not hold, and every gap.
//! [`index`] makes a database of incidents that an operator can open.
//! Never waits for a caller, never starts a thread, and never loses a record without saying so.
//! Bounds: [`Limits`] of the log; [`line::LINE_MAX`] bytes of a record; [`segment::SEGMENT_MAX`]
//! bytes of a segment that is read.

pub mod checkpoint;
pub mod cosignature;
pub mod incidents;
pub mod index;
pub mod key;
pub mod line;
pub mod log;
pub mod merkle;
pub mod note;
pub mod segment;
pub mod store;
pub mod verify;

pub use key::NodeKey;
pub use log::{Limits, Log, Status};
pub use store::{DirectoryStore, Folder, Store};
