//! The life of an origin: listening, stalled, killed, revived, gone.

use super::OriginSpec;
use super::load::LoadMeter;
use super::pages::Pages;
use super::serve::{Server, serve};
use super::workers::Workers;
use crate::LoopbackTarget;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;

/// Connections that one origin serves at once; the next is closed at accept.
pub const CONNECTIONS_MAX: usize = 4_096;
/// How long a stop waits for requests in hand.
const DRAIN: Duration = Duration::from_secs(2);
/// Connections that the system keeps for us between two accepts.
const BACKLOG: u32 = 1_024;
/// Rest after an accept that failed, most likely for want of descriptors.
const ACCEPT_REST: Duration = Duration::from_millis(20);

/// What is asked of a running origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Stall,
    Kill,
    Revive,
    Stop,
}

/// A step, and who wants to know that it has been taken.
#[derive(Debug)]
pub(super) struct Command {
    pub(super) step: Step,
    pub(super) done: oneshot::Sender<io::Result<()>>,
}

/// How a living origin works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Serving,
    Stalled,
    Draining,
}

/// From a start or a revival to a kill or the end; dropping it breaks everything off.
struct Life {
    listener: TcpListener,
    phase: watch::Sender<Phase>,
    server: Arc<Server>,
    connections: JoinSet<()>,
}

/// The task that owns an origin's port.
pub(super) struct Stand {
    spec: OriginSpec,
    pages: Arc<Pages>,
    meter: Arc<LoadMeter>,
    life: Option<Life>,
    /// Bound to the same port and not listening, so that nobody takes the port between two lives.
    reserve: TcpSocket,
}

impl Stand {
    pub(super) fn open(
        spec: OriginSpec,
        meter: Arc<LoadMeter>,
    ) -> io::Result<(Self, LoopbackTarget)> {
        let first = bound(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
        let address = first.local_addr()?;
        let reserve = bound(address)?;
        let listener = first.listen(BACKLOG)?;
        let pages = Arc::new(Pages::of(&spec.platform, spec.seed));
        let mut stand = Self { spec, pages, meter, life: None, reserve };
        stand.life = Some(stand.life_with(listener));
        let target = LoopbackTarget::new(address).map_err(io::Error::other)?;
        Ok((stand, target))
    }

    /// Serves until told to stop or until nobody can tell it any more.
    pub(super) async fn run(mut self, mut commands: mpsc::Receiver<Command>) {
        loop {
            let command = match &mut self.life {
                None => commands.recv().await,
                Some(life) => tokio::select! {
                    command = commands.recv() => command,
                    () = life.next_client() => continue,
                },
            };
            let Some(Command { step, done }) = command else {
                return;
            };
            let taken = match step {
                Step::Stall => self.set(Phase::Stalled),
                Step::Kill => {
                    self.life = None;
                    Ok(())
                }
                Step::Revive => self.revive(),
                Step::Stop => {
                    if let Some(life) = self.life.take() {
                        life.drain().await;
                    }
                    Ok(())
                }
            };
            // Whoever asked may have stopped waiting; the step has been taken all the same.
            let _ = done.send(taken);
            if step == Step::Stop {
                return;
            }
        }
    }

    #[expect(clippy::unnecessary_wraps, reason = "every step answers alike")]
    fn set(&mut self, phase: Phase) -> io::Result<()> {
        if let Some(life) = &self.life {
            life.phase.send_replace(phase);
        }
        Ok(())
    }

    fn revive(&mut self) -> io::Result<()> {
        if self.life.is_some() {
            return self.set(Phase::Serving);
        }
        let next = bound(self.reserve.local_addr()?)?;
        let listener = std::mem::replace(&mut self.reserve, next).listen(BACKLOG)?;
        self.life = Some(self.life_with(listener));
        Ok(())
    }

    fn life_with(&self, listener: TcpListener) -> Life {
        let (phase, workers_phase) = watch::channel(Phase::Serving);
        let workers = Workers::new(&self.spec, Arc::clone(&self.meter), workers_phase);
        let server = Arc::new(Server::new(Arc::clone(&self.pages), workers, self.spec.seed));
        Life { listener, phase, server, connections: JoinSet::new() }
    }
}

impl Life {
    /// Takes the next connection, or notices that one has ended.
    async fn next_client(&mut self) {
        tokio::select! {
            accepted = self.listener.accept() => match accepted {
                Ok((stream, _)) => self.welcome(stream),
                Err(_) => tokio::time::sleep(ACCEPT_REST).await,
            },
            Some(_) = self.connections.join_next() => {}
        }
    }

    fn welcome(&mut self, stream: TcpStream) {
        if self.connections.len() >= CONNECTIONS_MAX || stream.set_nodelay(true).is_err() {
            return;
        }
        let phase = self.phase.subscribe();
        self.connections.spawn(serve(stream, Arc::clone(&self.server), phase));
    }

    async fn drain(mut self) {
        drop(self.listener);
        self.phase.send_replace(Phase::Draining);
        let all_done = async { while self.connections.join_next().await.is_some() {} };
        // What has not ended by then ends with the life.
        let _ = timeout(DRAIN, all_done).await;
    }
}

fn bound(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}
