//! Many sources that ask again and again, from the namespace of the clients.

use super::target;
use super::wire::{enter_peer, opened};
use crate::fixtures::HOST;
use rustix::net::connect;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// A crowd that asks until it is dropped.
pub(super) struct Crowd {
    is_over: Arc<AtomicBool>,
    asked: Arc<AtomicU64>,
    thread: Option<JoinHandle<()>>,
}

impl Crowd {
    /// So many sources, each with a connection that it keeps, on which it asks `rate` times a second.
    pub(super) fn start(sources: u16, rate: u32) -> Self {
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

struct Member {
    source: Ipv4Addr,
    stream: Option<TcpStream>,
}

impl Member {
    fn new(number: u16) -> Self {
        let [high, low] = number.to_be_bytes();
        Self { source: Ipv4Addr::new(198, 18, 100 + high, low), stream: None }
    }

    /// Asks without waiting for anything; whoever is cut off begins anew.
    fn ask(&mut self) {
        let request = format!("GET / HTTP/1.1\r\nhost: {HOST}\r\n\r\n");
        let mut answer = [0; 16_384];
        let lives = self.stream.as_ref().is_some_and(|mut stream| {
            // One that does not take it is connecting still, or is dropped.
            let _ = stream.write(request.as_bytes());
            match stream.read(&mut answer) {
                Ok(length) => length > 0,
                Err(cause) => cause.kind() == ErrorKind::WouldBlock,
            }
        });
        if !lives {
            self.stream = self.connect();
        }
    }

    /// Begins to connect.
    fn connect(&self) -> Option<TcpStream> {
        let stream = TcpStream::from(opened(self.source).ok()?);
        stream.set_nonblocking(true).ok()?;
        // It goes on by itself.
        let _ = connect(&stream, &target());
        Some(stream)
    }
}
