//! Forms whose body never comes to an end: it is announced and arrives a byte now and then.
//!
//! A model of: R-U-Dead-Yet and slow POST, which hold a worker that reads the body itself.
//! Source: Wong and Brennan, "HTTP POST" (OWASP, 2010); `slowhttptest -B`; RFC 9110 §15.5.9
//! lets a server answer 408.

use super::aim::Aim;
use super::pace::Pace;
use super::sending::{Pattern, Plan, Sending, Turn};
use super::sources::{Class, Sources};
use super::tools::Tool;
use crate::casting::{Casting, Miscast, within};
use crate::group::Group;
use crate::request::{Manner, Request};
use crate::stack::{Look, StackId};
use serde::Deserialize;
use std::time::Duration;

/// Seconds that one request may be held.
const HOLD_MAX_S: f64 = 3_000.0;

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
    /// Seconds that a body takes.
    pub hold_s: f64,
    /// A route or a purpose.
    pub target: String,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            pace: Pace::steady(60.0),
            sources: Sources { class: Class::Mixed, ..Sources::homes(400) },
            tool: Tool::Bare,
            hold_s: 60.0,
            target: "form".to_owned(),
        }
    }
}

impl Parameters {
    /// The flood before its first request.
    ///
    /// # Errors
    /// A sentence for a value that cannot be.
    pub fn cast(&self, casting: Casting<'_>) -> Result<Box<dyn Group>, Miscast> {
        let Self { pace, sources, .. } = self;
        let hold = within("hold_s", self.hold_s, 1.0..=HOLD_MAX_S)?;
        let pattern = SlowBodies {
            aim: Aim::parse(&self.target, casting.site)?,
            stack: casting.pools.stack(self.tool.stack()),
            hold: Duration::from_secs_f64(hold),
        };
        // It waits until its hold is over, and then a little for the answer.
        Sending::cast(Plan { pace, sources, patience_s: hold + 5.0 }, casting, pattern)
    }
}

#[derive(Debug)]
struct SlowBodies {
    aim: Aim,
    stack: StackId,
    hold: Duration,
}

impl Pattern for SlowBodies {
    fn request(&mut self, plain: Request, turn: Turn<'_>) -> Request {
        Request {
            look: Look::of(self.stack),
            route: self.aim.pick(turn.chance),
            manner: Manner::SlowBody(self.hold),
            ..plain
        }
    }
}
