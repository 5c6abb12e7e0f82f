//! People on IPv6 lines whose systems take a new address for each visit (RFC 8981).
//!
//! Most keep their /64; some get a new one each time, as phones do that move between cells.

use super::homes::{Cast, Homes};
use super::visitors::{Entry, Habits, Plan, Visitors};
use super::{Begin, MEMBERS_MAX};
use crate::casting::{Casting, Miscast, share, whole};
use crate::group::Group;
use serde::Deserialize;

/// What a scenario says of them.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Parameters {
    /// Requests per second to be expected when all are served, sub-resources included.
    pub rps: f64,
    /// Seconds of the world with a factor on `rps` at each; without points it is 1 throughout.
    pub line: Vec<(f64, f64)>,
    /// How many different people there are.
    pub people: u32,
    /// People whose /64 is new for each visit.
    pub hopping: f64,
    /// Visits by people who were here before the world began and hold the origin's cookie.
    pub returning: f64,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { rps: 100.0, line: Vec::new(), people: 20_000, hopping: 0.2, returning: 0.35 }
    }
}

impl Parameters {
    /// The group, before its first visit.
    pub fn cast(&self, casting: Casting<'_>) -> Result<Box<dyn Group>, Miscast> {
        let requests = casting.rate("rps", self.rps, &self.line)?;
        let habits = Habits::default();
        let returning = share("returning", self.returning)?;
        let networks = casting.pools.people_networks().to_vec();
        let plan = Plan {
            visits: requests.times(1.0 / habits.requests_per_visit(casting.site, returning)),
            start: Begin::Settled,
            people: whole("people", self.people, 1..=MEMBERS_MAX)?,
            returning,
            cast: Cast {
                homes: Homes::Privacy { networks, hopping: share("hopping", self.hopping)? },
                lots: casting.pools.lots().clone(),
                seed: casting.seed,
            },
            entry: Entry::Anywhere,
            habits,
            update: None,
        };
        Ok(Box::new(Visitors::new(plan, casting.place())?))
    }
}
