//! Deadlines without a timer each: a list of watches that the core's tick walks.
//!
//! A watch that is due either wakes the future that waits within it, or ends its connection.
//! Precision is one tick, which is enough for what takes seconds.

use crate::connection::{Connection, Ending};
use seawall_types::Moment;
use slab::Slab;
use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::{Poll, Waker};
use std::time::Duration;

/// A moment that never comes.
pub(crate) const NEVER: Moment = Moment(u64::MAX);

/// Every watch of one core.
#[derive(Debug, Default)]
pub(crate) struct Watchlist {
    watches: RefCell<Slab<Rc<Watch>>>,
}

#[derive(Debug)]
struct Watch {
    due: Cell<Moment>,
    rung: Cell<bool>,
    then: Then,
}

#[derive(Debug)]
enum Then {
    Wake(RefCell<Option<Waker>>),
    End(Rc<Connection>),
}

/// What was waited for did not come in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Overdue;

/// A watch over one step of one connection; ends the connection when it is due.
#[derive(Debug)]
pub(crate) struct StepWatch {
    watch: Rc<Watch>,
    list: Rc<Watchlist>,
    key: usize,
}

impl Watchlist {
    /// Rings every watch that is due.
    pub(crate) fn ring(&self, now: Moment) {
        for (_, watch) in self.watches.borrow().iter() {
            if watch.due.get() <= now && !watch.rung.replace(true) {
                match &watch.then {
                    Then::Wake(waker) => waker.take().into_iter().for_each(Waker::wake),
                    Then::End(connection) => connection.end(Ending::Slow),
                }
            }
        }
    }

    /// Runs `future` until it is ready or `due` has passed.
    pub(crate) async fn until<F: Future>(
        self: &Rc<Self>,
        due: Moment,
        future: F,
    ) -> Result<F::Output, Overdue> {
        let step = self.insert(due, Then::Wake(RefCell::default()));
        let mut future = pin!(future);
        poll_fn(|cx| {
            if let Poll::Ready(output) = future.as_mut().poll(cx) {
                return Poll::Ready(Ok(output));
            }
            if step.watch.rung.get() {
                return Poll::Ready(Err(Overdue));
            }
            if let Then::Wake(waker) = &step.watch.then {
                let mut waker = waker.borrow_mut();
                if !waker.as_ref().is_some_and(|old| old.will_wake(cx.waker())) {
                    *waker = Some(cx.waker().clone());
                }
            }
            Poll::Pending
        })
        .await
    }

    /// Watches a step of `connection`; not due until told.
    pub(crate) fn step(self: &Rc<Self>, connection: &Rc<Connection>) -> StepWatch {
        self.insert(NEVER, Then::End(connection.clone()))
    }

    fn insert(self: &Rc<Self>, due: Moment, then: Then) -> StepWatch {
        let watch = Rc::new(Watch { due: Cell::new(due), rung: Cell::new(false), then });
        let key = self.watches.borrow_mut().insert(watch.clone());
        StepWatch { watch, list: self.clone(), key }
    }
}

impl StepWatch {
    /// The step must be done `span` after `now`.
    pub(crate) fn expect_within(&self, now: Moment, span: Duration) {
        self.watch.due.set(now + span);
    }

    /// Nothing is expected of the connection.
    pub(crate) fn rest(&self) {
        self.watch.due.set(NEVER);
    }

    /// Whether the step is expected.
    pub(crate) fn is_expected(&self) -> bool {
        self.watch.due.get() != NEVER
    }
}

impl Drop for StepWatch {
    fn drop(&mut self) {
        self.list.watches.borrow_mut().remove(self.key);
    }
}
