//! hot: proof, a request of a stranger that bears no cookie and teaches nothing budget 120
//!
//! One of 5,000 sources asks; whether it is known is looked up, and its answer sets no cookie.

#[path = "../../types/examples/hot/repeat.rs"]
mod repeat;

use repeat::repeat;
use seawall_engine::admission::{MarkSeed, Prefix, Proofs, Scale};
use seawall_types::{Moment, SourceKey};
use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr};

fn main() {
    let (proofs, seed) = (Proofs::new(Moment(0), Scale::WHOLE), MarkSeed([1, 2]));
    let of = |at: u32| IpAddr::V4(Ipv4Addr::from((10 << 24) | (at << 8)));
    // Marks are made once for each connection.
    let mark = |at| seed.stack(SourceKey::of(of(at)), [b"t13d1516h2_8daaf6152771", b"a browser"]);
    let known: Vec<_> = (0..5_000).map(|at| (mark(at), Prefix::of(of(at)))).collect();
    let mut count = 0;
    repeat(|| {
        count = (count + 1) % known.len();
        let proof = proofs.look([], black_box(known[count]));
        assert!(proof.is_none() && proofs.learns(black_box(Moment(1))));
    });
}
