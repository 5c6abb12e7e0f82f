//! An advertisement that works: people who never were here, all to one page with the same keys.
//!
//! Most leave after that page. With a page that no cache can answer, more come than any origin
//! serves.

use super::hump;
use crate::casting::{Casting, Miscast, share, whole, within};
use crate::group::Group;
use crate::people::homes::{Cast, Homes};
use crate::people::visitors::{Entry, Habits, Landing, Plan, Visitors};
use crate::people::{Begin, MEMBERS_MAX};
use crate::request::{Query, Referer};
use crate::scenario::bounds::REQUESTS_PER_S_MAX;
use serde::Deserialize;

/// The network that shows the advertisement, among the sites that people come from.
const ADVERTISER: u16 = 1_000;
/// Chance to leave after a page (assumed).
const LEAVING: f64 = 0.65;

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
    /// The page that it leads to, as the site's table writes it.
    pub page: String,
    /// Its number, in the keys that its links bear.
    pub campaign: u16,
    /// Visits by people who were here before the world began.
    pub returning: f64,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            rps: 2_400.0,
            rise_s: 5.0,
            fall_s: 5.0,
            people: 300_000,
            page: "/donate".to_owned(),
            campaign: 7,
            returning: 0.0,
        }
    }
}

impl Parameters {
    /// The group, before its first visit.
    pub fn cast(&self, casting: Casting<'_>) -> Result<Box<dyn Group>, Miscast> {
        let rps = within("rps", self.rps, 0.0..=REQUESTS_PER_S_MAX)?;
        let requests = hump(casting.span, rps, (self.rise_s, self.fall_s))?;
        let habits = Habits { leaving: LEAVING, ..Habits::default() };
        let returning = share("returning", self.returning)?;
        let landing = Landing {
            query: Query::Campaign(self.campaign),
            referer: Some(Referer::Elsewhere(ADVERTISER)),
            ..Landing::at(casting.site, &self.page)?
        };
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
            entry: Entry::At(landing),
            habits,
            update: None,
        };
        Ok(Box::new(Visitors::new(plan, casting.place())?))
    }
}
