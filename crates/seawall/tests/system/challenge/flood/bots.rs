//! Floods as the load tool of the lab sends them, a tenth of each: connections kept by few or many
//! sources, a new one for every request, and handshakes alone.
//!
//! Every source is of a network of its own, and says of itself what visitors say.

use crate::challenge::solver::{AGENT, NAVIGATION};
use crate::fixtures::client::{dial, inside_tls};
use crate::fixtures::{Client, HOST};
use rustls::ClientConfig;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// What it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flood {
    /// 100 sources that ask 12 times a second each on a connection that is kept.
    Hot,
    /// 500 sources, 1.6 times.
    Cool,
    /// 200 sources, 500 new connections a second, each for one request.
    Conn,
    /// 200 sources, 150 handshakes of TLS a second and nothing else.
    Tls,
}

/// How a flood is dealt out: threads, the sources of each, and what is done a second.
struct Dealt {
    threads: u16,
    sources: u16,
    rps: u32,
}

/// A flood under way.
pub(super) struct Bots {
    kind: Flood,
    over: Arc<AtomicBool>,
    sent: Arc<AtomicU32>,
    began: Instant,
    threads: Vec<JoinHandle<u32>>,
}

impl Flood {
    fn dealt(self) -> Dealt {
        match self {
            Self::Hot => Dealt { threads: 100, sources: 1, rps: 1_200 },
            Self::Cool => Dealt { threads: 100, sources: 5, rps: 800 },
            Self::Conn => Dealt { threads: 50, sources: 4, rps: 500 },
            Self::Tls => Dealt { threads: 20, sources: 10, rps: 150 },
        }
    }

    /// Begins it; `settings` are those of its handshakes.
    pub(super) fn begin(self, target: SocketAddr, settings: &Arc<ClientConfig>) -> Bots {
        let (over, sent) = (Arc::<AtomicBool>::default(), Arc::<AtomicU32>::default());
        let Dealt { threads, sources, rps } = self.dealt();
        let pause = Duration::from_secs(threads.into()) / rps;
        let thread = |thread: u16| {
            let (over, sent, settings) = (over.clone(), sent.clone(), settings.clone());
            let of = move |nth: u16| {
                let [high, low] = (thread * sources + nth).to_be_bytes();
                Bot { source: Ipv4Addr::new(127, 64 + high, low, 1), target, kept: None }
            };
            thread::spawn(move || {
                let mut bots: Vec<_> = (0..sources).map(of).collect();
                let mut served = 0;
                while !over.load(Relaxed) {
                    for bot in &mut bots {
                        let began = Instant::now();
                        served += u32::from(bot.acts(self, &settings));
                        sent.fetch_add(1, Relaxed);
                        thread::sleep(pause.saturating_sub(began.elapsed()));
                    }
                }
                served
            })
        };
        let threads = (0..threads).map(thread).collect();
        Bots { kind: self, over, sent, began: Instant::now(), threads }
    }
}

impl Bots {
    /// Ends it: what came through, of how much.
    ///
    /// # Panics
    /// When there was hardly a flood.
    pub(super) fn end(self) -> (u32, u32) {
        self.over.store(true, Relaxed);
        let lasted = self.began.elapsed();
        let served = self.threads.into_iter().map(|one| one.join().expect("a bot")).sum();
        let sent = self.sent.load(Relaxed);
        let least = self.kind.dealt().rps / 4;
        let least = u64::from(least) * lasted.as_secs();
        assert!(u64::from(sent) > least, "no flood: {sent} in {lasted:?}");
        (served, sent)
    }
}

/// One source.
struct Bot {
    source: Ipv4Addr,
    target: SocketAddr,
    kept: Option<Client<TcpStream>>,
}

impl Bot {
    /// Does once what the flood does, and says whether it got what an origin gave.
    fn acts(&mut self, flood: Flood, settings: &Arc<ClientConfig>) -> bool {
        // A shield may close any connection, and may let none in.
        let Some(mut client) = self.kept.take().or_else(|| self.dials()) else { return false };
        if flood == Flood::Tls {
            let mut tls = inside_tls(settings.clone(), client.stream);
            // Who is shown the door has cost what it costs.
            let _ = tls.conn.complete_io(&mut tls.sock);
            return false;
        }
        let status = Self::asks(&mut client);
        if flood != Flood::Conn && status.is_some() {
            self.kept = Some(client);
        }
        status == Some(200)
    }

    fn dials(&self) -> Option<Client<TcpStream>> {
        dial(self.source, self.target).ok().map(Client::over)
    }

    fn asks(client: &mut Client<TcpStream>) -> Option<u16> {
        let asked = client.try_send(format!(
            "GET /page HTTP/1.1\r\nhost: {HOST}\r\nuser-agent: {AGENT}\r\n{NAVIGATION}\r\n"
        ));
        asked.and_then(|()| client.try_answer()).ok().map(|answer| answer.status)
    }
}
