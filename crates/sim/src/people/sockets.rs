//! People who follow something live: each holds a WebSocket open for minutes.

use super::homes::{Cast, Homes};
use super::single::{Singles, Wanting, Wish};
use super::{Begin, MEMBERS_MAX};
use crate::casting::{Casting, Miscast, whole, within};
use crate::group::Group;
use crate::site::Purpose;
use serde::Deserialize;
use std::time::Duration;

/// What a scenario says of them.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Parameters {
    /// Connections held at any time.
    pub held: u32,
    /// Seconds that one is held on average.
    pub hold_s: f64,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { held: 200, hold_s: 120.0 }
    }
}

impl Parameters {
    /// The group, before its first connection.
    pub fn cast(&self, casting: Casting<'_>) -> Result<Box<dyn Group>, Miscast> {
        let length = within("hold_s", self.hold_s, 1.0..=86_400.0)?;
        let held = whole("held", self.held, 1..=MEMBERS_MAX / 4)?;
        let routes = casting.site.of(Purpose::Socket);
        if routes.is_empty() {
            return Err(Miscast::site("WebSocket"));
        }
        let wanting = Wanting {
            arrivals: casting.rate("held / hold_s", f64::from(held) / length, &[])?,
            people: 4 * held,
            cast: Cast {
                homes: Homes::spread(casting.pools),
                lots: casting.pools.lots().clone(),
                seed: casting.seed,
            },
            routes,
            wish: Wish::Hold(Duration::from_secs_f64(length)),
            start: Begin::Settled,
        };
        Ok(Box::new(Singles::new(wanting, casting.place())))
    }
}
