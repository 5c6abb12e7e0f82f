//! Connections that do nothing are looked at seldom: thousands of them are what a blocked flood leaves.
//!
//! What a look finds stands beside the connection and not in it, so that whoever rests costs no memory
//! access of its own.
//! No deadline is missed by it: what a connection begins while it rests is due no sooner than the next
//! look; whoever is told to leave may be given [`REST_MAX`] more.
//! Bounds: [`REST_MAX`] between two looks.

use super::Connection;
use seawall_config::Timeouts;
use seawall_types::Moment;
use std::cell::Cell;
use std::ops::Deref;
use std::rc::Rc;
use std::time::Duration;

/// Longest between two looks: a client that has gone half-way is asked about as often.
const REST_MAX: Duration = Duration::from_millis(500);

/// A connection, and until when it needs no look.
pub(crate) struct Watched {
    connection: Rc<Connection>,
    rests_until: Cell<Moment>,
}

impl Watched {
    pub(crate) fn new(connection: Rc<Connection>) -> Self {
        Self { connection, rests_until: Cell::new(Moment(0)) }
    }

    /// Called by the tick: ends the connection, or its head, when it is overdue.
    pub(crate) fn look(
        &self,
        (now, rest): (Moment, Duration),
        send_span: impl FnOnce(&Connection) -> Duration,
    ) {
        if now < self.rests_until.get() {
            return;
        }
        self.connection.look(now, send_span(&self.connection));
        self.rests_until.set(self.connection.rests_until(now, rest));
    }
}

impl Deref for Watched {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.connection
    }
}

/// How long a connection may go without a look: nothing that it begins meanwhile is due sooner.
pub(crate) fn rest(timeouts: &Timeouts) -> Duration {
    REST_MAX.min(timeouts.handshake).min(timeouts.header).min(timeouts.idle).min(timeouts.send)
}

impl Connection {
    /// Until when nothing of it is due; now where it does anything.
    fn rests_until(&self, now: Moment, rest: Duration) -> Moment {
        let rests = self.open.get() == 0
            && !self.blocked.get()
            && self.ending.get().is_none()
            && self.half_closed.get().is_none();
        if !rests {
            return now;
        }
        self.head_due.get().min(self.idle_due.get()).min(now + rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::Peer;
    use crate::connection::{Ending, Opening};
    use seawall_engine::policy::Standing;

    const fn at(milliseconds: u64) -> Moment {
        Moment(milliseconds * 1_000_000)
    }

    fn watched(head_due: Moment) -> Watched {
        Watched::new(Rc::new(Connection::new(&Opening {
            holder: ([192, 0, 2, 1], 40_000).into(),
            peer: Peer::Client,
            standing: Standing::Unjudged,
            listener: 0,
            tls: false,
            head_due,
        })))
    }

    /// When the connection is looked at, of a tick each tenth of a second.
    fn looked(watched: &Watched, rest: Duration) -> Vec<u64> {
        let look = |now: &u64| {
            let asked = Cell::new(false);
            let span = |_: &Connection| {
                asked.set(true);
                Duration::from_secs(9)
            };
            watched.look((at(*now), rest), span);
            asked.get()
        };
        (1..=12).map(|tick| tick * 100).filter(look).collect()
    }

    #[test]
    fn what_rests_is_looked_at_seldom_and_its_head_ends_when_it_is_due() {
        let one = watched(at(900));
        assert_eq!(looked(&one, REST_MAX), [100, 600, 900]);
        assert!(one.fault.get().is_some(), "its head is overdue at 900 and found so then");
    }

    #[test]
    fn what_ends_is_looked_at_by_every_tick() {
        let one = watched(at(60_000));
        one.end(Ending::Graceful);
        assert_eq!(looked(&one, REST_MAX).len(), 12);
    }

    #[test]
    fn a_rest_is_no_longer_than_what_could_begin_meanwhile() {
        assert_eq!(looked(&watched(at(60_000)), Duration::from_millis(200)).len(), 6);
        let short = Duration::from_millis(150);
        let shortened: [fn(&mut Timeouts) -> &mut Duration; 4] = [
            |all| &mut all.handshake,
            |all| &mut all.header,
            |all| &mut all.idle,
            |all| &mut all.send,
        ];
        for one in shortened {
            let long = Duration::from_mins(1);
            let mut timeouts = Timeouts {
                handshake: long,
                header: long,
                idle: long,
                body: long,
                send: long,
                origin_connect: long,
                origin_answer: long,
            };
            *one(&mut timeouts) = short;
            assert_eq!(rest(&timeouts), short);
        }
    }
}
