//! Connections to origins, kept by each core for itself.
//!
//! Bounds: [`IDLE_MAX`] idle connections an origin and core; each idle at most [`IDLE_SPAN`].

use crate::upstream::Upstream;
use seawall_config::OriginUrl;
use seawall_types::Moment;
use std::cell::RefCell;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;
use std::time::Duration;
use tokio::net::TcpStream;

/// Idle connections kept to one origin by one core.
const IDLE_MAX: usize = 256;
/// Shorter than the keep-alive of common origins, so that we close first.
const IDLE_SPAN: Duration = Duration::from_secs(30);

/// The connections of one core to one origin.
#[derive(Debug)]
pub(crate) struct OriginPool {
    origin: OriginUrl,
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
    pub(crate) fn new(origin: OriginUrl) -> Self {
        Self { origin, idle: RefCell::default() }
    }

    /// The most recently used idle connection that is still good.
    pub(crate) fn take_idle(self: &Rc<Self>) -> Option<Lease> {
        let mut idle = self.idle.borrow_mut();
        while let Some(Idle { upstream, .. }) = idle.pop() {
            if upstream.is_quiet() {
                return Some(Lease { pool: self.clone(), upstream, reused: true });
            }
        }
        None
    }

    /// A new connection.
    ///
    /// # Errors
    /// The origin could not be reached.
    pub(crate) async fn connect(self: &Rc<Self>) -> io::Result<Lease> {
        let (host, port) = (self.origin.host.as_str(), self.origin.port);
        let socket = match host.parse::<IpAddr>() {
            Ok(address) => TcpStream::connect(SocketAddr::new(address, port)).await?,
            Err(_) => TcpStream::connect((host, port)).await?,
        };
        socket.set_nodelay(true)?;
        Ok(Lease { pool: self.clone(), upstream: Upstream::new(socket), reused: false })
    }

    /// Closes what has been idle for long.
    pub(crate) fn prune(&self, now: Moment) {
        self.idle.borrow_mut().retain(|idle| now.since(idle.since) < IDLE_SPAN);
    }
}

impl Lease {
    /// Keeps the connection for another request.
    pub(crate) fn give_back(self, now: Moment) {
        let mut idle = self.pool.idle.borrow_mut();
        if idle.len() < IDLE_MAX {
            idle.push(Idle { upstream: self.upstream, since: now });
        }
    }
}
