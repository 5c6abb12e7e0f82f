//! hot: chunks, a body of 64 KiB in chunks of 8 KiB budget 3_201
//!
//! One body through a scanner of its own, in one piece: what is between the chunks is read, the
//! data is stepped over.

#[path = "../../types/examples/hot/repeat.rs"]
mod repeat;

use repeat::repeat;
use seawall_wire::h1::{ChunkScanner, ChunkStep};
use std::hint::black_box;

const CHUNK: usize = 8 * 1024;
const CHUNKS: usize = 8;

fn main() {
    let body = body();
    repeat(|| {
        let step = black_box(ChunkScanner::new().feed(black_box(&body)));
        assert_eq!(step, Ok(ChunkStep::Done { consumed: body.len() }));
    });
}

fn body() -> Vec<u8> {
    let chunk = [format!("{CHUNK:x}\r\n").as_bytes(), &[b'x'; CHUNK], b"\r\n"].concat();
    [&chunk.repeat(CHUNKS)[..], b"0\r\n\r\n"].concat()
}
