//! hot: hello, a browser's first flight to JA4 budget 29065
//!
//! The hello that Chromium sends, from its records to its fingerprint.

#[path = "../../types/examples/hot/repeat.rs"]
mod repeat;

use repeat::repeat;
use seawall_wire::hello::{self, HelloStep, Transport};
use std::hint::black_box;

const HELLO: &[u8] = include_bytes!("../tests/data/hello/chromium.bin");

fn main() {
    repeat(|| match hello::parse(black_box(HELLO)) {
        Ok(HelloStep::Complete(hello)) => {
            black_box(hello::ja4(&hello, Transport::Tcp));
        }
        other => panic!("a whole hello was read as {other:?}"),
    });
}
