//! Connections to origins, kept by each core for itself.
//!
//! Bounds: [`IDLE_MAX`] idle connections an origin and core; each idle at most [`IDLE_SPAN`].

use crate::origins::{OriginState, Seat};
use crate::upstream::Upstream;
use crate::upstream::dial::{DialFault, Dialled, Speaks, dial};
use crate::upstream::h2::{Connections, Slot};
use crate::upstream::place::Place;
use crate::upstream::secure::{is_of_tls, what_is_wrong};
use seawall_types::Moment;
use std::cell::{Cell, RefCell};
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// Idle connections kept to one origin by one core.
const IDLE_MAX: usize = 256;
/// Shorter than the keep-alive of common origins, so that we close first.
const IDLE_SPAN: Duration = Duration::from_secs(30);

/// The connections of one core to one origin.
#[derive(Debug)]
pub(crate) struct OriginPool {
    place: Arc<Place>,
    state: Arc<OriginState>,
    /// Those that speak HTTP/2.
    h2: Rc<Connections>,
    idle: RefCell<Vec<Idle>>,
    /// Of the addresses that every idle connection was last compared with.
    generation: Cell<u32>,
}

#[derive(Debug)]
struct Idle {
    upstream: Box<Upstream>,
    since: Moment,
}

/// A connection in use.
#[derive(Debug)]
pub(crate) struct Lease {
    pub(crate) seat: Seat,
    /// Boxed once for all its requests, which hand it on.
    pub(crate) upstream: Box<Upstream>,
    /// Whether the connection has carried a request before.
    pub(crate) reused: bool,
    /// Of the addresses when this connection was known to lead to one of them.
    generation: u32,
}

/// A connection that nobody has used.
#[derive(Debug)]
pub(crate) struct Fresh {
    pub(crate) upstream: Box<Upstream>,
    generation: u32,
}

impl OriginPool {
    pub(crate) fn new(place: Arc<Place>, state: Arc<OriginState>) -> Self {
        let h2 = Rc::new(Connections::new(place.clone(), state.clone()));
        Self { place, state, h2, idle: RefCell::default(), generation: Cell::new(0) }
    }

    /// What all cores know of the origin.
    pub(crate) fn state(&self) -> &Arc<OriginState> {
        &self.state
    }

    /// The origin as the configuration tells it.
    pub(crate) fn place(&self) -> &Arc<Place> {
        &self.place
    }

    /// The most recently used idle connection that is still good, for `seat`.
    ///
    /// # Errors
    /// The seat back, when there is none.
    pub(crate) fn take_idle(&self, seat: Seat) -> Result<Lease, Seat> {
        self.forget_vanished();
        let mut idle = self.idle.borrow_mut();
        while let Some(Idle { mut upstream, .. }) = idle.pop() {
            if upstream.is_quiet() {
                let generation = self.generation.get();
                return Ok(Lease { seat, upstream, reused: true, generation });
            }
        }
        Err(seat)
    }

    /// A new connection, for HTTP/1.1.
    ///
    /// # Errors
    /// The origin could not be reached, or does not prove what it must.
    pub(crate) async fn connect(&self) -> Result<Fresh, DialFault> {
        let dialled = dial(&self.place, &self.state.addresses, Speaks::Http1).await?;
        let Dialled { stream, address, generation } = dialled;
        Ok(Fresh { upstream: Box::new(Upstream::new(stream, address)), generation })
    }

    /// Room for one request over HTTP/2, on a connection that is open or a new one.
    ///
    /// # Errors
    /// As [`OriginPool::connect`].
    pub(crate) async fn slot(&self) -> Result<Slot, DialFault> {
        self.forget_vanished();
        self.h2.slot().await
    }

    /// Whether a slot is waited for because its HTTP/2 connections carry all that they may.
    pub(crate) fn is_full(&self) -> bool {
        self.h2.is_full()
    }

    /// Closes what has been idle for long or leads elsewhere by now.
    pub(crate) fn prune(&self, now: Moment) {
        self.forget_vanished();
        self.idle.borrow_mut().retain(|idle| now.since(idle.since) < IDLE_SPAN);
        self.h2.prune(now, IDLE_SPAN);
    }

    /// Closes idle connections to addresses that the origin's name has no more.
    fn forget_vanished(&self) {
        let addresses = &self.state.addresses;
        let generation = addresses.generation();
        if self.generation.replace(generation) != generation {
            self.idle.borrow_mut().retain(|idle| addresses.still_has(idle.upstream.leads_to()));
            self.h2.retire(|address| !addresses.still_has(address));
        }
    }
}

impl Fresh {
    /// Gives the connection to a request.
    pub(crate) fn lease(self, seat: Seat) -> Lease {
        let Self { upstream, generation } = self;
        Lease { seat, upstream, reused: false, generation }
    }
}

impl Lease {
    /// Tells the operator when it was TLS that broke the connection: an origin may find fault with
    /// us after the handshake.
    pub(crate) fn broke(&self, cause: &io::Error) {
        if is_of_tls(cause) {
            self.seat.pool().place.tell(&what_is_wrong(cause));
        }
    }

    /// Keeps the connection for another request.
    pub(crate) fn give_back(self, now: Moment) {
        let Self { seat, upstream, generation, .. } = self;
        let pool = seat.pool();
        let addresses = &pool.state.addresses;
        if generation != addresses.generation() && !addresses.still_has(upstream.leads_to()) {
            return;
        }
        let mut idle = pool.idle.borrow_mut();
        if idle.len() < IDLE_MAX {
            idle.push(Idle { upstream, since: now });
        }
    }
}
