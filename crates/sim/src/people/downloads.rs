//! People who fetch a large file, each as fast as their line is.

use super::homes::{Cast, Homes};
use super::single::{Singles, Wanting, Wish};
use super::{Begin, MEMBERS_MAX};
use crate::casting::{Casting, Miscast, whole};
use crate::group::Group;
use crate::site::Purpose;
use serde::Deserialize;

/// What a scenario says of them.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Parameters {
    /// Files asked for per second.
    pub rps: f64,
    /// How many different people there are; each comes in turn.
    pub people: u32,
    /// The slowest line, in bytes a second.
    pub slowest: u32,
    /// The fastest line, in bytes a second.
    pub fastest: u32,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { rps: 0.5, people: 5_000, slowest: 400_000, fastest: 20_000_000 }
    }
}

impl Parameters {
    /// The group, before its first request.
    pub fn cast(&self, casting: Casting<'_>) -> Result<Box<dyn Group>, Miscast> {
        let routes = casting.site.of(Purpose::Download);
        if routes.is_empty() {
            return Err(Miscast::site("download"));
        }
        let slowest = whole("slowest", self.slowest, 1..=u32::MAX - 1)?;
        let wanting = Wanting {
            arrivals: casting.rate("rps", self.rps, &[])?,
            people: whole("people", self.people, 1..=MEMBERS_MAX)?,
            cast: Cast {
                homes: Homes::spread(casting.pools),
                lots: casting.pools.lots().clone(),
                seed: casting.seed,
            },
            routes,
            wish: Wish::File(slowest, whole("fastest", self.fastest, slowest..=u32::MAX - 1)?),
            start: Begin::Empty,
        };
        Ok(Box::new(Singles::new(wanting, casting.place())))
    }
}
