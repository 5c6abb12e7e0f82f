//! What the core is told of a request, and what it answers.

use super::{Hold, Permit, Prefix, RouteKey, Ticket};
use std::time::Duration;

/// Who goes first when not all can be served.
///
/// The order is that of priority. Each class has a floor besides, so that none starves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// A declared client with a reserved share: staff, monitors, partners.
    Lane,
    /// Bears a token of ours that is older than the trouble.
    OldToken,
    /// Shown to be a real visitor before the trouble, see [`super::proof`].
    Proven,
    /// Nothing speaks for or against it.
    Unknown,
    /// A measure put it behind the others.
    Low,
}

impl Class {
    /// How many there are.
    pub const COUNT: usize = 5;
    /// Every class, first served first.
    pub const ALL: [Self; Self::COUNT] =
        [Self::Lane, Self::OldToken, Self::Proven, Self::Unknown, Self::Low];

    /// Position in [`Self::ALL`], for tables.
    pub const fn index(self) -> usize {
        self as usize
    }
}

/// How a request uses its origin; each kind has slots of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Question and answer.
    Brief,
    /// A large body: it holds its slot by its size, not by the origin's work.
    Bulk,
    /// WebSocket, long poll, stream of gRPC: open for as long as the client likes.
    Lasting,
}

impl Kind {
    /// How many there are.
    pub const COUNT: usize = 3;
    /// Every kind.
    pub const ALL: [Self; Self::COUNT] = [Self::Brief, Self::Bulk, Self::Lasting];

    /// Position in [`Self::ALL`], for tables.
    pub const fn index(self) -> usize {
        self as usize
    }
}

/// Whether what a request sends is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Body {
    /// It sends nothing, or all of it has come.
    Whole,
    /// The rest comes as its sender likes, and its slot is held meanwhile.
    Comes,
}

/// One request that wants to go to an origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request {
    /// What it asks for, as a class of like questions.
    pub route: RouteKey,
    /// The network it comes from.
    pub prefix: Prefix,
    /// How it stands with us.
    pub class: Class,
    /// How it will use the origin, as far as its head says; [`Kind::Bulk`] is learned by us.
    pub kind: Kind,
    /// Whether its body is there.
    pub body: Body,
    /// Memory that it holds while it waits.
    pub bytes: u32,
    /// What was promised to it.
    pub call: Call,
}

/// As what a request comes, see [`super::returns`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// For the first time, or not as it was told.
    First,
    /// As it was told when it was sent away, so long after it came first.
    Again {
        /// Since then.
        waited: Duration,
    },
    /// For a part of a page that was let through just now.
    Part,
}

/// What a request is told at once.
#[derive(Debug)]
#[must_use]
pub enum Offer {
    /// Go to the origin that the permit names.
    Admit(Permit),
    /// Wait until [`super::Share::poll_ready`] names this ticket.
    Wait(Ticket),
    /// Not now.
    Hold(Hold),
}

/// The end of a wait.
#[derive(Debug)]
#[must_use]
pub struct Ready {
    /// Who waited.
    pub ticket: Ticket,
    /// What came of it.
    pub answer: Result<Permit, Hold>,
}

/// What the head of an answer tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The announced length of the body; none when it is not announced.
    pub length: Option<u64>,
    /// What the connection is from now on: [`Kind::Lasting`] after 101 and for event streams.
    pub kind: Kind,
}

/// How a request at an origin ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ending {
    /// Answered, with any status below 500.
    Answered,
    /// Answered, with a status that says that there is no such thing: its route is not learned.
    Unfound,
    /// Answered 5xx.
    Failed,
    /// Not answered: broken off, timed out.
    Faulted,
    /// Not answered, since no connection came about: refused, or not in time.
    Unreached,
    /// The client left first; says nothing of the origin.
    Left,
}

/// What a request cost that is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// How it ended.
    pub ending: Ending,
    /// Bytes of the answer.
    pub bytes_out: u64,
    /// Time in which the client did not take what was there, in microseconds: none of the origin's.
    pub reader_us: u32,
}

impl Outcome {
    /// Answered with a body of `bytes_out`.
    pub const fn answered(bytes_out: u64) -> Self {
        Self { bytes_out, ..Self::of(Ending::Answered) }
    }

    /// Answered 5xx.
    pub const fn failed() -> Self {
        Self::of(Ending::Failed)
    }

    /// Ended so, without a byte.
    pub const fn of(ending: Ending) -> Self {
        Self { ending, bytes_out: 0, reader_us: 0 }
    }
}
