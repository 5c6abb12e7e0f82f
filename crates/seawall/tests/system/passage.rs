//! What passes through: the request as the origin gets it, the answer as the client gets it.

mod aborts;
mod expect;
mod half_close;
mod hops;
mod interims;
mod messages;
mod strict;
mod trailers;

use crate::fixtures::curl::{Way, curl};
use crate::fixtures::script::{Line, Script, Then};
use crate::fixtures::{Client, HOST, Ran, SOON, Setup, Shield, Witness, needs, run};
use std::net::Ipv4Addr;
use std::time::Duration;

const SOURCE: Ipv4Addr = Ipv4Addr::new(127, 0, 6, 1);
/// Bytes of an upload: more than every buffer on its way.
const UPLOAD: usize = 12 * 1024 * 1024;

/// Fields with which a client might pass as somebody else, or reach past the shield.
const FORGED: &[&str] = &[
    "X-Forwarded-For: 192.0.2.1",
    "X-Forwarded-Proto: gopher",
    "X-Forwarded-Host: forged.example.org",
    "X-Forwarded-Port: 1",
    "X-Real-IP: 192.0.2.1",
    "Forwarded: for=192.0.2.1",
    "CF-Connecting-IP: 192.0.2.1",
    "True-Client-IP: 192.0.2.1",
    "Seawall-Verdict: admit; code=forged",
];

#[test]
fn the_origin_gets_the_clients_true_address_and_nothing_forged() {
    let test = "passage::the_origin_gets_the_clients_true_address_and_nothing_forged";
    if !needs(test, &["curl"]) {
        return;
    }
    let origin = Witness::start(Duration::ZERO);
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    for way in Way::ALL {
        let mut command = curl(&setup, way, SOURCE);
        for field in FORGED.iter().chain(&["X-Kept: yes", "Cookie: a=b; c=d"]) {
            command.args(["-H", field]);
        }
        command.arg(way.url(&setup, "/kept?q=%20x"));
        assert_eq!(run(&mut command, SOON).good(), "hello\n", "{way:?}");
        let head = origin.heads().pop().expect("it has come").to_ascii_lowercase();
        let (proto, port) = match way {
            Way::PlainH1 | Way::PlainH2 => ("http", setup.plain.port()),
            Way::TlsH1 | Way::TlsH2 => ("https", setup.tls.port()),
        };
        assert!(head.starts_with("get /kept?q=%20x http/1.1\r\n"), "{way:?}: {head}");
        for field in [
            format!("host: {HOST}:{port}"),
            format!("x-forwarded-for: {SOURCE}"),
            format!("x-forwarded-proto: {proto}"),
            format!("x-forwarded-host: {HOST}:{port}"),
            "x-kept: yes".to_owned(),
            "cookie: a=b; c=d".to_owned(),
        ] {
            let times = head.matches(&format!("\r\n{field}\r\n")).count();
            assert_eq!(times, 1, "{way:?}: {field} in {head}");
        }
        for forged in ["192.0.2.1", "gopher", "forged", "x-forwarded-port", "x-real-ip"] {
            assert!(!head.contains(forged), "{way:?}: {forged} in {head}");
        }
    }
}

#[test]
fn fields_of_one_connection_do_not_reach_the_origin() {
    let origin = Witness::start(Duration::ZERO);
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    let mut client = Client::plain(setup.plain);
    client.send(format!(
        "GET / HTTP/1.1\r\nhost: {HOST}\r\nconnection: keep-alive, x-mine\r\nx-mine: 1\r\n\
         keep-alive: timeout=5\r\nproxy-connection: keep-alive\r\nte: gzip\r\n\
         proxy-authorization: Basic eA==\r\n\r\n"
    ));
    assert_eq!(client.answer().status, 200);
    let head = origin.heads().pop().expect("it has come");
    for name in ["x-mine", "keep-alive", "proxy-", "te: gzip"] {
        assert!(!head.contains(name), "{name} in {head}");
    }
}

/// Answers that are good, in every form that origins give them.
fn good_answers() -> Vec<Line> {
    let line = |path, bytes: &str, then| Line { path, bytes: bytes.into(), then };
    vec![
        line("/length", "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello", Then::Keep),
        line(
            "/chunked",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\n\r\n",
            Then::Keep,
        ),
        line(
            "/trailers",
            "HTTP/1.1 200 OK\r\ntrailer: x-sum\r\ntransfer-encoding: chunked\r\n\r\n\
             5\r\nhello\r\n0\r\nx-sum: 1\r\n\r\n",
            Then::Keep,
        ),
        line("/until-close", "HTTP/1.1 200 OK\r\n\r\nhello", Then::Close),
        line("/old", "HTTP/1.0 200 OK\r\ncontent-length: 5\r\n\r\nhello", Then::Close),
        line("/old-until-close", "HTTP/1.0 200 OK\r\n\r\nhello", Then::Close),
        line(
            "/closes",
            "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 5\r\n\r\nhello",
            Then::Close,
        ),
        line(
            "/hints",
            "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n\
             HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello",
            Then::Keep,
        ),
        line("/lower", "HTTP/1.1 200\r\nContent-LENGTH: 5\r\n\r\nhello", Then::Keep),
    ]
}

#[test]
fn an_answer_arrives_in_whatever_form_the_origin_gives_it() {
    if !needs("passage::an_answer_arrives_in_whatever_form…", &["curl"]) {
        return;
    }
    let origin = Script::start(good_answers());
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    for way in Way::ALL {
        for line in good_answers().iter().chain(&good_answers()) {
            let mut command = curl(&setup, way, SOURCE);
            command.arg(way.url(&setup, line.path));
            assert_eq!(run(&mut command, SOON).good(), "hello", "{way:?} {}", line.path);
        }
    }
}

#[test]
fn an_answer_without_a_body_leaves_the_connection_usable() {
    let line = |path, bytes: &str| Line { path, bytes: bytes.into(), then: Then::Keep };
    let origin = Script::start(vec![
        line("/head", "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n"),
        line("/204", "HTTP/1.1 204 No Content\r\n\r\n"),
        line("/304", "HTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\netag: \"a\"\r\n\r\n"),
        line("/hello", "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"),
    ]);
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    let mut client = Client::plain(setup.plain);
    for _ in 0..3 {
        client.send(format!("HEAD /head HTTP/1.1\r\nhost: {HOST}\r\n\r\n"));
        let head = client.head().expect("an answer");
        assert!(head.starts_with("HTTP/1.1 200") && head.contains("content-length: 5"), "{head}");
        assert_eq!(client.ask("/204").status, 204);
        assert_eq!(client.ask("/304").status, 304);
        assert_eq!(client.ask("/hello").text(), "hello");
    }
}

#[test]
fn an_answer_that_broke_off_never_looks_complete() {
    if !needs("passage::an_answer_that_broke_off…", &["curl"]) {
        return;
    }
    let line = |path, bytes: &str, then| Line { path, bytes: bytes.into(), then };
    let chunked =
        |body: &str| format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{body}");
    let lines = vec![
        line("/short", "HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nhello", Then::Close),
        line("/short-reset", "HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nhello", Then::Reset),
        line("/no-last", &chunked("5\r\nhello\r\n"), Then::Close),
        line("/in-chunk", &chunked("50\r\nhello"), Then::Close),
        line("/bad-size", &chunked("5\r\nhello\r\nxyz\r\n"), Then::Keep),
        line("/bad-end", &chunked("5\r\nhelloXX0\r\n\r\n"), Then::Keep),
        line("/no-empty-line", &chunked("5\r\nhello\r\n0\r\n"), Then::Close),
    ];
    let origin = Script::start(lines.clone());
    let setup = Setup::before(origin.address);
    let mut shield = Shield::start(&setup);
    for way in Way::ALL {
        for line in &lines {
            let mut command = curl(&setup, way, SOURCE);
            command.arg(way.url(&setup, line.path));
            let Ran { code, out, .. } = run(&mut command, SOON);
            assert_ne!(code, Some(0), "{way:?} {} passes for {out:?}", line.path);
            assert_ne!(code, Some(28), "{way:?} {} hangs", line.path);
        }
    }
    assert!(shield.lives());
}

#[test]
fn an_answer_that_is_not_http_is_told_as_the_origins_fault() {
    let line = |path, bytes: Vec<u8>, then| Line { path, bytes, then };
    let lines = vec![
        line("/nothing", Vec::new(), Then::Close),
        line("/reset", Vec::new(), Then::Reset),
        line("/garbage", b"SSH-2.0-OpenSSH_9.2\r\n".to_vec(), Then::Close),
        line("/half-head", b"HTTP/1.1 200 OK\r\ncontent-le".to_vec(), Then::Close),
        line(
            "/two",
            b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello".to_vec(),
            Then::Keep,
        ),
        line("/length", b"HTTP/1.1 200 OK\r\ncontent-length: 5x\r\n\r\nhello".to_vec(), Then::Keep),
        line("/version", b"HTTP/3.0 200 OK\r\n\r\n".to_vec(), Then::Keep),
        line("/status", b"HTTP/1.1 20 OK\r\n\r\n".to_vec(), Then::Keep),
        line("/nul", b"HTTP/1.1 200 OK\r\nx: a\0b\r\n\r\n".to_vec(), Then::Keep),
        line(
            "/endless-head",
            [b"HTTP/1.1 200 OK\r\n".to_vec(), b"x: y\r\n".repeat(400_000)].concat(),
            Then::Close,
        ),
    ];
    let origin = Script::start(lines.clone());
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    for line in lines {
        for answer in [
            Client::plain(setup.plain).ask(line.path),
            Client::tls(setup.tls, &setup.certificate).ask(line.path),
        ] {
            assert_eq!(answer.status, 502, "{}: {answer:?}", line.path);
            assert_eq!(answer.verdict().map(|(word, _)| word), Some("error"), "{answer:?}");
        }
    }
}

#[test]
fn a_large_upload_arrives_whole_by_every_way() {
    if !needs("passage::a_large_upload_arrives_whole_by_every_way", &["curl"]) {
        return;
    }
    let origin = Witness::start(Duration::ZERO);
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    let file = setup.folder.write("upload", vec![b'u'; UPLOAD]);
    for (number, way) in (1..).zip(Way::ALL) {
        for (half, length) in [(0, "Expect: 100-continue"), (1, "Transfer-Encoding: chunked")] {
            let mut command = curl(&setup, way, SOURCE);
            command.args(["-H", length, "--data-binary"]);
            command.arg(format!("@{}", file.display()));
            command.arg(way.url(&setup, "/upload"));
            assert_eq!(run(&mut command, SOON * 2).good(), "hello\n", "{way:?} {length}");
            let arrived = (2 * number + half - 1) * UPLOAD;
            assert_eq!(origin.body_bytes(), arrived, "{way:?} {length}");
        }
    }
}

#[test]
fn a_client_that_changes_the_protocol_gets_its_tunnel() {
    let switch =
        "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n";
    let line = |path, bytes: &str, then| Line { path, bytes: bytes.into(), then };
    let origin = Script::start(vec![
        line("/echo", switch, Then::Echo),
        line("/no", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nno", Then::Keep),
    ]);
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    let ask = |path: &str| {
        format!(
            "GET {path} HTTP/1.1\r\nhost: {HOST}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n"
        )
    };
    let mut plain = Client::plain(setup.plain);
    let mut tls = Client::tls(setup.tls, &setup.certificate);
    plain.send(ask("/echo"));
    tls.send(ask("/echo"));
    let (head, tls_head) = (plain.head().expect("an answer"), tls.head().expect("an answer"));
    assert!(head.starts_with("HTTP/1.1 101") && tls_head.starts_with("HTTP/1.1 101"), "{head}");
    for word in ["GET / HTTP/1.1\r\n\r\n", "\0\x01\x02", "and so on"] {
        plain.send(word);
        tls.send(word);
        assert_eq!(plain.exactly(word.len()).expect("it comes back"), word.as_bytes());
        assert_eq!(tls.exactly(word.len()).expect("it comes back"), word.as_bytes());
    }
    let mut refused = Client::plain(setup.plain);
    refused.send(ask("/no"));
    assert_eq!(refused.answer().text(), "no");
    assert_eq!(refused.ask("/no").text(), "no", "it goes on speaking HTTP");
}
