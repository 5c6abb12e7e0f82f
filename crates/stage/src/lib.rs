//! Visitors, floods and origins made real on loopback, for the demo and system tests.
//!
//! Takes specifications; gives running tasks whose counts can be read at any time.
//! Everything runs on the tokio runtime of the caller, of either flavour.
//! Never sends to an address that is not loopback: a [`LoopbackTarget`] is the only way to name one.
//! Bounds: every count, rate and time has a named limit in [`bounds`], checked before anything starts.
//! Chance comes from a seed in each specification; times of arrival are the machine's.

pub mod bounds;
pub mod latency;
pub mod origin;
pub mod play;
pub mod raw;
pub mod sources;
pub mod target;
pub mod trial;
pub mod visitors;

mod crew;
mod error;
mod hyper_io;
mod tls;

#[cfg(test)]
mod tests;

pub use bounds::OutOfBounds;
pub use error::StageError;
pub use latency::Latency;
pub use origin::{Origin, OriginLoad, OriginSpec, PageClass, ServiceTimes};
pub use seawall_sim::Chance;
pub use sources::{SourceBlock, Sources};
pub use target::{LoopbackTarget, NotLoopback};
pub use tls::Trust;
pub use visitors::{
    Door, Pace, PlatformOutcome, Transport, VisitedPlatform, VisitorReport, Visitors, VisitorsSpec,
};
