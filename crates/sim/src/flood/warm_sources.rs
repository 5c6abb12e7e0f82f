//! A flood of sources that were here before: each has been served once and bears its cookie.
//!
//! A model of: one that prepares, so that whatever counts as known at the first sight of it is known.
//! Source: the obvious answer to any shield that prefers visitors it has seen; Kandula et al.,
//! "Botz-4-Sale" (NSDI 2005), limit what an admitted client may ask for this reason.

use super::pace::Pace;
use super::sending::{Plan, Sending};
use super::sources::Sources;
use super::visitor::{Cookies, Parts, Pretence, Visitors};
use crate::casting::{Casting, Miscast, within};
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
    /// Seconds at the beginning in which each asks once, about, and gets its cookie; 0 when all had
    /// it before the world began.
    pub asks_first_s: f64,
    /// A route or a purpose.
    pub target: String,
    /// Seconds that a source waits for its answer.
    pub patience_s: f64,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            pace: Pace::steady(2_000.0),
            sources: Sources::homes(2_000),
            asks_first_s: 0.0,
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
        let lasting = casting.span.until - casting.span.from;
        let asks_first_s = within("asks_first_s", self.asks_first_s, 0.0..=lasting)?;
        let pretence = Pretence {
            forged: None,
            parts: Parts::Left,
            cookies: if asks_first_s > 0.0 { Cookies::Kept } else { Cookies::Had },
            solving: None,
        };
        let pattern = Visitors::new(pretence, &self.target, sources, &casting)?;
        Sending::cast_after(
            asks_first_s,
            Plan { pace, sources, patience_s: *patience_s },
            casting,
            pattern,
        )
    }
}
