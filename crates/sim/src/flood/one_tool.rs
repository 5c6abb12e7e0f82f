//! A flood by one tool: every source sends the same look, with a random query so that no cache helps.
//!
//! A model of: a rented botnet with one HTTP library, the usual case; only source addresses differ.
//! Source: one tool on thousands of addresses is what public reports on large HTTP floods describe
//! (Cloudflare, June 2022: 26 million requests per second from 5,067 devices, mostly rented machines).

use super::aim::Aim;
use super::pace::Pace;
use super::sending::{Pattern, Plan, Sending, Turn};
use super::sources::Sources;
use super::tools::Tool;
use crate::casting::{Casting, Miscast};
use crate::group::Group;
use crate::request::{Query, Request};
use crate::stack::{Look, StackId};
use serde::Deserialize;

/// What a scenario says of it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Parameters {
    /// How often it sends.
    pub pace: Pace,
    /// From where.
    pub sources: Sources,
    /// With what.
    pub tool: Tool,
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
            tool: Tool::Go,
            target: "/".to_owned(),
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
        let pattern = OneTool {
            aim: Aim::parse(&self.target, casting.site)?,
            stack: casting.pools.stack(self.tool.stack()),
        };
        Sending::cast(Plan { pace, sources, patience_s: *patience_s }, casting, pattern)
    }
}

#[derive(Debug)]
struct OneTool {
    aim: Aim,
    stack: StackId,
}

impl Pattern for OneTool {
    fn request(&mut self, plain: Request, turn: Turn<'_>) -> Request {
        Request {
            look: Look::of(self.stack),
            route: self.aim.pick(turn.chance),
            query: Query::Random(turn.chance.next_u64()),
            ..plain
        }
    }
}
