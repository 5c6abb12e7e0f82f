//! hot: frames, a later HTTP/2 request with a body budget 319
//!
//! HEADERS of nine bytes, as load generators send them, and DATA of 1 KiB, each time on a newer
//! stream of a connection whose first frames have been read.

#[path = "../../types/examples/hot/repeat.rs"]
mod repeat;

use repeat::repeat;
use seawall_types::Moment;
use seawall_wire::h2::{FrameLimits, FrameMeter};
use std::hint::black_box;

const FLIGHT: &[u8] = include_bytes!("../tests/data/frames/chromium.bin");
const DATA: usize = 1024;
/// The stream of the first request counted, newer than that of [`FLIGHT`].
const FIRST_STREAM: u32 = 101;

fn main() {
    let mut meter = FrameMeter::new(FrameLimits::default());
    meter.feed(Moment(0), FLIGHT).expect("a browser's first frames are good");
    let before = meter.counts().requests;
    let mut frames = request();
    let mut stream = FIRST_STREAM;
    repeat(|| {
        bear(&mut frames, stream);
        stream += 2;
        let _ = black_box(meter.feed(Moment(0), black_box(&frames)));
    });
    let times = (stream - FIRST_STREAM) / 2;
    assert_eq!(meter.counts().requests - before, times);
}

fn request() -> Vec<u8> {
    let headers = b"\0\0\x09\x01\x04\0\0\0\0\x82\x84\x87\xbe\xbf\xc0\xc1\xc2\xc3";
    [&headers[..], b"\0\x04\0\0\x01\0\0\0\0", &[b'x'; DATA]].concat()
}

/// Writes the stream's number into both frames.
fn bear(frames: &mut [u8], stream: u32) {
    for start in [5, 18 + 5] {
        frames[start..start + 4].copy_from_slice(&stream.to_be_bytes());
    }
}
