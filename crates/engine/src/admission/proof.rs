//! Who is known to be a real visitor, without a cookie of ours.
//!
//! Takes what requests bear and what answers set; says whether a request is [proven](Proven).
//! Two things prove. A cookie that the origin itself set at least [`COOKIE_AGE`] ago: whoever brings
//! it was here before and keeps what a browser keeps. And a source and stack that completed
//! [`visits::NAVIGATIONS`] navigations with sub-resources, as a browser does and a flood's tool
//! does not.
//! Nothing is learned from [`FREEZE_FROM`] on until [`FREEZE_FOR`] after: what is seen then may be
//! the flood, learning to look well.
//! Never keeps a cookie, an address or a header: keyed hashes in filters. Never reads a clock.
//! Bounds: six filters of [`filter::MARKS_MAX`] marks and [`visits::VISITS_MAX`] visits. A filter
//! that is full gives way to the next early, so the oldest are forgotten sooner; that is counted.

pub mod filter;
pub mod visits;

use super::share::{FREEZE_FOR, FREEZE_FROM};
use filter::{Filter, Generations};
use seawall_types::{Moment, SourceKey};
use siphasher::sip::SipHasher13;
use std::hash::Hasher as _;
use std::time::Duration;
use visits::Visits;

/// A cookie proves when the origin set it at least so long ago; twice as long at most.
pub const COOKIE_AGE: Duration = Duration::from_mins(10);
/// A proof is remembered for one to two of these after it was last of use.
pub const GENERATION: Duration = Duration::from_hours(24);

/// What proved a visitor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Proven {
    /// It brought a cookie that the origin set long enough ago.
    Cookie,
    /// Its source and stack behaved as a browser does.
    Visits,
}

/// A cookie's name and value as a keyed hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CookieMark(u64);

/// A source and the stack it used as a keyed hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StackMark(u64);

/// What kind of request it was, as far as its head tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fetch {
    /// A page that a person asked for.
    Navigation,
    /// Something that a page consists of.
    SubResource,
}

/// The memory of one core for one platform.
#[derive(Debug)]
pub struct Proofs {
    seed: [u64; 2],
    /// Cookies set in the span of [`COOKIE_AGE`] that is under way, and in the one before.
    young: [Filter; 2],
    young_since: Moment,
    old: Generations,
    stacks: Generations,
    visits: Visits,
    frozen_until: Moment,
}

impl Proofs {
    /// Remembers nobody. `seed` keys the hashes; cores that share it agree on every mark.
    pub fn new(now: Moment, seed: [u64; 2]) -> Self {
        Self {
            seed,
            young: [Filter::default(), Filter::default()],
            young_since: now,
            old: Generations::new(now, GENERATION),
            stacks: Generations::new(now, GENERATION),
            visits: Visits::default(),
            frozen_until: now,
        }
    }

    /// The mark of a cookie.
    pub fn cookie(&self, name: &[u8], value: &[u8]) -> CookieMark {
        let mut hasher = self.hasher(1);
        hasher.write(name);
        hasher.write_u8(b'=');
        hasher.write(value);
        CookieMark(hasher.finish())
    }

    /// The mark of a source and what its software looks like on the wire.
    pub fn stack(&self, source: SourceKey, fingerprint: u64) -> StackMark {
        let mut hasher = self.hasher(2);
        hasher.write_u64(source.to_bits());
        hasher.write_u64(fingerprint);
        StackMark(hasher.finish())
    }

    /// What proves a request that bears `cookies` and comes from `stack`.
    pub fn look(&self, cookies: &[CookieMark], stack: StackMark) -> Option<Proven> {
        if cookies.iter().any(|cookie| self.old.has(cookie.0)) {
            return Some(Proven::Cookie);
        }
        self.stacks.has(stack.0).then_some(Proven::Visits)
    }

    /// A request that was proven was served: its proof is remembered for another while.
    pub fn served(&mut self, now: Moment, cookies: &[CookieMark], stack: StackMark) {
        for cookie in cookies {
            if self.old.has(cookie.0) {
                self.old.add(now, cookie.0);
            }
        }
        if self.stacks.has(stack.0) {
            self.stacks.add(now, stack.0);
        }
    }

    /// The origin set this cookie.
    pub fn cookie_set(&mut self, now: Moment, cookie: CookieMark) {
        if now < self.frozen_until {
            return;
        }
        if now.since(self.young_since) >= COOKIE_AGE {
            self.age(now);
        }
        self.young[0].add(cookie.0);
    }

    /// A request of this kind was answered well.
    pub fn fetched(&mut self, now: Moment, stack: StackMark, fetch: Fetch) {
        if now >= self.frozen_until && self.visits.fetched(now, stack.0, fetch) {
            self.stacks.add(now, stack.0);
        }
    }

    /// What presses on the platform now.
    pub fn weigh(&mut self, now: Moment, pressure: f64) {
        if pressure >= FREEZE_FROM {
            self.frozen_until = now + FREEZE_FOR;
        } else if now >= self.frozen_until && now.since(self.young_since) >= COOKIE_AGE {
            self.age(now);
        }
    }

    /// Times that a filter or the table of visits was full.
    pub fn saturated(&self) -> u64 {
        self.old.saturated() + self.stacks.saturated() + self.visits.saturated()
    }

    /// What was set before the span under way is old now.
    fn age(&mut self, now: Moment) {
        self.young.swap(0, 1);
        // The last span but one was over when the last began, a whole span ago.
        let aged = std::mem::take(&mut self.young[0]);
        self.old.merge(now, &aged);
        self.young_since = now;
    }

    fn hasher(&self, what: u8) -> SipHasher13 {
        let mut hasher = SipHasher13::new_with_keys(self.seed[0], self.seed[1]);
        hasher.write_u8(what);
        hasher
    }
}

#[cfg(test)]
mod tests;
