//! A flood whose look is random for each request while what it asks for is what visitors ask for.
//!
//! A model of: one that leaves no common fingerprint and no common path; all that is left to tell is
//! that nobody has ever looked like that.
//! Source: fingerprints drawn by the client itself, as `uTLS` offers; paths of the site's own pages, as
//! any crawl gives them.

use super::aim::Aim;
use super::forgery::Forged;
use super::pace::Pace;
use super::sending::{Pattern, Plan, Sending, Turn};
use super::sources::Sources;
use super::tools::Tool;
use crate::casting::{Casting, Miscast};
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
    /// A route or a purpose.
    pub target: String,
    /// Seconds that a source waits for its answer.
    pub patience_s: f64,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            pace: Pace::steady(2_500.0),
            sources: Sources::homes(2_000),
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
        let pattern = RandomLooks {
            aim: Aim::parse(&self.target, casting.site)?,
            stack: casting.pools.stack(Tool::Go.stack()),
        };
        Sending::cast(Plan { pace, sources, patience_s: *patience_s }, casting, pattern)
    }
}

#[derive(Debug)]
struct RandomLooks {
    aim: Aim,
    stack: StackId,
}

impl Pattern for RandomLooks {
    fn request(&mut self, plain: Request, Turn { chance, .. }: Turn<'_>) -> Request {
        Request {
            look: Forged::ALL.look(self.stack, chance.below(u32::MAX)),
            language: u8::try_from(1 + chance.below(8)).unwrap_or(1),
            route: self.aim.pick(chance),
            item: chance.below(200),
            referer: Referer::Search,
            navigates: true,
            ..plain
        }
    }
}
