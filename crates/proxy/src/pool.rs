//! Connections to origins, kept by each core for itself.
//!
//! Bounds: [`IDLE_MAX`] idle connections an origin and core; each idle at most [`IDLE_SPAN`].

use crate::body::ClientBody;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use seawall_config::OriginUrl;
use seawall_types::Moment;
use std::cell::RefCell;
use std::io;
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
    sender: SendRequest<ClientBody>,
    since: Moment,
}

/// A connection in use.
pub(crate) struct Lease {
    pool: Rc<OriginPool>,
    pub(crate) sender: SendRequest<ClientBody>,
    /// Whether the connection has carried a request before.
    pub(crate) reused: bool,
    now: Moment,
}

impl OriginPool {
    pub(crate) fn new(origin: OriginUrl) -> Self {
        Self {
            origin,
            idle: RefCell::default(),
        }
    }

    /// The most recently used idle connection that is still good.
    pub(crate) fn take_idle(self: &Rc<Self>, now: Moment) -> Option<Lease> {
        let mut idle = self.idle.borrow_mut();
        while let Some(Idle { sender, .. }) = idle.pop() {
            if !sender.is_closed() {
                return Some(Lease {
                    pool: self.clone(),
                    sender,
                    reused: true,
                    now,
                });
            }
        }
        None
    }

    /// A new connection.
    ///
    /// # Errors
    /// The origin could not be reached.
    pub(crate) async fn connect(self: &Rc<Self>, now: Moment) -> io::Result<Lease> {
        let address = (self.origin.host.as_str(), self.origin.port);
        let socket = TcpStream::connect(address).await?;
        socket.set_nodelay(true)?;
        let (sender, connection) = http1::handshake(TokioIo::new(socket))
            .await
            .map_err(io::Error::other)?;
        tokio::task::spawn_local(async move {
            // Its faults reach the request that it carries.
            let _ = connection.with_upgrades().await;
        });
        Ok(Lease {
            pool: self.clone(),
            sender,
            reused: false,
            now,
        })
    }

    /// Closes what has been idle for long.
    pub(crate) fn prune(&self, now: Moment) {
        self.idle
            .borrow_mut()
            .retain(|idle| now.since(idle.since) < IDLE_SPAN);
    }
}

impl Lease {
    /// Keeps the connection for another request.
    pub(crate) fn give_back(self) {
        let mut idle = self.pool.idle.borrow_mut();
        if !self.sender.is_closed() && idle.len() < IDLE_MAX {
            idle.push(Idle {
                sender: self.sender,
                since: self.now,
            });
        }
    }
}
