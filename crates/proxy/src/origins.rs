//! Where requests can go: what is known of every origin, which is chosen, and how one that failed
//! comes back.
//!
//! ```text
//! request -> PlatformOrigins::choose -> Seat -> pool -> answer or Fault -> OriginState
//!                      core 0: Prober, every tick -> probes, names ----------^
//! ```
//!
//! What all cores know of an origin is an [`OriginState`]: atomics, found by URL in the
//! [`OriginBook`] and so kept over reloads.
//! Never answers for a platform by opinion alone: when every origin is out, the one that failed
//! longest ago is still tried.
//! Bounds: one probe and one look for a name under way for each origin of the configuration; tries
//! to connect to an origin that refuses, one each [`health::TRY_EVERY`]; repeated requests, a tenth
//! of those that came.

pub(crate) mod addresses;
pub(crate) mod book;
pub(crate) mod budget;
pub(crate) mod check;
pub(crate) mod choice;
pub(crate) mod health;
pub(crate) mod latency;
pub(crate) mod prober;
pub(crate) mod seat;
pub(crate) mod state;

pub(crate) use book::OriginBook;
pub(crate) use choice::{PlatformOrigins, Repeatable, Tried};
pub(crate) use health::Fault;
pub(crate) use prober::Prober;
pub(crate) use seat::Seat;
pub(crate) use state::OriginState;
