//! A flood of very few requests, each of which holds a worker of the origin for many seconds.
//!
//! A model of: asking for exports, reports or patterns that make a database walk everything; rates that
//! no counter of requests would remark take a site down.
//! Source: CWE-400 and CWE-1333 name the weakness; how long a request holds is the cost that the site
//! gives the route.

use super::aim::Aim;
use super::pace::Pace;
use super::sending::{Pattern, Plan, Sending, Turn};
use super::sources::{Class, Sources};
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
            pace: Pace::steady(4.0),
            sources: Sources { class: Class::Mixed, ..Sources::homes(200) },
            tool: Tool::Python,
            target: "/archive/export".to_owned(),
            patience_s: 30.0,
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
        let pattern = SlowHolds {
            aim: Aim::parse(&self.target, casting.site)?,
            stack: casting.pools.stack(self.tool.stack()),
        };
        Sending::cast(Plan { pace, sources, patience_s: *patience_s }, casting, pattern)
    }
}

#[derive(Debug)]
struct SlowHolds {
    aim: Aim,
    stack: StackId,
}

impl Pattern for SlowHolds {
    fn request(&mut self, plain: Request, turn: Turn<'_>) -> Request {
        Request {
            look: Look::of(self.stack),
            route: self.aim.pick(turn.chance),
            query: Query::Known(u16::try_from(turn.chance.below(50)).unwrap_or(0)),
            ..plain
        }
    }
}
