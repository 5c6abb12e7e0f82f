//! Connections to origins, kept by each core for itself.
//!
//! Bounds: [`IDLE_MAX`] idle connections an origin and core; each idle at most [`IDLE_SPAN`];
//! [`ADDRESSES_TRIED_MAX`] addresses of a name tried for one connection.

use crate::origins::{OriginState, Seat};
use crate::upstream::Upstream;
use seawall_types::Moment;
use std::cell::{Cell, RefCell};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;

/// Idle connections kept to one origin by one core.
const IDLE_MAX: usize = 256;
/// Shorter than the keep-alive of common origins, so that we close first.
const IDLE_SPAN: Duration = Duration::from_secs(30);
/// A name with many addresses of which none answers must not hold a request up for long.
const ADDRESSES_TRIED_MAX: usize = 4;

/// The connections of one core to one origin.
#[derive(Debug)]
pub(crate) struct OriginPool {
    state: Arc<OriginState>,
    idle: RefCell<Vec<Idle>>,
    /// Of the addresses that every idle connection was last compared with.
    generation: Cell<u32>,
}

#[derive(Debug)]
struct Idle {
    upstream: Upstream,
    since: Moment,
    address: SocketAddr,
}

/// A connection in use.
#[derive(Debug)]
pub(crate) struct Lease {
    pub(crate) seat: Seat,
    pub(crate) upstream: Upstream,
    /// Whether the connection has carried a request before.
    pub(crate) reused: bool,
    address: SocketAddr,
    /// Of the addresses when this connection was known to lead to one of them.
    generation: u32,
}

/// A connection that nobody has used.
#[derive(Debug)]
pub(crate) struct Fresh {
    pub(crate) upstream: Upstream,
    address: SocketAddr,
    generation: u32,
}

impl OriginPool {
    pub(crate) fn new(state: Arc<OriginState>) -> Self {
        Self { state, idle: RefCell::default(), generation: Cell::new(0) }
    }

    /// What all cores know of the origin.
    pub(crate) fn state(&self) -> &Arc<OriginState> {
        &self.state
    }

    /// The most recently used idle connection that is still good, for `seat`.
    ///
    /// # Errors
    /// The seat back, when there is none.
    pub(crate) fn take_idle(&self, seat: Seat) -> Result<Lease, Seat> {
        self.forget_vanished();
        let mut idle = self.idle.borrow_mut();
        while let Some(Idle { upstream, address, .. }) = idle.pop() {
            if upstream.is_quiet() {
                let generation = self.generation.get();
                return Ok(Lease { seat, upstream, reused: true, address, generation });
            }
        }
        Err(seat)
    }

    /// A new connection.
    ///
    /// # Errors
    /// Why the last address that was tried could not be reached, or that there is none.
    pub(crate) async fn connect(&self) -> io::Result<Fresh> {
        let generation = self.state.place.generation();
        let mut fault = io::Error::from(io::ErrorKind::NotFound);
        for address in self.state.place.addresses().await?.into_iter().take(ADDRESSES_TRIED_MAX) {
            match TcpStream::connect(address).await {
                Ok(socket) => {
                    socket.set_nodelay(true)?;
                    return Ok(Fresh { upstream: Upstream::new(socket), address, generation });
                }
                Err(cause) => fault = cause,
            }
        }
        Err(fault)
    }

    /// Closes what has been idle for long or leads elsewhere by now.
    pub(crate) fn prune(&self, now: Moment) {
        self.forget_vanished();
        self.idle.borrow_mut().retain(|idle| now.since(idle.since) < IDLE_SPAN);
    }

    /// Closes idle connections to addresses that the origin's name has no more.
    fn forget_vanished(&self) {
        let generation = self.state.place.generation();
        if self.generation.replace(generation) != generation {
            self.idle.borrow_mut().retain(|idle| self.state.place.still_has(idle.address));
        }
    }
}

impl Fresh {
    /// Gives the connection to a request.
    pub(crate) fn lease(self, seat: Seat) -> Lease {
        let Self { upstream, address, generation } = self;
        Lease { seat, upstream, reused: false, address, generation }
    }
}

impl Lease {
    /// Keeps the connection for another request.
    pub(crate) fn give_back(self, now: Moment) {
        let Self { seat, upstream, address, generation, .. } = self;
        let pool = seat.pool();
        let place = &pool.state.place;
        if generation != place.generation() && !place.still_has(address) {
            return;
        }
        let mut idle = pool.idle.borrow_mut();
        if idle.len() < IDLE_MAX {
            idle.push(Idle { upstream, since: now, address });
        }
    }
}
