//! Which origin of a platform a request goes to.
//!
//! The one with the fewest requests for its share, among those that are healthy; who is equal takes
//! turns.
//! All are looked at: there are 64 at most, and a look costs less than drawing two of them well.

use super::budget::RetryBudget;
use super::health::Others;
use super::seat::Role;
use super::{Fault, OriginState, Seat};
use crate::admission::{OriginPermit, Pass};
use crate::pool::OriginPool;
use seawall_types::Moment;
use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// The origins of one platform as one core uses them.
#[derive(Debug)]
pub(crate) struct PlatformOrigins {
    pub(crate) pools: Vec<Rc<OriginPool>>,
    pub(crate) budget: Arc<RetryBudget>,
    pub(crate) rules: ChoiceRules,
    /// Whose turn it is among equals: the one behind the last that was chosen.
    turn: Cell<usize>,
    draws: Cell<u32>,
}

/// What the configuration says of the choice.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ChoiceRules {
    pub(crate) slow_start: Option<Duration>,
    pub(crate) trials: Trials,
}

/// Whether clients' requests may show that an origin is well again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trials {
    Allowed,
    /// A `health_path` tells it better.
    Needless,
}

/// Whether a request may be sent a second time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repeatable {
    Yes,
    No,
}

/// Origins that a request has been to already.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tried(u64);

impl Tried {
    fn has(self, index: usize) -> bool {
        self.0 & Self::bit(index) != 0
    }

    fn add(&mut self, index: usize) {
        self.0 |= Self::bit(index);
    }

    fn bit(index: usize) -> u64 {
        u32::try_from(index).ok().and_then(|index| 1_u64.checked_shl(index)).unwrap_or(0)
    }
}

impl PlatformOrigins {
    pub(crate) fn new(
        pools: Vec<Rc<OriginPool>>,
        budget: Arc<RetryBudget>,
        rules: ChoiceRules,
    ) -> Self {
        Self { pools, budget, rules, turn: Cell::new(0), draws: Cell::new(0) }
    }

    /// A place for a request, or none when it is best answered at once.
    ///
    /// While none is healthy the one that failed longest ago is tried nonetheless.
    /// A request with a permit goes there too where it has room, else where its permit is for.
    pub(crate) fn choose(
        &self,
        now: Moment,
        (tried, repeatable): (&mut Tried, Repeatable),
        pass: Pass,
    ) -> Option<Seat> {
        let (index, role) = match &self.pools[..] {
            [only] if *tried == Tried::default() && only.state().health.is_healthy() => {
                (0, Role::Usual)
            }
            _ => self.best(now, *tried, repeatable)?,
        };
        let (index, role, permit) = match pass {
            Pass::Free => (index, role, None),
            Pass::Spent => return None,
            Pass::Permit(permit) => self.fit((index, role), (permit, *tried)).ok()?,
            Pass::Watched(permit) => {
                self.fit((index, role), (permit, *tried)).unwrap_or((index, role, None))
            }
        };
        tried.add(index);
        Some(Seat::take(self.pools.get(index)?, (now, role), permit))
    }

    /// The best origin, where there is room for the permit; else the one that the permit is for, as
    /// long as that is well; else any that is well and has room.
    ///
    /// A permit is issued where most slots are free, which knows nothing of an origin that has just
    /// come back and is given little.
    fn fit(
        &self,
        (index, role): (usize, Role),
        (permit, tried): (OriginPermit, Tried),
    ) -> Result<(usize, Role, Option<OriginPermit>), OriginPermit> {
        let permit = match permit.move_to(index) {
            Ok(moved) => return Ok((index, role, Some(moved))),
            Err(permit) => permit,
        };
        let is_well = |index: &usize| {
            let pool = self.pools.get(*index);
            !tried.has(*index) && pool.is_some_and(|pool| pool.state().health.is_healthy())
        };
        if let Some(own) = permit.origin().filter(is_well) {
            return Ok((own, Role::Usual, Some(permit)));
        }
        let others = (0..self.pools.len()).filter(|other| *other != index).filter(is_well);
        let mut unfit = permit;
        for other in others {
            match unfit.move_to(other) {
                Ok(moved) => return Ok((other, Role::Usual, Some(moved))),
                Err(permit) => unfit = permit,
            }
        }
        Err(unfit)
    }

    fn best(&self, now: Moment, tried: Tried, repeatable: Repeatable) -> Option<(usize, Role)> {
        let healthy = self.least_loaded(now, tried);
        let Some(index) = healthy else {
            let index = self.longest_ago(now, tried)?;
            return Some((index, Role::Usual));
        };
        let trial = match (self.rules.trials, repeatable) {
            (Trials::Allowed, Repeatable::Yes) => self.on_trial(now, tried),
            (Trials::Needless, _) | (_, Repeatable::No) => None,
        };
        Some(trial.map_or((index, Role::Usual), |index| (index, Role::Trial)))
    }

    /// The healthy origin with the fewest requests for its share.
    ///
    /// One that is coming back also sits out most turns: while nobody waits anywhere, nothing else
    /// would tell a tenth from the whole.
    fn least_loaded(&self, now: Moment, tried: Tried) -> Option<usize> {
        let nth = self.draws.get();
        self.draws.set(nth.wrapping_add(1));
        let drawn = draw(nth);
        let (turn, count) = (self.turn.get(), self.pools.len());
        let ranked = (0..count).filter_map(|step| {
            let index = (turn + step) % count;
            let state = self.pools[index].state();
            if tried.has(index) || !state.health.is_healthy() {
                return None;
            }
            let share = state.health.share(now, self.rules.slow_start);
            let load = u64::from(state.in_flight()) * 1_000 / u64::from(share.max(1));
            Some(((share <= drawn, load), index))
        });
        let (_, index) = ranked.min_by_key(|(rank, _)| *rank)?;
        self.turn.set(index + 1);
        Some(index)
    }

    /// An origin whose time to prove itself has come.
    fn on_trial(&self, now: Moment, tried: Tried) -> Option<usize> {
        let mut states = self.pools.iter().map(|pool| pool.state()).enumerate();
        let found = states.find(|(index, state)| {
            !tried.has(*index) && !state.health.is_healthy() && state.health.takes_trial(now)
        });
        found.map(|(index, _)| index)
    }

    /// The origin that failed longest ago, when none is healthy.
    fn longest_ago(&self, now: Moment, tried: Tried) -> Option<usize> {
        if self.has_healthy(|_| true) {
            // It failed this very request; the others failed more.
            return None;
        }
        let mut passed = tried;
        loop {
            let left = (0..self.pools.len()).filter(|index| !passed.has(*index));
            let index = left.min_by_key(|index| self.pools[*index].state().health.failed_at())?;
            if self.pools[index].state().health.may_be_tried(now) {
                return Some(index);
            }
            passed.add(index);
        }
    }

    /// Whether a request could be repeated at another origin.
    pub(crate) fn has_other(&self, tried: Tried) -> bool {
        let mut pools = self.pools.iter().enumerate();
        pools.any(|(index, pool)| !tried.has(index) && pool.state().health.is_healthy())
    }

    /// The origin that `seat` is at did something wrong.
    pub(crate) fn blame(&self, now: Moment, seat: &Seat, fault: Fault) {
        let blamed = seat.pool().state();
        if blamed.health.is_back_since(seat.began()) {
            return;
        }
        let other = |state: &Arc<OriginState>| !Arc::ptr_eq(state, blamed);
        let others = if self.has_healthy(other) { Others::Healthy } else { Others::None };
        blamed.fault(now, fault, others);
    }

    fn has_healthy(&self, which: impl Fn(&Arc<OriginState>) -> bool) -> bool {
        let mut states = self.pools.iter().map(|pool| pool.state());
        states.any(|state| which(state) && state.health.is_healthy())
    }
}

/// A number below 1000 that takes every value as often: turns of the golden ratio.
fn draw(nth: u32) -> u32 {
    let turned = u64::from(nth.wrapping_mul(0x9E37_79B9));
    u32::try_from((turned * 1_000) >> 32).unwrap_or(0)
}

#[cfg(test)]
mod tests;
