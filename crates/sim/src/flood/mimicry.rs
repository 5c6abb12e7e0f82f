//! A flood that looks and walks like visitors, but runs no script and loads no part of a page.
//!
//! A model of: HTTP clients that reproduce a browser's TLS, HTTP/2 and headers byte for byte, in homes,
//! on the pages that people open, with referers that fit.
//! Source: `curl-impersonate` and `uTLS`, public since 2022 and 2017, do just that; Kandula et al.,
//! "Botz-4-Sale" (NSDI 2005), name floods that mimic flash crowds and answer with tests of humanity.

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
    /// What sources do with cookies.
    pub cookies: Cookies,
    /// A route or a purpose.
    pub target: String,
    /// Seconds that a source waits for its answer.
    pub patience_s: f64,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            pace: Pace::steady(2_000.0),
            sources: Sources::homes(5_000),
            cookies: Cookies::Dropped,
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
        let pretence =
            Pretence { forged: None, parts: Parts::Left, cookies: self.cookies, solving: None };
        let pattern = Visitors::new(pretence, &self.target, sources, &casting)?;
        Sending::cast(Plan { pace, sources, patience_s: *patience_s }, casting, pattern)
    }
}
