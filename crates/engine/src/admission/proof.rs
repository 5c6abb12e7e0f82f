//! Who is known to be a real visitor, without a cookie of ours.
//!
//! Takes what requests bear and what answers set; says whether a request is [proven](Proven).
//! Two things prove. A cookie that the origin itself set at least [`COOKIE_AGE`] ago: whoever brings
//! it was here before and keeps what a browser keeps. And a source and stack that completed
//! [`visits::NAVIGATIONS`] navigations with sub-resources, as a browser does and a flood's tool
//! does not.
//! A cookie that comes from, or is set for, more than [`carriers::NETWORKS_MAX`] networks proves
//! nothing any more: it is the same for everybody, or was handed around.
//! Nothing is learned while more is asked than usual, nor up to ten minutes after ([`Calm`]): what is
//! seen then may be the flood, learning to look well.
//! All cores share one memory of a platform, without a lock on the way of a request.
//! Never keeps a cookie, an address or a header: keyed hashes in filters. Never reads a clock.
//! Bounds: eight filters of [`filter::MARKS_MAX`] marks, [`visits::VISITS_MAX`] visits,
//! [`carriers::CARRIERS_MAX`] cookies that are looked after, and what [`super::returns`] keeps. A filter that is full gives way to the
//! next at the next look, so the oldest are forgotten sooner; that is counted.

pub mod carriers;
pub mod filter;
pub mod visits;

use super::Prefix;
use super::calm::Calm;
use super::returns::{NOTES_MAX, Returns};
use carriers::{CARRIERS_MAX, Carriers};
use filter::{BLOCKS_MAX, Filter, Generations};
use seawall_types::{Moment, SourceKey};
use siphasher::sip::SipHasher13;
use std::hash::Hasher as _;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, TryLockError};
use std::time::Duration;
use visits::{VISITS_MAX, Visits};

/// A cookie proves when the origin set it at least so long ago; twice as long at most.
pub const COOKIE_AGE: Duration = Duration::from_mins(10);
/// A proof is remembered for one to two of these after it was last of use.
pub const GENERATION: Duration = Duration::from_hours(24);

/// Memory of one platform: the whole of it, or a power of two of it where there are many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Scale(u32);

impl Scale {
    /// 1.4 MiB.
    pub const WHOLE: Self = Self(0);
    /// An eighth.
    pub const LEAST: Self = Self(3);

    /// Such that `platforms` have no more together than `wholes` of the largest, as far as the least
    /// allows.
    pub fn among(platforms: usize, wholes: usize) -> Self {
        let halvings = (0..Self::LEAST.0).find(|halvings| platforms <= wholes << halvings);
        halvings.map_or(Self::LEAST, Self)
    }

    const fn of(self, whole: usize) -> usize {
        whole >> self.0
    }
}

/// What proved a visitor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Proven {
    /// It brought a cookie that the origin set long enough ago.
    Cookie,
    /// Its source and stack behaved as a browser does.
    Visits,
}

/// A proof that a request brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proof {
    /// What proved it.
    pub by: Proven,
    mark: u64,
}

/// A cookie's name and value as a keyed hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CookieMark(u64);

/// A source and the stack it used as a keyed hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StackMark(pub(super) u64);

/// What kind of request it was, as far as its head tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fetch {
    /// A page that a person asked for.
    Navigation,
    /// Something that a page consists of.
    SubResource,
}

/// Keys the marks; all platforms of a shield may share it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MarkSeed(pub [u64; 2]);

impl MarkSeed {
    /// The mark of a cookie, given as `name=value`.
    pub fn cookie(self, pair: &[u8]) -> CookieMark {
        let mut hasher = self.hasher(1);
        hasher.write(pair);
        CookieMark(hasher.finish())
    }

    /// The mark of a source and what its software looks like.
    pub fn stack(self, source: SourceKey, looks: [&[u8]; 2]) -> StackMark {
        let mut hasher = self.hasher(2);
        hasher.write_u64(source.to_bits());
        for look in looks {
            hasher.write(look);
            // No header and no fingerprint holds a zero.
            hasher.write_u8(0);
        }
        StackMark(hasher.finish())
    }

    fn hasher(self, what: u64) -> SipHasher13 {
        SipHasher13::new_with_keys(self.0[0], self.0[1] ^ what)
    }
}

/// Since when what is under way is under way.
#[derive(Debug)]
struct Since {
    young: Moment,
    carriers: Moment,
    calm: Calm,
}

/// What is remembered of one platform's visitors, by all cores together.
#[derive(Debug)]
pub struct Proofs {
    /// Cookies set in the span of [`COOKIE_AGE`] that is under way, and in the one before.
    young: [Filter; 2],
    /// Its lowest bit says which of them is under way.
    spans: AtomicU32,
    /// Whoever holds it does what is due.
    since: Mutex<Since>,
    old: Generations,
    stacks: Generations,
    spoilt: Generations,
    carriers: Carriers,
    visits: Visits,
    returns: Returns,
    frozen_until: AtomicU64,
    /// Cookies that found no room among the young.
    young_refused: AtomicU64,
}

impl Proofs {
    /// Remembers nobody.
    pub fn new(now: Moment, scale: Scale) -> Self {
        let blocks = scale.of(BLOCKS_MAX);
        let generations = || Generations::new(now, GENERATION, blocks);
        Self {
            young: [Filter::new(blocks), Filter::new(blocks)],
            spans: AtomicU32::new(0),
            since: Mutex::new(Since { young: now, carriers: now, calm: Calm::new(now) }),
            old: generations(),
            stacks: generations(),
            spoilt: generations(),
            carriers: Carriers::new(scale.of(CARRIERS_MAX)),
            visits: Visits::new(scale.of(VISITS_MAX)),
            returns: Returns::new(scale.of(NOTES_MAX)),
            frozen_until: AtomicU64::new(now.0),
            young_refused: AtomicU64::new(0),
        }
    }

    /// What proves a request that bears `cookies` and comes from `stack` in `network`.
    ///
    /// Cookies are not looked at while none could prove.
    pub fn look(
        &self,
        cookies: impl IntoIterator<Item = CookieMark>,
        (stack, network): (StackMark, Prefix),
    ) -> Option<Proof> {
        if !self.old.is_empty() {
            let mut cookies = cookies.into_iter();
            if let Some(CookieMark(mark)) = cookies.find(|cookie| self.proves(*cookie, network)) {
                return Some(Proof { by: Proven::Cookie, mark });
            }
        }
        self.stacks.has(stack.0).then_some(Proof { by: Proven::Visits, mark: stack.0 })
    }

    /// A request that was proven was served: its proof is remembered for another while.
    pub fn served(&self, proof: Proof) {
        match proof.by {
            Proven::Cookie => self.old.renew(proof.mark),
            Proven::Visits => self.stacks.renew(proof.mark),
        }
    }

    /// Whether anything is learned of what is seen now.
    pub fn learns(&self, now: Moment) -> bool {
        now.0 >= self.frozen_until.load(Relaxed)
    }

    /// The origin set this cookie for somebody in `network`.
    pub fn cookie_set(&self, now: Moment, cookie: CookieMark, network: Prefix) {
        if self.learns(now) && !self.is_carried_around(cookie, network) {
            let young = &self.young[self.span_under_way()];
            // A filter with too many marks says yes to anything: whoever finds no room is unknown.
            if young.is_full() {
                self.young_refused.fetch_add(1, Relaxed);
            } else {
                young.add(cookie.0);
            }
        }
    }

    /// The origin set this cookie long ago, as whoever kept it says.
    pub fn cookie_was_set(&self, cookie: CookieMark) {
        self.old.add(cookie.0);
    }

    /// A request of this kind was answered well.
    pub fn fetched(&self, now: Moment, stack: StackMark, fetch: Fetch) {
        if self.learns(now) && self.visits.fetched(now, stack.0, fetch) {
            self.stacks.add(stack.0);
        }
    }

    /// What presses on the platform now; any core may say so, about ten times a second.
    pub fn weigh(&self, now: Moment, pressure: f64) {
        let mut since = match self.since.try_lock() {
            Ok(since) => since,
            Err(TryLockError::Poisoned(since)) => since.into_inner(),
            // Another core is at it.
            Err(TryLockError::WouldBlock) => return,
        };
        if let Some(long) = since.calm.weigh(now, pressure, self.learns(now)) {
            self.frozen_until.fetch_max((now + long).0, Relaxed);
        }
        for generations in [&self.old, &self.stacks, &self.spoilt] {
            generations.turn(now);
        }
        if now.since(since.carriers) >= COOKIE_AGE {
            self.carriers.clear();
            since.carriers = now;
        }
        if now.since(since.young) >= COOKIE_AGE && self.learns(now) {
            self.age(now);
            since.young = now;
        }
    }

    /// Who was told to come back.
    pub fn returns(&self) -> &Returns {
        &self.returns
    }

    /// Times that a filter or the table of visits was full.
    pub fn saturated(&self) -> u64 {
        let filters = [&self.old, &self.stacks, &self.spoilt];
        let filters: u64 = filters.map(Generations::saturated).into_iter().sum();
        filters + self.visits.saturated() + self.young_refused.load(Relaxed)
    }

    /// Visits under way, how many there is room for, and how many lost their place; walks the table.
    pub fn visits(&self, now: Moment) -> ([u64; 2], u64) {
        (self.visits.fill(now), self.visits.saturated())
    }

    fn proves(&self, cookie: CookieMark, network: Prefix) -> bool {
        self.old.has(cookie.0) && !self.is_carried_around(cookie, network)
    }

    /// Whether too many networks share the cookie; that is remembered.
    fn is_carried_around(&self, cookie: CookieMark, network: Prefix) -> bool {
        if self.carriers.carry(cookie.0, network.to_bits()) {
            self.spoilt.add(cookie.0);
            return true;
        }
        self.spoilt.has(cookie.0)
    }

    /// What was set before the span under way is old now.
    fn age(&self, now: Moment) {
        let before = &self.young[1 - self.span_under_way()];
        // That span was over when this one began, a whole span ago.
        self.old.merge(now, before);
        before.clear();
        self.spans.fetch_add(1, Relaxed);
    }

    fn span_under_way(&self) -> usize {
        (self.spans.load(Relaxed) & 1) as usize
    }
}

#[cfg(test)]
mod tests;
