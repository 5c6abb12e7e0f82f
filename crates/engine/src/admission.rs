//! An origin is never overrun: how much reaches it, and who goes first when not all can.
//!
//! Takes requests, how they ended, and the time; gives admissions, waits and holds.
//! A [`Share`] is one core's part of what a platform's origins can carry: it decides alone. A
//! [`Coordinator`] reads the shares' sums ten times a second, learns what each origin can carry and
//! deals it out. [`Alone`] is both, for whoever has one core.
//! Never reads a clock, waits, draws chance, or learns from what a sender claims.
//! Bounds: stand with each part; every table and queue here has a greatest size and counts what it
//! could not take.

pub mod alone;
pub(crate) mod calm;
pub mod coordinator;
pub mod cost;
pub mod hold;
pub mod limiter;
mod permits;
pub mod prefix;
pub mod proof;
mod queue;
mod ranks;
pub mod request;
pub mod returns;
pub mod route;
pub mod share;
pub mod sums;

pub use alone::Alone;
pub use coordinator::{Coordinator, OriginIndex, Plan};
pub use hold::{Hold, HoldReason, RETRY_MIN_S};
pub use limiter::Limiter;
pub use permits::{PERMITS_MAX, Permit};
pub use prefix::Prefix;
pub use proof::{Fetch, MarkSeed, Proof, Proofs, Proven, Scale, StackMark};
pub use queue::{BYTES_MAX, ENTRIES_MAX, Ticket};
pub use ranks::{CREDIT_US, PREFIXES_MAX, WEIGHT_MAX};
pub use request::{Body, Call, Class, Ending, Head, Kind, Offer, Outcome, Ready, Request};
pub use returns::{CallerMark, Returns};
pub use route::{MethodKind, RouteKey, RouteSeed};
pub use share::{Share, ShareSettings};
pub use sums::{Grant, OriginSet, Report};

use std::time::Duration;

/// Longest that a request waits for a slot: well under what a person takes for a slow page.
///
/// Source: a queue longer than patience makes an origin work for clients that have left; in our
/// own lab a queue of 2.6 s left visitors 17 % of a scarce page.
pub const WAIT_MAX: Duration = Duration::from_millis(500);

/// How often shares tell their sums and are dealt slots.
pub const ROUND: Duration = Duration::from_millis(100);

/// Origins of one platform.
pub const ORIGINS_MAX: usize = 64;

#[cfg(test)]
mod tests;
