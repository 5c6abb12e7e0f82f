//! An origin for long load: quick answers, slow downloads, uploads that are counted, an echo.

use crate::fixtures::Client;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

/// What a quick answer holds.
pub(super) const QUICK: &str = "hello\n";
/// Pieces of a slow download, and what each holds.
const PIECES: usize = 20;
const PIECE: usize = 4 * 1024;
/// Bytes of a slow download, which takes two seconds.
pub(super) const SLOW: usize = PIECES * PIECE;
const PIECE_EVERY: Duration = Duration::from_millis(100);
/// What an origin thinks about a quick answer: paces the clients that wait for it.
const THINKS: Duration = Duration::from_millis(10);

/// A running origin; takes no more connections once dropped.
#[derive(Debug)]
pub(super) struct Origin {
    pub(super) address: SocketAddr,
    asked: Arc<AtomicU64>,
    over: Arc<AtomicBool>,
}

impl Origin {
    /// Starts one.
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
        let address = listener.local_addr().expect("it is bound");
        let (asked, over) = (Arc::<AtomicU64>::default(), Arc::<AtomicBool>::default());
        let (counted, is_over) = (asked.clone(), over.clone());
        thread::spawn(move || {
            for connection in listener.incoming().map_while(Result::ok) {
                if is_over.load(Relaxed) {
                    return;
                }
                let asked = counted.clone();
                // Whoever breaks off is no concern of an origin.
                thread::spawn(move || drop(serve(connection, &asked)));
            }
        });
        Self { address, asked, over }
    }

    /// Requests that have begun here.
    pub(super) fn asked(&self) -> u64 {
        self.asked.load(Relaxed)
    }
}

impl Drop for Origin {
    fn drop(&mut self) {
        self.over.store(true, Relaxed);
        // Wakes the thread that waits for connections.
        let _ = TcpStream::connect(self.address);
    }
}

fn serve(connection: TcpStream, asked: &AtomicU64) -> io::Result<()> {
    connection.set_nodelay(true)?;
    let mut client = Client::over(connection);
    loop {
        let head = client.head()?.to_ascii_lowercase();
        asked.fetch_add(1, Relaxed);
        if head.starts_with("get /echo ") {
            client.try_send(
                "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n",
            )?;
            return echo(&mut client);
        }
        if head.starts_with("get /slow ") {
            slow_answer(&mut client)?;
            continue;
        }
        let told = match length_of(&head) {
            0 => QUICK.to_owned(),
            length => client.exactly(length)?.len().to_string(),
        };
        thread::sleep(THINKS);
        let length = told.len();
        client.try_send(format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{told}"))?;
    }
}

fn echo(client: &mut Client<TcpStream>) -> io::Result<()> {
    loop {
        let piece = client.exactly(1)?;
        client.try_send(piece)?;
    }
}

fn slow_answer(client: &mut Client<TcpStream>) -> io::Result<()> {
    client.try_send(format!("HTTP/1.1 200 OK\r\ncontent-length: {SLOW}\r\n\r\n"))?;
    for _ in 0..PIECES {
        client.try_send([b'x'; PIECE])?;
        thread::sleep(PIECE_EVERY);
    }
    Ok(())
}

fn length_of(head: &str) -> usize {
    let field = head.split("\r\ncontent-length: ").nth(1);
    let value = field.and_then(|rest| rest.split("\r\n").next());
    value.and_then(|value| value.parse().ok()).unwrap_or(0)
}
