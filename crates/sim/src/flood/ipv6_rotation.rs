//! A flood from one IPv6 network with a new /64 and a new address for every request.
//!
//! A model of: a few rented machines that own a whole /48, so that no address is ever seen twice.
//! Source: RFC 6177 (a site is given a /48 to a /64) and RFC 7934 (a host may have any number of
//! addresses); a /48 holds 65,536 networks of 2^64 addresses.

use super::aim::Aim;
use super::pace::Pace;
use super::sending::{Pattern, Plan, Sending, Turn};
use super::sources::{Class, Place, Sources};
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
            pace: Pace::steady(2_500.0),
            sources: Sources {
                place: Place::Ipv6Rotating,
                class: Class::Hosting,
                per_network: 20,
                ..Sources::homes(20)
            },
            tool: Tool::Python,
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
        let pattern = Ipv6Rotation {
            aim: Aim::parse(&self.target, casting.site)?,
            stack: casting.pools.stack(self.tool.stack()),
        };
        Sending::cast(Plan { pace, sources, patience_s: *patience_s }, casting, pattern)
    }
}

#[derive(Debug)]
struct Ipv6Rotation {
    aim: Aim,
    stack: StackId,
}

impl Pattern for Ipv6Rotation {
    fn request(&mut self, plain: Request, turn: Turn<'_>) -> Request {
        Request {
            look: Look::of(self.stack),
            route: self.aim.pick(turn.chance),
            item: turn.chance.below(200),
            query: Query::Random(turn.chance.next_u64()),
            ..plain
        }
    }
}
