//! What it takes to look at a token and at an answer, ours and junk, in nanoseconds each.
//!
//! Run it optimised: `cargo run --release -p seawall-engine --example token_cost`.

#![expect(clippy::disallowed_methods, reason = "a measurement needs a clock")]

use seawall_engine::admission::Prefix;
use seawall_engine::challenge::puzzle::Task;
use seawall_engine::challenge::{
    Answer, Bound, Difficulty, Family, Keys, PlatformMark, Puzzle, Token,
};
use std::hint::black_box;
use std::time::Instant;

const NOW: u32 = 1_795_000_000;
const TIMES: u32 = 200_000;

fn main() {
    let keys = Keys::new(&[7; 32], NOW);
    let address = "192.0.2.1".parse().expect("an address");
    let agent = b"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
    let bound = Bound {
        platform: PlatformMark::of("www"),
        prefix: Prefix::of(address),
        family: Family::of(agent, b"8daaf6152771"),
    };
    let text = Token::fresh(9, NOW).sealed(&keys, &bound).expect("today's keys");
    let ours = text.as_str().as_bytes();
    let mut junk = ours.to_vec();
    junk[40] = if junk[40] == b'A' { b'B' } else { b'A' };
    tell("token, ours", || Token::open((&keys, NOW), black_box(&bound), ours).is_ok());
    tell("token, junk", || Token::open((&keys, NOW), black_box(&bound), &junk).is_err());
    tell("kind of software", || Family::of(black_box(agent), b"8daaf6152771") == bound.family);
    let task = Task { difficulty: Difficulty::LEAST, measure: 0, nonce: 1 };
    let puzzle = Puzzle::set((&keys, NOW), &bound, task).expect("today's keys");
    let Puzzle { challenge, salt, signature, .. } = &puzzle;
    let wrong = Answer { challenge, salt, number: 99_999, signature };
    let forged = challenge.chars().rev().collect::<String>();
    let forged = Answer { signature: &forged, ..wrong };
    tell("answer, wrong number", || wrong.check((&keys, NOW), black_box(&bound)).is_err());
    tell("answer, forged", || forged.check((&keys, NOW), black_box(&bound)).is_err());
    tell("puzzle, set", || Puzzle::set((&keys, NOW), black_box(&bound), task).is_some());
}

fn tell(what: &str, mut does: impl FnMut() -> bool) {
    let begun = Instant::now();
    for _ in 0..TIMES {
        assert!(black_box(does()));
    }
    println!("{what}: {} ns", begun.elapsed().as_nanos() / u128::from(TIMES));
}
