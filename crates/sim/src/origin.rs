//! Origins that can carry only so much: workers or cores with a line before them, and a link for
//! what they answer.
//!
//! Takes requests, faults and the time; gives each request's end through [`Origin::poll_done`].
//! Work once begun goes on when its client has left, as that of most real servers does.
//! Never knows who sent a request or what stands before it.
//! Bounds: connections and line by [`OriginSpec`]; a full line gives 503.

mod balancer;
mod jobs;
mod link;
mod processor;
mod running;
mod seats;
mod server;
mod spec;

pub use running::Origin;
pub use spec::{BadOrigin, Crash, Holds, Model, OriginSpec, SERVERS_MAX};

use crate::request::Manner;
use std::time::Duration;

/// Names a request for as long as it is in the world.
pub type FlightId = u32;

/// What a request asks of an origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Work {
    /// Worker time.
    pub cost: Duration,
    /// Bytes of the answer.
    pub bytes: u64,
    /// How it reaches the origin and how its answer is read, as far as the origin feels it.
    pub manner: Manner,
}

/// The end of a request at an origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Done {
    /// Which one.
    pub flight: FlightId,
    /// How it ended.
    pub end: End,
}

/// How a request ended at an origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// With its whole answer.
    Served,
    /// With 503 because the line was full.
    LineFull,
    /// Not taken: no server is up, or it has no connection left.
    Refused,
    /// With 504 since it took too long.
    TimedOut,
    /// The server died with it.
    Lost,
    /// Its client had left before its answer was sent whole.
    Left,
}

/// What may happen to an origin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Trouble {
    /// Every server works at this share of its speed.
    Speed(f64),
    /// The link carries this share of its bytes.
    Link(f64),
    /// One server dies with all that it had.
    Dies(u16),
    /// One server neither answers nor refuses.
    Hangs(u16),
    /// One server is as it was.
    Returns(u16),
}

#[cfg(test)]
mod tests;
