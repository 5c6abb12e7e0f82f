//! Thousands of people behind one or a few addresses: a campus, an office, a carrier's NAT.
//!
//! They are as many different browsers as people on lines of their own; only the address is shared.

use super::homes::{Cast, HOSTS, Homes, own_networks};
use super::visitors::{Entry, Habits, Plan, Visitors};
use super::{Begin, MEMBERS_MAX};
use crate::casting::{Casting, Miscast, share, whole};
use crate::group::Group;
use crate::network::NetworkClass;
use serde::Deserialize;

/// Addresses of one NAT.
const ADDRESSES_MAX: u32 = 10_000;

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
    /// Addresses that they share.
    pub addresses: u32,
    /// `residential` for a campus or an office, `mobile` for a carrier's NAT.
    pub class: NetworkClass,
    /// Visits by people who were here before the world began and hold the origin's cookie.
    pub returning: f64,
    /// Whether they are here when their span begins, or come then.
    pub start: Begin,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            rps: 60.0,
            line: Vec::new(),
            people: 3_000,
            addresses: 1,
            class: NetworkClass::Residential,
            returning: 0.35,
            start: Begin::Settled,
        }
    }
}

impl Parameters {
    /// The group, before its first visit.
    pub fn cast(&self, casting: Casting<'_>) -> Result<Box<dyn Group>, Miscast> {
        let requests = casting.rate("rps", self.rps, &self.line)?;
        let habits = Habits::default();
        let returning = share("returning", self.returning)?;
        let addresses = whole("addresses", self.addresses, 1..=ADDRESSES_MAX)?;
        let networks = own_networks(casting.pools, addresses.div_ceil(HOSTS), self.class)?;
        for (address, network) in (0..addresses).zip(networks.iter().cycle()) {
            let line = address / u32::try_from(networks.len()).unwrap_or(1);
            casting.pools.share(*network, network.v4(line));
        }
        let plan = Plan {
            visits: requests.times(1.0 / habits.requests_per_visit(casting.site, returning)),
            start: self.start,
            people: whole("people", self.people, 1..=MEMBERS_MAX)?,
            returning,
            cast: Cast {
                homes: Homes::Behind { networks, addresses },
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
