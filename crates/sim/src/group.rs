//! Parties that send, as state machines: told the time and the answers, they give requests.
//!
//! A group is many members of one kind, for example the readers of a site or the bots of a flood.
//! It knows nothing of the clock's kind: the virtual world and real sockets drive the same groups.

mod thinned;

pub use thinned::thinned;

use crate::request::{Answer, Request, Ticket};
use seawall_engine::challenge::Difficulty;
use seawall_types::Moment;
use std::time::Duration;

/// What a group is in truth; the shield never learns it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// People with browsers.
    Person,
    /// Honest programs: feeds, monitors, crawlers, apps.
    Program,
    /// Those who mean harm.
    Flood,
}

impl Role {
    /// How many roles there are.
    pub const COUNT: usize = 3;
    /// The whole list.
    pub const ALL: [Self; Self::COUNT] = [Self::Person, Self::Program, Self::Flood];

    /// Position in [`Self::ALL`], for tables.
    pub const fn index(self) -> usize {
        self as usize
    }

    /// Whether its members mean well.
    pub const fn is_honest(self) -> bool {
        !matches!(self, Self::Flood)
    }
}

/// Many members of one kind; may be moved to the thread of whoever drives it.
pub trait Group: Send {
    /// What they are in truth.
    fn role(&self) -> Role;

    /// When [`Self::on_deadline`] has something to send; none when it waits for answers, or is over.
    fn next_deadline(&self) -> Option<Moment>;

    /// Sends what is due by `now`.
    fn on_deadline(&mut self, now: Moment, out: &mut Outbox);

    /// Hears what became of a request.
    fn on_answer(&mut self, now: Moment, heard: Heard<'_>, out: &mut Outbox);

    /// Members that have been here before, for a shield that has been up for longer than the world.
    fn remembered(&self) -> Vec<Remembered> {
        Vec::new()
    }

    /// How a member passes a check.
    fn passes(&self, _member: u32) -> Passing {
        Passing::Never
    }
}

/// How somebody passes a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passing {
    /// Not at all: it is a program, or leaves.
    Never,
    /// By solving what it is asked.
    Solves(Solving),
    /// By waiting in the line, since it runs no scripts.
    Waits,
}

/// How long solving takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Solving {
    /// Until the page runs.
    pub page: Duration,
    /// The easiest sum.
    pub sum: Duration,
}

impl Solving {
    /// From the page to the answer.
    pub fn takes(self, difficulty: Difficulty) -> Duration {
        let harder = difficulty.bits() - Difficulty::LEAST.bits();
        self.page + self.sum * (1 << harder)
    }
}

impl Passing {
    /// Milliseconds that solving the easiest takes; none for those who do not solve.
    pub fn usually(self) -> Option<u32> {
        match self {
            Self::Solves(solving) => {
                let takes = solving.takes(Difficulty::LEAST).as_millis();
                Some(u32::try_from(takes).unwrap_or(u32::MAX))
            }
            Self::Never | Self::Waits => None,
        }
    }
}

/// A request together with its answer.
#[derive(Debug, Clone, Copy)]
pub struct Heard<'a> {
    /// Which one.
    pub ticket: Ticket,
    /// As it was sent.
    pub request: &'a Request,
    /// What became of it.
    pub answer: Answer,
}

/// A member that was served before the world began.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Remembered {
    /// A request as the member would make it, with its cookie.
    pub request: Request,
}

/// What a group wants sent.
#[derive(Debug)]
pub struct Outbox {
    first: u64,
    sent: u64,
    requests: Vec<(Ticket, Request)>,
}

impl Outbox {
    /// For the group of that index; tickets of different groups never meet.
    pub fn of_group(index: u16) -> Self {
        Self { first: u64::from(index) << 48, sent: 0, requests: Vec::new() }
    }

    /// Sends a request.
    pub fn send(&mut self, request: Request) -> Ticket {
        let ticket = Ticket(self.first | self.sent);
        self.sent += 1;
        self.requests.push((ticket, request));
        ticket
    }

    /// Sends a request again whose first sending did not bring what was asked for.
    ///
    /// Nobody is told but the score: a request that is served on asking again was served, late.
    pub fn send_again(&mut self, request: Request) -> Ticket {
        let ticket = self.send(request).again();
        if let Some((last, _)) = self.requests.last_mut() {
            *last = ticket;
        }
        ticket
    }

    /// Keeps those of the requests for which `stays` says so.
    pub fn retain(&mut self, stays: impl Fn(&Request) -> bool) {
        self.requests.retain(|(_, request)| stays(request));
    }

    /// Takes what was sent, in order.
    pub fn drain(&mut self) -> impl Iterator<Item = (Ticket, Request)> + '_ {
        self.requests.drain(..)
    }
}
