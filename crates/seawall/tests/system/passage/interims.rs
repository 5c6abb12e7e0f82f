//! Interim answers: what an origin says before its answer.

use crate::fixtures::script::{Line, Script, Then};
use crate::fixtures::{Client, HOST, Played, Setup, Shield};
use std::io::{Read, Write};
use std::process::Command;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello";
const HINT: &str = "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n";

fn line(path: &'static str, interims: &str) -> Line {
    Line { path, bytes: format!("{interims}{OK}").into_bytes(), then: Then::Keep }
}

/// Heads up to the final one, and the final answer's body.
fn heads<S: Read + Write>(client: &mut Client<S>, path: &str) -> (Vec<String>, String) {
    client.send(format!("GET {path} HTTP/1.1\r\nhost: {HOST}\r\n\r\n"));
    let mut interims = Vec::new();
    loop {
        let answer = client.answer();
        if answer.status >= 200 {
            assert_eq!(answer.status, 200);
            return (interims, answer.text());
        }
        interims.push(answer.head);
    }
}

#[test]
fn interim_answers_reach_http1_clients_in_order_and_without_our_connections_fields() {
    let hop = "HTTP/1.1 103 Early Hints\r\nlink: </b>\r\nconnection: x-hop\r\nx-hop: 1\r\n\
               keep-alive: timeout=5\r\nseawall-verdict: admit\r\n\r\n";
    let origin = Script::start(vec![
        line("/hint", HINT),
        line("/two", &format!("HTTP/1.1 102 Processing\r\n\r\n{HINT}")),
        line("/hop", hop),
        // Nobody asked for a body.
        line("/continue", "HTTP/1.1 100 Continue\r\n\r\n"),
        line("/none", ""),
    ]);
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    let hint = HINT.replace("Link", "link");
    let mut plain = Client::plain(setup.plain);
    let mut tls = Client::tls(setup.tls, &setup.certificate);
    for _ in 0..2 {
        for (path, expected) in [
            ("/hint", [hint.clone()].to_vec()),
            ("/none", Vec::new()),
            ("/two", ["HTTP/1.1 102 Processing\r\n\r\n".to_owned(), hint.clone()].to_vec()),
            ("/hop", ["HTTP/1.1 103 Early Hints\r\nlink: </b>\r\n\r\n".to_owned()].to_vec()),
            ("/continue", Vec::new()),
        ] {
            for (interims, body) in [heads(&mut plain, path), heads(&mut tls, path)] {
                assert_eq!((&interims, body.as_str()), (&expected, "hello"), "{path}");
            }
        }
    }
}

#[test]
fn an_interim_answer_arrives_before_the_origin_has_answered() {
    let (go_on, told) = channel::<()>();
    let told = std::sync::Mutex::new(told);
    let origin = Played::start(move |client| {
        client.head()?;
        client.send(HINT);
        // Only once the client has the hint.
        let wait = told.lock().expect("nobody panics with it");
        wait.recv().map_err(std::io::Error::other)?;
        client.send(OK);
        client.head().map(drop)
    });
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    let mut client = Client::plain(setup.plain);
    client.send(format!("GET / HTTP/1.1\r\nhost: {HOST}\r\n\r\n"));
    assert_eq!(client.answer().status, 103);
    go_on.send(()).expect("the origin waits");
    assert_eq!(client.answer().text(), "hello");
}

#[test]
fn interim_answers_of_pipelined_requests_stand_before_their_own_answers() {
    let origin = Script::start(vec![line("/hint", HINT), line("/none", "")]);
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    let mut client = Client::plain(setup.plain);
    let order = ["/none", "/hint", "/hint", "/none", "/hint"];
    let request = |path: &&str| format!("GET {path} HTTP/1.1\r\nhost: {HOST}\r\n\r\n");
    client.send(order.iter().map(request).collect::<String>());
    for path in order {
        if path == "/hint" {
            assert_eq!(client.answer().status, 103);
        }
        assert_eq!(client.answer().text(), "hello");
    }
}

#[test]
fn old_clients_get_no_interim_answer_and_nobody_gets_them_without_end() {
    let many = "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n".repeat(50);
    let long = format!("HTTP/1.1 103 Early Hints\r\nlink: {}\r\n\r\n", "a".repeat(6_000));
    let origin = Script::start(vec![
        line("/hint", HINT),
        line("/many", &many),
        line("/long", &long.repeat(4)),
    ]);
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    let mut old = Client::plain(setup.plain);
    old.send(format!("GET /hint HTTP/1.0\r\nhost: {HOST}\r\n\r\n"));
    assert_eq!(old.answer().text(), "hello");
    let mut client = Client::plain(setup.plain);
    let (interims, body) = heads(&mut client, "/many");
    assert_eq!((interims.len(), body.as_str()), (8, "hello"));
    let (interims, body) = heads(&mut client, "/long");
    assert_eq!((interims.len(), body.as_str()), (2, "hello"), "16 KiB have room for two");
}

#[test]
fn interim_answers_to_a_client_that_reads_slowly_never_stand_inside_another_answer() {
    let large = "l".repeat(6_000_000);
    let long = format!("HTTP/1.1 103 Early Hints\r\nlink: {}\r\n\r\n", "a".repeat(1_900));
    let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{large}", large.len());
    let origin = Script::start(vec![
        Line { path: "/large", bytes: answer.into_bytes(), then: Then::Keep },
        line("/long", &long.repeat(8)),
    ]);
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    let mut client = Client::plain(setup.plain);
    rustix::net::sockopt::set_socket_recv_buffer_size(&client.stream, 128 * 1024)
        .expect("a socket");
    let order = ["/large", "/long", "/large", "/long", "/long"];
    let request = |path: &&str| format!("GET {path} HTTP/1.1\r\nhost: {HOST}\r\n\r\n");
    client.send(order.iter().map(request).collect::<String>());
    // Time for everything on the way to be full.
    thread::sleep(Duration::from_millis(300));
    for path in order {
        if path == "/long" {
            for _ in 0..8 {
                let interim = client.head().expect("an interim answer");
                assert_eq!(interim, long);
            }
        }
        let expected = if path == "/long" { "hello" } else { &large };
        assert!(client.answer().text() == expected, "{path} is not what was sent");
    }
}

#[test]
fn an_interim_answer_before_a_failure_leaves_our_answer_whole() {
    let origin = Script::start(vec![Line {
        path: "/breaks",
        bytes: format!("{HINT}HTTP/1.1 2").into_bytes(),
        then: Then::Close,
    }]);
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    let mut client = Client::plain(setup.plain);
    client.send(format!("GET /breaks HTTP/1.1\r\nhost: {HOST}\r\n\r\n"));
    let first = client.answer();
    let last = if first.status == 103 { client.answer() } else { first };
    assert_eq!(last.status, 502);
    assert_eq!(client.ask("/other").status, 404);
}

#[test]
fn interim_answers_reach_http2_clients_too() {
    let two = format!("HTTP/1.1 102 Processing\r\n\r\n{HINT}");
    let origin = Script::start(vec![line("/two", &two)]);
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    let url = format!("http://{}/two", setup.plain);
    let host = format!("Host: {HOST}");
    let curl = Command::new("curl")
        .args(["--silent", "--include", "--http2-prior-knowledge", "--max-time", "10"])
        .args(["--header", &host, &url])
        .output()
        .expect("curl runs");
    let told = String::from_utf8(curl.stdout).expect("text");
    let statuses: Vec<_> = told.lines().filter(|line| line.starts_with("HTTP/2 ")).collect();
    assert_eq!(statuses, ["HTTP/2 102 ", "HTTP/2 103 ", "HTTP/2 200 "], "{told}");
    assert!(told.contains("link: </a.css>; rel=preload"), "{told}");
    assert!(told.ends_with("hello"), "{told}");
}
