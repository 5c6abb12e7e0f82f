//! A share and its coordinator in one, for whoever has one platform and one core.
//!
//! Takes and gives what [`Share`] does; the exchange of sums and slots happens at its deadlines.
//! Never reads a clock. Bounds: those of its parts.

use super::coordinator::{Coordinator, OriginIndex, Plan};
use super::request::{Head, Kind, Offer, Outcome, Ready, Request};
use super::share::{Share, ShareSettings};
use super::sums::OriginSet;
use super::{Permit, RouteKey, Ticket};
use crate::AdmissionSnapshot;
use seawall_types::{Moment, OriginCapacity};

/// Admission of one platform on one core.
#[derive(Debug)]
pub struct Alone {
    share: Share,
    coordinator: Coordinator,
}

impl Alone {
    /// For a platform with these origins; `seed` keys hashes and spreads holds.
    pub fn new(now: Moment, origins: Vec<Option<OriginCapacity>>, seed: [u64; 2]) -> Self {
        let prefixes = super::PREFIXES_MAX;
        let settings = ShareSettings { origins: origins.len(), prefixes, seed };
        Self::with_share(now, origins, Share::new(now, settings))
    }

    /// The same with limits that stay at what the operator says that the origins can carry; where
    /// nothing is said they are learned.
    pub fn as_told(now: Moment, origins: Vec<Option<OriginCapacity>>, seed: [u64; 2]) -> Self {
        let prefixes = super::PREFIXES_MAX;
        let settings = ShareSettings { origins: origins.len(), prefixes, seed };
        Self::by(now, origins, (Share::new(now, settings), Coordinator::as_told))
    }

    /// The same around a share that was made for as many origins.
    pub fn with_share(now: Moment, origins: Vec<Option<OriginCapacity>>, share: Share) -> Self {
        Self::by(now, origins, (share, Coordinator::new))
    }

    fn by(
        now: Moment,
        origins: Vec<Option<OriginCapacity>>,
        (share, coordinator): (Share, fn(Moment, Plan) -> Coordinator),
    ) -> Self {
        let platform = (0..origins.len()).map(OriginIndex).collect();
        let plan = Plan { origins, platforms: vec![platform], cores: 1 };
        let mut alone = Self { share, coordinator: coordinator(now, plan) };
        alone.take_grant(now);
        alone
    }

    /// See [`Share::offer`].
    pub fn offer(&mut self, now: Moment, request: &Request) -> Offer {
        self.share.offer(now, request)
    }

    /// See [`Share::headed`].
    pub fn headed(&mut self, now: Moment, permit: &Permit, head: Head) {
        self.share.headed(now, permit, head);
    }

    /// See [`Share::finished`].
    pub fn finished(&mut self, now: Moment, permit: Permit, outcome: Outcome) {
        self.share.finished(now, permit, outcome);
    }

    /// See [`Share::cost_us`].
    pub fn cost_us(&self, route: RouteKey) -> u32 {
        self.share.cost_us(route)
    }

    /// See [`Share::cancelled`].
    pub fn cancelled(&mut self, now: Moment, ticket: Ticket) {
        self.share.cancelled(now, ticket);
    }

    /// See [`Share::poll_ready`].
    pub fn poll_ready(&mut self) -> Option<Ready> {
        self.share.poll_ready()
    }

    /// See [`Share::use_origins`].
    pub fn use_origins(&mut self, now: Moment, usable: OriginSet) {
        self.share.use_origins(now, usable);
    }

    /// When [`Self::on_deadline`] has something to do.
    pub fn next_deadline(&self) -> Moment {
        let round = self.coordinator.next_deadline();
        self.share.next_deadline().map_or(round, |share| share.min(round))
    }

    /// Sends away who waited too long, and once a round learns and deals out.
    pub fn on_deadline(&mut self, now: Moment) {
        self.share.on_deadline(now);
        if self.coordinator.next_deadline() <= now {
            let report = self.share.report(now);
            self.coordinator.report(0, 0, &report);
            self.coordinator.on_deadline(now);
            self.take_grant(now);
        }
    }

    /// Brief requests that the origins may be given at once, all together.
    ///
    /// After a fall it is what is still out until that is back, so no more than this is ever there.
    pub fn limit(&self) -> u32 {
        self.share.slots(Kind::Brief).max(self.share.in_flight(Kind::Brief))
    }

    /// Requests of `kind` at the origins.
    pub fn in_flight(&self, kind: Kind) -> u32 {
        self.share.in_flight(kind)
    }

    /// Slots that were given up and whose connections are not closed.
    pub fn hung(&self) -> u32 {
        self.share.hung()
    }

    /// Requests of `kind` that wait.
    pub fn waiting(&self, kind: Kind) -> u32 {
        self.share.waiting(kind)
    }

    /// See [`Share::downloads_press`].
    pub fn downloads_press(&self) -> bool {
        self.share.downloads_press()
    }

    /// See [`Share::spares_one`].
    pub fn spares_one(&self) -> bool {
        self.share.spares_one()
    }

    /// Requests at the origins whose body comes.
    #[cfg(test)]
    pub(super) fn bodies(&self) -> u32 {
        self.share.bodies()
    }

    /// See [`Share::bodies_press`].
    pub fn bodies_press(&self, now: Moment) -> bool {
        self.share.bodies_press(now)
    }

    /// What was asked for over what the origins can carry, over the last second.
    pub fn pressure(&self) -> f64 {
        self.coordinator.pressure(0)
    }

    /// What is known of the platform, as a node tells its engine.
    pub fn look(&self) -> Option<AdmissionSnapshot> {
        self.coordinator.look(0)
    }

    /// The limit that was learned for one origin.
    pub fn limit_of(&self, origin: usize) -> u32 {
        self.coordinator.limit(OriginIndex(origin))
    }

    fn take_grant(&mut self, now: Moment) {
        if let Some(grant) = self.coordinator.grant(0, 0) {
            self.share.accept(now, &grant);
        }
    }
}
