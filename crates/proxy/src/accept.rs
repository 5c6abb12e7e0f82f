//! From the kernel's queue to a served connection: the accept gate, and the cheapest refusals.

use crate::announce;
use crate::client::{Client, Peer, Via};
use crate::connection::{Connection, Opening};
use crate::core::{Core, Stage};
use crate::early::{self, After, Early, Sender};
use crate::meter::{HEAD_LIMITS, Meter};
use crate::serve::{Ended, serve_h1, serve_h2};
use crate::tls;
use crate::watch::NEVER;
use rustix::io::Errno;
use rustix::net::sockopt::set_socket_linger;
use rustix::net::{RecvFlags, SendFlags, SocketFlags, acceptfrom_with, recv, send};
use seawall_engine::policy::{AtAccept, Standing};
use seawall_types::{FarEnd, Moment, SourceKey};
use seawall_wire::h1::{HeadStep, parse_head};
use std::io;
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::rc::Rc;
use std::time::Duration;
use tokio::io::unix::AsyncFd;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Connections taken before others get their turn.
const ACCEPTS_AT_ONCE: usize = 64;
/// Connections taken from a queue that is about to close: more come for as long as some are taken.
const REST_MAX: usize = 16_384;
/// Pause when the process has no descriptor left.
const OUT_OF_DESCRIPTORS: Duration = Duration::from_millis(20);
/// The start of an HTTP/2 connection (RFC 9113 §3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// Bytes of a refused client that are read and thrown away, so that its answer is not lost.
const LINGER_MAX: usize = 256 * 1024;
/// Time for that.
const LINGER: Duration = Duration::from_secs(1);

/// Takes connections from one listening socket, for as long as the core serves.
pub(crate) async fn accept_all(core: Rc<Core>, listener: usize, socket: OwnedFd) -> io::Result<()> {
    #[expect(deprecated, reason = "sound for a descriptor that is owned and never swapped")]
    let socket = AsyncFd::new(socket)?;
    loop {
        let mut ready = socket.readable().await?;
        if core.is_full() {
            // Those who wait stay in the kernel's queue, where they cost no descriptor.
            core.make_room();
            core.out_of_descriptors();
            tokio::time::sleep(OUT_OF_DESCRIPTORS).await;
            continue;
        }
        for turn in 0.. {
            if turn == ACCEPTS_AT_ONCE {
                tokio::task::yield_now().await;
                break;
            }
            match acceptfrom_with(&socket, SocketFlags::NONBLOCK | SocketFlags::CLOEXEC) {
                Ok((client, peer)) => {
                    if let Some(peer) = peer.and_then(|peer| SocketAddr::try_from(peer).ok()) {
                        take(&core, listener, client, peer);
                    }
                }
                Err(Errno::WOULDBLOCK) => {
                    ready.clear_ready();
                    break;
                }
                Err(Errno::MFILE | Errno::NFILE | Errno::NOBUFS | Errno::NOMEM) => {
                    core.out_of_descriptors();
                    tokio::time::sleep(OUT_OF_DESCRIPTORS).await;
                    break;
                }
                // The client left before it was taken, or another passing fault of the network.
                Err(_) => {}
            }
        }
    }
}

/// Takes what still waits in the queue, when nobody else will; at most [`REST_MAX`].
pub(crate) fn accept_rest(core: &Rc<Core>, listener: usize, socket: &OwnedFd) {
    for _ in 0..REST_MAX {
        if core.is_full() {
            return;
        }
        match acceptfrom_with(socket, SocketFlags::NONBLOCK | SocketFlags::CLOEXEC) {
            Ok((client, Some(peer))) => {
                if let Ok(peer) = SocketAddr::try_from(peer) {
                    take(core, listener, client, peer);
                }
            }
            // The client left before it was taken.
            Ok((_, None)) | Err(Errno::CONNABORTED | Errno::INTR) => {}
            Err(_) => return,
        }
    }
}

/// A connection that was just taken.
struct Arrival {
    listener: usize,
    client: OwnedFd,
    holder: SocketAddr,
    peer: Peer,
    standing: Standing,
    at: Moment,
}

fn take(core: &Rc<Core>, listener: usize, client: OwnedFd, holder: SocketAddr) {
    let at = core.now();
    let peer = core.peer(listener, holder.ip());
    let standing = match peer {
        Peer::Client => match core.at_accept(at, holder.ip()) {
            AtAccept::Serve(standing) => standing,
            AtAccept::Reset(_) => {
                core.tally().reset_at_accept();
                reset(&client);
                return;
            }
        },
        // Nothing acts on a proxy's address here: that would be all of its clients.
        Peer::Proxy => core.named(at, holder.ip()),
        Peer::AnnouncingProxy => Standing::Unjudged,
    };
    let arrival = Arrival { listener, client, holder, peer, standing, at };
    if core.speaks_tls(listener) || peer == Peer::AnnouncingProxy {
        spawn(core, arrival, Vec::new());
        return;
    }
    // The connection came with its first bytes: read them before the poller must say so.
    let first = core.with_scratch(|scratch| {
        match recv(&arrival.client, &mut *scratch, RecvFlags::empty()) {
            Ok((length, _)) => scratch[..length].to_vec(),
            Err(_) => Vec::new(),
        }
    });
    let is_over = peer == Peer::Client && core.is_over(at, standing);
    if is_over && refuse_early(core, &arrival, &first) {
        core.at_close(standing);
        return;
    }
    spawn(core, arrival, first);
}

/// Answers a source that is over its rate without an HTTP engine; false when it cannot.
fn refuse_early(core: &Core, arrival: &Arrival, bytes: &[u8]) -> bool {
    let Ok(HeadStep::Complete(head)) = parse_head(bytes, &HEAD_LIMITS) else {
        return false;
    };
    let sender = Sender {
        address: arrival.holder.ip(),
        source: SourceKey::of(arrival.holder.ip()),
        far: FarEnd::of(arrival.holder.ip(), arrival.holder.port()),
        ja4: None,
        standing: arrival.standing,
        via: Via::Socket,
        tls: false,
        certified: false,
    };
    match early::judge(core, (arrival.at, sender), (&head, bytes), After::Close) {
        Early::Pass => return false,
        Early::Reset => reset(&arrival.client),
        Early::Answer(answer, _) => {
            // An answer is smaller than any socket buffer; a client that is gone needs none.
            let _ = send(&arrival.client, &answer, SendFlags::NOSIGNAL);
        }
    }
    true
}

/// Closes with a reset: nothing is sent, no state stays.
fn reset(client: &OwnedFd) {
    // A socket that refuses the option is closed all the same.
    let _ = set_socket_linger(client, Some(Duration::ZERO));
}

fn spawn(core: &Rc<Core>, arrival: Arrival, first: Vec<u8>) {
    let span = if core.speaks_tls(arrival.listener) {
        core.timeouts().handshake
    } else {
        core.timeouts().header
    };
    let opening = Opening {
        holder: arrival.holder,
        peer: arrival.peer,
        standing: arrival.standing,
        listener: arrival.listener,
        tls: core.speaks_tls(arrival.listener),
        // A head is due once it is known whose it is.
        head_due: if arrival.peer == Peer::AnnouncingProxy { NEVER } else { arrival.at + span },
    };
    let Ok(socket) = TcpStream::from_std(std::net::TcpStream::from(arrival.client)) else {
        core.at_close(arrival.standing);
        return;
    };
    let held = core.hold(Rc::new(Connection::new(&opening)));
    let core = core.clone();
    // Tasks rather than one that branches: a plain connection needs no room for TLS.
    if opening.peer == Peer::AnnouncingProxy {
        tokio::task::spawn_local(async move {
            serve_announced(&core, held.connection(), socket).await;
            drop(held);
        });
    } else if opening.tls {
        tokio::task::spawn_local(async move {
            serve_tls(&core, held.connection(), socket).await;
            drop(held);
        });
    } else {
        // Boxed: a task is moved seven times from here to its end, and this one is large.
        tokio::task::spawn_local(Box::pin(async move {
            serve_plain(&core, held.connection(), socket, first).await;
            drop(held);
        }));
    }
}

/// Serves a connection of a trusted proxy once its header has said whose it is.
async fn serve_announced(core: &Rc<Core>, connection: &Rc<Connection>, mut socket: TcpStream) {
    let holder = connection.client().address;
    let due = core.now() + core.timeouts().handshake;
    let read = core.watchlist().until(due, announce::read(&mut socket)).await;
    let Ok(Ok(header)) = read else {
        core.unannounced(holder);
        return;
    };
    let now = core.now();
    connection.announce(match header.client {
        Some(address) => Client::new(address, core.announced(now, address), Via::Announced),
        None => Client::new(holder, core.named(now, holder), Via::Proxy),
    });
    if connection.tls {
        connection.restart_head(now, core.timeouts().handshake);
        Box::pin(serve_tls(core, connection, socket)).await;
    } else {
        connection.restart_head(now, core.timeouts().header);
        Box::pin(serve_plain(core, connection, socket, Vec::new())).await;
    }
}

async fn serve_plain(
    core: &Rc<Core>,
    connection: &Rc<Connection>,
    mut socket: TcpStream,
    mut first: Vec<u8>,
) {
    let may_be_h2 = core.offers_h2(connection.listener);
    let due = core.now() + core.timeouts().header;
    while first.is_empty() || (may_be_h2 && is_start_of(PREFACE, &first)) {
        let read = core.watchlist().until(due, read_more(&mut socket, &mut first)).await;
        if !matches!(read, Ok(Ok(1..))) {
            return;
        }
    }
    let (core, connection) = (core.clone(), connection.clone());
    if may_be_h2 && first.starts_with(PREFACE) {
        let meter = Meter::h2(socket, core.clone(), connection.clone(), first);
        // Boxed, here and below: what is rare in clear should not be room in every connection.
        if let Some(meter) = Box::pin(serve_h2(&core, connection, meter, abandon)).await {
            Box::pin(linger(&core, meter.into_stream())).await;
        }
        return;
    }
    let meter = Meter::h1(socket, core.clone(), connection.clone(), first);
    let (ended, meter) = serve_h1(core.clone(), connection.clone(), meter).await;
    match ended {
        Ended::Reset => abandon(meter.stream()),
        Ended::Done if lingers(&core, &connection, &meter) => {
            Box::pin(linger(&core, meter.into_stream())).await;
        }
        Ended::Done => {}
    }
}

/// Whether the client may be sending still, and would lose our last words to a reset.
fn lingers<S>(core: &Core, connection: &Connection, meter: &Meter<S>) -> bool {
    connection.fault().is_some() || meter.is_inside_request() || core.stage() == Stage::Leaving
}

/// Whether `bytes` could still become `whole`.
fn is_start_of(whole: &[u8], bytes: &[u8]) -> bool {
    bytes.len() < whole.len() && whole.starts_with(bytes)
}

async fn read_more(socket: &mut TcpStream, bytes: &mut Vec<u8>) -> io::Result<usize> {
    // Waiting first holds no buffer while the client is silent.
    socket.readable().await?;
    socket.read_buf(bytes).await
}

async fn serve_tls(core: &Rc<Core>, connection: &Rc<Connection>, socket: TcpStream) {
    let Some(certificates) = core.certificates(connection.listener) else {
        return;
    };
    let due = core.now() + core.timeouts().handshake;
    // On the heap for as long as it takes: its state is larger than all that follows.
    let shaken = Box::pin(tls::handshake(&certificates, connection, socket));
    let Ok(Ok(stream)) = core.watchlist().until(due, shaken).await else {
        core.handshake_failed();
        return;
    };
    // Moved often below, and large.
    let stream = Box::new(stream);
    connection.restart_head(core.coarse_now(), core.timeouts().header);
    let is_h2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
    let (core, connection) = (core.clone(), connection.clone());
    if is_h2 {
        let meter = Meter::h2(stream, core.clone(), connection.clone(), Vec::new());
        let served = serve_h2(&core, connection, meter, |tls| abandon(tls.get_ref().0.socket()));
        if let Some(meter) = served.await {
            let (tee, _) = meter.into_stream().into_inner();
            linger(&core, tee.into_socket()).await;
        }
        return;
    }
    let meter = Meter::h1(stream, core.clone(), connection.clone(), Vec::new());
    let (ended, meter) = serve_h1(core.clone(), connection.clone(), meter).await;
    match ended {
        Ended::Reset => abandon(meter.stream().get_ref().0.socket()),
        Ended::Done => {
            let lingers = lingers(&core, &connection, &meter);
            let mut stream = meter.into_stream();
            // A client that does not take the goodbye is left without it.
            let _ = core.watchlist().until(core.now() + LINGER, stream.shutdown()).await;
            if lingers {
                let (tee, _) = stream.into_inner();
                linger(&core, tee.into_socket()).await;
            }
        }
    }
}

/// Has the close of a socket reset the connection: nothing more is sent, no state stays.
fn abandon(socket: &TcpStream) {
    // A socket that refuses the option is closed all the same.
    let _ = socket.set_zero_linger();
}

/// Lets a refused client read its answer before the socket closes on what it still sends.
async fn linger(core: &Rc<Core>, mut socket: TcpStream) {
    let drained = async {
        socket.shutdown().await?;
        let mut thrown_away = 0;
        let mut piece = vec![0; 16 * 1024];
        while thrown_away < LINGER_MAX {
            match socket.read(&mut piece).await? {
                0 => break,
                length => thrown_away += length,
            }
        }
        io::Result::Ok(())
    };
    let _ = core.watchlist().until(core.now() + LINGER, drained).await;
}
