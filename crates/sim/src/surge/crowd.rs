//! A crowd: election night, a goal, a storm warning. Everybody wants to know now.
//!
//! Some were here before; most come for the first time, from wherever people come, and read on.

use super::hump;
use crate::casting::{Casting, Miscast, share, whole, within};
use crate::group::Group;
use crate::people::homes::{Cast, Homes};
use crate::people::visitors::{Entry, Habits, Landing, Plan, Visitors};
use crate::people::{Begin, MEMBERS_MAX};
use crate::scenario::bounds::REQUESTS_PER_S_MAX;
use serde::Deserialize;

/// What a scenario says of it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Parameters {
    /// Requests per second at its height, once those who come and those who read on are balanced.
    pub rps: f64,
    /// Seconds from the first until its height.
    pub rise_s: f64,
    /// Seconds in which no more come at the end.
    pub fall_s: f64,
    /// How many different people there are.
    pub people: u32,
    /// Visits by people who were here before the world began and hold the origin's cookie.
    pub returning: f64,
    /// The page that all come for, as the site's table writes it; none for any page.
    pub page: Option<String>,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            rps: 3_000.0,
            rise_s: 5.0,
            fall_s: 5.0,
            people: 300_000,
            returning: 0.35,
            page: Some("/news/{id}".to_owned()),
        }
    }
}

impl Parameters {
    /// The group, before its first visit.
    pub fn cast(&self, casting: Casting<'_>) -> Result<Box<dyn Group>, Miscast> {
        let rps = within("rps", self.rps, 0.0..=REQUESTS_PER_S_MAX)?;
        let requests = hump(casting.span, rps, (self.rise_s, self.fall_s))?;
        let habits = Habits::default();
        let returning = share("returning", self.returning)?;
        let landing = self.page.as_deref().map(|path| Landing::at(casting.site, path));
        let plan = Plan {
            visits: requests.times(1.0 / habits.requests_per_visit(casting.site, returning)),
            start: Begin::Empty,
            people: whole("people", self.people, 1..=MEMBERS_MAX)?,
            returning,
            cast: Cast {
                homes: Homes::spread(casting.pools),
                lots: casting.pools.lots().clone(),
                seed: casting.seed,
            },
            entry: landing.transpose()?.map_or(Entry::Anywhere, Entry::At),
            habits,
            update: None,
        };
        Ok(Box::new(Visitors::new(plan, casting.place())?))
    }
}
