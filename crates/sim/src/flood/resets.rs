//! A flood of HTTP/2 requests that are cancelled as soon as they are sent, in bursts.
//!
//! A model of: rapid reset: a cancelled stream no longer counts against the limit of open ones, while
//! the origin's work for it has begun.
//! Source: CVE-2023-44487; RFC 9113 §6.4 (`RST_STREAM`) and §5.1.2 (concurrency).

use super::aim::Aim;
use super::pace::Pace;
use super::sending::{Pattern, Plan, Sending, Turn};
use super::sources::{Class, Sources};
use super::tools::Tool;
use crate::casting::{Casting, Miscast};
use crate::group::Group;
use crate::request::{Manner, Request};
use crate::stack::{Look, StackId};
use serde::Deserialize;

/// What a scenario says of it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Parameters {
    /// How often it sends, and how many at once.
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
            pace: Pace { burst: 50, ..Pace::steady(5_000.0) },
            sources: Sources { class: Class::Hosting, per_network: 10, ..Sources::homes(500) },
            tool: Tool::Go,
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
        let pattern = Resets {
            aim: Aim::parse(&self.target, casting.site)?,
            stack: casting.pools.stack(self.tool.stack()),
        };
        Sending::cast(Plan { pace, sources, patience_s: *patience_s }, casting, pattern)
    }
}

#[derive(Debug)]
struct Resets {
    aim: Aim,
    stack: StackId,
}

impl Pattern for Resets {
    fn request(&mut self, plain: Request, turn: Turn<'_>) -> Request {
        Request {
            look: Look::of(self.stack),
            route: self.aim.pick(turn.chance),
            manner: Manner::Reset,
            ..plain
        }
    }
}
