//! Who is known to be a real visitor, from the same requests and answers as a node sees.
//!
//! Bounds: those of the engine's proofs, and a visit of each flight.

use super::super::{Arrival, Decision, Ended, Stopped};
use crate::group::Remembered;
use crate::origin::{End, FlightId};
use crate::request::{Referer, Request};
use seawall_engine::admission::{
    Call, CallerMark, Class, Fetch, MarkSeed, Prefix, Proof, Proofs, Scale, StackMark,
};
use seawall_types::{Moment, PlatformId, SourceKey};

/// What is remembered of the visitors of all platforms.
#[derive(Debug)]
pub(super) struct Visitors {
    seed: MarkSeed,
    platforms: Vec<Proofs>,
    /// By flight: who is at an origin, or waits.
    visits: Vec<Option<Visit>>,
}

/// A request, as far as it may prove its visitor or teach who is one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Visit {
    platform: PlatformId,
    network: Prefix,
    stack: StackMark,
    fetch: Option<Fetch>,
    proof: Option<Proof>,
    /// As whom it comes to the gate, unless a lane has a turn of its own, and as what.
    caller: Option<CallerMark>,
    call: Call,
}

impl Visit {
    /// As what it comes to the gate.
    pub(super) fn call(&self) -> Call {
        self.call
    }

    /// How it stands.
    pub(super) fn class(&self) -> Class {
        if self.is_proven() { Class::Proven } else { Class::Unknown }
    }

    /// Whether its visitor was known to be good before it asked.
    pub(super) fn is_proven(&self) -> bool {
        self.proof.is_some()
    }
}

impl Visitors {
    pub(super) fn new(now: Moment, platforms: usize, seed: u64) -> Self {
        let proofs = |_| Proofs::new(now, Scale::among(platforms, platforms));
        Self {
            seed: MarkSeed([seed, seed ^ 0x9e37]),
            platforms: (0..platforms).map(proofs).collect(),
            visits: Vec::new(),
        }
    }

    /// Learns of members that were served before the world began.
    pub(super) fn remember(&self, remembered: &[Remembered]) {
        for Remembered { request } in remembered {
            if let (Some(cookie), Some(proofs)) =
                (request.cookie, self.platforms.get(request.platform.index()))
            {
                proofs.cookie_was_set(self.seed.cookie(&cookie.to_le_bytes()));
            }
        }
    }

    /// What a request that has arrived shows.
    pub(super) fn look(&self, arrival: Arrival<'_>) -> Visit {
        let request = arrival.request;
        let network = Prefix::of(request.source);
        let looks = request.look.bits().to_le_bytes();
        let stack = self.seed.stack(SourceKey::of(request.source), [&looks, &[request.language]]);
        let cookie = request.cookie.map(|cookie| self.seed.cookie(&cookie.to_le_bytes()));
        let proofs = self.platforms.get(request.platform.index());
        let proof = proofs.and_then(|proofs| proofs.look(cookie, (stack, network)));
        Visit {
            platform: request.platform,
            network,
            stack,
            fetch: fetch_of(request),
            proof,
            caller: None,
            call: Call::First,
        }
    }

    /// A request comes to the gate: what was promised to it is used up.
    pub(super) fn comes(&self, now: Moment, visit: &mut Visit) {
        let mark = self.seed.caller(visit.network, visit.stack);
        visit.caller = Some(mark);
        let returns = self.platforms.get(visit.platform.index()).map(Proofs::returns);
        if let Some(returns) = returns.filter(|returns| returns.is_busy(now)) {
            visit.call = returns.call(now, mark, visit.fetch);
        }
    }

    /// What the gate says to a request, at once.
    pub(super) fn decided(&self, now: Moment, visit: &Visit, decision: Decision) {
        let returns = self.platforms.get(visit.platform.index()).map(Proofs::returns);
        let (Some(returns), Some(mark)) = (returns, visit.caller) else { return };
        match decision {
            Decision::Admit if visit.fetch == Some(Fetch::Navigation) && returns.is_busy(now) => {
                returns.page_went(now, mark);
            }
            Decision::Admit | Decision::Wait => {}
            Decision::Stop(Stopped { retry_after, .. }) => {
                let told = (visit.call, retry_after.unwrap_or_default());
                returns.sent_away(now, (mark, visit.fetch), told);
            }
        }
    }

    /// The same to one that waited.
    pub(super) fn released(&self, now: Moment, flight: FlightId, decision: Decision) {
        if let Some(visit) = self.visits.get(flight as usize).copied().flatten() {
            self.decided(now, &visit, decision);
        }
    }

    /// A request waits or goes to its origin.
    pub(super) fn admitted(&mut self, flight: FlightId, visit: Visit) {
        let at = flight as usize;
        if self.visits.len() <= at {
            self.visits.resize(at + 1, None);
        }
        self.visits[at] = Some(visit);
    }

    /// A request is no longer here.
    pub(super) fn forget(&mut self, flight: FlightId) -> Option<Visit> {
        self.visits.get_mut(flight as usize)?.take()
    }

    /// A request at its origin is over.
    pub(super) fn finished(&mut self, now: Moment, ended: &Ended) {
        let Some(visit) = self.forget(ended.flight).filter(|_| ended.end == End::Served) else {
            return;
        };
        let Some(proofs) = self.platforms.get(visit.platform.index()) else { return };
        match (visit.proof, visit.fetch) {
            (Some(proof), _) => proofs.served(proof),
            (None, Some(fetch)) => proofs.fetched(now, visit.stack, fetch),
            (None, None) => {}
        }
        if let Some(cookie) = ended.set_cookie {
            proofs.cookie_set(now, self.seed.cookie(&cookie.to_le_bytes()), visit.network);
        }
    }

    /// Whether anything is learned of what is seen now: not while the origins are pressed.
    pub(super) fn learns(&self, now: Moment, platform: PlatformId) -> bool {
        self.platforms.get(platform.index()).is_none_or(|proofs| proofs.learns(now))
    }

    /// What presses on a platform now.
    pub(super) fn weigh(&self, now: Moment, platform: usize, pressure: f64) {
        if let Some(proofs) = self.platforms.get(platform) {
            proofs.weigh(now, pressure);
        }
    }
}

/// What a browser asks for, as far as its fields tell.
fn fetch_of(request: &Request) -> Option<Fetch> {
    match request.referer {
        _ if request.navigates => Some(Fetch::Navigation),
        Referer::Own(_) => Some(Fetch::SubResource),
        Referer::None | Referer::Search | Referer::Elsewhere(_) => None,
    }
}
