//! What stands before the origins: nothing, one of the usual measures, or the shield itself.
//!
//! All of them see the same requests, and none learns who means well.

mod checks;
mod ewma;
mod holding;
mod kind;
mod nothing;
mod notices;
mod per_address;
mod profile;
mod shield;

pub use checks::{Check, Pass, Turn};
pub use ewma::Ewma;
pub use holding::{EndsTls, Holding, Passing};
pub use kind::{DefenceKind, Protected, Setup};
pub use nothing::Nothing;
pub use per_address::PerAddress;
pub use profile::Profile;
pub use shield::{AdmissionMode, KnownCapacity, Shield, ShieldSettings};

use crate::group::Remembered;
use crate::origin::{End, FlightId};
use crate::request::Request;
use crate::score::{Deed, Match, Said, TableSize};
use seawall_engine::admission::Body;
use seawall_types::{Moment, PlatformId, Verdict};
use std::time::Duration;

/// What a node that was started again has of what it knew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// Nothing.
    Nothing,
    /// What a node writes when it is told to leave.
    Disk,
}

/// What happens to a request that has arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// It goes to its origin.
    Admit,
    /// It waits; [`Defence::poll_release`] says later what becomes of it.
    Wait,
    /// It is answered instead, or dropped.
    Stop(Stopped),
}

/// An answer of the shield's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stopped {
    /// The verdict, never [`Verdict::Admit`].
    pub verdict: Verdict,
    /// `Retry-After`, where the answer says one.
    pub retry_after: Option<Duration>,
    /// What must be passed, with [`Verdict::Challenge`].
    pub check: Option<Check>,
}

impl Stopped {
    /// An answer that asks nothing.
    pub const fn of(verdict: Verdict, retry_after: Option<Duration>) -> Self {
        Self { verdict, retry_after, check: None }
    }
}

/// A request as a defence sees it.
#[derive(Debug, Clone, Copy)]
pub struct Arrival<'a> {
    /// Names it for [`Defence::finished`].
    pub flight: FlightId,
    /// The request; its sender's role is not in it.
    pub request: &'a Request,
    /// Whether all of it has come.
    pub body: Body,
    /// What the sender shows of checks that it passed.
    pub pass: Option<Pass>,
    /// Path and query classes of the platform's site, for defences that read paths.
    pub site: &'a crate::site::Site,
}

/// The head of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Headed {
    /// Of which request.
    pub flight: FlightId,
    /// Bytes of the answer.
    pub bytes: u64,
    /// What follows.
    pub follows: Follows,
}

/// What follows the head of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Follows {
    /// A body of that many bytes.
    Body,
    /// A WebSocket, for as long as both sides like.
    Socket,
}

/// How an admitted request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    /// Which one.
    pub flight: FlightId,
    /// From admission to the end of the answer.
    pub took: Duration,
    /// Bytes of the answer.
    pub bytes: u64,
    /// How it ended there.
    pub end: End,
    /// The cookie that the origin set with its answer.
    pub set_cookie: Option<u64>,
}

/// What stands before the origins.
///
/// Times are those of the node's own monotonic clock, which may drift.
pub trait Defence {
    /// Its name in tables.
    fn name(&self) -> &'static str;

    /// What it keeps from the origins of requests that come or are read slowly.
    fn holding(&self) -> Holding {
        Holding::PROXY
    }

    /// Whether a reader must take what it is sent sooner than usual, since others need its place.
    fn hurries_readers(&self, _platform: PlatformId) -> bool {
        false
    }

    /// Whether a place at an origin can be spared for a request of whose body next to nothing has come.
    fn spares_one(&self, _platform: PlatformId) -> bool {
        false
    }

    /// Whether a body must come sooner than usual, since others need its place.
    fn hurries_bodies(&self, _now: Moment, _platform: PlatformId) -> bool {
        false
    }

    /// Learns of members that were served before the world began.
    fn remember(&mut self, _remembered: &[Remembered]) {}

    /// Judges a request.
    fn arrive(&mut self, now: Moment, arrival: Arrival<'_>) -> Decision;

    /// Members of these groups hold what an operator gave them to be known by: staff, monitors and the
    /// like.
    fn let_in(&mut self, _groups: &[u16]) {}

    /// What somebody bears who passed a check some days before the world began.
    fn passed_before(&mut self, _request: &Request) -> Option<Pass> {
        None
    }

    /// Somebody answers a check; gives what that is worth, if anything.
    fn answered(&mut self, _now: Moment, _request: &Request, _check: Check) -> Option<Pass> {
        None
    }

    /// Somebody who does not solve asks for a place in the line; none when there is no room.
    fn joins(&mut self, _now: Moment, _request: &Request) -> Option<Turn> {
        None
    }

    /// Somebody's turn in the line has come, who was asked for a check.
    fn turn_came(
        &mut self,
        _now: Moment,
        _request: &Request,
        _waited: (Turn, Check),
    ) -> Option<Pass> {
        None
    }

    /// Hears that the head of an answer has come, where the rest takes longer: the body is on its
    /// way, or the connection is a WebSocket from now on.
    fn headed(&mut self, _now: Moment, _headed: Headed) {}

    /// Hears that an admitted request has ended.
    fn finished(&mut self, _now: Moment, _ended: Ended) {}

    /// Hears that a request's client has left, whether it waited or was at the origin.
    ///
    /// That is the last that it hears of the request: a proxy closes its connection to the origin
    /// then, and learns nothing of the work that goes on there.
    fn left(&mut self, _now: Moment, _flight: FlightId) {}

    /// When [`Self::on_deadline`] has something to do.
    fn next_deadline(&self) -> Option<Moment> {
        None
    }

    /// Does what is due.
    fn on_deadline(&mut self, _now: Moment) {}

    /// What becomes of a request that waited.
    fn poll_release(&mut self) -> Option<(FlightId, Decision)> {
        None
    }

    /// Its node was started again: what it had in memory is gone, and perhaps what it kept too.
    ///
    /// Requests that waited there have been told; those at the origins end without it.
    fn restarted(&mut self, _now: Moment, _kept: Kept) {}

    /// When it first began to say that something is wrong with a platform, since a moment.
    fn noticed(&self, _platform: PlatformId, _since: Moment) -> Option<Moment> {
        None
    }

    /// Whether its descriptions match the request that arrived last; what is described is not
    /// stopped for that.
    fn matched_last(&self) -> Match {
        Match::None
    }

    /// What it said of a platform.
    fn said(&self, _platform: PlatformId) -> &[Said] {
        &[]
    }

    /// What it did on a platform.
    fn deeds(&self, _platform: PlatformId) -> &[Deed] {
        &[]
    }

    /// How full its tables are.
    fn tables(&self, _now: Moment) -> Vec<TableSize> {
        Vec::new()
    }
}
