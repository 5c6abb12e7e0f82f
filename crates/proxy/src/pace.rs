//! Whether a body that somebody waits for moves.
//!
//! A client must send [`PROGRESS_MIN`] in each `timeouts.body` in which it keeps the other side waiting, and
//! [`HURRIED_MIN`] in each [`HURRIED`] while others need what its body holds.
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
    /// Since when less than [`PROGRESS_MIN`] has come, and what had come by then.
    slow: Mark,
    /// The same of [`HURRIED_MIN`].
    hurried: Mark,
}

#[derive(Debug, Clone, Copy)]
struct Mark {
    at: Moment,
    received: u64,
}

impl Pace {
    pub(crate) fn new(core: &Rc<Core>) -> Self {
        let mark = Mark { at: Moment(0), received: 0 };
        let watch = core.watchlist().deadline();
        Self { core: core.clone(), watch, slow: mark, hurried: mark }
    }

    /// So much has come; where that is much, the next wait starts afresh.
    pub(crate) fn moved(&self, received: u64) {
        if received >= self.hurried.received + HURRIED_MIN {
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
        if !self.watch.is_expected() {
            let mark = Mark { at: now, received };
            (self.slow, self.hurried) = (mark, mark);
            self.watch.expect_within(now, HURRIED.min(body));
        } else if received >= self.slow.received + PROGRESS_MIN {
            self.slow = Mark { at: now, received };
        }
        loop {
            ready!(self.watch.poll_overdue(cx));
            let now = self.core.now();
            if now >= self.slow.at + body {
                return Poll::Ready(());
            }
            if now >= self.hurried.at + HURRIED {
                let has_moved = received >= self.hurried.received + HURRIED_MIN;
                if !has_moved && are_others_waiting(now) {
                    return Poll::Ready(());
                }
                self.hurried = Mark { at: now, received };
            }
            let due = (self.slow.at + body).min(self.hurried.at + HURRIED);
            self.watch.expect_within(now, due.since(now));
        }
    }
}
