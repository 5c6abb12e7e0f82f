//! An origin that falls ill and recovers when the test says so.

use crate::fixtures::Client;
use crate::fixtures::ports::free_address;
use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// What it does with requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Condition {
    /// Answers `hello`.
    Well,
    /// Its port is closed.
    Dead,
    /// Answers after five seconds.
    Slow,
    /// Sends bytes that are no answer.
    Garbage,
    /// Takes connections and never says a word.
    HalfOpen,
    /// Closes when it has read a request.
    Closes,
    /// Answers `/health` with 503, and everything else well.
    Unfit,
}

/// How often a waiting thread looks whether something changed.
const LOOK_EVERY: Duration = Duration::from_millis(5);
/// What the slow one takes.
const SLOW: Duration = Duration::from_secs(5);

/// A running origin; ends when dropped.
#[derive(Debug)]
pub(super) struct Patient {
    pub(super) address: SocketAddr,
    chart: Arc<Chart>,
}

#[derive(Debug)]
struct Chart {
    condition: Mutex<Condition>,
    requests: AtomicU64,
    probes: AtomicU64,
    /// Connections that the other side closed while they were owed an answer.
    given_up: AtomicU64,
    over: AtomicBool,
}

impl Patient {
    /// Starts one that is well.
    pub(super) fn start() -> Self {
        let address = free_address();
        let chart = Arc::new(Chart {
            condition: Mutex::new(Condition::Well),
            requests: AtomicU64::new(0),
            probes: AtomicU64::new(0),
            given_up: AtomicU64::new(0),
            over: AtomicBool::new(false),
        });
        let (listener, own) = (listen(address), chart.clone());
        thread::spawn(move || live(address, listener, &own));
        Self { address, chart }
    }

    pub(super) fn becomes(&self, condition: Condition) {
        *self.chart.condition.lock().expect("nobody panics with it") = condition;
    }

    /// Requests of clients that it has read.
    pub(super) fn requests(&self) -> u64 {
        self.chart.requests.load(Relaxed)
    }

    /// Requests of the shield's own that it has read.
    pub(super) fn probes(&self) -> u64 {
        self.chart.probes.load(Relaxed)
    }

    pub(super) fn given_up(&self) -> u64 {
        self.chart.given_up.load(Relaxed)
    }
}

impl Drop for Patient {
    fn drop(&mut self) {
        self.chart.over.store(true, Relaxed);
    }
}

impl Chart {
    fn condition(&self) -> Condition {
        *self.condition.lock().expect("nobody panics with it")
    }

    fn is_over(&self) -> bool {
        self.over.load(Relaxed)
    }
}

fn listen(address: SocketAddr) -> TcpListener {
    let listener = TcpListener::bind(address).expect("it was free");
    listener.set_nonblocking(true).expect("a socket of ours");
    listener
}

/// Opens and closes the port as the condition says.
fn live(address: SocketAddr, first: TcpListener, chart: &Arc<Chart>) {
    let mut open = Some(first);
    while !chart.is_over() {
        if chart.condition() == Condition::Dead {
            open = None;
            thread::sleep(LOOK_EVERY);
            continue;
        }
        let listener = open.get_or_insert_with(|| listen(address));
        match listener.accept() {
            Ok((connection, _)) => {
                let chart = chart.clone();
                // Whoever breaks off is no concern of an origin.
                thread::spawn(move || drop(serve(connection, &chart)));
            }
            Err(_) => thread::sleep(LOOK_EVERY),
        }
    }
}

fn serve(connection: TcpStream, chart: &Chart) -> io::Result<()> {
    connection.set_nonblocking(false)?;
    connection.set_nodelay(true)?;
    connection.set_read_timeout(Some(LOOK_EVERY))?;
    let mut client = Client::over(connection);
    while let Some(head) = next_head(&mut client, chart)? {
        let is_probe = head.contains("\r\nuser-agent: seawall-probe\r\n");
        let counter = if is_probe { &chart.probes } else { &chart.requests };
        counter.fetch_add(1, Relaxed);
        let is_health = head.starts_with("GET /health ");
        match chart.condition() {
            Condition::Unfit if is_health => {
                client.try_send("HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n")?;
            }
            Condition::Well | Condition::Unfit => hello(&mut client)?,
            Condition::Dead | Condition::Closes => return Ok(()),
            Condition::Garbage => return client.try_send("\u{1}\u{2} no answer at all\r\n\r\n"),
            Condition::Slow => {
                owe(&mut client, chart, SLOW)?;
                hello(&mut client)?;
            }
            Condition::HalfOpen => {
                return owe(&mut client, chart, Duration::MAX);
            }
        }
    }
    Ok(())
}

fn hello(client: &mut Client<TcpStream>) -> io::Result<()> {
    client.try_send("HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nhello\n")
}

/// The next head; none once the origin is dead or the test over.
fn next_head(client: &mut Client<TcpStream>, chart: &Chart) -> io::Result<Option<String>> {
    loop {
        match client.head() {
            Ok(head) => return Ok(Some(head)),
            Err(cause) if is_quiet(&cause) => {}
            Err(cause) => return Err(cause),
        }
        if chart.is_over() || chart.condition() == Condition::Dead {
            return Ok(None);
        }
    }
}

/// Says nothing for `span`, and counts who does not wait for so long.
fn owe(client: &mut Client<TcpStream>, chart: &Chart, span: Duration) -> io::Result<()> {
    let began = Instant::now();
    while began.elapsed() < span && !chart.is_over() {
        match client.exactly(1) {
            Ok(_) => {}
            Err(cause) if is_quiet(&cause) => {}
            Err(cause) => {
                chart.given_up.fetch_add(1, Relaxed);
                return Err(cause);
            }
        }
    }
    Ok(())
}

fn is_quiet(cause: &io::Error) -> bool {
    matches!(cause.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
}
