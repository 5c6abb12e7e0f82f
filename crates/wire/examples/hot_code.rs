//! hot: code, seal the code of one answer budget 423
//!
//! From what a code carries to its text.

#[path = "../../types/examples/hot/repeat.rs"]
mod repeat;

use repeat::repeat;
use seawall_types::Reason;
use seawall_wire::code::{self, Capsule, CodeKey};
use std::hint::black_box;

fn main() {
    let key = CodeKey::new(&[7; 32]);
    let capsule = Capsule { at_secs: 1, platform: 2, mitigation: 3, source: 4 };
    repeat(|| {
        black_box(code::seal(black_box(&key), Reason::Rate, black_box(&capsule)));
    });
}
