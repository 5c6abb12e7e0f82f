//! The shield without I/O.
//!
//! Takes [`seawall_types::Batch`]es and the time; gives [`Effect`]s and a [`Snapshot`].
//! Never reads a clock, opens a socket or draws a random number: time and seed are arguments, so
//! the same input gives the same decisions, byte for byte.

pub mod effect;
pub mod policy;
pub mod snapshot;

pub use effect::Effect;
pub use snapshot::{PlatformSnapshot, PlatformState, Snapshot, TableSnapshot};
