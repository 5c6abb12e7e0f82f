//! An origin with a page that can be defaced, an office, work that takes its time and a dump.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

/// Bytes of the dump.
pub(crate) const DUMP: usize = 50_000_000;
/// What a piece of work takes.
const WORK: Duration = Duration::from_millis(100);

/// The running origin; its threads end with the test's process.
#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) address: SocketAddr,
    is_defaced: Arc<AtomicBool>,
}

impl Site {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("it is bound");
        let is_defaced = Arc::<AtomicBool>::default();
        let shown = is_defaced.clone();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let shown = shown.clone();
                thread::spawn(move || serve(stream, &shown));
            }
        });
        Self { address, is_defaced }
    }

    /// Somebody changes the page.
    pub(crate) fn deface(&self) {
        self.is_defaced.store(true, Relaxed);
    }
}

fn serve(mut stream: TcpStream, is_defaced: &AtomicBool) {
    let Ok(reading) = stream.try_clone() else { return };
    let mut lines = BufReader::new(reading).lines();
    while let Some(Ok(first)) = lines.next() {
        while lines.next().and_then(Result::ok).is_some_and(|line| !line.is_empty()) {}
        let path = first.split(' ').nth(1).unwrap_or_default();
        let body = match path {
            "/page" if is_defaced.load(Relaxed) => b"somebody was here".to_vec(),
            "/page" => b"welcome to our page".to_vec(),
            "/dump" => vec![b'x'; DUMP],
            "/work" => {
                thread::sleep(WORK);
                b"done".to_vec()
            }
            _ => b"hello".to_vec(),
        };
        let status = if first.starts_with("PUT ") { "201 Created" } else { "200 OK" };
        let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n", body.len());
        if stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body)).is_err() {
            return;
        }
    }
}
