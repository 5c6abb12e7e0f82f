//! A flood from real browsers of real people whose pages on other sites carry a script that sends it.
//!
//! A model of: a script in a hijacked page or advertisement that fetches the target's pages with random
//! queries; everything about the browser is true, and the referer names the hijacked site.
//! Source: Marczak et al., "An Analysis of China's Great Cannon" (FOCI 2015): GitHub flooded through
//! visitors of third-party sites.

use super::aim::Aim;
use super::pace::Pace;
use super::sending::{Pattern, Plan, Sending, Turn};
use super::sources::Sources;
use crate::Chance;
use crate::casting::{Casting, Lots, Miscast};
use crate::group::Group;
use crate::request::{Query, Referer, Request};
use serde::Deserialize;

/// What a scenario says of it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Parameters {
    /// How often it sends.
    pub pace: Pace,
    /// From where.
    pub sources: Sources,
    /// Hijacked sites.
    pub sites: u16,
    /// A route or a purpose.
    pub target: String,
    /// Seconds that a source waits for its answer.
    pub patience_s: f64,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            pace: Pace::steady(3_000.0),
            sources: Sources::homes(20_000),
            sites: 3,
            target: "/".to_owned(),
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
        let pattern = HijackedBrowsers {
            aim: Aim::parse(&self.target, casting.site)?,
            looks: casting.pools.lots().clone(),
            seed: casting.seed,
            sites: self.sites.max(1),
        };
        Sending::cast(Plan { pace, sources, patience_s: *patience_s }, casting, pattern)
    }
}

#[derive(Debug)]
struct HijackedBrowsers {
    aim: Aim,
    looks: Lots,
    seed: u64,
    sites: u16,
}

impl Pattern for HijackedBrowsers {
    fn request(&mut self, plain: Request, turn: Turn<'_>) -> Request {
        let mut own = Chance::for_part(self.seed, u64::from(plain.sender.member));
        let site = own.below(u32::from(self.sites));
        Request {
            look: self.looks.draw(plain.network.class, &mut own),
            language: u8::try_from(1 + own.below(8)).unwrap_or(1),
            route: self.aim.pick(turn.chance),
            query: Query::Random(turn.chance.next_u64()),
            referer: Referer::Elsewhere(u16::try_from(site).unwrap_or(0)),
            ..plain
        }
    }
}
