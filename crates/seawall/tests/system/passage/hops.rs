//! What each hop says of itself: `Via`, `Forwarded`, and a request that goes round in a circle.

use crate::fixtures::curl::{Way, curl};
use crate::fixtures::frames::{END_HEADERS, END_STREAM, HEADERS, field, frame, get, opening};
use crate::fixtures::{Client, HOST, Played, SOON, Setup, Shield, Witness, needs, run};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The name that the shield gives itself in a head.
fn pseudonym(head: &str) -> &str {
    let forwarded = head.lines().find(|line| line.starts_with("forwarded: "));
    forwarded.and_then(|line| line.rsplit("by=_").next()).expect("a Forwarded with a name")
}

#[test]
fn the_origin_learns_which_way_a_request_has_come() {
    if !needs("passage::hops::the_origin_learns_which_way…", &["curl"]) {
        return;
    }
    let origin = Witness::start(Duration::ZERO);
    let setup = Setup::before(origin.address).platform("via = true");
    let _shield = Shield::start(&setup);
    let mut names = Vec::new();
    for way in Way::ALL {
        let mut command = curl(&setup, way, Ipv4Addr::LOCALHOST);
        command.args(["-H", "Via: 1.0 first, 1.1 second", "-H", "Forwarded: for=192.0.2.1"]);
        run(command.arg(way.url(&setup, "/")), SOON).good();
        let head = origin.heads().pop().expect("it has come");
        let (version, proto, port) = match way {
            Way::PlainH1 => ("1.1", "http", setup.plain.port()),
            Way::PlainH2 => ("2.0", "http", setup.plain.port()),
            Way::TlsH1 => ("1.1", "https", setup.tls.port()),
            Way::TlsH2 => ("2.0", "https", setup.tls.port()),
        };
        let name = pseudonym(&head).to_owned();
        let via = format!("\r\nvia: {version} {name}\r\n");
        let theirs = head.find("\r\nvia: 1.0 first, 1.1 second\r\n").expect("the client's stays");
        assert!(head.find(&via).expect("ours is there") > theirs, "{head}");
        let forwarded = format!(
            "\r\nforwarded: for=127.0.0.1;host=\"{HOST}:{port}\";proto={proto};by=_{name}\r\n"
        );
        assert!(head.contains(&forwarded), "{way:?}: {head}");
        assert_eq!(head.matches("forwarded: for").count(), 1, "{head}");
        names.push(name);
    }
    assert!(names.iter().all(|name| *name == names[0] && name.len() == 16), "{names:?}");
}

#[test]
fn a_request_that_comes_back_is_answered_as_a_loop_and_others_pass() {
    let origin = Witness::start(Duration::ZERO);
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    let mut client = Client::plain(setup.plain);
    let ask = |via: &str| format!("GET / HTTP/1.1\r\nhost: {HOST}\r\nvia: {via}\r\n\r\n");
    client.send(ask("1.1 seawall-00000000"));
    assert_eq!(client.answer().status, 200, "another shield in front is no loop");
    let head = origin.heads().pop().expect("it has come");
    // Origins treat who names itself there as a proxy, and compress nothing for it.
    assert_eq!(head.matches("\r\nvia: ").count(), 1, "only the client's own: {head}");
    let name = pseudonym(&head);
    for via in [format!("1.1 {name}"), format!("1.1 a, 2.0 {name} (x), 1.1 b")] {
        client.send(ask(&via));
        let answer = client.answer();
        assert_eq!(answer.status, 508, "{answer:?}");
        let (verdict, code) = answer.verdict().expect("it is ours");
        assert_eq!((verdict, code.split('.').next()), ("error", Some("loop")));
    }
    let forwarded = format!("forwarded: for=192.0.2.1;by=_{name}");
    client.send(format!("GET / HTTP/1.1\r\nhost: {HOST}\r\n{forwarded}\r\n\r\n"));
    assert_eq!(client.answer().status, 508, "{forwarded}");
    let mut h2 = Client::plain(setup.plain);
    let block = [get("/"), field("via", &format!("2.0 {name}"))].concat();
    h2.send(opening(65_535));
    h2.send(frame(HEADERS, END_HEADERS | END_STREAM, 1, &block));
    h2.frame_of(HEADERS).expect("an answer");
    assert_eq!(origin.count(), 1);
}

#[test]
fn an_origin_that_leads_back_to_the_shield_ends_in_one_answer() {
    let shield_at = Arc::<Mutex<Option<SocketAddr>>>::default();
    let known = shield_at.clone();
    // A gateway that was pointed at the shield by mistake.
    let origin = Played::start(move |client| {
        let head = client.head()?;
        let shield = known.lock().expect("nobody panics with it").expect("told before");
        let mut onward = Client::plain(shield);
        onward.send(head);
        let answer = onward.answer();
        client.send([answer.head.as_bytes(), &answer.body].concat());
        client.head().map(drop)
    });
    let setup = Setup::before(origin.address);
    *shield_at.lock().expect("nobody panics with it") = Some(setup.plain);
    let _shield = Shield::start(&setup);
    let answer = Client::plain(setup.plain).ask("/");
    assert_eq!(answer.status, 508, "{answer:?}");
}

#[test]
fn trace_and_connect_end_at_the_shield() {
    let origin = Witness::start(Duration::ZERO);
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    let mut client = Client::plain(setup.plain);
    client.send(format!("TRACE / HTTP/1.1\r\nhost: {HOST}\r\ncookie: a=b\r\n\r\n"));
    let answer = client.answer();
    assert_eq!(answer.status, 501, "{answer:?}");
    assert!(answer.verdict().is_some_and(|(_, code)| code.starts_with("method.")), "{answer:?}");
    assert!(!answer.text().contains("a=b"));
    client.send(format!("CONNECT {HOST}:443 HTTP/1.1\r\nhost: {HOST}:443\r\n\r\n"));
    assert_eq!(client.answer().status, 400);
    assert_eq!(origin.count(), 0);
}

#[test]
fn a_request_about_this_hop_is_answered_here_and_one_about_the_next_is_counted_down() {
    let origin = Witness::start(Duration::ZERO);
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    let mut client = Client::plain(setup.plain);
    let ask = |hops| format!("OPTIONS * HTTP/1.1\r\nhost: {HOST}\r\nmax-forwards: {hops}\r\n\r\n");
    client.send(ask(0));
    let answer = client.answer();
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.verdict().map(|(word, _)| word), Some("admit"), "{answer:?}");
    assert_eq!(origin.count(), 0);
    client.send(ask(1));
    assert_eq!(client.answer().verdict(), None);
    let head = origin.heads().pop().expect("it has come");
    assert!(head.starts_with("OPTIONS * ") && head.contains("\r\nmax-forwards: 0\r\n"), "{head}");
}
