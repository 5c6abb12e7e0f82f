//! Load that never pauses: clients of many kinds, every request of theirs counted.
//!
//! A client does what the RFCs let it do and no more: a request on a kept connection that ended in
//! good order before any byte of an answer may be asked again when it is idempotent (RFC 9110
//! §9.2.2, RFC 9112 §9.3.1), and is counted as such; everything else that goes wrong is a loss.

use super::origin::{QUICK, SLOW};
use super::streams::stream_for_ever;
use crate::fixtures::client::{Answer, Tls, dial, inside_tls, tls_settings};
use crate::fixtures::{Certificate, Client, Ended, HOST, SOON, Setup, wait_for};
use rustls::ClientConfig;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Pieces of a slow upload, and what each holds.
const UPLOAD_PIECES: usize = 10;
const UPLOAD_PIECE: usize = 2 * 1024;
const UPLOAD_PIECE_EVERY: Duration = Duration::from_millis(150);
/// What a person lets pass between two requests.
const THINKS: Duration = Duration::from_millis(300);
const ECHO_EVERY: Duration = Duration::from_millis(20);

/// What came of the requests of all clients.
#[derive(Debug, Default)]
pub(super) struct Score {
    served: AtomicU64,
    /// Asked again on a fresh connection, as the RFCs allow.
    retried: AtomicU64,
    /// Tunnels that were closed in good order by the shield.
    let_go: AtomicU64,
    lost: Mutex<Vec<String>>,
    over: AtomicBool,
}

/// What came of it all in the end.
#[derive(Debug)]
pub(super) struct Tally {
    pub(super) served: u64,
    pub(super) retried: u64,
    pub(super) let_go: u64,
    pub(super) lost: Vec<String>,
}

impl Score {
    pub(super) fn is_over(&self) -> bool {
        self.over.load(Relaxed)
    }

    pub(super) fn serve_one(&self) {
        self.served.fetch_add(1, Relaxed);
    }

    pub(super) fn retry_one(&self) {
        self.retried.fetch_add(1, Relaxed);
    }

    pub(super) fn lose(&self, what: impl Into<String>) {
        self.lost.lock().expect("nobody panics with it").push(what.into());
    }
}

/// Where the shield is, and whom to believe there.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) plain: SocketAddr,
    pub(super) tls: SocketAddr,
    h1: Arc<ClientConfig>,
    h2: Arc<ClientConfig>,
}

impl Place {
    fn plain(&self) -> io::Result<TcpStream> {
        dial(Ipv4Addr::LOCALHOST, self.plain)
    }

    fn tls(&self) -> io::Result<Tls> {
        Ok(inside_tls(self.h1.clone(), dial(Ipv4Addr::LOCALHOST, self.tls)?))
    }

    pub(super) fn tls_h2(&self) -> io::Result<Tls> {
        Ok(inside_tls(self.h2.clone(), dial(Ipv4Addr::LOCALHOST, self.tls)?))
    }
}

/// Clients that go on until they are told to stop.
#[derive(Debug)]
pub(super) struct Load {
    score: Arc<Score>,
    clients: Vec<JoinHandle<()>>,
}

impl Load {
    /// Clients of every kind against the shield of `setup`, who believe `trusted`.
    pub(super) fn start(setup: &Setup, trusted: &Certificate) -> Self {
        let place = Place {
            plain: setup.plain,
            tls: setup.tls,
            h1: Arc::new(tls_settings(trusted, b"http/1.1")),
            h2: Arc::new(tls_settings(trusted, b"h2")),
        };
        let mut load = Self { score: Arc::default(), clients: Vec::new() };
        for what in [Ask::QUICK, Ask::QUICK, Ask::POST, Ask::SLOW, Ask::THINKING] {
            load.client(&place, move |score, place| keep_asking(score, &what, || place.plain()));
            load.client(&place, move |score, place| keep_asking(score, &what, || place.tls()));
        }
        load.client(&place, |score, place| ask_anew(score, || place.plain()));
        load.client(&place, |score, place| ask_anew(score, || place.tls()));
        load.client(&place, |score, place| upload(score, || place.plain()));
        load.client(&place, |score, place| upload(score, || place.tls()));
        load.client(&place, |score, place| echo(score, || place.plain()));
        for _ in 0..2 {
            load.client(&place, stream_for_ever);
        }
        load
    }

    fn client(&mut self, place: &Place, work: impl Fn(&Score, &Place) + Send + 'static) {
        let (score, place) = (self.score.clone(), place.clone());
        self.clients.push(thread::spawn(move || {
            while !score.is_over() {
                work(&score, &place);
            }
        }));
    }

    /// Waits until `more` requests were answered.
    #[track_caller]
    pub(super) fn wait_for(&self, more: u64) {
        let served = || self.score.served.load(Relaxed);
        let enough = served() + more;
        wait_for("answers under load", SOON, || (served() >= enough).then_some(()));
    }

    /// Ends it and tells what came of it.
    pub(super) fn stop(self) -> Tally {
        self.score.over.store(true, Relaxed);
        for client in self.clients {
            client.join().expect("a client does not panic");
        }
        let score = &self.score;
        Tally {
            served: score.served.load(Relaxed),
            retried: score.retried.load(Relaxed),
            let_go: score.let_go.load(Relaxed),
            lost: std::mem::take(&mut score.lost.lock().expect("nobody panics with it")),
        }
    }
}

/// What a client with a kept connection asks for again and again.
#[derive(Debug, Clone, Copy)]
struct Ask {
    method: &'static str,
    path: &'static str,
    body: &'static str,
    /// Bytes of the answer.
    length: usize,
    thinks: Duration,
}

impl Ask {
    const QUICK: Self =
        Self { method: "GET", path: "/", body: "", length: QUICK.len(), thinks: Duration::ZERO };
    const SLOW: Self = Self { path: "/slow", length: SLOW, ..Self::QUICK };
    const THINKING: Self = Self { thinks: THINKS, ..Self::QUICK };
    /// Never asked again, whatever happens to it; its answer is the length of its body.
    const POST: Self = Self { method: "POST", body: "twelve bytes", length: 2, ..Self::QUICK };

    fn text(&self) -> String {
        let Self { method, path, body, .. } = self;
        let length = body.len();
        format!(
            "{method} {path} HTTP/1.1\r\nhost: {HOST}\r\ncontent-length: {length}\r\n\r\n{body}"
        )
    }
}

/// Why a request got no answer.
enum Unanswered {
    /// The connection ended in good order before any byte of an answer.
    Ended,
    Lost(io::Error),
}

/// Asks on one connection until it ends, and once more where that is allowed.
fn keep_asking<S: Read + Write>(score: &Score, ask: &Ask, open: impl Fn() -> io::Result<S>) {
    let who = format!("kept {} {}", ask.method, ask.path);
    let mut client = match open() {
        Ok(stream) => Client::over(stream),
        Err(cause) => return score.lose(format!("{who}: cannot connect: {cause}")),
    };
    let mut requests = 0_u64;
    while !score.is_over() {
        match exchange(&mut client, &ask.text()) {
            Ok(answer) => {
                count(score, &who, (&answer, ask.length));
                if is_last(&answer) {
                    return ends_well(score, &who, &mut client);
                }
            }
            Err(Unanswered::Ended) if requests > 0 && ask.method == "GET" => {
                return score.retry_one();
            }
            Err(Unanswered::Ended) => {
                return score.lose(format!("{who}: closed unanswered after {requests}"));
            }
            Err(Unanswered::Lost(cause)) => {
                return score.lose(format!("{who}: {cause} after {requests} requests"));
            }
        }
        requests += 1;
        thread::sleep(ask.thinks);
    }
}

fn exchange<S: Read + Write>(client: &mut Client<S>, text: &str) -> Result<Answer, Unanswered> {
    let answered = client.try_send(text).and_then(|()| client.try_answer());
    answered.map_err(|cause| match cause.kind() {
        io::ErrorKind::UnexpectedEof if !client.has_unread() => Unanswered::Ended,
        _ => Unanswered::Lost(cause),
    })
}

fn count(score: &Score, who: &str, (answer, length): (&Answer, usize)) {
    if answer.status == 200 && answer.body.len() == length {
        score.serve_one();
    } else {
        score.lose(format!("{who}: {} with {} bytes", answer.head, answer.body.len()));
    }
}

fn is_last(answer: &Answer) -> bool {
    answer.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"))
}

/// After its last answer a connection ends without a reset.
fn ends_well<S: Read + Write>(score: &Score, who: &str, client: &mut Client<S>) {
    match client.rest() {
        (rest, Ended::Closed) if rest.is_empty() => {}
        (rest, ended) => score.lose(format!("{who}: after the last answer {ended:?} {rest:?}")),
    }
}

/// One request on a connection of its own.
fn ask_anew<S: Read + Write>(score: &Score, open: impl Fn() -> io::Result<S>) {
    let text = format!("GET / HTTP/1.1\r\nhost: {HOST}\r\nconnection: close\r\n\r\n");
    let answered = open().and_then(|stream| {
        let mut client = Client::over(stream);
        client.try_send(&text)?;
        let answer = client.try_answer()?;
        ends_well(score, "new", &mut client);
        Ok(answer)
    });
    match answered {
        Ok(answer) => count(score, "new", (&answer, QUICK.len())),
        Err(cause) => score.lose(format!("new: {cause}")),
    }
}

/// An upload in pieces on a connection of its own.
fn upload<S: Read + Write>(score: &Score, open: impl Fn() -> io::Result<S>) {
    const LENGTH: usize = UPLOAD_PIECES * UPLOAD_PIECE;
    let uploaded = open().and_then(|stream| {
        let mut client = Client::over(stream);
        let head = format!("POST / HTTP/1.1\r\nhost: {HOST}\r\ncontent-length: {LENGTH}\r\n\r\n");
        client.try_send(head)?;
        for _ in 0..UPLOAD_PIECES {
            client.try_send([b'u'; UPLOAD_PIECE])?;
            thread::sleep(UPLOAD_PIECE_EVERY);
        }
        client.try_answer()
    });
    match uploaded {
        Ok(answer) if answer.status == 200 && answer.text() == LENGTH.to_string() => {
            score.serve_one();
        }
        Ok(answer) => score.lose(format!("upload: {answer:?}")),
        Err(cause) => score.lose(format!("upload: {cause}")),
    }
}

/// A WebSocket on which every message comes back, until the shield closes it in good order.
fn echo<S: Read + Write>(score: &Score, open: impl Fn() -> io::Result<S>) {
    let text = format!(
        "GET /echo HTTP/1.1\r\nhost: {HOST}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n"
    );
    let echoed = open().and_then(|stream| {
        let mut client = Client::over(stream);
        client.try_send(&text)?;
        let head = client.head()?;
        if !head.starts_with("HTTP/1.1 101 ") {
            return Err(io::Error::other(head));
        }
        score.serve_one();
        let opened = Instant::now();
        while !score.is_over() {
            // A text of two bytes, masked (RFC 6455 §5.2).
            let message = b"\x81\x82\x01\x02\x03\x04ij";
            match client.try_send(message).and_then(|()| client.exactly(message.len())) {
                Ok(back) if back == message => score.serve_one(),
                Ok(back) => return Err(io::Error::other(format!("came back as {back:?}"))),
                Err(cause) if cause.kind() == io::ErrorKind::UnexpectedEof => {
                    score.let_go.fetch_add(1, Relaxed);
                    return Ok(());
                }
                Err(cause) => {
                    let open = opened.elapsed();
                    return Err(io::Error::other(format!("{cause} after {open:?}")));
                }
            }
            thread::sleep(ECHO_EVERY);
        }
        Ok(())
    });
    if let Err(cause) = echoed {
        score.lose(format!("websocket: {cause}"));
    }
}
