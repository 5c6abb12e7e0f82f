//! Answers that are kept: given again, given once to many, and given for an origin that is down.

mod nginx;
mod saying;

use crate::fixtures::figure::figure;
use crate::fixtures::records::records;
use crate::fixtures::{Answer, Client, HOST, SOON, Setup, Shield, needs, wait_for};
use nginx::Nginx;
use rustix::process::Signal;
use saying::Saying;
use serde_json::Value;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::{Duration, Instant};

fn ask(setup: &Setup, target: &str) -> Answer {
    Client::plain(setup.plain).ask(target)
}

/// An answer to a request with further lines.
fn ask_with(target: SocketAddr, request: &str, lines: &str) -> Answer {
    let mut client = Client::plain(target);
    client.send(format!("{request} HTTP/1.1\r\nhost: {HOST}\r\n{lines}\r\n"));
    client.answer()
}

fn is_copy(answer: &Answer) -> bool {
    answer.header("cache-status").is_some_and(|told| told.contains("essential"))
}

#[test]
fn essential_pages_stand_in_with_their_age_while_the_origin_is_down_and_live_ones_follow() {
    let test = "essential_pages_stand_in_with_their_age_while_the_origin_is_down";
    if !needs(test, &["nginx"]) {
        return;
    }
    let nginx = Nginx::start();
    let (address, folder) = (nginx.address, nginx.folder.clone());
    let setup = Setup::before(address)
        .platform("essential = [\"/\", \"/cookie\", \"/private\"]")
        .platform("essential_every = \"1s\"");
    let _shield = Shield::start(&setup);
    wait_for("fetched pages", SOON, || (nginx.count("GET /cookie") > 1).then_some(()));
    let live = ask(&setup, "/");
    assert_eq!((live.status, live.header("cache-status")), (200, None));
    drop(nginx);
    let killed = Instant::now();
    let copy = ask(&setup, "/");
    let took = killed.elapsed();
    assert!(copy.status == 200 && is_copy(&copy), "{}", copy.head);
    assert_eq!(copy.body, live.body);
    let age: u64 = copy.header("age").expect("stated").parse().expect("seconds");
    assert!(age < 60, "{age}");
    assert_eq!(copy.header("cache-control"), Some("no-store"));
    assert!(took < Duration::from_secs(1), "{took:?}");
    figure("cache.stand_in", took.as_secs_f64(), "s");
    // A session that the shield was given is nobody's.
    let other = ask(&setup, "/cookie");
    assert!(is_copy(&other) && other.header("set-cookie").is_none(), "{}", other.head);
    assert_eq!(ask(&setup, "/private").status, 502);
    assert_eq!(ask(&setup, "/not-essential").status, 502);
    let form = ask_with(setup.plain, "POST /form", "content-length: 0\r\n");
    assert_eq!(form.status, 503);
    assert!(form.header("retry-after").is_some() && form.verdict().is_some());
    // Long enough for the origin to be known to be out.
    for _ in 0..8 {
        assert!(is_copy(&ask(&setup, "/")));
    }
    let _again = Nginx::start_at(address, folder);
    let began = Instant::now();
    wait_for("a live page", SOON, || (!is_copy(&ask(&setup, "/"))).then_some(()));
    let back = began.elapsed();
    assert!(back < Duration::from_secs(2), "{back:?}");
    figure("cache.back", back.as_secs_f64(), "s");
}

#[test]
fn essential_pages_stand_in_for_who_finds_no_place_at_the_origin() {
    let origin = Saying::start(|target| match target {
        "/slow" => ("200 OK\r\nx: y", Duration::from_secs(3)),
        _ => ("200 OK\r\nx: y", Duration::ZERO),
    });
    let setup = Setup::before(origin.address)
        .top("workers = 1")
        .platform("capacity = \"1 concurrent\"")
        .platform("essential = [\"/\"]")
        .platform("essential_every = \"1h\"");
    let _shield = Shield::start(&setup);
    wait_for("the fetched page", SOON, || (origin.count("/") > 0).then_some(()));
    let mut slow = Client::plain(setup.plain);
    slow.send(format!("GET /slow HTTP/1.1\r\nhost: {HOST}\r\n\r\n"));
    wait_for("the slow request", SOON, || (origin.count("/slow") > 0).then_some(()));
    let began = Instant::now();
    let copy = ask(&setup, "/");
    assert!(copy.status == 200 && is_copy(&copy), "{}", copy.head);
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    assert_eq!(ask(&setup, "/other").status, 503);
    assert_eq!(slow.answer().status, 200);
}

#[test]
fn a_thousand_who_miss_one_page_at_once_cost_the_origin_one_request() {
    let origin = Saying::start(|target| match target {
        "/mine" => ("200 OK\r\ncache-control: private", Duration::from_millis(50)),
        _ => ("200 OK\r\ncache-control: public, max-age=60", Duration::from_millis(500)),
    });
    let setup = Setup::before(origin.address).platform("cache = \"on\"");
    let _shield = Shield::start(&setup);
    let mut clients: Vec<_> = (0..1_000).map(|_| Client::plain(setup.plain)).collect();
    let request = format!("GET /page HTTP/1.1\r\nhost: {HOST}\r\n\r\n");
    for client in &mut clients {
        client.send(&request);
    }
    let answers: Vec<_> = clients.iter_mut().map(Client::answer).collect();
    assert!(answers.iter().all(|answer| answer.status == 200 && answer.body == b"/page"));
    figure("cache.coalesced", origin.count("/page"), "requests");
    assert_eq!(origin.count("/page"), 1);
    // What turns out to be private is everyone's own question.
    let request = format!("GET /mine HTTP/1.1\r\nhost: {HOST}\r\n\r\n");
    clients.truncate(20);
    for client in &mut clients {
        client.send(&request);
    }
    assert!(clients.iter_mut().all(|client| client.answer().status == 200));
    assert_eq!(origin.count("/mine"), 20);
}

#[test]
fn who_is_in_a_lane_does_not_wait_behind_who_leads() {
    let origin =
        Saying::start(|_| ("200 OK\r\ncache-control: public, max-age=60", Duration::from_secs(2)));
    let setup = Setup::before(origin.address)
        .platform("cache = \"on\"")
        .tables("[[lane]]\nname = \"monitors\"\nnetworks = [\"127.0.7.0/24\"]");
    let _shield = Shield::start(&setup);
    let request = format!("GET /page HTTP/1.1\r\nhost: {HOST}\r\n\r\n");
    let mut leads = Client::plain(setup.plain);
    leads.send(&request);
    wait_for("who leads", SOON, || (origin.count("/page") == 1).then_some(()));
    let mut waits = Client::plain(setup.plain);
    waits.send(&request);
    let mut monitor = Client::from_source(Ipv4Addr::new(127, 0, 7, 1), setup.plain);
    monitor.send(&request);
    wait_for("the monitor's own", SOON, || (origin.count("/page") == 2).then_some(()));
    for client in [&mut leads, &mut waits, &mut monitor] {
        assert_eq!(client.answer().status, 200);
    }
    assert_eq!(origin.count("/page"), 2, "who is in no lane takes what is on its way");
}

#[test]
fn who_is_sent_on_or_away_keeps_nobody_from_sharing_the_next_answer() {
    static ASKED: AtomicU32 = AtomicU32::new(0);
    let origin = Saying::start(|_| match ASKED.fetch_add(1, Relaxed) {
        0 => ("403 Forbidden\r\nx: y", Duration::ZERO),
        1 => ("302 Found\r\nlocation: /", Duration::ZERO),
        _ => ("200 OK\r\ncache-control: public, max-age=60", Duration::from_millis(500)),
    });
    let setup = Setup::before(origin.address).platform("cache = \"on\"");
    let _shield = Shield::start(&setup);
    assert_eq!([(); 2].map(|()| ask(&setup, "/page").status), [403, 302]);
    let request = format!("GET /page HTTP/1.1\r\nhost: {HOST}\r\n\r\n");
    let mut clients: Vec<_> = (0..20).map(|_| Client::plain(setup.plain)).collect();
    for client in &mut clients {
        client.send(&request);
    }
    assert!(clients.iter_mut().all(|client| client.answer().status == 200));
    assert_eq!(origin.count("/page"), 3);
}

#[test]
fn only_what_the_origin_says_may_be_shared_is_given_twice_and_a_reload_keeps_it() {
    let test = "only_what_the_origin_says_may_be_shared_is_given_twice";
    if !needs(test, &["nginx"]) {
        return;
    }
    let nginx = Nginx::start();
    let setup = Setup::before(nginx.address)
        .platform("cache = \"on\"")
        .platform("cache_ignore = [\"utm_source\"]")
        .tables("[log]\nrequests = \"all\"");
    let shield = Shield::start(&setup);
    for (target, asked) in [
        ("/public", 1),
        ("/private", 2),
        ("/nostore", 2),
        ("/cookie", 2),
        ("/silent", 2),
        ("/public?utm_source=a", 1),
    ] {
        let answers = [ask(&setup, target), ask(&setup, target)];
        assert!(answers.iter().all(|answer| answer.status == 200), "{target}");
        assert_eq!(answers[0].body, answers[1].body);
        let seen = target.split('?').next().unwrap_or_default();
        assert_eq!(nginx.comes_to(&format!("GET {seen}"), asked), asked, "{target}");
    }
    let mut client = Client::plain(setup.plain);
    client.send(format!("HEAD /public HTTP/1.1\r\nhost: {HOST}\r\n\r\n"));
    let head = client.head().expect("a head");
    assert!(head.contains(" 200 ") && head.to_lowercase().contains("\nage: "), "{head}");
    assert!(!client.has_unread());
    for (request, lines) in [
        ("GET /public", "authorization: Basic YTpi\r\n"),
        ("GET /public", "range: bytes=0-1\r\n"),
        ("GET /public", "x-forwarded-host: evil.example\r\nx-original-url: /a\r\n"),
    ] {
        let answer = ask_with(setup.plain, request, lines);
        assert!([200, 206].contains(&answer.status), "{lines}");
    }
    // Who says something odd is given what is kept; credentials and parts go to the origin.
    assert_eq!(nginx.comes_to("GET /public", 3), 3);
    let tag = ask(&setup, "/public").header("etag").expect("nginx sets it").to_owned();
    let unchanged = ask_with(setup.plain, "GET /public", &format!("if-none-match: {tag}\r\n"));
    assert_eq!((unchanged.status, unchanged.body.len()), (304, 0));
    shield.signal(Signal::HUP);
    wait_for("the reload", SOON, || shield.err().contains("configuration applied").then_some(()));
    assert_eq!(ask(&setup, "/public").status, 200);
    assert_eq!(nginx.count("GET /public"), 3);
    // A request that changes things has it forgotten.
    ask_with(setup.plain, "POST /public", "content-length: 0\r\n");
    // Cores write theirs at ticks of their own, in no order.
    let recorded = |path: &'static str, word: &'static str| {
        wait_for(&format!("record of a {word}"), SOON, || {
            let is_it = |one: &Value| one["path"] == path && one["cache"] == word;
            records(&setup).into_iter().find(is_it)
        })
    };
    recorded("/private", "miss");
    let hit = recorded("/public", "hit");
    assert_eq!(hit["origin_ms"], 0.0);
}
