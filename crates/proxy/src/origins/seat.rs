//! One request's place at an origin.

use crate::pool::OriginPool;
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
}

impl Seat {
    pub(crate) fn take(pool: &Rc<OriginPool>, began: Moment, role: Role) -> Self {
        pool.state().begin();
        Self { pool: pool.clone(), began, role }
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

    /// The head of an answer is there.
    pub(crate) fn answered(&self, now: Moment) {
        self.pool.state().answered(now, self.began);
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.pool.state().end();
    }
}
