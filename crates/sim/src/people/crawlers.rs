//! A search engine's crawler: a few addresses of its own networks, page after page, no parts.
//!
//! It keeps a delay between its requests, and a longer one for as long as it is refused.
//! A burst is the same crawler at a higher rate, as after a site map has changed.

use super::Known;
use super::callers::{Callers, Calling, Conduct, Pace};
use super::homes::own_networks;
use super::programs::SEARCH_CRAWLER;
use super::visitors::ITEMS;
use crate::casting::{Casting, Miscast, whole, within};
use crate::group::Group;
use crate::network::NetworkClass;
use crate::scenario::bounds::REQUESTS_PER_S_MAX;
use crate::site::Purpose;
use serde::Deserialize;
use std::time::Duration;

/// Addresses of one crawler.
const ADDRESSES_MAX: u32 = 5_000;

/// What a scenario says of it.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Parameters {
    /// Requests per second of all addresses.
    pub rps: f64,
    /// Addresses that it has.
    pub addresses: u32,
    /// Networks that these lie in.
    pub networks: u32,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { rps: 5.0, addresses: 40, networks: 2 }
    }
}

impl Parameters {
    /// The group, before its first request.
    pub fn cast(&self, casting: Casting<'_>) -> Result<Box<dyn Group>, Miscast> {
        let rps = within("rps", self.rps, 0.001..=REQUESTS_PER_S_MAX)?;
        let addresses = whole("addresses", self.addresses, 1..=ADDRESSES_MAX)?;
        let networks = whole("networks", self.networks, 1..=addresses)?;
        let routes = casting.site.of(Purpose::Page);
        if routes.is_empty() {
            return Err(Miscast::site("pages"));
        }
        let calling = Calling {
            members: addresses,
            routes,
            items: ITEMS * 10,
            pace: Pace::Random(Pace::period_of(addresses, rps)),
            conduct: Conduct::SlowDown,
            patience: Duration::from_secs(30),
            networks: own_networks(casting.pools, networks, NetworkClass::Hosting)?,
            stacks: vec![casting.pools.stack(SEARCH_CRAWLER.stack())],
            language: 0,
            known: Known::Usual,
            seed: casting.seed,
        };
        Ok(Box::new(Callers::new(calling, casting.place())))
    }
}
