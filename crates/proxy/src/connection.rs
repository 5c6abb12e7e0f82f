//! What one core knows of one connection: who, how it stands, and what it is doing.

mod half_close;
mod rest;

use crate::body::Exchange;
use crate::client::{Client, Named, Peer, Via};
use crate::interims::Interims;
use crate::lane::Chain;
use crate::recorder::Again;
use crate::upstream::Upstream;
use crate::watch::NEVER;
use half_close::HalfClosed;
pub(crate) use rest::{Watched, rest};
use seawall_config::Timeouts;
use seawall_engine::policy::Standing;
use seawall_types::{Moment, PlatformId};
use seawall_wire::h1::HeadFault;
use seawall_wire::hello::Ja4;
use std::cell::{Cell, OnceCell, RefCell};
use std::net::SocketAddr;
use std::rc::Rc;
use std::task::Waker;
use std::time::Duration;

/// What the reaper or a verdict wants of a connection; the stricter comes later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Ending {
    /// Answer what is open and the request after it, which is told that it was the last, then close.
    AfterNext,
    /// Finish what is open, then close.
    Graceful,
    /// Reset: a verdict of `drop`.
    Reset,
    /// Reset: it moved too slowly.
    Slow,
}

/// Why the request at hand gets an answer of ours before it is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RequestFault {
    /// The gate refused its head or body.
    Gate(HeadFault),
    /// Its head did not come in time.
    SlowHead,
}

/// How many outbound bytes the client had taken when it was last seen to read.
#[derive(Debug, Clone, Copy)]
struct SendMark {
    at: Moment,
    taken: u64,
}

/// One connection of one client.
///
/// Shared between its task, its requests and the core's tick; all of them run on one thread.
pub(crate) struct Connection {
    /// Whose it is.
    pub(crate) peer: Peer,
    /// Who holds the other end of the socket.
    holder: Client,
    /// Whom a trusted proxy announced.
    announced: OnceCell<Client>,
    /// The client that a trusted proxy named last.
    pub(crate) last_named: RefCell<Option<Rc<Named>>>,
    /// Index of the listener it came by.
    pub(crate) listener: usize,
    /// Whether it speaks TLS.
    pub(crate) tls: bool,
    /// TLS client fingerprint.
    pub(crate) ja4: OnceCell<Ja4>,
    /// The certificate that its client showed and holds the key of.
    pub(crate) certificate: OnceCell<Chain>,
    /// Lanes that the certificate opens, and of which configuration.
    pub(crate) certified: Cell<Option<(u64, u128)>>,
    /// HTTP/2 settings fingerprint.
    pub(crate) h2_fingerprint: OnceCell<Box<str>>,
    /// What records of its requests say again.
    pub(crate) again: Again,
    /// Whether its client has taken back most of what it asked for over HTTP/2.
    pub(crate) took_back: Cell<bool>,
    /// Whether a large answer follows the last head that came from a bounded origin.
    pub(crate) downloads: Cell<bool>,

    /// The platform that its last request was for.
    pub(crate) asks_for: Cell<Option<PlatformId>>,
    /// Good heads that the gate let through.
    pub(crate) heads: Cell<u32>,
    /// Requests that reached the service.
    served: Cell<u32>,
    /// Whether any request was answered, or is about to be.
    asked: Cell<bool>,
    /// Requests that are not yet answered in full.
    open: Cell<u32>,
    fault: Cell<Option<RequestFault>>,
    /// Whether part of a head has come and its end has not.
    inside_head: Cell<bool>,
    /// When the head under way, or the first one, must be complete.
    head_due: Cell<Moment>,
    /// When a connection with nothing open is closed.
    idle_due: Cell<Moment>,
    pub(crate) bytes_in: Cell<u64>,
    pub(crate) bytes_out: Cell<u64>,
    send_mark: Cell<Option<SendMark>>,
    /// Outbound bytes that the client has acknowledged, as of the last look at a full socket.
    taken: Cell<u64>,
    /// Whether the socket took no more bytes when last tried.
    blocked: Cell<bool>,
    /// Set once the client will send no more.
    half_closed: Cell<Option<HalfClosed>>,
    ending: Cell<Option<Ending>>,
    /// Since when nothing but the client keeps it from ending.
    leaving_since: Cell<Option<Moment>>,
    /// Whether it was asked to leave for another client, and has asked for nothing since.
    pub(crate) makes_room: Cell<bool>,
    /// Whether it speaks HTTP/2, which has no answer to a head that never ends.
    pub(crate) h2: Cell<bool>,
    /// Whether the task waits for the open request to end before it reads on.
    held_back: Cell<bool>,
    /// The client switched protocols: bytes pass untouched.
    pub(crate) tunnel: Cell<bool>,
    /// The origin's side of a switched protocol, until the tunnel takes it.
    switched: Cell<Option<(Upstream, Exchange)>>,
    /// Interim answers for an HTTP/1.1 client.
    pub(crate) interims: Interims,
    waker: RefCell<Option<Waker>>,
}

/// What is known of a connection when it starts.
pub(crate) struct Opening {
    /// The other end of the socket.
    pub(crate) holder: SocketAddr,
    pub(crate) peer: Peer,
    pub(crate) standing: Standing,
    pub(crate) listener: usize,
    pub(crate) tls: bool,
    pub(crate) head_due: Moment,
}

/// Time in which a client that was told goodbye must leave.
const GOODBYE_MAX: Duration = Duration::from_secs(5);

/// How long before a client would be found too slow its socket is asked what was taken.
const ASK_BEFORE: Duration = Duration::from_secs(1);
/// Time for a head, or for a goodbye, when others wait for a place.
const WITHOUT_ROOM: Duration = Duration::from_secs(1);
const _: () = assert!(WITHOUT_ROOM.as_nanos() < GOODBYE_MAX.as_nanos());
/// Bytes a client must take from us in each span in which we have something for it.
const SEND_PROGRESS_MIN: u64 = 4 * 1024;

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection").field("client", &self.client()).finish_non_exhaustive()
    }
}

impl Connection {
    pub(crate) fn new(opening: &Opening) -> Self {
        let via = match opening.peer {
            Peer::Client => Via::Socket,
            Peer::Proxy | Peer::AnnouncingProxy => Via::Proxy,
        };
        Self {
            peer: opening.peer,
            holder: Client::holding(opening.holder, opening.standing, via),
            announced: OnceCell::new(),
            last_named: RefCell::default(),
            listener: opening.listener,
            tls: opening.tls,
            ja4: OnceCell::new(),
            certificate: OnceCell::new(),
            certified: Cell::new(None),
            h2_fingerprint: OnceCell::new(),
            again: Again::default(),
            took_back: Cell::new(false),
            downloads: Cell::new(false),
            asks_for: Cell::new(None),
            heads: Cell::new(0),
            served: Cell::new(0),
            asked: Cell::new(false),
            open: Cell::new(0),
            fault: Cell::new(None),
            inside_head: Cell::new(false),
            head_due: Cell::new(opening.head_due),
            idle_due: Cell::new(NEVER),
            bytes_in: Cell::new(0),
            bytes_out: Cell::new(0),
            send_mark: Cell::new(None),
            taken: Cell::new(0),
            blocked: Cell::new(false),
            half_closed: Cell::new(None),
            ending: Cell::new(None),
            leaving_since: Cell::new(None),
            makes_room: Cell::new(false),
            h2: Cell::new(false),
            held_back: Cell::new(false),
            tunnel: Cell::new(false),
            switched: Cell::new(None),
            interims: Interims::default(),
            waker: RefCell::default(),
        }
    }

    /// The client of all its requests but those that name another.
    pub(crate) fn client(&self) -> &Client {
        self.announced.get().unwrap_or(&self.holder)
    }

    /// Everybody whose standing must be given back when it ends.
    pub(crate) fn counted(&self) -> impl Iterator<Item = &Client> {
        [Some(&self.holder), self.announced.get()].into_iter().flatten()
    }

    /// A trusted proxy has said whose connection it is.
    pub(crate) fn announce(&self, client: Client) {
        let told_twice = self.announced.set(client).is_err();
        debug_assert!(!told_twice, "one header a connection");
    }

    /// Whether a trusted proxy must still say whose connection it is.
    pub(crate) fn awaits_announcement(&self) -> bool {
        self.peer == Peer::AnnouncingProxy && self.announced.get().is_none()
    }

    /// Remembers the task that serves the connection.
    pub(crate) fn served_by(&self, waker: &Waker) {
        let mut held = self.waker.borrow_mut();
        if !held.as_ref().is_some_and(|old| old.will_wake(waker)) {
            *held = Some(waker.clone());
        }
    }

    /// What wakes that task.
    pub(crate) fn waker(&self) -> Option<Waker> {
        self.waker.borrow().clone()
    }

    /// Asks the task to end the connection; the stricter wish stays.
    pub(crate) fn end(&self, ending: Ending) {
        if self.ending.get().is_none_or(|wished| wished < ending) {
            self.ending.set(Some(ending));
            self.wake();
        }
    }

    pub(crate) fn ending(&self) -> Option<Ending> {
        self.ending.get()
    }

    /// Asks the task to end the connection so that its client loses nothing by it: HTTP/2 says which
    /// stream is the last (RFC 9113 §6.8), HTTP/1 says it with an answer (RFC 9112 §9.6).
    ///
    /// From the moment that `idle_since` is given, a client of HTTP/1 that has asked for nothing since
    /// then is let go without one, and what is open is the last: there is no time for another.
    pub(crate) fn take_leave(&self, idle_since: Option<Moment>, idle_span: Duration) {
        if self.tunnel.get() {
            return;
        }
        let over = idle_since.is_some_and(|since| {
            let idles = self.idle_due.get() != NEVER && !self.inside_head.get();
            self.open.get() > 0 || (idles && self.idle_due.get() <= since + idle_span)
        });
        let graceful = self.h2.get() || over;
        self.end(if graceful { Ending::Graceful } else { Ending::AfterNext });
    }

    /// Has the task look at everything again.
    pub(crate) fn wake(&self) {
        if let Some(waker) = self.waker.borrow().as_ref() {
            waker.wake_by_ref();
        }
    }

    /// A head began to arrive: it must be complete `span` from now.
    pub(crate) fn head_begins(&self, now: Moment, span: Duration) {
        self.inside_head.set(true);
        if self.head_due.get() == NEVER {
            self.head_due.set(now + span);
        }
    }

    /// The handshake is done: the first head is due anew.
    pub(crate) fn restart_head(&self, now: Moment, span: Duration) {
        if self.fault.get() == Some(RequestFault::SlowHead) {
            // It was slow, and it has come.
            self.fault.set(None);
        }
        self.head_due.set(now + span);
    }

    /// A good head is complete.
    pub(crate) fn head_complete(&self) {
        self.heads.set(self.heads.get() + 1);
        self.makes_room.set(false);
        self.inside_head.set(false);
        self.head_due.set(NEVER);
    }

    /// The request at hand, or the next one, is answered with an error.
    pub(crate) fn set_fault(&self, fault: RequestFault) {
        self.head_due.set(NEVER);
        if self.fault.get().is_none() {
            self.fault.set(Some(fault));
        }
    }

    pub(crate) fn fault(&self) -> Option<RequestFault> {
        self.fault.get()
    }

    /// Counts a request in, and gives its fault when it is the one that the gate replaced.
    pub(crate) fn request_begins(&self) -> Option<RequestFault> {
        if self.ending.get() == Some(Ending::AfterNext) {
            self.ending.set(Some(Ending::Graceful));
        }
        let nth = self.served.get() + 1;
        self.served.set(nth);
        self.asked.set(true);
        self.open.set(self.open.get() + 1);
        self.idle_due.set(NEVER);
        self.head_due.set(NEVER);
        self.makes_room.set(false);
        self.fault.get().filter(|_| nth > self.heads.get())
    }

    /// Whether a request of it has reached the service, or was answered before it did.
    pub(crate) fn has_asked(&self) -> bool {
        self.asked.get()
    }

    /// Whether anything has come that may be a request.
    pub(crate) fn has_spoken(&self) -> bool {
        self.bytes_in.get() > 0
    }

    /// The request that is about to be counted out goes on under another count.
    pub(crate) fn request_goes_on(&self) {
        self.open.set(self.open.get() + 1);
    }

    /// Counts a request out; with none left open the connection idles.
    ///
    /// A head that began behind the last request is due from now on: while that was open, nothing
    /// more of it was read.
    pub(crate) fn request_ends(&self, now: Moment, timeouts: &Timeouts) {
        let open = self.open.get().saturating_sub(1);
        self.open.set(open);
        if open == 0 {
            if self.held_back.take() {
                self.wake();
            }
            // A tunnel may be silent for as long as both ends like.
            if self.inside_head.get() && !self.tunnel.get() {
                self.head_due.set(now + timeouts.header);
            }
            self.idle_due.set(if self.tunnel.get() { NEVER } else { now + timeouts.idle });
        }
    }

    /// What the client sends is not read before its request is answered: wake the task then.
    pub(crate) fn hold_back(&self) {
        self.held_back.set(true);
    }

    /// The origin agreed to another protocol: what follows passes untouched.
    pub(crate) fn switch(&self, origin: Upstream, exchange: Exchange) {
        self.tunnel.set(true);
        self.idle_due.set(NEVER);
        self.head_due.set(NEVER);
        self.switched.set(Some((origin, exchange)));
    }

    /// The origin's side of the tunnel, once; taken when the engine is done, since it holds this.
    pub(crate) fn take_switched(&self) -> Option<(Upstream, Exchange)> {
        self.switched.take()
    }

    /// Whether nothing is open, nothing waits for the engine, and all that was said has left.
    pub(crate) fn rests(&self) -> bool {
        self.has_answered_all() && !self.blocked.get()
    }

    /// Whether every head that was let through is answered in full.
    pub(crate) fn has_answered_all(&self) -> bool {
        // On HTTP/2 a head is a request at once.
        let let_through = self.h2.get() || self.served.get() == self.heads.get();
        self.open.get() == 0 && let_through
    }

    /// Whether the socket takes no bytes at present.
    pub(crate) fn is_blocked(&self) -> bool {
        self.blocked.get()
    }

    /// A request was answered without the engine.
    pub(crate) fn answered_early(&self, now: Moment, idle: Duration) {
        self.asked.set(true);
        self.head_due.set(NEVER);
        self.idle_due.set(now + idle);
    }

    /// The socket took bytes again.
    pub(crate) fn send_moved(&self) {
        self.blocked.set(false);
    }

    /// The socket took no more bytes: from now on the client must read.
    ///
    /// `unacknowledged` is what it holds for the client.
    pub(crate) fn send_blocked(&self, now: Moment, unacknowledged: u64) {
        let taken = self.bytes_out.get().saturating_sub(unacknowledged);
        self.taken.set(taken);
        if !self.blocked.replace(true) {
            self.send_mark.set(Some(SendMark { at: now, taken }));
        }
    }

    /// Whether the client takes what we have for it: at least [`SEND_PROGRESS_MIN`] each span.
    fn look_at_sending(&self, now: Moment, span: Duration) {
        let Some(mark) = self.send_mark.get().filter(|_| self.blocked.get()) else { return };
        let taken = self.taken.get();
        if taken >= mark.taken + SEND_PROGRESS_MIN {
            self.send_mark.set(Some(SendMark { at: now, taken }));
        } else if now >= mark.at + span {
            self.end(Ending::Slow);
        } else if now + ASK_BEFORE >= mark.at + span {
            // The task tries to send again and learns what was taken meanwhile.
            self.wake();
        }
    }

    /// Leaves within a second when it carries nothing; a head under way has as long.
    pub(crate) fn make_room(&self, now: Moment) {
        if self.tunnel.get() {
            return;
        }
        self.makes_room.set(true);
        if self.idle_due.get() == NEVER {
            self.head_due.set(self.head_due.get().min(now + WITHOUT_ROOM));
        } else {
            self.end(Ending::Graceful);
            self.leaving_since.set(Some(now + WITHOUT_ROOM - GOODBYE_MAX));
        }
    }

    /// Ends the connection, or its head, when it is overdue.
    fn look(&self, now: Moment, send_span: Duration) {
        if self.head_due.get() <= now {
            self.head_due.set(NEVER);
            if self.h2.get() {
                self.end(Ending::Graceful);
            } else {
                self.set_fault(RequestFault::SlowHead);
                self.wake();
            }
        }
        let lingers = self.ending.get() == Some(Ending::Graceful) && self.open.get() == 0;
        if self.blocked.get() || !lingers {
            // It still takes its answers, which is watched below.
            self.leaving_since.set(None);
        } else {
            let since = self.leaving_since.get().unwrap_or(now);
            self.leaving_since.set(Some(since));
            if now >= since + GOODBYE_MAX {
                self.end(Ending::Slow);
            }
        }
        if self.idle_due.get() <= now {
            self.idle_due.set(NEVER);
            self.end(Ending::Graceful);
        }
        self.look_at_sending(now, send_span);
        self.look_at_half_closed(now);
    }
}
