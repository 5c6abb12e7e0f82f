//! A flood that grows so slowly that no second is unlike the one before.
//!
//! A model of: one that hopes to be learned as normal, or to stay under alarms on change.
//! Source: Siris and Papagalou, "Application of anomaly detection algorithms for detecting SYN flooding
//! attacks" (GLOBECOM 2004): a threshold that adapts does well on strong and badly on weak onsets.

use super::one_tool;
use super::pace::Pace;
use super::sources::Sources;
use super::tools::Tool;
use crate::casting::{Casting, Miscast};
use crate::group::Group;
use serde::Deserialize;

/// What a scenario says of it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Parameters {
    /// Requests per second once it has grown.
    pub rps: f64,
    /// Seconds that it grows.
    pub ramp_s: f64,
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
            rps: 3_000.0,
            ramp_s: 40.0,
            sources: Sources::homes(2_000),
            tool: Tool::Go,
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
        let flood = one_tool::Parameters {
            pace: Pace { ramp_s: self.ramp_s, ..Pace::steady(self.rps) },
            sources: self.sources.clone(),
            tool: self.tool,
            target: self.target.clone(),
            patience_s: self.patience_s,
        };
        flood.cast(casting)
    }
}
