//! The people of an ordinary day: browsers on lines of their own, all over the people's networks.

use super::homes::{Cast, Homes};
use super::visitors::{Entry, Habits, Plan, Update, Visitors};
use super::{Begin, MEMBERS_MAX};
use crate::casting::{Casting, Miscast, share, whole, within};
use crate::group::Group;
use crate::rate::moment;
use crate::stack::{Look, profiles};
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
    /// Visits by people who were here before the world began and hold the origin's cookie.
    pub returning: f64,
    /// Pages that are searches.
    pub searches: f64,
    /// Pages that are a sign-in.
    pub logins: f64,
    /// A new version of a browser that reaches some of them.
    pub update: Option<NewVersion>,
}

/// A version that nobody had before.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewVersion {
    /// People who get it.
    pub share: f64,
    /// From which second of the world.
    pub at: f64,
}

impl Default for Parameters {
    fn default() -> Self {
        let Habits { searches, logins, .. } = Habits::default();
        Self {
            rps: 300.0,
            line: Vec::new(),
            people: 60_000,
            returning: 0.35,
            searches,
            logins,
            update: None,
        }
    }
}

impl Parameters {
    /// The group, before its first visit.
    pub fn cast(&self, casting: Casting<'_>) -> Result<Box<dyn Group>, Miscast> {
        let requests = casting.rate("rps", self.rps, &self.line)?;
        let habits = Habits::default().with(self.searches, self.logins)?;
        let returning = share("returning", self.returning)?;
        let per_visit = habits.requests_per_visit(casting.site, returning);
        let update = self.update.map(|version| version.update(&mut *casting.pools)).transpose()?;
        let plan = Plan {
            visits: requests.times(1.0 / per_visit),
            start: Begin::Settled,
            people: whole("people", self.people, 1..=MEMBERS_MAX)?,
            returning,
            cast: Cast {
                homes: Homes::spread(casting.pools),
                lots: casting.pools.lots().clone(),
                seed: casting.seed,
            },
            entry: Entry::Anywhere,
            habits,
            update,
        };
        Ok(Box::new(Visitors::new(plan, casting.place())?))
    }
}

impl NewVersion {
    fn update(self, pools: &mut crate::Pools) -> Result<Update, Miscast> {
        Ok(Update {
            share: share("update.share", self.share)?,
            at: moment(within("update.at", self.at, 0.0..=1e6)?),
            look: Look::of(pools.stack(profiles::next_version())),
        })
    }
}
