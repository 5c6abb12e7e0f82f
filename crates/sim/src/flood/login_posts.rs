//! A flood of sign-ins: each costs the origin a password hash, and none can be cached.
//!
//! A model of: credential stuffing or a flood of a login form from residential proxies, with browser
//! user agents over a tool's TLS.
//! Source: OWASP Automated Threats to Web Applications, OAT-008 Credential Stuffing; password hashes
//! are slow on purpose (OWASP Password Storage Cheat Sheet), the site's cost says how slow.

use super::aim::Aim;
use super::forgery::{Forged, LIST_MAX};
use super::pace::Pace;
use super::sending::{Pattern, Plan, Sending, Turn};
use super::sources::{Class, Sources};
use super::tools::Tool;
use crate::casting::{Casting, Miscast, whole};
use crate::group::Group;
use crate::request::{Referer, Request};
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
            pace: Pace::steady(400.0),
            sources: Sources { class: Class::Proxy, ..Sources::homes(1_000) },
            tool: Tool::Python,
            user_agents: 50,
            target: "login".to_owned(),
            patience_s: 5.0,
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
        let pattern = LoginPosts {
            aim: Aim::parse(&self.target, casting.site)?,
            stack: casting.pools.stack(self.tool.stack()),
            user_agents: whole("user_agents", self.user_agents, 1..=LIST_MAX)?,
        };
        Sending::cast(Plan { pace, sources, patience_s: *patience_s }, casting, pattern)
    }
}

#[derive(Debug)]
struct LoginPosts {
    aim: Aim,
    stack: StackId,
    user_agents: u32,
}

impl Pattern for LoginPosts {
    fn request(&mut self, plain: Request, turn: Turn<'_>) -> Request {
        // Each source keeps its user agent, as a proxy's customer does.
        let agent = plain.sender.member % self.user_agents;
        let route = self.aim.pick(turn.chance);
        Request {
            look: Forged::USER_AGENT.look(self.stack, agent),
            language: 2,
            route,
            referer: Referer::Own(route),
            ..plain
        }
    }
}
