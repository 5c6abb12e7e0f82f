//! Connections to origins, kept by each core for itself.
//!
//! Bounds: [`IDLE_MAX`] idle connections an origin and core; each idle at most [`IDLE_SPAN`].

use crate::upstream::Upstream;
use crate::upstream::dial::{DialFault, Speaks, dial};
use crate::upstream::h2::{Connections, Slot};
use crate::upstream::place::Place;
use crate::upstream::secure::{is_of_tls, what_is_wrong};
use seawall_types::Moment;
use std::cell::RefCell;
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
    origin: Arc<Place>,
    /// Those that speak HTTP/2.
    h2: Rc<Connections>,
    idle: RefCell<Vec<Idle>>,
}

#[derive(Debug)]
struct Idle {
    upstream: Upstream,
    since: Moment,
}

/// A connection in use.
#[derive(Debug)]
pub(crate) struct Lease {
    pool: Rc<OriginPool>,
    pub(crate) upstream: Upstream,
    /// Whether the connection has carried a request before.
    pub(crate) reused: bool,
}

impl OriginPool {
    pub(crate) fn new(origin: Arc<Place>) -> Self {
        let h2 = Rc::new(Connections::new(origin.clone()));
        Self { origin, h2, idle: RefCell::default() }
    }

    /// The origin.
    pub(crate) fn place(&self) -> &Arc<Place> {
        &self.origin
    }

    /// The most recently used idle connection that is still good.
    pub(crate) fn take_idle(self: &Rc<Self>) -> Option<Lease> {
        let mut idle = self.idle.borrow_mut();
        while let Some(Idle { mut upstream, .. }) = idle.pop() {
            if upstream.is_quiet() {
                return Some(Lease { pool: self.clone(), upstream, reused: true });
            }
        }
        None
    }

    /// A new connection, for HTTP/1.1.
    ///
    /// # Errors
    /// The origin could not be reached, or does not prove what it must.
    pub(crate) async fn connect(self: &Rc<Self>) -> Result<Lease, DialFault> {
        let stream = dial(&self.origin, Speaks::Http1).await?;
        Ok(Lease { pool: self.clone(), upstream: Upstream::new(stream), reused: false })
    }

    /// Room for one request over HTTP/2, on a connection that is open or a new one.
    ///
    /// # Errors
    /// As [`OriginPool::connect`].
    pub(crate) async fn slot(self: &Rc<Self>) -> Result<Slot, DialFault> {
        self.h2.slot().await
    }

    /// Closes what has been idle for long.
    pub(crate) fn prune(&self, now: Moment) {
        self.idle.borrow_mut().retain(|idle| now.since(idle.since) < IDLE_SPAN);
        self.h2.prune(now, IDLE_SPAN);
    }
}

impl Lease {
    /// Tells the operator when it was TLS that broke the connection: an origin may find fault with
    /// us after the handshake.
    pub(crate) fn broke(&self, cause: &io::Error) {
        if is_of_tls(cause) {
            self.pool.origin.tell(&what_is_wrong(cause));
        }
    }

    /// Keeps the connection for another request.
    pub(crate) fn give_back(self, now: Moment) {
        let mut idle = self.pool.idle.borrow_mut();
        if idle.len() < IDLE_MAX {
            idle.push(Idle { upstream: self.upstream, since: now });
        }
    }
}
