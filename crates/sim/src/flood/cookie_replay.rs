//! A flood in which many sources bear the same few cookies, taken from the origin by some of them.
//!
//! A model of: one that has learned that visitors with a cookie fare better, fetches a jar of cookies
//! and hands it to all its sources.
//! Source: RFC 6265 §8: a cookie says nothing of who sends it.

use super::aim::Aim;
use super::pace::Pace;
use super::sending::{After, Pattern, Plan, Sending, Turn};
use super::sources::Sources;
use crate::Chance;
use crate::casting::{Casting, Lots, Miscast, whole};
use crate::group::{Group, Heard, Outbox};
use crate::request::Request;
use serde::Deserialize;

/// Cookies of one jar.
const COOKIES_MAX: u32 = 10_000;

/// What a scenario says of it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Parameters {
    /// How often it sends.
    pub pace: Pace,
    /// From where.
    pub sources: Sources,
    /// Cookies in the jar.
    pub cookies: u32,
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
            cookies: 20,
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
        let pattern = CookieReplay {
            aim: Aim::parse(&self.target, casting.site)?,
            looks: casting.pools.lots().clone(),
            seed: casting.seed,
            wanted: whole("cookies", self.cookies, 1..=COOKIES_MAX)? as usize,
            jar: Vec::new(),
        };
        Sending::cast(Plan { pace, sources, patience_s: *patience_s }, casting, pattern)
    }
}

#[derive(Debug)]
struct CookieReplay {
    aim: Aim,
    looks: Lots,
    seed: u64,
    wanted: usize,
    jar: Vec<u64>,
}

impl Pattern for CookieReplay {
    fn request(&mut self, plain: Request, turn: Turn<'_>) -> Request {
        let mut own = Chance::for_part(self.seed, u64::from(plain.sender.member));
        Request {
            look: self.looks.draw(plain.network.class, &mut own),
            language: u8::try_from(1 + own.below(8)).unwrap_or(1),
            route: self.aim.pick(turn.chance),
            item: turn.chance.below(200),
            // Until the jar is full, some still come without one to fill it.
            cookie: (self.jar.len() == self.wanted)
                .then(|| turn.chance.pick(&self.jar).copied())
                .flatten(),
            navigates: true,
            ..plain
        }
    }

    fn heard(&mut self, heard: &Heard<'_>, _out: &mut Outbox) -> After {
        if self.jar.len() < self.wanted {
            let new = heard.answer.set_cookie.filter(|cookie| !self.jar.contains(cookie));
            self.jar.extend(new);
        }
        After::Nothing
    }
}
