//! Visitors who ask one after the other and note what they are told.

use crate::fixtures::{Answer, Client, HOST};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

const VISITORS: usize = 6;
/// Between two requests of one visitor.
const PAUSE: Duration = Duration::from_millis(20);
/// Bytes of the largest refusal, and what may always be sent (contract, what a client is told).
const REFUSAL_MAX: usize = 1_200;
const REFUSAL_FREE: usize = 512;

/// What one visitor was told.
#[derive(Debug, Clone)]
pub(super) struct Told {
    /// When it was asked.
    pub(super) began: Instant,
    pub(super) took: Duration,
    /// None for no whole answer.
    pub(super) answer: Option<Answer>,
}

impl Told {
    pub(super) fn status(&self) -> Option<u16> {
        self.answer.as_ref().map(|answer| answer.status)
    }

    /// Whether this is what an origin says, or an honest word that none did.
    ///
    /// # Panics
    /// When it is neither.
    #[track_caller]
    pub(super) fn is_honest(&self, kind: &str) {
        let answer = self.answer.as_ref().unwrap_or_else(|| panic!("{kind}: no whole answer"));
        if answer.status == 200 {
            assert_eq!((answer.text().as_str(), answer.verdict()), ("hello\n", None), "{kind}");
            return;
        }
        let expected = match answer.status {
            502 => ("error", "unreachable"),
            504 => ("error", "timeout"),
            // What an origin that answers nothing can carry is learned to be little.
            503 => ("hold", "overload"),
            _ => panic!("{kind}: {answer:?}"),
        };
        let (verdict, code) = answer.verdict().expect("our answers carry their verdict");
        assert_eq!((verdict, code.split('.').next().unwrap_or_default()), expected, "{kind}");
        let wait: u32 = answer.header("retry-after").expect("when to come back").parse().unwrap();
        assert!((1..=60).contains(&wait), "{kind}: {answer:?}");
        assert!(answer.length() <= REFUSAL_MAX.min(REFUSAL_FREE), "{kind}: {answer:?}");
        let json = answer.header("content-type") == Some("application/problem+json");
        assert!(json && answer.text().contains(&format!("\"status\":{}", answer.status)), "{kind}");
    }
}

/// Visitors that ask until they are stopped.
#[derive(Debug)]
pub(super) struct Load {
    stop: Arc<AtomicBool>,
    asked: Arc<AtomicU64>,
    visitors: Vec<JoinHandle<Vec<Told>>>,
}

impl Load {
    pub(super) fn start(target: SocketAddr) -> Self {
        let (stop, asked) = (Arc::<AtomicBool>::default(), Arc::<AtomicU64>::default());
        let visitor = |_| {
            let (stop, asked) = (stop.clone(), asked.clone());
            thread::spawn(move || visit(target, &stop, &asked))
        };
        Self { visitors: (0..VISITORS).map(visitor).collect(), stop, asked }
    }

    /// Requests so far.
    pub(super) fn asked(&self) -> u64 {
        self.asked.load(Relaxed)
    }

    /// Everything that visitors were told.
    pub(super) fn stop(self) -> Vec<Told> {
        self.stop.store(true, Relaxed);
        let told = self.visitors.into_iter().map(|visitor| visitor.join().expect("no panic"));
        told.flatten().collect()
    }
}

fn visit(target: SocketAddr, stop: &AtomicBool, asked: &AtomicU64) -> Vec<Told> {
    let mut all = Vec::new();
    let mut kept: Option<Client<TcpStream>> = None;
    while !stop.load(Relaxed) {
        let began = Instant::now();
        let client = kept.get_or_insert_with(|| Client::plain(target));
        asked.fetch_add(1, Relaxed);
        let answer = ask(client, "GET");
        if answer.as_ref().is_none_or(|answer| answer.header("connection") == Some("close")) {
            kept = None;
        }
        all.push(Told { began, took: began.elapsed(), answer });
        thread::sleep(PAUSE);
    }
    all
}

/// What a client that likes JSON is told.
pub(super) fn ask(client: &mut Client<TcpStream>, method: &str) -> Option<Answer> {
    let request =
        format!("{method} / HTTP/1.1\r\nhost: {HOST}\r\naccept: application/json\r\n\r\n");
    client.try_send(request).ok()?;
    client.try_answer().ok()
}
