//! Whether a body that somebody waits for moves.
//!
//! A client must send [`PROGRESS_MIN`] in each `timeouts.body` in which it keeps the other side waiting, and
//! [`HURRIED_MIN`] in each [`HURRIED`] while others need what its body holds.
//! What the other side takes over what has come is not the client's, and not counted.
//! Precision is the tick of the core.

use crate::core::Core;
use crate::watch::StepWatch;
use seawall_config::Timeouts;
use seawall_types::Moment;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

/// Bytes of a body in each `timeouts.body`.
const PROGRESS_MIN: u64 = Timeouts::BODY_STEP.0;
/// How often it is looked whether others wait.
const HURRIED: Duration = Duration::from_secs(2);
/// Bytes of a body in each [`HURRIED`] while they do: a modem of 1998 sends more.
const HURRIED_MIN: u64 = 4 * 1024;
const _: () = assert!(PROGRESS_MIN < HURRIED_MIN);

/// What is watched of one body.
pub(crate) struct Pace {
    core: Rc<Core>,
    watch: StepWatch,
    marks: Marks,
}

/// Since when little has come.
#[derive(Debug, Clone, Copy)]
struct Marks {
    /// Since when less than [`PROGRESS_MIN`] has come, and what had come by then.
    slow: Mark,
    /// The same of [`HURRIED_MIN`].
    hurried: Mark,
    /// When the other side was given what has come; none while it waits for more.
    taken_at: Option<Moment>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Mark {
    at: Moment,
    received: u64,
}

impl Marks {
    fn at(now: Moment, received: u64) -> Self {
        let mark = Mark { at: now, received };
        Self { slow: mark, hurried: mark, taken_at: None }
    }

    /// The other side wants more: what it took since it was last given something is its own time.
    fn wanted(&mut self, now: Moment) {
        if let Some(taken_at) = self.taken_at.take() {
            let took = now.since(taken_at);
            for mark in [&mut self.slow, &mut self.hurried] {
                mark.at = mark.at + took;
            }
        }
    }

    /// The other side is given what has come.
    fn taken(&mut self, now: Moment) {
        self.wanted(now);
        self.taken_at = Some(now);
    }
}

impl Pace {
    pub(crate) fn new(core: &Rc<Core>) -> Self {
        let watch = core.watchlist().deadline();
        Self { core: core.clone(), watch, marks: Marks::at(Moment(0), 0) }
    }

    /// So much has come; where that is much, the next wait starts afresh.
    pub(crate) fn moved(&mut self, received: u64) {
        self.marks.taken(self.core.coarse_now());
        if received >= self.marks.hurried.received + HURRIED_MIN {
            self.watch.rest();
        }
    }

    /// More is waited for; ready once that has been so for too long.
    pub(crate) fn poll_slow(
        &mut self,
        cx: &Context<'_>,
        (received, are_others_waiting): (u64, impl Fn(Moment) -> bool),
    ) -> Poll<()> {
        let body = self.core.timeouts().body;
        let now = self.core.coarse_now();
        self.marks.wanted(now);
        if !self.watch.is_expected() {
            self.marks = Marks::at(now, received);
            self.watch.expect_within(now, HURRIED.min(body));
        } else if received >= self.marks.slow.received + PROGRESS_MIN {
            self.marks.slow = Mark { at: now, received };
        }
        loop {
            ready!(self.watch.poll_overdue(cx));
            let now = self.core.now();
            let Marks { slow, hurried, .. } = self.marks;
            if now >= slow.at + body {
                return Poll::Ready(());
            }
            if now >= hurried.at + HURRIED {
                let has_moved = received >= hurried.received + HURRIED_MIN;
                if !has_moved && are_others_waiting(now) {
                    return Poll::Ready(());
                }
                self.marks.hurried = Mark { at: now, received };
            }
            let due = (slow.at + body).min(self.marks.hurried.at + HURRIED);
            self.watch.expect_within(now, due.since(now));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Moment {
        Moment(1_000_000_000) + Duration::from_millis(ms)
    }

    #[test]
    fn what_the_other_side_takes_over_a_piece_is_not_the_clients_time() {
        let mut marks = Marks::at(at(0), 0);
        // The client needs 100 ms for a piece, the origin a second for each of two that are there.
        marks.wanted(at(100));
        marks.taken(at(100));
        marks.taken(at(1_100));
        marks.wanted(at(2_100));
        marks.wanted(at(2_300));
        let mark = Mark { at: at(2_000), received: 0 };
        assert_eq!((marks.slow, marks.hurried), (mark, mark));
    }
}
