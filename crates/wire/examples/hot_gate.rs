//! hot: gate, a browser's head of eight fields budget 3_301
//!
//! One head of 397 bytes through the gate of a kept connection.

#[path = "../../types/examples/hot/repeat.rs"]
mod repeat;

use repeat::repeat;
use seawall_wire::h1::{GateStep, HeadLimits, RequestGate};
use std::hint::black_box;

const HEAD: &str = concat!(
    "GET /donate?amount=20&from=mail HTTP/1.1\r\n",
    "Host: donate.example.org\r\n",
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n",
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n",
    "Accept-Language: en-GB,en;q=0.5\r\n",
    "Accept-Encoding: gzip, deflate, br, zstd\r\n",
    "Connection: keep-alive\r\n",
    "Cookie: session=8c1f2e0b7a; consent=yes\r\n",
    "Upgrade-Insecure-Requests: 1\r\n",
    "\r\n",
);

fn main() {
    let mut gate = RequestGate::new(HeadLimits::default());
    repeat(|| {
        let step = black_box(gate.feed(black_box(HEAD.as_bytes())));
        assert!(matches!(step, GateStep::Head(head) if head.length == HEAD.len()));
    });
}
