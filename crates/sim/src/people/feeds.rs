//! Readers of feeds: each asks for the feed at its own even pace, from wherever it runs.

use super::callers::{Callers, Calling, Conduct, Pace};
use super::programs::FEED_READERS;
use super::{Known, MEMBERS_MAX};
use crate::casting::{Casting, Miscast, whole, within};
use crate::group::Group;
use crate::site::Purpose;
use serde::Deserialize;
use std::time::Duration;

/// What a scenario says of them.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Parameters {
    /// How many there are.
    pub readers: u32,
    /// Seconds between two requests of one.
    pub every_s: f64,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { readers: 600, every_s: 300.0 }
    }
}

impl Parameters {
    /// The group, before its first request.
    pub fn cast(&self, casting: Casting<'_>) -> Result<Box<dyn Group>, Miscast> {
        let every = within("every_s", self.every_s, 1.0..=86_400.0)?;
        let routes = casting.site.of(Purpose::Feed);
        if routes.is_empty() {
            return Err(Miscast::site("feed"));
        }
        let calling = Calling {
            members: whole("readers", self.readers, 1..=MEMBERS_MAX)?,
            routes,
            items: 0,
            pace: Pace::Even(Duration::from_secs_f64(every)),
            conduct: Conduct::NextTurn,
            patience: Duration::from_secs(20),
            networks: casting.pools.people_networks().to_vec(),
            stacks: FEED_READERS.iter().map(|row| casting.pools.stack(row.stack())).collect(),
            language: 0,
            known: Known::Usual,
            seed: casting.seed,
        };
        Ok(Box::new(Callers::new(calling, casting.place())))
    }
}
