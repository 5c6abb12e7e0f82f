//! A flood in pulses that end before anybody has understood them, with the same look or a new one each.
//!
//! A model of: pulse waves, which keep a defence switching on and off and hit again when it is off.
//! Source: Imperva's report of August 2017 on pulse waves; seconds on and off
//! here are a scenario's.

use super::aim::Aim;
use super::era::Eras;
use super::forgery::Forged;
use super::pace::{Pace, Pulses as OnAndOff};
use super::sending::{Pattern, Plan, Sending, Turn};
use super::sources::Sources;
use super::tools::Tool;
use crate::casting::{Casting, Miscast};
use crate::group::Group;
use crate::request::{Query, Request};
use crate::stack::{Look, StackId};
use serde::Deserialize;

/// What a scenario says of it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Parameters {
    /// How often it sends; must be in pulses.
    pub pace: Pace,
    /// From where.
    pub sources: Sources,
    /// With what.
    pub tool: Tool,
    /// What it looks like from pulse to pulse.
    pub looks: Looks,
    /// A route or a purpose.
    pub target: String,
    /// Seconds that a source waits for its answer.
    pub patience_s: f64,
}

/// Whether the next pulse can be known by its look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Looks {
    /// All pulses look alike.
    Same,
    /// Each pulse has a look of its own.
    NewEachPulse,
}

impl Default for Parameters {
    fn default() -> Self {
        let pulses = Some(OnAndOff { on_s: 5.0, off_s: 15.0 });
        Self {
            pace: Pace { pulses, ..Pace::steady(3_000.0) },
            sources: Sources::homes(2_000),
            tool: Tool::Go,
            looks: Looks::Same,
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
        let Self { pace, sources, patience_s, .. } = self;
        let Some(pulses) = pace.pulses else {
            let must = "a table with on_s and off_s, since this kind comes in pulses";
            return Err(Miscast::value("pace.pulses", "left out", must));
        };
        let pattern = Pulses {
            aim: Aim::parse(&self.target, casting.site)?,
            stack: casting.pools.stack(self.tool.stack()),
            looks: self.looks,
            pulses: Eras::of_seconds(pulses.on_s + pulses.off_s, casting.span.from),
        };
        Sending::cast(Plan { pace, sources, patience_s: *patience_s }, casting, pattern)
    }
}

#[derive(Debug)]
struct Pulses {
    aim: Aim,
    stack: StackId,
    looks: Looks,
    pulses: Eras,
}

impl Pattern for Pulses {
    fn request(&mut self, plain: Request, turn: Turn<'_>) -> Request {
        Request {
            look: match self.looks {
                Looks::Same => Look::of(self.stack),
                Looks::NewEachPulse => Forged::ALL.look(self.stack, self.pulses.number(turn.now)),
            },
            route: self.aim.pick(turn.chance),
            item: turn.chance.below(200),
            query: Query::Random(turn.chance.next_u64()),
            ..plain
        }
    }
}
