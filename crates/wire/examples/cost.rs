//! Does one piece of hot work many times, so that its instructions can be counted from outside.
//!
//! ```sh
//! cargo build --release -p seawall-wire --example cost
//! valgrind --tool=callgrind target/release/examples/cost head 1000
//! ```
//!
//! The difference between two numbers of times, divided by their difference, is the cost of one.

use seawall_types::{Moment, Reason};
use seawall_wire::code::{self, Capsule, CodeKey};
use seawall_wire::h1::{HeadLimits, RequestGate, parse_head};
use seawall_wire::h2::{FrameLimits, FrameMeter, OutboundResets};
use seawall_wire::hello::{self, HelloStep, Transport};
use std::hint::black_box;

/// A head as a browser sends it: eight fields, 397 bytes.
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
const HELLO: &[u8] = include_bytes!("../tests/data/hello/chromium.bin");
const FLIGHT: &[u8] = include_bytes!("../tests/data/frames/chromium.bin");
/// A request of nine bytes of block, as load generators send it.
const REQUEST: &[u8] = b"\0\0\x09\x01\x05\0\0\0\x0f\x82\x84\x87\xbe\xbf\xc0\xc1\xc2\xc3";

fn main() {
    let mut arguments = std::env::args().skip(1);
    let work = arguments.next().unwrap_or_default();
    let times: u32 = arguments.next().and_then(|times| times.parse().ok()).unwrap_or(1);
    let mut once = worker(&work);
    for _ in 0..times {
        once();
    }
}

fn worker(work: &str) -> Box<dyn FnMut()> {
    let limits = HeadLimits::default();
    match work {
        "head" => Box::new(move || {
            let _ = black_box(parse_head(black_box(HEAD.as_bytes()), &limits));
        }),
        "gate" => {
            let mut gate = RequestGate::new(limits);
            Box::new(move || {
                black_box(gate.feed(black_box(HEAD.as_bytes())));
            })
        }
        "hello" => Box::new(|| {
            if let Ok(HelloStep::Complete(hello)) = hello::parse(black_box(HELLO)) {
                black_box(hello::ja4(&hello, Transport::Tcp));
            }
        }),
        "flight" => Box::new(|| {
            let mut meter = FrameMeter::new(FrameLimits::default());
            let _ = black_box(meter.feed(Moment(0), black_box(FLIGHT)));
        }),
        "frames" => {
            let mut meter = FrameMeter::new(FrameLimits {
                control_per_second: u32::MAX,
                ..FrameLimits::default()
            });
            let _ = meter.feed(Moment(0), FLIGHT);
            Box::new(move || {
                let _ = black_box(meter.feed(Moment(0), black_box(REQUEST)));
            })
        }
        "outbound" => {
            let mut resets = OutboundResets::default();
            Box::new(move || {
                let _ = black_box(resets.feed(black_box(REQUEST)));
            })
        }
        "code" => {
            let key = CodeKey::new(&[7; 32]);
            Box::new(move || {
                let capsule =
                    black_box(Capsule { at_secs: 1, platform: 2, mitigation: 3, source: 4 });
                black_box(code::seal(&key, Reason::Rate, &capsule));
            })
        }
        other => panic!("{other:?} is none of head, gate, hello, flight, frames, outbound, code"),
    }
}
