//! hot: proof, a request of a known visitor that bears three cookies and is served budget 1100
//!
//! The last of its cookies is one that the origin set long ago.

#[path = "../../types/examples/hot/repeat.rs"]
mod repeat;

use repeat::repeat;
use seawall_engine::admission::{MarkSeed, Prefix, Proofs, Scale};
use seawall_types::{Moment, SourceKey};
use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr};

fn main() {
    let (proofs, seed) = (Proofs::new(Moment(0), Scale::WHOLE), MarkSeed([1, 2]));
    let address = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
    let who = (seed.stack(SourceKey::of(address), [b"t13d", b"a browser"]), Prefix::of(address));
    let cookies = ["theme=dark", "consent=1f0c", "sid=5f2b7c1e9a344d0b8e6a7d90c1b2a3f4"];
    proofs.cookie_was_set(seed.cookie(cookies[2].as_bytes()));
    repeat(|| {
        let marks = cookies.iter().map(|pair| seed.cookie(black_box(pair.as_bytes())));
        let proof = proofs.look(marks, who);
        proofs.served(proof.expect("it is known"));
    });
}
