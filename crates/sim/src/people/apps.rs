//! The organisation's own app on people's phones: a JSON API with a token, no pages, no cookies.
//!
//! A good client backs off; a bad one hammers, which is how a small failure becomes a storm.

use super::callers::{Callers, Calling, Conduct, Pace};
use super::programs::APPS;
use super::{Known, MEMBERS_MAX};
use crate::casting::{Casting, Miscast, whole, within};
use crate::group::Group;
use crate::scenario::bounds::REQUESTS_PER_S_MAX;
use crate::site::Purpose;
use serde::Deserialize;
use std::time::Duration;

/// What a scenario says of them.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Parameters {
    /// Requests per second to be expected when all are served.
    pub rps: f64,
    /// Phones that have it open.
    pub clients: u32,
    /// What a client does when refused.
    pub conduct: Retrying,
}

/// What an app does when it is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Retrying {
    /// Tries twice as late each time, and not before it is told.
    BackOff,
    /// Tries at once, for ever.
    Hammer,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { rps: 15.0, clients: 900, conduct: Retrying::BackOff }
    }
}

impl Parameters {
    /// The group, before its first request.
    pub fn cast(&self, casting: Casting<'_>) -> Result<Box<dyn Group>, Miscast> {
        let rps = within("rps", self.rps, 0.001..=REQUESTS_PER_S_MAX)?;
        let clients = whole("clients", self.clients, 1..=MEMBERS_MAX)?;
        let routes = casting.site.of(Purpose::Api);
        if routes.is_empty() {
            return Err(Miscast::site("API"));
        }
        let calling = Calling {
            members: clients,
            routes,
            items: 0,
            pace: Pace::Random(Pace::period_of(clients, rps)),
            conduct: match self.conduct {
                Retrying::BackOff => Conduct::BackOff,
                Retrying::Hammer => Conduct::Hammer,
            },
            patience: Duration::from_secs(8),
            networks: casting.pools.people_networks().to_vec(),
            stacks: APPS.iter().map(|row| casting.pools.stack(row.stack())).collect(),
            language: 0,
            known: Known::Usual,
            seed: casting.seed,
        };
        Ok(Box::new(Callers::new(calling, casting.place())))
    }
}
