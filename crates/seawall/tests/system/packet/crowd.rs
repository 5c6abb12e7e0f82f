//! Many sources that ask again and again, from the namespace of the clients.

use super::target;
use super::wire::{enter_peer, opened};
use crate::fixtures::HOST;
use crate::standing::allow_many_descriptors;
use rustix::net::connect;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Connections that one source has at once: further requests are not sent.
const CONNECTIONS_MAX: usize = 6;
/// How long a connection waits for anything before it is given up.
const PATIENCE: Duration = Duration::from_secs(2);

/// A crowd that asks until it is dropped.
pub(super) struct Crowd {
    is_over: Arc<AtomicBool>,
    asked: Arc<AtomicU64>,
    thread: Option<JoinHandle<()>>,
}

impl Crowd {
    /// So many sources, each of which asks `rate` times a second, on a connection that it keeps where it
    /// is answered.
    pub(super) fn start(sources: u16, rate: u32) -> Self {
        allow_many_descriptors();
        let (is_over, asked) = (Arc::<AtomicBool>::default(), Arc::<AtomicU64>::default());
        let (over, count) = (is_over.clone(), asked.clone());
        let thread = thread::spawn(move || {
            enter_peer();
            let mut members: Vec<_> = (0..sources).map(Member::new).collect();
            let pause = Duration::from_secs(1) / rate;
            let mut due = Instant::now();
            while !over.load(Relaxed) {
                for member in &mut members {
                    member.ask();
                }
                count.fetch_add(u64::from(sources), Relaxed);
                due += pause;
                // Who is late does not catch up: that would be another rate.
                due = due.max(Instant::now());
                thread::sleep(due.saturating_duration_since(Instant::now()));
            }
        });
        Self { is_over, asked, thread: Some(thread) }
    }

    /// Requests so far.
    pub(super) fn asked(&self) -> u64 {
        self.asked.load(Relaxed)
    }
}

impl Drop for Crowd {
    fn drop(&mut self) {
        self.is_over.store(true, Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.join().expect("it does not panic");
        }
    }
}

/// One source; it insists, with further connections where it gets no answer.
struct Member {
    source: Ipv4Addr,
    held: Vec<Held>,
}

/// A connection, and since when it has waited.
struct Held {
    stream: TcpStream,
    state: State,
    since: Instant,
}

enum State {
    /// It has not asked yet.
    Connecting,
    /// It waits for an answer.
    Asked,
    /// It may ask again.
    Idle,
}

impl Member {
    fn new(number: u16) -> Self {
        let [high, low] = number.to_be_bytes();
        Self { source: Ipv4Addr::new(198, 18, 100 + high, low), held: Vec::new() }
    }

    /// Asks without waiting for anything; whoever is cut off begins anew.
    fn ask(&mut self) {
        let now = Instant::now();
        self.held.retain_mut(|one| one.lives(now));
        if let Some(idle) = self.held.iter().position(|one| matches!(one.state, State::Idle)) {
            self.held[idle].begin(now);
        } else if self.held.len() < CONNECTIONS_MAX {
            self.held.extend(self.connect(now));
        }
    }

    /// Begins to connect; it goes on by itself.
    fn connect(&self, now: Instant) -> Option<Held> {
        let stream = TcpStream::from(opened(self.source).ok()?);
        stream.set_nonblocking(true).ok()?;
        let _ = connect(&stream, &target());
        Some(Held { stream, state: State::Connecting, since: now })
    }
}

impl Held {
    /// Goes on as far as it can; whether there is still something to be hoped for.
    fn lives(&mut self, now: Instant) -> bool {
        match self.state {
            State::Connecting => {
                self.begin(now);
                now.duration_since(self.since) < PATIENCE
            }
            State::Asked => match self.stream.read(&mut [0; 16_384]) {
                Ok(length) => {
                    self.state = State::Idle;
                    length > 0
                }
                Err(cause) => {
                    cause.kind() == ErrorKind::WouldBlock
                        && now.duration_since(self.since) < PATIENCE
                }
            },
            State::Idle => true,
        }
    }

    /// Asks, once it is connected.
    fn begin(&mut self, now: Instant) {
        let request = format!("GET / HTTP/1.1\r\nhost: {HOST}\r\n\r\n");
        if self.stream.write(request.as_bytes()).is_ok() {
            self.state = State::Asked;
            self.since = now;
        } else if matches!(self.state, State::Idle) {
            // Whoever was cut off is found to be so by its next read.
            self.state = State::Asked;
        }
    }
}
