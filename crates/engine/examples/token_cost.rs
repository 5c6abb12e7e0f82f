//! What it takes to look at a token and at an answer, ours and junk, in nanoseconds each.
//!
//! Run it optimised: `cargo run --release -p seawall-engine --example token_cost`.
//! With `--figures` it prints what a token and a hundred thousand forged ones come to, for the scoreboard.

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
    let open = tell("token, ours", || Token::open((&keys, NOW), black_box(&bound), ours).is_ok());
    let junk = tell("token, junk", || Token::open((&keys, NOW), black_box(&bound), &junk).is_err());
    let kind =
        tell("kind of software", || Family::of(black_box(agent), b"8daaf6152771") == bound.family);
    let task = Task { difficulty: Difficulty::LEAST, measure: 0, nonce: 1 };
    let puzzle = Puzzle::set((&keys, NOW), &bound, task).expect("today's keys");
    let Puzzle { challenge, salt, signature, .. } = &puzzle;
    let guess = Answer { challenge, salt, number: 99_999, signature };
    let forged = challenge.chars().rev().collect::<String>();
    let untrue = Answer { signature: &forged, ..guess };
    let wrong =
        tell("answer, wrong number", || guess.check((&keys, NOW), black_box(&bound)).is_err());
    let forged = tell("answer, forged", || untrue.check((&keys, NOW), black_box(&bound)).is_err());
    tell("puzzle, set", || Puzzle::set((&keys, NOW), black_box(&bound), task).is_some());
    if std::env::args().any(|word| word == "--figures") {
        // A token cannot be looked at without its bearer's kind of software.
        println!("FIGURE tokens.verify_us {:.3} us", (open + kind) / 1e3);
        println!("FIGURE tokens.junk_core {:.2} % of a core", share(junk + kind));
        println!(
            "FIGURE tokens.junk_answers_core {:.2} % of a core",
            share(wrong.max(forged) + kind)
        );
    }
}

/// What a hundred thousand a second take of a core, in percent.
fn share(each_ns: f64) -> f64 {
    each_ns * 1e5 / 1e9 * 100.0
}

/// Nanoseconds that one takes.
fn tell(what: &str, mut does: impl FnMut() -> bool) -> f64 {
    let begun = Instant::now();
    for _ in 0..TIMES {
        assert!(black_box(does()));
    }
    let each_ns = begun.elapsed().as_secs_f64() * 1e9 / f64::from(TIMES);
    println!("{what}: {each_ns:.0} ns");
    each_ns
}
