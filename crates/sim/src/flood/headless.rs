//! A flood of real browsers without a screen: they load all parts, keep cookies and pass challenges.
//!
//! A model of: rented headless browsers behind residential proxies, the dearest flood to buy and the
//! hardest to tell; what they do not have is a past.
//! They solve as a program of its own does, at once: 3 to 8 ms with the page, measured
//! (docs/challenge.md); a browser without a screen takes 0.3 s.
//! Source: challenges that cost only computing are passed by programs (Codeberg, August 2025, on
//! crawlers that solve Anubis); residential proxies: Mi et al., "Resident Evil", IEEE S&P 2019.
//! The share that solves is assumed.

use super::pace::Pace;
use super::sending::{Plan, Sending};
use super::sources::Sources;
use super::visitor::{Cookies, Parts, Pretence, Visitors};
use crate::casting::{Casting, Miscast, share, within};
use crate::group::{Group, Solving};
use serde::Deserialize;
use std::time::Duration;

/// What a scenario says of it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Parameters {
    /// How often it sends, parts of pages included.
    pub pace: Pace,
    /// From where.
    pub sources: Sources,
    /// Sources that pass a challenge, of all.
    pub solving: f64,
    /// Seconds that the easiest sum takes.
    pub solve_s: f64,
    /// A route or a purpose.
    pub target: String,
    /// Seconds that a source waits for its answer.
    pub patience_s: f64,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            pace: Pace::steady(4_000.0),
            sources: Sources::homes(3_000),
            solving: 0.95,
            solve_s: 0.004,
            target: "page".to_owned(),
            patience_s: 5.0,
        }
    }
}

impl Parameters {
    /// The flood before its first request.
    ///
    /// # Errors
    /// A sentence for a value that cannot be.
    pub fn cast(&self, casting: Casting<'_>) -> Result<Box<dyn Group>, Miscast> {
        let Self { sources, patience_s, .. } = self;
        let sum = Duration::from_secs_f64(within("solve_s", self.solve_s, 0.001..=3_600.0)?);
        let pretence = Pretence {
            forged: None,
            parts: Parts::Loaded,
            cookies: Cookies::Kept,
            solving: Some((
                share("solving", self.solving)?,
                Solving { page: Duration::from_millis(4), sum },
            )),
        };
        let pattern = Visitors::new(pretence, &self.target, sources, &casting)?;
        let pages = Pace { rps: self.pace.rps / pattern.requests_per_page(), ..self.pace.clone() };
        let plan = Plan { pace: &pages, sources, patience_s: *patience_s };
        Sending::cast(plan, casting, pattern)
    }
}
