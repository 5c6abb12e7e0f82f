//! One request's place at an origin.

use crate::admission::OriginPermit;
use crate::pool::OriginPool;
use http::StatusCode;
use seawall_engine::admission::Head;
use seawall_engine::admission::cost::BULK_BYTES;
use seawall_types::Moment;
use std::rc::Rc;

/// Why a request goes to its origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// It is as good as any, or the best there is.
    Usual,
    /// To see whether the origin is well again, although others are.
    Trial,
}

/// A request at an origin, counted in while this is held.
#[derive(Debug)]
pub(crate) struct Seat {
    pool: Rc<OriginPool>,
    began: Moment,
    role: Role,
    /// None where nothing bounds what reaches the origin.
    permit: Option<OriginPermit>,
}

impl Seat {
    pub(crate) fn take(
        pool: &Rc<OriginPool>,
        (began, role): (Moment, Role),
        permit: Option<OriginPermit>,
    ) -> Self {
        pool.state().begin();
        Self { pool: pool.clone(), began, role, permit }
    }

    pub(crate) fn pool(&self) -> &Rc<OriginPool> {
        &self.pool
    }

    pub(crate) fn began(&self) -> Moment {
        self.began
    }

    pub(crate) fn role(&self) -> Role {
        self.role
    }

    /// The head of an answer is there; whether a large one follows that has a slot.
    ///
    /// `told` reads what it says, where that is asked for.
    pub(crate) fn answered(&self, now: Moment, told: impl FnOnce() -> (StatusCode, Head)) -> bool {
        self.pool.state().answered(now, self.began);
        let Some(permit) = &self.permit else { return false };
        let (status, head) = told();
        permit.answered(now, status, head);
        head.length.is_some_and(|length| length > BULK_BYTES)
    }

    /// There is no answer, or no whole one.
    pub(crate) fn failed(&self) {
        self.permit.iter().for_each(OriginPermit::failed);
    }

    /// No connection came about.
    pub(crate) fn unreached(&self) {
        self.permit.iter().for_each(OriginPermit::unreached);
    }

    /// The client takes more, or would: what it was given before is on its way.
    pub(crate) fn asked(&self, now: Moment) {
        self.permit.iter().for_each(|permit| permit.asked(now));
    }

    /// Bytes of the answer came and go to the client.
    pub(crate) fn count(&self, now: Moment, bytes: usize) {
        self.permit.iter().for_each(|permit| permit.count(now, bytes));
    }

    /// Whether it counts against what the origin can carry.
    pub(crate) fn is_bounded(&self) -> bool {
        self.permit.is_some()
    }

    /// Gives up the place; the permit may be good for another origin.
    pub(crate) fn leave(mut self) -> Option<OriginPermit> {
        self.permit.take()
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.pool.state().end();
    }
}
