//! The simulator's origin under the real clock.
//!
//! Its moments are kept exactly: a timer that fires late ends what was due at the moments at which it
//! was due, so that a coarse timer costs an answer a millisecond and the workers nothing.

use super::super::ledger::Ledger;
use seawall_sim::origin::{Done, End, FlightId, Origin, OriginSpec, Trouble, Work};
use seawall_sim::score::Peaks;
use seawall_types::{Moment, PlatformId};
use std::collections::HashMap;
use std::future::pending;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Notify, oneshot};
use tokio::time::sleep_until;

/// Where connections hand in their requests; clones share one origin.
#[derive(Debug, Clone)]
pub(super) struct Desk {
    platform: PlatformId,
    ledger: Arc<Ledger>,
    state: Arc<Mutex<State>>,
    changed: Arc<Notify>,
}

#[derive(Debug)]
struct State {
    origin: Origin,
    next: FlightId,
    waiting: HashMap<FlightId, oneshot::Sender<End>>,
}

impl Desk {
    pub(super) fn new(platform: PlatformId, spec: &OriginSpec, ledger: Arc<Ledger>) -> Self {
        let state = State { origin: Origin::new(spec), next: 0, waiting: HashMap::new() };
        let (state, changed) = (Arc::new(Mutex::new(state)), Arc::new(Notify::new()));
        Self { platform, ledger, state, changed }
    }

    /// Hands in a request and waits for its end; none when the origin is gone.
    ///
    /// Whoever drops the wait has left: the origin hears it.
    pub(super) async fn offer(&self, work: Work) -> Option<End> {
        let (tell, hear) = oneshot::channel();
        let (flight, peaks) = self.state().offer(self.ledger.now(), work, tell);
        self.ledger.saw(self.platform, peaks);
        self.changed.notify_one();
        let mut presence = Presence { desk: self, flight: Some(flight) };
        let end = hear.await.ok();
        presence.flight = None;
        end
    }

    /// Something happens to the origin.
    pub(super) fn trouble(&self, trouble: Trouble) {
        let now = self.ledger.now();
        let capacity = {
            let mut state = self.state();
            state.advance(now);
            state.origin.trouble(now, trouble);
            state.settle();
            state.origin.capacity()
        };
        self.ledger.carries(self.platform, capacity);
        self.changed.notify_one();
    }

    /// Ends requests when they are due, for as long as it is polled.
    pub(super) async fn work(self) {
        loop {
            let due = self.state().origin.next_deadline();
            let wake = due.map(|due| self.ledger.instant(due));
            let alarm = async {
                match wake {
                    Some(wake) => sleep_until(wake).await,
                    None => pending().await,
                }
            };
            tokio::select! {
                () = alarm => {}
                () = self.changed.notified() => {}
            }
            let now = self.ledger.now();
            self.state().advance(now);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A client that waits at the origin, until this is dropped.
struct Presence<'a> {
    desk: &'a Desk,
    flight: Option<FlightId>,
}

impl Drop for Presence<'_> {
    fn drop(&mut self) {
        if let Some(flight) = self.flight {
            let now = self.desk.ledger.now();
            let mut state = self.desk.state();
            state.waiting.remove(&flight);
            state.origin.left(now, flight);
            state.settle();
        }
    }
}

impl State {
    fn offer(&mut self, now: Moment, work: Work, tell: oneshot::Sender<End>) -> (FlightId, Peaks) {
        self.advance(now);
        let flight = self.next;
        self.next = self.next.wrapping_add(1);
        self.waiting.insert(flight, tell);
        self.origin.offer(now, flight, work);
        let (at_origin, in_line) = (self.origin.present(), self.origin.in_line());
        self.settle();
        (flight, Peaks { at_origin, in_line, held: 0 })
    }

    fn advance(&mut self, now: Moment) {
        if self.origin.next_deadline().is_some_and(|due| due <= now) {
            self.origin.on_deadline(now);
        }
        self.settle();
    }

    fn settle(&mut self) {
        while let Some(Done { flight, end }) = self.origin.poll_done() {
            if let Some(tell) = self.waiting.remove(&flight) {
                // A client that has left hears nothing, and the work was done all the same.
                let _ = tell.send(end);
            }
        }
    }
}
