//! A release of the app that asks far too often: every client polls, and hammers when refused.
//!
//! The clients are honest and the fault is ours; people with browsers must not suffer from them.

use crate::casting::{Casting, Miscast, within};
use crate::group::Group;
use crate::people::apps::{self, Retrying};
use serde::Deserialize;

/// What a scenario says of it.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Parameters {
    /// Phones that have the release.
    pub clients: u32,
    /// Seconds between two requests of one, on average, while it is served.
    pub every_s: f64,
    /// What a client does when refused.
    pub conduct: Retrying,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { clients: 900, every_s: 1.5, conduct: Retrying::Hammer }
    }
}

impl Parameters {
    /// The group, before its first request.
    pub fn cast(&self, casting: Casting<'_>) -> Result<Box<dyn Group>, Miscast> {
        let every = within("every_s", self.every_s, 0.05..=3_600.0)?;
        let Self { clients, conduct, .. } = *self;
        apps::Parameters { rps: f64::from(clients) / every, clients, conduct }.cast(casting)
    }
}
