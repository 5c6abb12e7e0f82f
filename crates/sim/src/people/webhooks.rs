//! Partners' servers that report to the site: payments made, mails that came back.
//!
//! They deliver each event until it is taken, later each time.

use super::Known;
use super::callers::{Callers, Calling, Conduct, Pace};
use super::homes::own_networks;
use super::programs::PARTNERS;
use crate::casting::{Casting, Miscast, whole, within};
use crate::group::Group;
use crate::network::NetworkClass;
use crate::site::Purpose;
use serde::Deserialize;
use std::time::Duration;

/// Servers of all partners.
const SERVERS_MAX: u32 = 500;

/// What a scenario says of them.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Parameters {
    /// Events per second.
    pub rps: f64,
    /// Servers that report them.
    pub servers: u32,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { rps: 2.0, servers: 16 }
    }
}

impl Parameters {
    /// The group, before its first request.
    pub fn cast(&self, casting: Casting<'_>) -> Result<Box<dyn Group>, Miscast> {
        let rps = within("rps", self.rps, 0.001..=1_000.0)?;
        let servers = whole("servers", self.servers, 1..=SERVERS_MAX)?;
        let routes = casting.site.of(Purpose::Hook);
        if routes.is_empty() {
            return Err(Miscast::site("webhook"));
        }
        let calling = Calling {
            members: servers,
            routes,
            items: 0,
            pace: Pace::Random(Pace::period_of(servers, rps)),
            conduct: Conduct::BackOff,
            patience: Duration::from_secs(15),
            networks: own_networks(casting.pools, servers.min(4), NetworkClass::Hosting)?,
            stacks: PARTNERS.iter().map(|row| casting.pools.stack(row.stack())).collect(),
            language: 0,
            known: Known::Usual,
            seed: casting.seed,
        };
        Ok(Box::new(Callers::new(calling, casting.place())))
    }
}
