//! A flood of TLS handshakes after which nothing is asked: work for whoever ends TLS, none for origins.
//!
//! A model of: sources that open, shake hands and close; a server pays more for a handshake than its
//! client does.
//! Source: THC-SSL-DOS (2011); RFC 5246 and RFC 8446 have the server sign each full handshake.

use super::pace::Pace;
use super::sending::{Pattern, Plan, Sending, Turn};
use super::sources::Sources;
use super::tools::Tool;
use crate::casting::{Casting, Miscast};
use crate::group::Group;
use crate::request::{Manner, Request};
use crate::stack::{Look, StackId};
use serde::Deserialize;

/// What a scenario says of it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Parameters {
    /// How many handshakes it makes.
    pub pace: Pace,
    /// From where.
    pub sources: Sources,
    /// With what.
    pub tool: Tool,
    /// Seconds that a source waits for its answer.
    pub patience_s: f64,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            pace: Pace::steady(1_500.0),
            sources: Sources::homes(1_000),
            tool: Tool::Go,
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
        let Self { pace, sources, patience_s, .. } = self;
        let pattern = Handshakes { stack: casting.pools.stack(self.tool.stack()) };
        Sending::cast(Plan { pace, sources, patience_s: *patience_s }, casting, pattern)
    }
}

#[derive(Debug)]
struct Handshakes {
    stack: StackId,
}

impl Pattern for Handshakes {
    fn request(&mut self, plain: Request, _turn: Turn<'_>) -> Request {
        Request { look: Look::of(self.stack), manner: Manner::Handshake, ..plain }
    }
}
