//! Overload by sources each of which is quieter than a visitor: no limit per address can tell them.
//!
//! A model of: a large botnet that spreads its load so thin that each device stays below what one
//! person's browser asks, at a steady beat.
//! Source: Mantis-sized botnets of thousands of devices and residential proxy pools (Mi et al.,
//! "Resident Evil: Understanding Residential IP Proxy as a Dark Service", IEEE S&P 2019, counts six
//! million addresses); limits of 2 to 10 requests per second and address are the usual advice.

use super::one_tool;
use super::pace::{Pace, Turns};
use super::sources::Sources;
use super::tools::Tool;
use crate::casting::{Casting, Miscast};
use crate::group::Group;
use serde::Deserialize;

/// What a scenario says of it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Parameters {
    /// Requests per second of each source, evenly spaced.
    pub rps_each: f64,
    /// From where.
    pub sources: Sources,
    /// With what.
    pub tool: Tool,
    /// A route or a purpose.
    pub target: String,
    /// Seconds that a source waits for its answer.
    pub patience_s: f64,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            rps_each: 1.6,
            sources: Sources::homes(5_000),
            tool: Tool::Bare,
            target: "page".to_owned(),
            patience_s: 2.0,
        }
    }
}

impl Parameters {
    /// The flood before its first request.
    ///
    /// # Errors
    /// A sentence for a value that cannot be.
    pub fn cast(&self, casting: Casting<'_>) -> Result<Box<dyn Group>, Miscast> {
        let rps = self.rps_each * f64::from(self.sources.count);
        let flood = one_tool::Parameters {
            pace: Pace { turns: Turns::Even, ..Pace::steady(rps) },
            sources: self.sources.clone(),
            tool: self.tool,
            target: self.target.clone(),
            patience_s: self.patience_s,
        };
        flood.cast(casting)
    }
}
