//! An origin that says what the test wants, after the time that the test wants, and counts.

use std::collections::HashMap;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// What is answered to a target: status and fields, and after how long; the body is the target.
type Says = fn(&str) -> (&'static str, Duration);

pub(super) struct Saying {
    pub(super) address: SocketAddr,
    counts: Arc<Mutex<HashMap<String, u32>>>,
}

impl Saying {
    pub(super) fn start(says: Says) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("bound");
        let counts = Arc::<Mutex<HashMap<String, u32>>>::default();
        let shared = counts.clone();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let counts = shared.clone();
                thread::spawn(move || serve(stream, says, &counts));
            }
        });
        Self { address, counts }
    }

    /// Requests for a target.
    pub(super) fn count(&self, target: &str) -> u32 {
        let counts = self.counts.lock().expect("nobody panics with it");
        counts.get(target).copied().unwrap_or(0)
    }
}

fn serve(mut stream: TcpStream, says: Says, counts: &Mutex<HashMap<String, u32>>) {
    let (mut head, mut piece) = (Vec::new(), [0; 4096]);
    while let Ok(length @ 1..) = stream.read(&mut piece) {
        head.extend_from_slice(&piece[..length]);
        if !head.ends_with(b"\r\n\r\n") {
            continue;
        }
        let text = String::from_utf8_lossy(&head).into_owned();
        head.clear();
        let target = text.split(' ').nth(1).unwrap_or_default().to_owned();
        *counts.lock().expect("nobody panics with it").entry(target.clone()).or_insert(0) += 1;
        let (said, cost) = says(&target);
        thread::sleep(cost);
        let length = target.len();
        let answer = format!("HTTP/1.1 {said}\r\ncontent-length: {length}\r\n\r\n{target}");
        if stream.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}
