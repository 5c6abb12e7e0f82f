//! The floods of the lab before the real check, each with visitors that solve it and visitors that run
//! no scripts.

mod bots;

use super::line::refreshed;
use super::solver::{Puzzle, Visitor, cookie_of};
use super::word;
use crate::fixtures::client::tls_settings;
use crate::fixtures::{Answer, Setup, Shield, Witness, figure};
use bots::Flood;
use rustls::ClientConfig;
use serde_json::json;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// What a page costs the origin, which can work on eight at once: 200 pages a second.
const COST: Duration = Duration::from_millis(40);
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

fn visits(
    (source, target): (Ipv4Addr, SocketAddr),
    kind: Kind,
    tls: Option<Arc<ClientConfig>>,
) -> JoinHandle<Told> {
    thread::spawn(move || {
        let visitor = Visitor::new(source, target);
        let visitor = tls.as_ref().map_or(visitor, |settings| visitor.inside(settings));
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

/// Both groups of visitors beside a flood, everything over TLS where the flood is.
fn come_through(flood: Flood, name: &str) {
    let origin = Witness::start(COST);
    let setup = Setup::before(origin.address)
        .top("workers = 2")
        .platform("capacity = \"8 concurrent\"")
        .platform("challenge_contact = \"help@example.org\"");
    let _shield = Shield::start(&setup);
    crate::lanes::measure(&setup, &json!({"path": "/page"}), "challenge");
    let settings = Arc::new(tls_settings(&setup.certificate, b"http/1.1"));
    let (target, tls) = match flood {
        Flood::Tls => (setup.tls, Some(settings.clone())),
        Flood::Hot | Flood::Cool | Flood::Conn => (setup.plain, None),
    };
    let bots = flood.begin(target, &settings);
    let of = |kind, network: u8| {
        let visitor =
            |nth| visits((Ipv4Addr::new(127, network, nth, 1), target), kind, tls.clone());
        (0..VISITORS).map(visitor).collect::<Vec<_>>()
    };
    let groups = [("solving", of(Kind::Solves, 31)), ("scriptless", of(Kind::Scriptless, 32))];
    for (group, visitors) in groups {
        let told: Vec<_> = visitors.into_iter().map(|one| one.join().expect("a visitor")).collect();
        let sum = |of: fn(&Told) -> u32| f64::from(told.iter().map(of).sum::<u32>());
        let share = sum(|one| one.served) / sum(|one| one.asked).max(1.0);
        let first = told.iter().map(|one| one.first).max().flatten();
        let late = told.iter().filter(|one| one.first.is_none()).count();
        println!("{name}, {group}: {share:.4} served, the last after {first:?}, {late} never");
        assert_eq!(late, 0, "{group}: everybody passes");
        let first = first.expect("everybody passes").as_secs_f64();
        figure(&format!("challenge.flood.{name}.{group}"), format!("{share:.4}"), "of all");
        figure(&format!("challenge.flood.{name}.{group}_s"), format!("{first:.1}"), "s");
        assert!(share >= SERVED_MIN, "{group}: {share}");
    }
    let (leaked, sent) = bots.end();
    println!("{name}: {leaked} of {sent} of the flood came through");
    figure(&format!("challenge.flood.{name}.leak"), leaked, "requests");
    assert_eq!(leaked, 0);
}

#[test]
fn those_who_solve_and_those_without_scripts_come_through_a_flood_of_few_busy_sources() {
    come_through(Flood::Hot, "hot");
}

#[test]
fn those_who_solve_and_those_without_scripts_come_through_a_flood_of_many_calm_sources() {
    come_through(Flood::Cool, "cool");
}

#[test]
fn those_who_solve_and_those_without_scripts_come_through_a_flood_of_new_connections() {
    come_through(Flood::Conn, "conn");
}

#[test]
fn those_who_solve_and_those_without_scripts_come_through_a_flood_of_handshakes() {
    come_through(Flood::Tls, "tls");
}
