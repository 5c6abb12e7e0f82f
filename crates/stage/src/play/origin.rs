//! A real server on loopback whose workers, line and link are those of the simulator's origin.
//!
//! Takes an [`OriginSpec`] of the simulator; gives an address.
//! What a request costs and how long its answer is stands in the ledger, where its sender wrote it.
//! The machine that decides when a request is done is the simulator's own, driven by the real clock;
//! answers are real, with as many bytes as the site says.
//! A server that is down breaks its connections off instead of refusing them.
//! A request without a ticket, as a health check, is answered at once and costs nothing.
//! Never leaves loopback.
//! Bounds: [`CONNECTIONS_MAX`] connections; the next is closed at accept.

mod desk;
mod filler;

use super::ledger::Ledger;
use super::message::TICKET_FIELD;
use crate::crew::Companion;
use crate::hyper_io::HyperIo;
use crate::{LoopbackTarget, StageError};
use desk::Desk;
use filler::Filler;
use http::header::{
    CACHE_CONTROL, CONNECTION, CONTENT_TYPE, SEC_WEBSOCKET_ACCEPT, SET_COOKIE, UPGRADE,
};
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::rt::{Read, ReadBuf};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::upgrade::OnUpgrade;
use seawall_sim::origin::{End, OriginSpec, Trouble, Work};
use seawall_sim::request::{self as sim, Manner, Ticket};
use seawall_sim::score::Counted;
use seawall_sim::world::cookie_of;
use seawall_types::PlatformId;
use std::future::poll_fn;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::runtime::Handle;
use tokio::task::JoinSet;

/// Connections that one origin serves at once.
const CONNECTIONS_MAX: usize = 8_000;
/// Bytes of a request's body that an origin takes; more gets 413.
const BODY_MAX: usize = 64 * 1_024;
/// Connections that the system keeps for us between two accepts.
const BACKLOG: u32 = 4_096;
/// Rest after an accept that failed, most likely for want of descriptors.
const ACCEPT_REST: Duration = Duration::from_millis(20);

/// A running origin; dropping it ends it at once.
#[derive(Debug)]
pub struct SiteOrigin {
    address: LoopbackTarget,
    desk: Desk,
    _working: Companion,
    _door: Companion,
}

/// The server is down: the connection ends without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the server is down")]
struct Gone;

/// What all connections share.
#[derive(Debug)]
struct Server {
    platform: PlatformId,
    desk: Desk,
    ledger: Arc<Ledger>,
}

impl SiteOrigin {
    /// Serves `platform` on a free port of 127.0.0.1, on the runtime of the caller.
    ///
    /// # Errors
    /// [`StageError::NoRuntime`] or [`StageError::Listen`].
    pub fn start(
        platform: PlatformId,
        spec: &OriginSpec,
        ledger: &Arc<Ledger>,
    ) -> Result<Self, StageError> {
        Handle::try_current().map_err(|_| StageError::NoRuntime)?;
        let failed = |source| StageError::Listen { platform: platform.0.to_string(), source };
        let listener = listen().map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let address =
            LoopbackTarget::new(address).map_err(|cause| failed(io::Error::other(cause)))?;
        let desk = Desk::new(platform, spec, Arc::clone(ledger));
        let working = Companion::of(desk.clone().work());
        let order = desk.clone();
        let server = Arc::new(Server { platform, desk, ledger: Arc::clone(ledger) });
        let door = Companion::of(welcome(listener, server));
        Ok(Self { address, desk: order, _working: working, _door: door })
    }

    /// Where it listens.
    pub fn address(&self) -> LoopbackTarget {
        self.address
    }

    /// Something happens to it now.
    pub fn trouble(&self, trouble: Trouble) {
        self.desk.trouble(trouble);
    }
}

impl Server {
    /// The answer to a request; gone when its connection is to be broken off.
    async fn answer(&self, mut request: Request<Incoming>) -> Result<Response<Filler>, Gone> {
        let upgrade = asks_for_socket(&request).then(|| hyper::upgrade::on(&mut request));
        let (head, body) = request.into_parts();
        if Limited::new(body, BODY_MAX).collect().await.is_err() {
            return Ok(plain(StatusCode::PAYLOAD_TOO_LARGE));
        }
        let ticket = head.headers.get(TICKET_FIELD).and_then(|value| value.to_str().ok());
        let ticket = ticket.and_then(|text| text.parse().ok()).map(Ticket);
        let Some(entry) = ticket.and_then(|ticket| self.ledger.reached(ticket, self.platform))
        else {
            return Ok(plain(StatusCode::OK));
        };
        // Slow heads, bodies and readers are slow for real: what is asked here has come whole.
        let Counted { cost, bytes, .. } = entry.counted;
        let end = self.desk.offer(Work { cost, bytes, manner: Manner::Plain }).await;
        Ok(match (end, upgrade) {
            (Some(End::Served), Some(upgrade)) => socket(upgrade),
            (Some(End::Served), None) => page(&entry.request, bytes),
            (Some(End::LineFull), _) => plain(StatusCode::SERVICE_UNAVAILABLE),
            (Some(End::TimedOut), _) => plain(StatusCode::GATEWAY_TIMEOUT),
            (Some(End::Refused | End::Lost | End::Left) | None, _) => return Err(Gone),
        })
    }
}

fn asks_for_socket(request: &Request<Incoming>) -> bool {
    request.headers().get(UPGRADE).is_some_and(|word| word == "websocket")
}

/// Agrees to a WebSocket and holds it until its client leaves.
fn socket(upgrade: OnUpgrade) -> Response<Filler> {
    tokio::spawn(async move {
        if let Ok(stream) = upgrade.await {
            let mut piece = [0; 256];
            let mut stream = std::pin::pin!(stream);
            let mut read = |cx: &mut Context<'_>| {
                let mut buffer = ReadBuf::new(&mut piece);
                let read = ready!(stream.as_mut().poll_read(cx, buffer.unfilled()));
                Poll::Ready(read.is_ok() && !buffer.filled().is_empty())
            };
            while poll_fn(&mut read).await {}
        }
    });
    let mut response = plain(StatusCode::SWITCHING_PROTOCOLS);
    let headers = response.headers_mut();
    headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    // What follows from the one key that clients of the stage send (RFC 6455 §1.3).
    let accept = HeaderValue::from_static("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
    response
}

fn page(asked: &sim::Request, bytes: u64) -> Response<Filler> {
    let mut response = Response::new(Filler::of(bytes));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    let sender = asked.sender;
    let cookie = asked.cookie.is_none().then(|| cookie_of(sender.group, sender.member));
    let cookie = cookie.map(|value| format!("session={value:016x}; Path=/; HttpOnly"));
    if let Some(cookie) = cookie.and_then(|text| HeaderValue::from_str(&text).ok()) {
        headers.insert(SET_COOKIE, cookie);
    }
    response
}

fn plain(status: StatusCode) -> Response<Filler> {
    let mut response = Response::new(Filler::of(0));
    *response.status_mut() = status;
    response
}

fn listen() -> io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
    socket.listen(BACKLOG)
}

/// Takes connections until it is dropped, and all of them with it.
async fn welcome(listener: TcpListener, server: Arc<Server>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) if connections.len() < CONNECTIONS_MAX => {
                    connections.spawn(serve(stream, Arc::clone(&server)));
                }
                Ok(_) => {}
                Err(_) => tokio::time::sleep(ACCEPT_REST).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve(stream: TcpStream, server: Arc<Server>) {
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let service = service_fn(move |request| {
        let server = Arc::clone(&server);
        async move { server.answer(request).await }
    });
    // An error here is the client's leaving; what was worked on is worked off all the same.
    let connection = http1::Builder::new().serve_connection(HyperIo(stream), service);
    let _ = connection.with_upgrades().await;
}
