//! A flood of downloads: few requests, little work, and the line out is full.
//!
//! A model of: machines that fetch the largest file of a site over and over, each again as soon as it
//! has it; the site pays for the bytes.
//! Source: RFC 4732 §2 (exhausting a link); Li et al., "CDN Backfired" (DSN 2020), on answers that are
//! many times larger than what asks for them.

use super::aim::Aim;
use super::pace::{Answers, Pace};
use super::sending::{Pattern, Plan, Sending, Turn};
use super::sources::{Class, Sources};
use super::tools::Tool;
use crate::casting::{Casting, Miscast};
use crate::group::Group;
use crate::request::Request;
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
            pace: Pace { answers: Answers::Awaited, ..Pace::steady(60.0) },
            sources: Sources { class: Class::Hosting, per_network: 5, ..Sources::homes(300) },
            tool: Tool::Curl,
            target: "download".to_owned(),
            patience_s: 60.0,
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
        let pattern = Egress {
            aim: Aim::parse(&self.target, casting.site)?,
            stack: casting.pools.stack(self.tool.stack()),
        };
        Sending::cast(Plan { pace, sources, patience_s: *patience_s }, casting, pattern)
    }
}

#[derive(Debug)]
struct Egress {
    aim: Aim,
    stack: StackId,
}

impl Pattern for Egress {
    fn request(&mut self, plain: Request, turn: Turn<'_>) -> Request {
        Request { look: Look::of(self.stack), route: self.aim.pick(turn.chance), ..plain }
    }
}
