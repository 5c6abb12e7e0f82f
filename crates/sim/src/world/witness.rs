//! Who looks on: told of each request once it is over, and of each fault, for recordings and
//! timelines.

use crate::fault::Fault;
use crate::group::{Passing, Role};
use crate::request::{Fate, Request, Ticket};
use seawall_types::{Moment, WallTime};
use std::time::Duration;

/// Looks on and changes nothing.
pub trait Witness {
    /// A request is over.
    fn ended(&mut self, ended: &Witnessed);

    /// Something went wrong, or well again.
    fn fault(&mut self, _fault: &Fault) {}
}

/// A request that is over, with what its sender is in truth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Witnessed {
    /// Which one.
    pub ticket: Ticket,
    /// As it was sent.
    pub request: Request,
    /// What its sender is.
    pub role: Role,
    /// How its sender passes a check.
    pub passes: Passing,
    /// When it was sent.
    pub sent_at: Moment,
    /// When what it asks for was first asked for.
    pub first_at: Moment,
    /// What people read on the node then.
    pub sent_wall: WallTime,
    /// What it costs a worker of the origin.
    pub cost: Duration,
    /// Bytes of its answer.
    pub bytes: u64,
    /// What became of it.
    pub fate: Fate,
    /// From sending to the end.
    pub took: Duration,
}
