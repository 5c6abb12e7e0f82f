//! Clients that connect anew for every request, and what they lose.

use crate::fixtures::client::{dial, inside_tls, tls_settings};
use crate::fixtures::{Client, HOST, SOON, Setup, wait_for};
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::thread;

/// Clients that connect anew for every request.
pub(super) struct Load {
    good: Arc<AtomicU64>,
    over: Arc<AtomicBool>,
    clients: Vec<thread::JoinHandle<Vec<String>>>,
}

impl Load {
    /// Half of them plain, half over TLS.
    pub(super) fn start(setup: &Setup) -> Self {
        let mut load = Self { good: Arc::default(), over: Arc::default(), clients: Vec::new() };
        let (plain, tls) = (setup.plain, setup.tls);
        for _ in 0..4 {
            let settings = Arc::new(tls_settings(&setup.certificate, b"http/1.1"));
            load.client(move || ask_anew(dial(Ipv4Addr::LOCALHOST, plain)?));
            load.client(move || {
                let socket = dial(Ipv4Addr::LOCALHOST, tls)?;
                ask_anew(inside_tls(settings.clone(), socket))
            });
        }
        load
    }

    fn client(&mut self, ask: impl Fn() -> io::Result<()> + Send + 'static) {
        let (good, over) = (self.good.clone(), self.over.clone());
        self.clients.push(thread::spawn(move || {
            let mut lost = Vec::new();
            while !over.load(Relaxed) {
                match ask() {
                    Ok(()) => {
                        good.fetch_add(1, Relaxed);
                    }
                    Err(cause) => lost.push(cause.to_string()),
                }
            }
            lost
        }));
    }

    /// Waits until `more` requests were answered.
    pub(super) fn wait_for(&self, more: u64) {
        let enough = self.good.load(Relaxed) + more;
        wait_for("answers under load", SOON, || (self.good.load(Relaxed) >= enough).then_some(()));
    }

    /// Ends it; why connections got no good answer.
    pub(super) fn stop(self) -> Vec<String> {
        self.over.store(true, Relaxed);
        let clients = self.clients.into_iter();
        clients.flat_map(|client| client.join().expect("a client does not panic")).collect()
    }
}

/// Whether a new plain connection gets a good answer.
pub(super) fn answers(address: SocketAddr) -> bool {
    dial(Ipv4Addr::LOCALHOST, address).is_ok_and(|socket| ask_anew(socket).is_ok())
}

/// One request on a new connection.
fn ask_anew(stream: impl Read + Write) -> io::Result<()> {
    let mut client = Client::over(stream);
    client.try_send(format!("GET / HTTP/1.1\r\nhost: {HOST}\r\n\r\n"))?;
    let answer = client.try_answer()?;
    match answer.status {
        200 => Ok(()),
        _ => Err(io::Error::other(answer.head)),
    }
}
