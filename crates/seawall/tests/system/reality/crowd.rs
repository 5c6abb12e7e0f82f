//! Who asks one platform: many visitors one after another, a few who stay, and a flood.
//!
//! Every client keeps a list of what it asked and when; nothing of it is told to the shield.

use super::truth::Flood;
use super::{PLATFORMS, host, now_ms};
use crate::fixtures::Client;
use crate::fixtures::client::dial;
use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// Homes from which visitors come, a few of each network.
const HOMES: u32 = 600;
/// Second number of the address of a source of a flood, of the first platform.
const FLOOD: u8 = 120;
/// Visitors who stay, and between two requests of one of them.
const REGULARS: u32 = 8;
const AT_LEISURE: Duration = Duration::from_secs(4);
/// How often somebody looks whether it is over.
const LOOKS_EVERY: Duration = Duration::from_millis(100);

/// One request.
#[derive(Debug, Clone, Copy)]
struct Sent {
    at_ms: u64,
    source: Ipv4Addr,
    is_answered: bool,
}

/// Everything that one platform was asked.
#[derive(Debug, Default)]
pub(super) struct Asked(Vec<Sent>);

/// The clients of one platform.
pub(super) struct Crowd {
    target: SocketAddr,
    at: u8,
    come: Arc<AtomicBool>,
    stay: Arc<AtomicBool>,
    asked: Arc<Mutex<Asked>>,
}

type Clients = Vec<thread::JoinHandle<()>>;

impl Crowd {
    pub(super) fn before(target: SocketAddr, at: u8) -> Self {
        let goes_on = || Arc::new(AtomicBool::new(true));
        Self { target, at, come: goes_on(), stay: goes_on(), asked: Arc::default() }
    }

    /// Visitors begin to come.
    pub(super) fn begin(&self) -> Clients {
        let regular = |number| {
            let home = Ipv4Addr::new(127, 90 + self.at, 0, 10 + number);
            let stay = self.stay.clone();
            self.client(home, true, move |sender| {
                let mut next = Instant::now() + AT_LEISURE * u32::from(number) / REGULARS;
                while stay.load(Relaxed) {
                    if Instant::now() >= next {
                        sender.ask(home);
                        next += AT_LEISURE;
                    }
                    thread::sleep(LOOKS_EVERY);
                }
            })
        };
        let come = self.come.clone();
        let first = u32::from(Ipv4Addr::new(127, 70 + self.at, 0, 10));
        let passing = self.client(Ipv4Addr::from(first), true, move |sender| {
            for number in (0..HOMES).cycle().take_while(|_| come.load(Relaxed)) {
                // Each of them is new and has a connection of its own.
                sender.client = None;
                sender.ask(Ipv4Addr::from(first + 16 * number));
            }
        });
        let regulars = u8::try_from(REGULARS).expect("a few");
        (0..regulars).map(regular).chain([passing]).collect()
    }

    /// Those who stay are all that come from now on.
    pub(super) fn no_more_come(&self) {
        self.come.store(false, Relaxed);
    }

    /// Nobody asks any more.
    pub(super) fn end(&self) {
        self.stay.store(false, Relaxed);
    }

    /// Begins a flood, which ends by itself.
    pub(super) fn flood(&self, flood: Flood, lasts: Duration) -> Clients {
        let until = Instant::now() + lasts;
        let client = |number: u32| {
            let network = u8::try_from(number % 8).expect("one of eight");
            let host = u8::try_from(10 + number / 8).expect("a few in each");
            let source = Ipv4Addr::new(127, FLOOD + self.at, network, host);
            self.client(source, false, move |sender| {
                while Instant::now() < until {
                    sender.ask(source);
                    thread::sleep(flood.pause);
                }
            })
        };
        (0..flood.sources).map(client).collect()
    }

    /// Runs somebody who asks, and lists what was asked in the end.
    fn client(
        &self,
        source: Ipv4Addr,
        is_visitor: bool,
        asks: impl FnOnce(&mut Sender) + Send + 'static,
    ) -> thread::JoinHandle<()> {
        let host = host(PLATFORMS[usize::from(self.at)]);
        let request = if is_visitor {
            format!(
                "GET /news HTTP/1.1\r\nhost: {host}\r\nuser-agent: visitor\r\n\
                 accept: text/html\r\naccept-language: en\r\n\r\n"
            )
        } else {
            format!("GET /search?q={} HTTP/1.1\r\nhost: {host}\r\n\r\n", u32::from(source))
        };
        let mut sender = Sender { target: self.target, request, client: None, sent: Vec::new() };
        let asked = self.asked.clone();
        thread::spawn(move || {
            asks(&mut sender);
            asked.lock().expect("nobody panics with it").0.append(&mut sender.sent);
        })
    }

    /// What was asked, once everybody has gone.
    pub(super) fn asked(self) -> Asked {
        std::mem::take(&mut *self.asked.lock().expect("nobody panics with it"))
    }
}

/// One client with its connection.
struct Sender {
    target: SocketAddr,
    request: String,
    client: Option<Client<TcpStream>>,
    sent: Vec<Sent>,
}

impl Sender {
    /// Asks, on the connection that is open or on another, and waits for the answer.
    fn ask(&mut self, source: Ipv4Addr) {
        let (target, request) = (self.target, &self.request);
        let client = match &mut self.client {
            Some(client) => client,
            None => match dial(source, target) {
                Ok(stream) => self.client.insert(Client::over(stream)),
                Err(_) => return,
            },
        };
        let at_ms = now_ms();
        if client.try_send(request).is_err() {
            self.client = None;
            return;
        }
        let answer = client.try_answer();
        self.sent.push(Sent { at_ms, source, is_answered: answer.is_ok() });
        let closes = |head: &str| head.to_ascii_lowercase().contains("\r\nconnection: close\r\n");
        match answer {
            Ok(answer) if !closes(&answer.head) => {}
            Ok(_) | Err(_) => self.client = None,
        }
    }
}

impl Asked {
    fn within(&self, (from_ms, to_ms): (u64, u64)) -> impl Iterator<Item = &Sent> {
        self.0.iter().filter(move |sent| (from_ms..=to_ms).contains(&sent.at_ms))
    }

    /// When the first request of a flood was sent.
    pub(super) fn flood_began_ms(&self) -> u64 {
        let of_flood = |sent: &&Sent| sent.source.octets()[1] >= FLOOD;
        let first = self.0.iter().filter(of_flood).map(|sent| sent.at_ms).min();
        first.expect("incidents stand on platforms that are flooded")
    }

    /// Requests that were sent between two times.
    pub(super) fn requests(&self, between_ms: (u64, u64)) -> u64 {
        self.within(between_ms).count() as u64
    }

    /// Those of them that nobody answered.
    pub(super) fn unanswered(&self, between_ms: (u64, u64)) -> usize {
        self.within(between_ms).filter(|sent| !sent.is_answered).count()
    }

    /// Sources that sent one of them.
    pub(super) fn sources(&self, between_ms: (u64, u64)) -> u64 {
        self.within(between_ms).map(|sent| sent.source).collect::<BTreeSet<_>>().len() as u64
    }
}
