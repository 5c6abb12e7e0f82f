//! Answers that are read a few bytes at a time, so that the server must hold them.
//!
//! A model of: slow read: the request is complete and honest in form, the window is kept nearly shut.
//! Source: Shekyan, "Are you ready for slow reading?" (2012), `slowhttptest -X`; RFC 9293 §3.8.6.1 (a
//! window may stay shut for as long as it is acknowledged).

use super::aim::Aim;
use super::pace::Pace;
use super::sending::{Pattern, Plan, Sending, Turn};
use super::sources::{Class, Sources};
use super::tools::Tool;
use crate::casting::{Casting, Miscast, whole};
use crate::group::Group;
use crate::request::{Manner, Request};
use crate::stack::{Look, StackId};
use serde::Deserialize;

/// What a scenario says of it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Parameters {
    /// How often it sends.
    pub pace: Pace,
    /// From where.
    pub sources: Sources,
    /// With what.
    pub tool: Tool,
    /// Bytes that a source reads in a second.
    pub bytes_per_s: u32,
    /// A route or a purpose.
    pub target: String,
    /// Seconds that a source waits for its answer.
    pub patience_s: f64,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            pace: Pace::steady(40.0),
            sources: Sources { class: Class::Mixed, ..Sources::homes(400) },
            tool: Tool::Bare,
            bytes_per_s: 200,
            target: "page".to_owned(),
            patience_s: 300.0,
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
        let pattern = SlowReads {
            aim: Aim::parse(&self.target, casting.site)?,
            stack: casting.pools.stack(self.tool.stack()),
            bytes_per_s: whole("bytes_per_s", self.bytes_per_s, 1..=1_000_000)?,
        };
        Sending::cast(Plan { pace, sources, patience_s: *patience_s }, casting, pattern)
    }
}

#[derive(Debug)]
struct SlowReads {
    aim: Aim,
    stack: StackId,
    bytes_per_s: u32,
}

impl Pattern for SlowReads {
    fn request(&mut self, plain: Request, turn: Turn<'_>) -> Request {
        Request {
            look: Look::of(self.stack),
            route: self.aim.pick(turn.chance),
            manner: Manner::SlowRead(self.bytes_per_s),
            ..plain
        }
    }
}
