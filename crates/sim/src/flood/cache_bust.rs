//! A flood around caches: random queries and numbers, and user agents from a list of browsers.
//!
//! A model of: tools that pair each request with a random query and one of a list of user agents,
//! while TLS and header order stay those of the tool.
//! Source: HULK (Shteiman, 2012) and the HTTP flood of Mirai, whose published source holds a table of
//! five user agents (Antonakakis et al., "Understanding the Mirai Botnet", USENIX Security 2017).

use super::aim::Aim;
use super::forgery::{Forged, LIST_MAX};
use super::pace::Pace;
use super::sending::{Pattern, Plan, Sending, Turn};
use super::sources::Sources;
use super::tools::Tool;
use crate::casting::{Casting, Miscast, whole};
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
    /// With what.
    pub tool: Tool,
    /// User agents on its list.
    pub user_agents: u32,
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
            tool: Tool::Python,
            user_agents: 200,
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
        let pattern = CacheBust {
            aim: Aim::parse(&self.target, casting.site)?,
            stack: casting.pools.stack(self.tool.stack()),
            user_agents: whole("user_agents", self.user_agents, 1..=LIST_MAX)?,
        };
        Sending::cast(Plan { pace, sources, patience_s: *patience_s }, casting, pattern)
    }
}

#[derive(Debug)]
struct CacheBust {
    aim: Aim,
    stack: StackId,
    user_agents: u32,
}

impl Pattern for CacheBust {
    fn request(&mut self, plain: Request, turn: Turn<'_>) -> Request {
        let agent = turn.chance.below(self.user_agents);
        Request {
            look: Forged::USER_AGENT.look(self.stack, agent),
            route: self.aim.pick(turn.chance),
            item: turn.chance.below(1_000_000),
            query: Query::Random(turn.chance.next_u64()),
            ..plain
        }
    }
}
