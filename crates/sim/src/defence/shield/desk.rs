//! Checks and tokens as a node runs them: tokens are sealed, opened, bound and rationed by the engine.
//!
//! What is left out is the sum itself, which would take real time: whoever solves sends the name of its
//! puzzle, which is worth a token once.
//! Bounds: those of [`Issue`]; [`LOOKS_MAX`] looks are remembered, beyond that all are forgotten.

use crate::clock::EPOCH;
use crate::defence::{Check, Pass, Turn};
use crate::request::Request;
use crate::shows::Shows;
use crate::site::{Method, Site};
use crate::stack::Look;
use seawall_engine::admission::{Class, Fetch, Prefix};
use seawall_engine::challenge::token::OLD_DAYS;
use seawall_engine::challenge::{
    Bound, Family, Issue, Keys, Origins, Place, PlatformMark, Taken, Token,
};
use seawall_types::{MeasureId, Moment};
use std::collections::BTreeMap;
use std::time::Duration;

/// Looks whose family is remembered.
const LOOKS_MAX: usize = 65_536;

/// Where tokens and places are handed out and looked at.
#[derive(Debug)]
pub(super) struct Desk {
    issue: Issue,
    keys: Keys,
    /// By platform index.
    platforms: Vec<PlatformMark>,
    families: BTreeMap<Look, Family>,
    puzzles: u64,
}

/// A valid token and whom it is for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Borne {
    token: Token,
    bound: Bound,
}

impl Borne {
    /// How its bearer stands in the queue for an origin.
    pub(super) fn class(&self) -> Class {
        self.token.class()
    }
}

impl Desk {
    pub(super) fn new(names: impl Iterator<Item = String>, seed: u64) -> Self {
        let platforms: Vec<_> = names.map(|name| PlatformMark::of(&name)).collect();
        let mut secret = [0x5e; 32];
        secret[..8].copy_from_slice(&seed.to_be_bytes());
        Self {
            issue: Issue::new([seed, seed ^ 0x7061_7373], platforms.len()),
            keys: Keys::new(&secret, wall_secs(Moment(0))),
            platforms,
            families: BTreeMap::new(),
            puzzles: 0,
        }
    }

    /// Its node was started again: what tokens asked for is forgotten, their keys are not.
    pub(super) fn restarted(&mut self, seed: u64) {
        self.issue = Issue::new([seed, seed ^ 0x7061_7373], self.platforms.len());
    }

    pub(super) fn follow(&mut self, now: Moment) {
        self.keys.follow(wall_secs(now));
    }

    /// The token that a request brings; none when it is not valid here and now.
    pub(super) fn open(
        &mut self,
        (now, shows): (Moment, &Shows),
        (request, pass): (&Request, Option<Pass>),
    ) -> Option<Borne> {
        let Pass(text) = pass?;
        let bound = self.bound(shows, request)?;
        let keys = (&self.keys, wall_secs(now));
        let token = Token::open(keys, &bound, text.as_str().as_bytes()).ok()?;
        Some(Borne { token, bound })
    }

    /// Takes a request from what its token may ask for.
    pub(super) fn charge(
        &self,
        now: Moment,
        borne: &Borne,
        (request, site): (&Request, &Site),
    ) -> Taken {
        let reads = site.route(request.route).is_none_or(|route| route.method == Method::Get);
        let fetch =
            if reads && !request.navigates { Fetch::SubResource } else { Fetch::Navigation };
        self.issue.charge(now, (borne.token, &borne.bound), fetch)
    }

    /// A check for somebody whom a measure asks.
    pub(super) fn check(
        &mut self,
        (now, shows): (Moment, &Shows),
        (request, measure): (&Request, MeasureId),
    ) -> Option<Check> {
        let bound = self.bound(shows, request)?;
        self.puzzles += 1;
        let difficulty = self.issue.difficulty(now, &bound);
        Some(Check { id: self.puzzles, measure: Some(measure), difficulty })
    }

    /// The token of somebody who passed, once for each name.
    pub(super) fn pass(
        &mut self,
        (now, shows): (Moment, &Shows),
        (request, id): (&Request, u64),
    ) -> Option<Pass> {
        let bound = self.bound(shows, request)?;
        let token = self.issue.token((now, wall_secs(now)), (&bound, id))?;
        token.sealed(&self.keys, &bound).map(Pass)
    }

    /// The token of somebody who passed before the world began, and came back on two days since.
    pub(super) fn passed_before(&mut self, shows: &Shows, request: &Request) -> Option<Pass> {
        let bound = self.bound(shows, request)?;
        self.puzzles += 1;
        let issued_secs = wall_secs(Moment(0));
        let fresh = Token::fresh(self.puzzles, issued_secs);
        Token { clean_days: OLD_DAYS, ..fresh }.sealed(&self.keys, &bound).map(Pass)
    }

    /// A place at the end of the line.
    pub(super) fn join(
        &mut self,
        (now, shows): (Moment, &Shows),
        (request, origins): (&Request, Origins),
    ) -> Option<Turn> {
        let bound = self.bound(shows, request)?;
        let at = (now, wall_secs(now));
        let place = self.issue.place(at, (request.platform.index(), &bound), origins)?;
        let text = place.sealed(&self.keys, &bound)?;
        let turn_s = place.turn_secs - wall_secs(Moment(0));
        Some(Turn { text, at: Moment(0) + Duration::from_secs(u64::from(turn_s)) })
    }

    /// What a place is worth whose turn has come.
    pub(super) fn waited(
        &mut self,
        (now, shows): (Moment, &Shows),
        (request, turn): (&Request, Turn),
    ) -> Option<Pass> {
        let bound = self.bound(shows, request)?;
        let keys = (&self.keys, wall_secs(now));
        let id = Place::open(keys, &bound, turn.text.as_str().as_bytes()).ok()?;
        self.pass((now, shows), (request, id))
    }

    /// Whom something is for, when this request asks.
    fn bound(&mut self, shows: &Shows, request: &Request) -> Option<Bound> {
        let platform = *self.platforms.get(request.platform.index())?;
        if self.families.len() >= LOOKS_MAX {
            self.families.clear();
        }
        let family = *self.families.entry(request.look).or_insert_with(|| {
            let stack = shows.stack(request.look);
            let (agent, ja4) = stack.map(|stack| (stack.user_agent, stack.ja4)).unwrap_or_default();
            let ciphers = ja4.split('_').nth(1).unwrap_or_default();
            Family::of(agent.as_bytes(), ciphers.as_bytes())
        });
        Some(Bound { platform, prefix: Prefix::of(request.source), family })
    }
}

/// Seconds since 1970 on the node.
fn wall_secs(now: Moment) -> u32 {
    let since_epoch = EPOCH.0 / 1_000 + now.0 / 1_000_000_000;
    u32::try_from(since_epoch).unwrap_or(u32::MAX)
}
