//! The control listener: connections in, answers out, within bounds.
//!
//! Never waits for one client: a head must come within [`HEAD_TIMEOUT`], an answer must be taken
//! within [`UNTAKEN_TIMEOUT`], and no connection lives longer than [`CONNECTION_LIFE`].
//! Bounds: [`CONNECTIONS_MAX`] connections; further ones wait in the kernel's queue.

use crate::gate::Peer;
use crate::plane::ControlPlane;
use crate::routes::router;
use crate::shared::Shared;
use crate::token::Token;
use axum::Router;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// Connections served at once: operators, scrapers and probes, with much room.
pub const CONNECTIONS_MAX: usize = 256;

/// How long a request's head may take, and a kept connection may rest.
pub const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// How long bytes of ours may lie before a client that takes none; the kernel then closes.
pub const UNTAKEN_TIMEOUT: Duration = Duration::from_secs(30);

/// After this a connection is closed whatever it does; live readers connect again by themselves.
pub const CONNECTION_LIFE: Duration = Duration::from_hours(1);

/// How long we wait when the system has no more sockets for us.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Bytes of a request's head; also what one connection may buffer.
const HEAD_MAX: usize = 16 * 1024;

/// The address cannot be listened on.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address} (control.listen)")]
pub struct BindFault {
    /// Which address.
    pub address: SocketAddr,
    /// Why.
    pub source: io::Error,
}

/// Opens the control listener and serves nothing yet, so that a conflict is found before anything
/// has started.
///
/// # Errors
/// [`BindFault`] when the address is in use, is not ours or may not be used.
pub fn bind(address: SocketAddr) -> Result<std::net::TcpListener, BindFault> {
    let open = || {
        let listener = std::net::TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        Ok(listener)
    };
    open().map_err(|source| BindFault { address, source })
}

/// Serves until the future is dropped, which also closes every connection.
///
/// Needs a tokio runtime with time and I/O; it shares one thread gladly.
///
/// # Errors
/// When the runtime cannot take the listener.
pub async fn serve(
    listener: std::net::TcpListener,
    shared: Arc<Shared>,
    token: Token,
) -> io::Result<()> {
    let address = listener.local_addr()?;
    let listener = TcpListener::from_std(listener)?;
    let routes = router(Arc::new(ControlPlane::new(shared, token, address.ip())));
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut connections = JoinSet::new();
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            // Nobody closes this semaphore; if that changes, it means to stop.
            return Ok(());
        };
        match listener.accept().await {
            Ok((stream, peer)) => {
                let connection = connection(stream, peer, routes.clone());
                connections.spawn(async move {
                    connection.await;
                    drop(place);
                });
            }
            Err(error) => {
                tracing::debug!(%error, "control listener accepted nothing");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
        while connections.try_join_next().is_some() {}
    }
}

async fn connection(stream: TcpStream, peer: SocketAddr, routes: Router) {
    let untaken = socket2::SockRef::from(&stream).set_tcp_user_timeout(Some(UNTAKEN_TIMEOUT));
    if let Err(error) = untaken {
        tracing::debug!(%error, "control connection has no bound on untaken bytes");
    }
    let routes = TowerToHyperService::new(routes);
    let service = service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
        request.extensions_mut().insert(Peer(peer.ip()));
        routes.call(request)
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(HEAD_MAX)
        .serve_connection(TokioIo::new(stream), service);
    // A client that breaks off or is too slow is no news to anyone.
    let _ = tokio::time::timeout(CONNECTION_LIFE, served).await;
}

#[cfg(test)]
mod tests;
