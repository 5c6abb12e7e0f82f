//! A flood of very many sources with a browser's every trait but one: headers come in another order.
//!
//! A model of: a library that copies a browser's user agent, TLS and HTTP/2, and sends headers in the
//! order of its own map; a hundred thousand sources, each seldom.
//! Source: header order tells clients apart where names do not (Akamai, "Passive Fingerprinting of
//! HTTP/2 Clients", Black Hat Europe 2017, does so for pseudo-headers).

use super::forgery::Forged;
use super::pace::Pace;
use super::sending::{Plan, Sending};
use super::sources::Sources;
use super::visitor::{Cookies, Parts, Pretence, Visitors};
use crate::casting::{Casting, Miscast};
use crate::group::Group;
use serde::Deserialize;

/// What a scenario says of it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Parameters {
    /// How often it sends.
    pub pace: Pace,
    /// From where.
    pub sources: Sources,
    /// A route or a purpose.
    pub target: String,
    /// Seconds that a source waits for its answer.
    pub patience_s: f64,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            pace: Pace::steady(3_000.0),
            sources: Sources { per_network: 5, ..Sources::homes(100_000) },
            target: "page".to_owned(),
            patience_s: 3.0,
        }
    }
}

impl Parameters {
    /// The flood before its first request.
    ///
    /// # Errors
    /// A sentence for a value that cannot be.
    pub fn cast(&self, casting: Casting<'_>) -> Result<Box<dyn Group>, Miscast> {
        let Self { pace, sources, patience_s, .. } = self;
        let pretence = Pretence {
            // One order for all of them: it is one library.
            forged: Some((Forged::HEADERS, 1)),
            parts: Parts::Left,
            cookies: Cookies::Dropped,
            solving: None,
        };
        let pattern = Visitors::new(pretence, &self.target, sources, &casting)?;
        Sending::cast(Plan { pace, sources, patience_s: *patience_s }, casting, pattern)
    }
}
