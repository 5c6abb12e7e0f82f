//! An origin that counts what it is asked at once.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

/// Answers every request after the same time, as many at once as are asked.
pub(super) struct Counting {
    pub(super) address: SocketAddr,
    counts: Arc<Counts>,
}

#[derive(Default)]
struct Counts {
    now: AtomicU32,
    most: AtomicU32,
    all: AtomicU32,
}

impl Counting {
    pub(super) fn start(cost: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("bound");
        let counts = Arc::<Counts>::default();
        let shared = counts.clone();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let counts = shared.clone();
                thread::spawn(move || serve(stream, cost, &counts));
            }
        });
        Self { address, counts }
    }

    /// Most requests that were worked on at once.
    pub(super) fn most_at_once(&self) -> u32 {
        self.counts.most.load(SeqCst)
    }

    /// Requests that came.
    pub(super) fn count(&self) -> u32 {
        self.counts.all.load(SeqCst)
    }
}

/// Works on requests of one connection until it ends; work once begun is done, whoever has left.
fn serve(mut stream: TcpStream, cost: Duration, counts: &Counts) {
    let (mut head, mut piece) = (Vec::new(), [0; 4096]);
    while let Ok(length @ 1..) = stream.read(&mut piece) {
        head.extend_from_slice(&piece[..length]);
        if !head.ends_with(b"\r\n\r\n") {
            continue;
        }
        head.clear();
        counts.all.fetch_add(1, SeqCst);
        let now = counts.now.fetch_add(1, SeqCst) + 1;
        counts.most.fetch_max(now, SeqCst);
        thread::sleep(cost);
        counts.now.fetch_sub(1, SeqCst);
        if stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").is_err() {
            return;
        }
    }
}
