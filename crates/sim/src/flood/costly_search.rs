//! A flood of few, costly requests: searches, each worth hundreds of page views to an origin.
//!
//! A model of: a handful of machines that ask only for what is dear; by requests per second it is
//! small, by work it takes a site down.
//! Source: Ranjan et al., "DDoS-Shield" (IEEE/ACM Transactions on Networking, 2009), call it the
//! asymmetric attack; what a search costs is the site's own.

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
    /// Different words that it searches for.
    pub words: u16,
    /// A route or a purpose.
    pub target: String,
    /// Seconds that a source waits for its answer.
    pub patience_s: f64,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            pace: Pace::steady(160.0),
            sources: Sources { class: Class::Hosting, per_network: 4, ..Sources::homes(200) },
            tool: Tool::Python,
            words: 1_000,
            target: "search".to_owned(),
            patience_s: 10.0,
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
        let pattern = CostlySearch {
            aim: Aim::parse(&self.target, casting.site)?,
            stack: casting.pools.stack(self.tool.stack()),
            words: self.words,
        };
        Sending::cast(Plan { pace, sources, patience_s: *patience_s }, casting, pattern)
    }
}

#[derive(Debug)]
struct CostlySearch {
    aim: Aim,
    stack: StackId,
    words: u16,
}

impl Pattern for CostlySearch {
    fn request(&mut self, plain: Request, turn: Turn<'_>) -> Request {
        let word = turn.chance.below(u32::from(self.words));
        Request {
            look: Look::of(self.stack),
            route: self.aim.pick(turn.chance),
            query: Query::Known(u16::try_from(word).unwrap_or(u16::MAX)),
            ..plain
        }
    }
}
