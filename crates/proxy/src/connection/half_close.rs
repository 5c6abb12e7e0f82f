//! A client that will send no more: how long it is waited for.
//!
//! Called by the core's tick; what its socket says is asked by the meter (`meter/half_close.rs`).

use super::{Connection, Ending};
use seawall_types::Moment;
use std::time::Duration;

/// How long a client that will send no more is waited for while nothing is sent to it.
///
/// One that half-closes gets what an origin says within this time; one that has left in the same
/// way, as browsers do, keeps an origin busy no longer.
const HALF_CLOSED_MAX: Duration = Duration::from_secs(2);
/// How often the socket of such a client is asked whether it is gone.
const ASK_EVERY: Duration = Duration::from_millis(500);

/// A client that will send no more, when it was last sent something.
#[derive(Debug, Clone, Copy)]
pub(super) struct HalfClosed {
    at: Moment,
    sent: u64,
    /// When its socket was last asked whether it is gone.
    asked: Moment,
}

impl Connection {
    /// The client will send no more, and has not got all its answers.
    pub(crate) fn half_closed(&self, now: Moment) {
        self.half_closed.set(Some(HalfClosed { at: now, sent: self.bytes_out.get(), asked: now }));
    }

    /// Whether a client that will send no more is still there, as far as anybody can tell.
    pub(super) fn look_at_half_closed(&self, now: Moment) {
        let Some(mark) = self.half_closed.get() else { return };
        if self.bytes_out.get() > mark.sent || self.blocked.get() {
            self.half_closed(now);
        } else if now >= mark.at + HALF_CLOSED_MAX {
            self.end(Ending::Slow);
        } else if now >= mark.asked + ASK_EVERY {
            self.half_closed.set(Some(HalfClosed { asked: now, ..mark }));
            // The task asks the socket for a reset.
            self.wake();
        }
    }
}
