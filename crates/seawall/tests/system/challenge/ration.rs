//! What a program gets that solves puzzles as fast as the machine goes.

use super::solver::{Puzzle, Visitor};
use super::{STRANGER, VISITOR, always};
use crate::fixtures::{Client, HOST, Shield, Witness, figure};
use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

/// As long as the bound is about.
const FOR: Duration = Duration::from_secs(30);
/// Tokens that the program solves beforehand: more than enough to be limited by its network alone.
const TOKENS: usize = 40;

#[test]
fn a_program_that_solves_everything_gets_ten_requests_a_second_from_its_network() {
    let origin = Witness::start(Duration::ZERO);
    let setup = always(&origin);
    let _shield = Shield::start(&setup);
    let source = |nth: usize| Ipv4Addr::new(127, 0, 9, u8::try_from(nth % 250).expect("small") + 1);
    let mut clients: Vec<_> = (0..TOKENS)
        .map(|nth| {
            let visitor = Visitor::new(source(nth), setup.plain);
            let cookie = visitor.pass().expect("every token is given");
            (visitor.client(), cookie)
        })
        .collect();
    let harder = Visitor::new(source(0), setup.plain).get("/", "");
    assert!(Puzzle::of(&harder).most() > 60_000, "a network that passes all the time works more");
    let (begun, mut asked) = (Instant::now(), 0_u64);
    while begun.elapsed() < FOR {
        for (client, cookie) in &mut clients {
            let fields = format!("user-agent: {}\r\ncookie: {cookie}\r\n", super::AGENT);
            client.send(format!(
                "GET / HTTP/1.1\r\nhost: {HOST}\r\n{}{fields}\r\n",
                super::NAVIGATION
            ));
            asked += 1;
            assert!([200, 429].contains(&client.answer().status));
        }
        // Slow enough to leave the machine to the shield.
        std::thread::sleep(Duration::from_millis(20));
    }
    let admitted = origin.count();
    let a_second = f64::from(u32::try_from(admitted).expect("a few hundred")) / FOR.as_secs_f64();
    assert!(a_second <= 10.2 && a_second > 5.0, "{admitted} of {asked} in {FOR:?}");
    figure("challenge.solver_rps", a_second, "requests/s");
    // Its neighbours in other networks do not notice.
    let other = Visitor::new(VISITOR, setup.plain);
    let cookie = format!("cookie: {}\r\n", other.pass().expect("a token"));
    assert_eq!(other.get("/", &cookie).status, 200);
}

#[test]
fn one_token_gets_twenty_pages_at_once_and_two_a_second() {
    let origin = Witness::start(Duration::ZERO);
    let setup = always(&origin);
    let _shield = Shield::start(&setup);
    let visitor = Visitor::new(STRANGER, setup.plain);
    let cookie = visitor.pass().expect("a token");
    let fields =
        format!("{}user-agent: {}\r\ncookie: {cookie}\r\n", super::NAVIGATION, super::AGENT);
    let mut client: Client<_> = visitor.client();
    let begun = Instant::now();
    let granted =
        (0..100).filter(|_| super::asked(&mut client, "GET /", &fields).status == 200).count();
    let more = usize::try_from(begun.elapsed().as_millis() / 500).expect("a few seconds");
    assert!((20..=21 + more).contains(&granted), "{granted} after {more} more");
}
