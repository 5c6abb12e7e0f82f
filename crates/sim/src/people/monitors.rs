//! Monitors: probes in hosting networks that ask for the health page and the home page like clocks.
//!
//! One that fails is confirmed twice, a second apart, before somebody is woken.

use super::Known;
use super::callers::{Callers, Calling, Conduct, Pace};
use super::homes::own_networks;
use super::programs::{MONITORS, NEW_PROBE, Program};
use crate::casting::{Casting, Miscast, whole, within};
use crate::group::Group;
use crate::network::NetworkClass;
use crate::site::{Purpose, RouteId};
use serde::Deserialize;
use std::time::Duration;

/// Probes of one group.
const PROBES_MAX: u32 = 2_000;
/// Networks that a service's probes stand in.
const NETWORKS: u32 = 12;

/// What a scenario says of them.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Parameters {
    /// How many there are.
    pub probes: u32,
    /// Seconds between two requests of one.
    pub every_s: f64,
    /// Whether the site knows their like.
    pub look: Known,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { probes: 10, every_s: 30.0, look: Known::Usual }
    }
}

impl Parameters {
    /// The group, before its first request.
    pub fn cast(&self, casting: Casting<'_>) -> Result<Box<dyn Group>, Miscast> {
        let every = within("every_s", self.every_s, 0.1..=86_400.0)?;
        let probes = whole("probes", self.probes, 1..=PROBES_MAX)?;
        let home = casting.site.of(Purpose::Page).first().copied();
        let health = casting.site.of(Purpose::Health);
        let routes: Vec<(RouteId, u16)> =
            health.into_iter().chain(home).map(|(route, _)| (route, 1)).collect();
        if routes.is_empty() {
            return Err(Miscast::site("page that a monitor asks for"));
        }
        let look: &[Program] = match self.look {
            Known::Usual => &MONITORS,
            Known::New => std::slice::from_ref(&NEW_PROBE),
        };
        let class = NetworkClass::Hosting;
        let calling = Calling {
            members: probes,
            routes,
            items: 0,
            pace: Pace::Even(Duration::from_secs_f64(every)),
            conduct: Conduct::Confirm { after: Duration::from_secs(1), times: 2 },
            patience: Duration::from_secs(10),
            networks: own_networks(casting.pools, NETWORKS.min(probes), class)?,
            stacks: look.iter().map(|row| casting.pools.stack(row.stack())).collect(),
            language: 0,
            known: self.look,
            seed: casting.seed,
        };
        Ok(Box::new(Callers::new(calling, casting.place())))
    }
}
