//! A flood before the real check: visitors that solve it, visitors that run no scripts, and the flood,
//! which says of itself what visitors say.

use super::line::refreshed;
use super::solver::{AGENT, NAVIGATION, Puzzle, Visitor, cookie_of};
use super::word;
use crate::fixtures::{Answer, Client, HOST, Setup, Shield, Witness, figure};
use serde_json::json;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// What a page costs the origin, which can work on ten at once: 200 pages a second.
const COST: Duration = Duration::from_millis(50);
/// Connections of the flood, and how often each asks: three times what the origin can do.
const BOTS: u8 = 150;
const BOT_PAUSE: Duration = Duration::from_millis(250);
const SPAN: Duration = Duration::from_secs(20);
/// Visitors of each kind, each of a network of its own, and how often each goes to another page.
const VISITORS: u8 = 10;
const PAUSE: Duration = Duration::from_millis(700);
/// What a slow phone takes for the sum, and how long the page waits before it leads into the line.
const SOLVING: Duration = Duration::from_secs(1);
const LEADS_ON: Duration = Duration::from_secs(3);
/// Within this everybody who has passed goes on.
const SERVED_MIN: f64 = 0.995;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Solves,
    Scriptless,
}

/// What became of one visitor.
struct Told {
    /// From the first page to the first answer of the origin.
    first: Option<Duration>,
    asked: u32,
    served: u32,
}

/// Goes from the page of a check to its cookie.
fn passes(visitor: Visitor<'_>, kind: Kind, page: &Answer) -> Option<String> {
    match kind {
        Kind::Solves => {
            let payload = Puzzle::of(page).solved();
            thread::sleep(SOLVING);
            let passed = visitor.post_answer(&payload);
            (passed.status == 204).then(|| cookie_of(&passed))
        }
        Kind::Scriptless => {
            thread::sleep(LEADS_ON);
            let mut next = refreshed(page);
            let until = Instant::now() + SPAN;
            while Instant::now() < until {
                let line = visitor.get(&next, "");
                if line.status == 303 {
                    return Some(cookie_of(&line));
                }
                next = refreshed(&line);
                let text = line.text();
                let seconds =
                    text.split("content=\"").last().and_then(|rest| rest.split(';').next());
                let wait = seconds.and_then(|seconds| seconds.parse().ok()).unwrap_or(1);
                thread::sleep(Duration::from_secs(wait));
            }
            None
        }
    }
}

fn visits((source, target): (Ipv4Addr, SocketAddr), kind: Kind) -> JoinHandle<Told> {
    thread::spawn(move || {
        let visitor = Visitor::new(source, target);
        let began = Instant::now();
        let mut told = Told { first: None, asked: 0, served: 0 };
        let page = visitor.get("/page", "");
        assert_eq!(word(&page), (503, "challenge"), "{page:?}");
        let Some(cookie) = passes(visitor, kind, &page) else { return told };
        let fields = format!("cookie: {cookie}\r\n");
        while began.elapsed() < SPAN {
            told.asked += 1;
            let asked = Instant::now();
            if visitor.get("/page", &fields).status == 200 {
                told.served += 1;
                told.first.get_or_insert(began.elapsed());
            }
            thread::sleep(PAUSE.saturating_sub(asked.elapsed()));
        }
        told
    })
}

/// Bots that look like visitors and run no scripts; their answers that came from the origin.
fn flood(
    target: SocketAddr,
    over: &Arc<AtomicBool>,
    sent: &Arc<AtomicU64>,
) -> Vec<JoinHandle<u32>> {
    let bot = |nth: u8| {
        let (over, sent) = (over.clone(), sent.clone());
        thread::spawn(move || {
            let mut client = Client::from_source(Ipv4Addr::new(127, 30, nth, 1), target);
            let mut served = 0;
            while !over.load(Relaxed) {
                client.send(format!(
                    "GET /page HTTP/1.1\r\nhost: {HOST}\r\nuser-agent: {AGENT}\r\n{NAVIGATION}\r\n"
                ));
                sent.fetch_add(1, Relaxed);
                served += u32::from(client.try_answer().is_ok_and(|answer| answer.status == 200));
                thread::sleep(BOT_PAUSE);
            }
            served
        })
    };
    (0..BOTS).map(bot).collect()
}

#[test]
fn in_a_flood_those_who_solve_and_those_without_scripts_come_through_and_the_flood_does_not() {
    let origin = Witness::start(COST);
    let setup = Setup::before(origin.address)
        .top("workers = 2")
        .platform("capacity = \"10 concurrent\"")
        .platform("challenge_contact = \"help@example.org\"");
    let _shield = Shield::start(&setup);
    crate::lanes::measure(&setup, &json!({"path": "/page"}), "challenge");
    let (over, sent) = (Arc::<AtomicBool>::default(), Arc::<AtomicU64>::default());
    let bots = flood(setup.plain, &over, &sent);
    let of = |kind, network: u8| {
        let source = move |nth| (Ipv4Addr::new(127, network, nth, 1), setup.plain);
        (0..VISITORS).map(|nth| visits(source(nth), kind)).collect::<Vec<_>>()
    };
    let groups = [("solving", of(Kind::Solves, 31)), ("scriptless", of(Kind::Scriptless, 32))];
    for (name, visitors) in groups {
        let told: Vec<_> = visitors.into_iter().map(|one| one.join().expect("a visitor")).collect();
        let sum = |of: fn(&Told) -> u32| f64::from(told.iter().map(of).sum::<u32>());
        let share = sum(|one| one.served) / sum(|one| one.asked).max(1.0);
        let first = told.iter().map(|one| one.first).max().flatten();
        let late = told.iter().filter(|one| one.first.is_none()).count();
        println!("{name}: {share:.4} served, the last at first after {first:?}, {late} never");
        figure(&format!("challenge.flood.{name}"), format!("{share:.4}"), "of all");
        assert_eq!(late, 0, "{name}: everybody passes");
        assert!(share >= SERVED_MIN, "{name}: {share}");
        let first = told.iter().filter_map(|one| one.first).max().expect("some");
        figure(&format!("challenge.flood.{name}_s"), format!("{:.1}", first.as_secs_f64()), "s");
    }
    over.store(true, Relaxed);
    let leaked: u32 = bots.into_iter().map(|bot| bot.join().expect("a bot")).sum();
    let sent = sent.load(Relaxed);
    println!("{leaked} of {sent} of the flood came through");
    assert!(sent > 3_000, "no flood: {sent}");
    figure("challenge.flood.leak", leaked, "requests");
    assert_eq!(leaked, 0);
}
