//! A flood in which every field of every request is random: look, language, path, query, referer.
//!
//! A model of: tools whose answer to signatures is to have no two requests alike.
//! Source: HULK (Shteiman, 2012) draws user agent, referer and query for each request; TLS and HTTP/2
//! fingerprints are drawn here too, as clients such as `uTLS` allow.

use super::aim::Aim;
use super::forgery::Forged;
use super::pace::Pace;
use super::sending::{Pattern, Plan, Sending, Turn};
use super::sources::Sources;
use super::tools::Tool;
use crate::Chance;
use crate::casting::{Casting, Miscast};
use crate::group::Group;
use crate::request::{LANGUAGES, Query, Referer, Request};
use crate::site::RouteId;
use crate::stack::StackId;
use serde::Deserialize;

/// Other sites that it says it comes from.
const SITES: u32 = 1 << 16;
/// Numbers in paths, most of which no page has.
const ITEMS: u32 = 1_000_000;

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
            pace: Pace::steady(3_000.0),
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
        let pattern = RandomEverything {
            aim: Aim::parse(&self.target, casting.site)?,
            stack: casting.pools.stack(Tool::Go.stack()),
        };
        Sending::cast(Plan { pace, sources, patience_s: *patience_s }, casting, pattern)
    }
}

#[derive(Debug)]
struct RandomEverything {
    aim: Aim,
    stack: StackId,
}

impl Pattern for RandomEverything {
    fn request(&mut self, plain: Request, Turn { chance, .. }: Turn<'_>) -> Request {
        let languages = u32::try_from(LANGUAGES.len()).unwrap_or(1);
        let route = self.aim.pick(chance);
        Request {
            look: Forged::ALL.look(self.stack, chance.below(u32::MAX)),
            language: u8::try_from(chance.below(languages)).unwrap_or(0),
            route,
            item: chance.below(ITEMS),
            query: Query::Random(chance.next_u64()),
            referer: referer(route, chance),
            navigates: chance.below(2) == 0,
            ..plain
        }
    }
}

fn referer(route: RouteId, chance: &mut Chance) -> Referer {
    match chance.below(4) {
        0 => Referer::None,
        1 => Referer::Own(route),
        2 => Referer::Search,
        _ => Referer::Elsewhere(u16::try_from(chance.below(SITES)).unwrap_or(0)),
    }
}
