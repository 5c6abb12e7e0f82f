//! Who browsed before the trouble goes first in it, whichever core takes the connection.

use crate::fixtures::figure::figure;
use crate::fixtures::{Client, Counting, HOST, Setup, Shield};
use std::net::{Ipv4Addr, SocketAddr};
use std::thread;
use std::time::{Duration, Instant};

/// What each request costs the origin.
const COST: Duration = Duration::from_millis(50);
/// The visitor and the flood share a network, so that nothing but proof tells them apart.
const VISITOR: Ipv4Addr = Ipv4Addr::new(127, 1, 1, 1);
const FLOOD: [u8; 3] = [127, 1, 1];
const BOTS: u8 = 48;

const PAGE: &str = "accept: text/html,*/*;q=0.8\r\n";
const PART: &str = "accept: image/avif,*/*;q=0.8\r\nreferer: http://www.example.org/\r\n";

/// One request on a connection of its own.
fn ask((source, target): (Ipv4Addr, SocketAddr), path: &str, fields: &str) -> u16 {
    let mut client = Client::from_source(source, target);
    client.send(format!(
        "GET {path} HTTP/1.1\r\nhost: {HOST}\r\nuser-agent: browser\r\n{fields}connection: close\r\n\r\n"
    ));
    client.answer().status
}

/// Pages only, as fast as they are answered; how many were asked for, and how many served.
fn flood(target: SocketAddr, span: Duration) -> thread::JoinHandle<(u32, u32)> {
    let bot = move |last: u8| {
        let source = Ipv4Addr::from([FLOOD[0], FLOOD[1], FLOOD[2], last]);
        let (until, mut asked, mut served) = (Instant::now() + span, 0, 0);
        while Instant::now() < until {
            asked += 1;
            served += u32::from(ask((source, target), "/", PAGE) == 200);
            thread::sleep(Duration::from_millis(20));
        }
        (asked, served)
    };
    thread::spawn(move || {
        let bots: Vec<_> = (2..2 + BOTS).map(|last| thread::spawn(move || bot(last))).collect();
        let ends = bots.into_iter().map(|bot| bot.join().expect("a bot"));
        ends.fold((0, 0), |all, one| (all.0 + one.0, all.1 + one.1))
    })
}

/// What the visitor gets during a flood, after pages with so many parts each in calm times; served
/// of ten, and the flood's part that was served.
fn visit(parts: usize) -> (usize, f64) {
    let origin = Counting::start(COST);
    let setup = Setup::before(origin.address).top("workers = 2");
    let setup = setup.platform("capacity = \"2 concurrent\"");
    let _shield = Shield::start(&setup);
    let visitor = (VISITOR, setup.plain);
    for _ in 0..3 {
        assert_eq!(ask(visitor, "/", PAGE), 200);
        for _ in 0..parts {
            assert_eq!(ask(visitor, "/part", PART), 200);
        }
        thread::sleep(Duration::from_millis(300));
    }
    let flood = flood(setup.plain, Duration::from_secs(4));
    thread::sleep(Duration::from_secs(1));
    let served = (0..10).filter(|_| {
        thread::sleep(Duration::from_millis(150));
        ask(visitor, "/", PAGE) == 200
    });
    let served = served.count();
    let (asked, of_flood) = flood.join().expect("the flood");
    (served, f64::from(of_flood) / f64::from(asked))
}

#[test]
fn who_browsed_before_a_flood_of_the_same_network_is_served_through_it() {
    let (served, of_flood) = visit(1);
    assert!(of_flood < 0.5, "no flood: {of_flood} of it was served");
    figure("proof.served", format!("{}.{}", served / 10, served % 10), "of all");
    assert!(served >= 9, "{served} of 10");
}

#[test]
fn who_asked_for_pages_alone_is_one_of_the_many() {
    let (served, of_flood) = visit(0);
    assert!(of_flood < 0.5, "no flood: {of_flood} of it was served");
    assert!(served < 9, "{served} of 10 of somebody who proved nothing");
}
