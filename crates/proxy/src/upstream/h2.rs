//! HTTP/2 towards an origin: a few connections a core, each shared by many requests.
//!
//! A request takes a [`Slot`] of a connection that is open, or opens another, or waits until one is
//! free; a connection that was told to go away takes no more, and finishes what it carries.
//! Bounds: [`CONNECTIONS_MAX`] connections an origin and core, [`STREAMS_MAX`] requests on each and
//! never more than the origin allows; windows of [`STREAM_WINDOW`] and [`CONNECTION_WINDOW`].

pub(crate) mod head;
pub(crate) mod upload;

use super::dial::{DialFault, Dialled, Speaks, dial};
use super::place::Place;
use super::response::HEAD_MAX;
use super::stream::OriginStream;
use crate::origins::OriginState;
use bytes::Bytes;
use h2::client::{Builder, Connection, ResponseFuture, SendRequest};
use h2::{Reason, SendStream};
use http::Request;
use seawall_types::Moment;
use std::cell::{Cell, RefCell};
use std::future::{Future as _, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use tokio::sync::Notify;

/// Connections to one origin that take requests of one core.
const CONNECTIONS_MAX: usize = 8;
/// Requests that one connection carries at once.
const STREAMS_MAX: usize = 256;
/// Requests on a new connection before the origin has said how many it takes.
const STREAMS_UNTOLD: usize = 1;
/// What an origin may send on one stream before its client has taken it.
const STREAM_WINDOW: u32 = 64 * 1024;
/// The same for a whole connection: as much as all of its streams together, so that clients who do
/// not read hold up nobody else's answer.
const CONNECTION_WINDOW: u32 = 256 * STREAM_WINDOW;
/// What one stream may hold that the socket has not taken.
const SEND_BUFFER_MAX: usize = 64 * 1024;

/// The connections of one core to one origin.
#[derive(Debug)]
pub(crate) struct Connections {
    place: Arc<Place>,
    state: Arc<OriginState>,
    live: RefCell<Vec<Rc<Link>>>,
    /// Whether one is being opened: the others that need it wait for that one.
    opening: Cell<bool>,
    /// A slot is free, or an opening came to its end.
    freed: Notify,
}

/// One connection that takes requests.
#[derive(Debug)]
struct Link {
    address: SocketAddr,
    sender: SendRequest<Bytes>,
    /// Whether the origin has said how many requests it takes.
    told: Cell<bool>,
    /// Requests on it.
    open: Cell<usize>,
    /// Whether any request was answered on it.
    served: Cell<bool>,
    /// Since when it has carried nothing, as far as was looked.
    idle_since: Cell<Option<Moment>>,
    /// Whether it takes no more.
    leaving: Cell<bool>,
}

/// Room for one request; free again when dropped.
#[derive(Debug)]
pub(crate) struct Slot {
    connections: Rc<Connections>,
    link: Rc<Link>,
    sender: SendRequest<Bytes>,
}

impl Connections {
    pub(crate) fn new(place: Arc<Place>, state: Arc<OriginState>) -> Self {
        let freed = Notify::new();
        Self { place, state, live: RefCell::default(), opening: Cell::new(false), freed }
    }

    /// Room for one request; waits while all that there may be are full.
    ///
    /// # Errors
    /// A connection was needed and could not be made.
    pub(crate) async fn slot(self: &Rc<Self>) -> Result<Slot, DialFault> {
        loop {
            let freed = self.freed.notified();
            if let Some(slot) = self.take() {
                return Ok(slot);
            }
            if self.may_open() {
                Box::pin(self.open()).await?;
            } else {
                freed.await;
            }
        }
    }

    /// Whether another connection is the way on: not while one is about to tell what it takes.
    fn may_open(&self) -> bool {
        let live = self.live.borrow();
        let told = live.iter().all(|link| link.told.get());
        !self.opening.get() && live.len() < CONNECTIONS_MAX && told
    }

    /// A slot on the first connection that has one.
    fn take(self: &Rc<Self>) -> Option<Slot> {
        let mut live = self.live.borrow_mut();
        let slot = live.iter().find_map(|link| Slot::on(self, link));
        live.retain(|link| !link.leaving.get());
        slot
    }

    async fn open(self: &Rc<Self>) -> Result<(), DialFault> {
        let _opening = Opening::begin(self);
        let dialled = dial(&self.place, &self.state.addresses, Speaks::Http2).await?;
        let Dialled { stream, address, .. } = dialled;
        let (sender, connection) = engine().handshake(stream).await?;
        let link = Rc::new(Link {
            address,
            sender,
            told: Cell::new(false),
            open: Cell::new(0),
            served: Cell::new(false),
            idle_since: Cell::new(None),
            leaving: Cell::new(false),
        });
        tokio::task::spawn_local(drive(connection, Rc::downgrade(&link), Rc::downgrade(self)));
        self.live.borrow_mut().push(link);
        Ok(())
    }

    /// Whether whoever waits, waits for room: every connection carries as much as it may.
    pub(crate) fn is_full(&self) -> bool {
        let live = self.live.borrow();
        let full = |link: &Rc<Link>| {
            link.told.get()
                && link.open.get() >= STREAMS_MAX.min(link.sender.current_max_send_streams())
        };
        live.len() >= CONNECTIONS_MAX && live.iter().all(full)
    }

    /// Lets no further request on connections to addresses that `vanished`.
    pub(crate) fn retire(&self, vanished: impl Fn(SocketAddr) -> bool) {
        let live = self.live.borrow();
        let gone = live.iter().filter(|link| vanished(link.address));
        gone.for_each(|link| link.leaving.set(true));
    }

    /// Closes what has carried nothing for `span`.
    pub(crate) fn prune(&self, now: Moment, span: Duration) {
        self.live.borrow_mut().retain(|link| {
            if link.open.get() > 0 {
                link.idle_since.set(None);
                return true;
            }
            let since = link.idle_since.get().unwrap_or(now);
            link.idle_since.set(Some(since));
            // The library says goodbye once nobody holds it and it carries nothing.
            now.since(since) < span
        });
    }
}

/// Tells those that wait when an opening is over, however it ends.
struct Opening<'a>(&'a Connections);

impl<'a> Opening<'a> {
    fn begin(connections: &'a Connections) -> Self {
        connections.opening.set(true);
        Self(connections)
    }
}

impl Drop for Opening<'_> {
    fn drop(&mut self) {
        self.0.opening.set(false);
        self.0.freed.notify_waiters();
        // For one that has looked and not yet begun to wait.
        self.0.freed.notify_one();
    }
}

fn engine() -> Builder {
    let mut engine = Builder::new();
    engine
        .enable_push(false)
        .initial_max_send_streams(STREAMS_UNTOLD)
        .initial_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_header_list_size(u32::try_from(HEAD_MAX).unwrap_or(u32::MAX))
        .max_send_buffer_size(SEND_BUFFER_MAX);
    engine
}

/// Moves a connection until it ends.
///
/// Holds nothing of it: when nobody else does either, it is over.
async fn drive(
    connection: Connection<OriginStream, Bytes>,
    link: Weak<Link>,
    connections: Weak<Connections>,
) {
    let mut connection = pin!(connection);
    let mut told = false;
    let ended = poll_fn(|cx| {
        let polled = connection.as_mut().poll(cx);
        if !told && connection.max_concurrent_send_streams() != STREAMS_UNTOLD {
            told = true;
            link.upgrade().into_iter().for_each(|link| link.told.set(true));
            connections.upgrade().into_iter().for_each(|all| all.freed.notify_waiters());
        }
        polled
    })
    .await;
    if let Some(link) = link.upgrade() {
        link.leaving.set(true);
    }
    if let Some(connections) = connections.upgrade() {
        if let Some(what) = ended.err().and_then(|cause| what_is_wrong(&cause)) {
            connections.place.tell(&what);
        }
        connections.freed.notify_waiters();
    }
}

/// What the operator should know of a connection that ended.
fn what_is_wrong(cause: &h2::Error) -> Option<String> {
    let reasons = [Reason::PROTOCOL_ERROR, Reason::FRAME_SIZE_ERROR, Reason::COMPRESSION_ERROR];
    if cause.is_library() && cause.reason().is_some_and(|reason| reasons.contains(&reason)) {
        return Some(format!(
            "breaks HTTP/2 ({cause}); write its URL with http:// or https:// when it speaks \
             HTTP/1.1 alone"
        ));
    }
    // TLS's own faults, of which the library keeps the text alone.
    let of_tls = cause.get_io().is_some_and(|cause| cause.kind() == io::ErrorKind::InvalidData);
    of_tls.then(|| {
        format!(
            "ended TLS ({cause}); when it asks for a client certificate, name one in \
             platform.origin_certificate"
        )
    })
}

impl Slot {
    fn on(connections: &Rc<Connections>, link: &Rc<Link>) -> Option<Self> {
        if link.leaving.get() {
            return None;
        }
        if link.open.get() >= STREAMS_MAX.min(link.sender.current_max_send_streams()) {
            return None;
        }
        let mut sender = link.sender.clone();
        let mut cx = Context::from_waker(Waker::noop());
        // A handle that has sent nothing is ready, or the connection was told to go away.
        if !matches!(sender.poll_ready(&mut cx), Poll::Ready(Ok(()))) {
            link.leaving.set(true);
            return None;
        }
        link.open.set(link.open.get() + 1);
        link.idle_since.set(None);
        Some(Self { connections: connections.clone(), link: link.clone(), sender })
    }

    /// Sends a request's head.
    ///
    /// # Errors
    /// The connection takes no more, or the head cannot be sent.
    pub(crate) fn send(
        &mut self,
        head: Request<()>,
        has_body: bool,
    ) -> Result<(ResponseFuture, SendStream<Bytes>), h2::Error> {
        self.sender.send_request(head, !has_body)
    }

    /// Whether an earlier request was answered on the same connection.
    pub(crate) fn has_served(&self) -> bool {
        self.link.served.get()
    }

    /// The origin answered, so it has told what it takes.
    pub(crate) fn answered(&self) {
        self.link.served.set(true);
        self.link.told.set(true);
    }

    /// Lets no further request on the connection: what is asked there is not answered.
    pub(crate) fn retire(&self) {
        self.link.leaving.set(true);
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.link.open.set(self.link.open.get().saturating_sub(1));
        self.connections.freed.notify_one();
    }
}

#[cfg(test)]
mod tests;
