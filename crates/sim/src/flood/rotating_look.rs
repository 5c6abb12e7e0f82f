//! A flood whose every source changes its look at the same second, again and again.
//!
//! A model of: one that watches what gets through and changes its fingerprint when it is recognised.
//! Source: HTTP clients that choose their TLS and HTTP/2 fingerprint freely are public, for example
//! `uTLS` and `curl-impersonate`; how often they change here is a scenario's.

use super::aim::Aim;
use super::era::Eras;
use super::forgery::Forged;
use super::pace::Pace;
use super::sending::{Pattern, Plan, Sending, Turn};
use super::sources::Sources;
use super::tools::Tool;
use crate::casting::{Casting, Miscast, within};
use crate::group::Group;
use crate::request::{Query, Request};
use crate::stack::StackId;
use serde::Deserialize;

/// What a scenario says of it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Parameters {
    /// How often it sends.
    pub pace: Pace,
    /// From where.
    pub sources: Sources,
    /// Seconds between changes.
    pub every_s: f64,
    /// A route or a purpose.
    pub target: String,
    /// Seconds that a source waits for its answer.
    pub patience_s: f64,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            pace: Pace::steady(3_000.0),
            sources: Sources::homes(2_000),
            every_s: 5.0,
            target: "page".to_owned(),
            patience_s: 2.0,
        }
    }
}

impl Parameters {
    /// The flood before its first request.
    ///
    /// # Errors
    /// A sentence for a value that cannot be.
    pub fn cast(&self, casting: Casting<'_>) -> Result<Box<dyn Group>, Miscast> {
        let Self { pace, sources, patience_s, .. } = self;
        let every = within("every_s", self.every_s, 0.1..=3_600.0)?;
        let pattern = RotatingLook {
            aim: Aim::parse(&self.target, casting.site)?,
            stack: casting.pools.stack(Tool::Go.stack()),
            eras: Eras::of_seconds(every, casting.span.from),
        };
        Sending::cast(Plan { pace, sources, patience_s: *patience_s }, casting, pattern)
    }
}

#[derive(Debug)]
struct RotatingLook {
    aim: Aim,
    stack: StackId,
    eras: Eras,
}

impl Pattern for RotatingLook {
    fn request(&mut self, plain: Request, turn: Turn<'_>) -> Request {
        Request {
            look: Forged::ALL.look(self.stack, self.eras.number(turn.now)),
            route: self.aim.pick(turn.chance),
            item: turn.chance.below(200),
            query: Query::Random(turn.chance.next_u64()),
            ..plain
        }
    }
}
