//! Deadlines without a timer each: a list of watches that the core's tick walks.
//!
//! A watch that is due either wakes the future that waits within it, or ends its stream or
//! connection.
//! Precision is one tick, which is enough for what takes seconds.

use crate::connection::{Connection, Ending};
use crate::stream::{self, Stream};
use seawall_types::Moment;
use slab::Slab;
use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

/// When a step that cannot be judged now is looked at again.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// A moment that never comes.
pub(crate) const NEVER: Moment = Moment(u64::MAX);

/// Every watch of one core.
#[derive(Debug, Default)]
pub(crate) struct Watchlist {
    /// By value: every request has one, and a piece of memory of its own for each would cost more than
    /// all else that a deadline takes.
    watches: RefCell<Slab<Watch>>,
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
    EndStream(Rc<Stream>, Rc<Connection>),
}

/// What was waited for did not come in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Overdue;

/// A deadline that can be moved; what happens when it passes was said when it was made.
#[derive(Debug)]
pub(crate) struct StepWatch {
    list: Rc<Watchlist>,
    key: usize,
}

impl Watchlist {
    /// Rings every watch that is due.
    pub(crate) fn ring(&self, now: Moment) {
        for (_, watch) in self.watches.borrow().iter() {
            if watch.due.get() <= now && !watch.rung.get() {
                watch.ring(now);
            }
        }
    }

    /// Runs `future` until it is ready or `due` has passed.
    pub(crate) async fn until<F: Future>(
        self: &Rc<Self>,
        due: Moment,
        future: F,
    ) -> Result<F::Output, Overdue> {
        let deadline = self.insert(due, Then::Wake(RefCell::default()));
        let mut future = pin!(future);
        poll_fn(|cx| match future.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Ok(output)),
            Poll::Pending => deadline.poll_overdue(cx).map(Err),
        })
        .await
    }

    /// Watches a step of `connection`, or of its stream that is being polled; not due until told.
    pub(crate) fn step(self: &Rc<Self>, connection: &Rc<Connection>) -> StepWatch {
        let connection = connection.clone();
        let then = match stream::current() {
            Some(stream) => Then::EndStream(stream, connection),
            None => Then::End(connection),
        };
        self.insert(NEVER, then)
    }

    /// A deadline for a future that moves it as it goes; not due until told.
    pub(crate) fn deadline(self: &Rc<Self>) -> StepWatch {
        self.insert(NEVER, Then::Wake(RefCell::default()))
    }

    fn insert(self: &Rc<Self>, due: Moment, then: Then) -> StepWatch {
        let watch = Watch { due: Cell::new(due), rung: Cell::new(false), then };
        let key = self.watches.borrow_mut().insert(watch);
        StepWatch { list: self.clone(), key }
    }
}

impl Watch {
    fn ring(&self, now: Moment) {
        match &self.then {
            Then::Wake(waker) => {
                self.rung.set(true);
                waker.take().into_iter().for_each(Waker::wake);
            }
            // While the socket takes nothing, that the client reads slowly is judged there.
            Then::End(connection) | Then::EndStream(_, connection) if connection.is_blocked() => {
                self.due.set(now + LOOK_AGAIN);
            }
            Then::End(connection) => {
                self.rung.set(true);
                connection.end(Ending::Slow);
            }
            Then::EndStream(stream, _) => {
                self.rung.set(true);
                stream.end();
            }
        }
    }
}

impl StepWatch {
    /// The step must be done `span` after `now`; one that was overdue begins anew.
    pub(crate) fn expect_within(&self, now: Moment, span: Duration) {
        self.with(|watch| {
            watch.rung.set(false);
            watch.due.set(now + span);
        });
    }

    /// Nothing is expected of the connection.
    pub(crate) fn rest(&self) {
        self.with(|watch| {
            watch.rung.set(false);
            watch.due.set(NEVER);
        });
    }

    /// Ready once the deadline has passed; else the task is woken when it does.
    pub(crate) fn poll_overdue(&self, cx: &Context<'_>) -> Poll<Overdue> {
        // Let go when the list is free again, as whatever it is the last of.
        let mut old = None;
        let polled = self.with(|watch| {
            if watch.rung.get() {
                return Poll::Ready(Overdue);
            }
            if let Then::Wake(waker) = &watch.then {
                let mut waker = waker.borrow_mut();
                if !waker.as_ref().is_some_and(|old| old.will_wake(cx.waker())) {
                    old = waker.replace(cx.waker().clone());
                }
            }
            Poll::Pending
        });
        drop(old);
        polled
    }

    /// Whether the step is expected.
    pub(crate) fn is_expected(&self) -> bool {
        self.with(|watch| watch.due.get() != NEVER)
    }

    /// Its place in the list is its own until it is dropped.
    fn with<T>(&self, look: impl FnOnce(&Watch) -> T) -> T {
        look(&self.list.watches.borrow()[self.key])
    }
}

impl Drop for StepWatch {
    fn drop(&mut self) {
        // What it held is let go when the list is free again: that may be the last of a connection.
        let watch = self.list.watches.borrow_mut().remove(self.key);
        drop(watch);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_that_passed_unheeded_can_be_set_anew() {
        let list = Rc::<Watchlist>::default();
        let deadline = list.deadline();
        let second = |s| Moment(0) + Duration::from_secs(s);
        let cx = Context::from_waker(Waker::noop());
        deadline.expect_within(second(0), Duration::from_secs(1));
        list.ring(second(2));
        assert_eq!(deadline.poll_overdue(&cx), Poll::Ready(Overdue));
        deadline.expect_within(second(2), Duration::from_secs(1));
        list.ring(second(2));
        assert_eq!(deadline.poll_overdue(&cx), Poll::Pending);
        list.ring(second(3));
        assert_eq!(deadline.poll_overdue(&cx), Poll::Ready(Overdue));
    }
}
