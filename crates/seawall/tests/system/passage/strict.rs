//! Answers that two readers could read in two ways do not pass.

use crate::fixtures::{Client, Played, SOON, Setup, Shield, figure};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, channel};

/// An origin that answers `/n` with the `n`th of `answers`, and tells when the other side closes.
fn origin(answers: Vec<String>) -> (Played, Receiver<usize>) {
    let (tell, told) = channel();
    let origin = Played::start(move |client| {
        let head = client.head()?;
        let row: usize = head
            .split(['/', ' '])
            .find_map(|word| word.parse().ok())
            .expect("every path here is a number");
        client.send(&answers[row]);
        client.rest();
        tell.send(row).map_err(std::io::Error::other)
    });
    (origin, told)
}

const HEADS: &[(&str, &str)] = &[
    ("folded", "HTTP/1.1 200 OK\r\nx: a\r\n b\r\ncontent-length: 2\r\n\r\nok"),
    ("space before colon", "HTTP/1.1 200 OK\r\ncontent-length : 2\r\n\r\nok"),
    ("bare CR", "HTTP/1.1 200 OK\r\nx: a\rcontent-length: 0\r\ncontent-length: 2\r\n\r\nok"),
    ("bare LF", "HTTP/1.1 200 OK\r\nx: a\ncontent-length: 2\r\n\r\nok"),
    ("LF alone", "HTTP/1.1 200 OK\ncontent-length: 2\n\nok"),
    ("empty line first", "\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"),
    ("NUL", "HTTP/1.1 200 OK\r\nx: \0\r\ncontent-length: 2\r\n\r\nok"),
    ("equal lengths", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 2\r\n\r\nok"),
    ("two lengths", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nok"),
    ("list of lengths", "HTTP/1.1 200 OK\r\ncontent-length: 2, 2\r\n\r\nok"),
    ("plus", "HTTP/1.1 200 OK\r\ncontent-length: +2\r\n\r\nok"),
    ("negative", "HTTP/1.1 200 OK\r\ncontent-length: -2\r\n\r\nok"),
    ("huge", "HTTP/1.1 200 OK\r\ncontent-length: 18446744073709551618\r\n\r\nok"),
    (
        "length and chunks",
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    ),
    ("chunked first", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked, gzip\r\n\r\n0\r\n\r\n"),
    ("unknown coding", "HTTP/1.1 200 OK\r\ntransfer-encoding: cow\r\n\r\nok"),
    ("old chunks", "HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"),
    ("204 with a length", "HTTP/1.1 204 No Content\r\ncontent-length: 2\r\n\r\nok"),
    ("204 with chunks", "HTTP/1.1 204 No Content\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"),
    (
        "103 with a length",
        "HTTP/1.1 103 Early Hints\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
    ),
    ("a protocol nobody asked for", "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n"),
];

#[test]
fn an_ambiguous_head_is_answered_with_502_and_its_connection_closed() {
    let (origin, told) = origin(HEADS.iter().map(|(_, answer)| (*answer).to_owned()).collect());
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    let mut client = Client::plain(setup.plain);
    for (row, (name, _)) in HEADS.iter().enumerate() {
        let answer = client.ask(&format!("/{row}"));
        assert_eq!(answer.status, 502, "{name}: {answer:?}");
        let (verdict, code) = answer.verdict().expect("it is ours");
        assert_eq!((verdict, code.split('.').next()), ("error", Some("unreachable")), "{name}");
        assert_eq!(told.recv_timeout(SOON), Ok(row), "{name}: the origin's connection stays open");
    }
    figure("strict.answers", HEADS.len(), "kinds");
}

const BODIES: &[(&str, &str)] = &[
    ("plus", "+2\r\nok\r\n0\r\n\r\n"),
    ("hexadecimal mark", "0x2\r\nok\r\n0\r\n\r\n"),
    ("leading space", " 2\r\nok\r\n0\r\n\r\n"),
    ("no digit", "\r\nok\r\n0\r\n\r\n"),
    ("seventeen digits", "00000000000000002\r\nok\r\n0\r\n\r\n"),
    ("bare LF", "2\nok\r\n0\r\n\r\n"),
    ("LF behind data", "2\r\nok\n0\r\n\r\n"),
    ("data longer than told", "2\r\nokay\r\n0\r\n\r\n"),
    ("bare LF in a trailer", "2\r\nok\r\n0\r\nx: a\ny: b\r\n\r\n"),
    ("folded trailer", "2\r\nok\r\n0\r\nx: a\r\n b\r\n\r\n"),
];

#[test]
fn a_body_that_breaks_its_framing_breaks_off_and_its_connection_is_closed() {
    let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    let long = format!("2;{}\r\nok\r\n0\r\n\r\n", "x".repeat(300));
    let mut rows: Vec<_> = BODIES.to_vec();
    rows.push(("long extension", &long));
    let (origin, told) = origin(rows.iter().map(|(_, body)| format!("{head}{body}")).collect());
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    for (row, (name, _)) in rows.iter().enumerate() {
        let mut client = Client::plain(setup.plain);
        client.send(format!("GET /{row} HTTP/1.1\r\nhost: www.example.org\r\n\r\n"));
        let (bytes, _) = client.rest();
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.ends_with("0\r\n\r\n"), "{name} looks complete: {text}");
        assert_eq!(told.recv_timeout(SOON), Ok(row), "{name}: the origin's connection stays open");
    }
}

#[test]
fn a_connection_with_bytes_behind_its_answer_is_not_used_again() {
    let answers = [
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil",
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
    ];
    let (origin, told) = origin(answers.iter().map(|&answer| answer.to_owned()).collect());
    let setup = Setup::before(origin.address).top("workers = 1");
    let _shield = Shield::start(&setup);
    let mut client = Client::plain(setup.plain);
    for row in 0..answers.len() {
        assert_eq!(client.ask(&format!("/{row}")).text(), "ok");
        assert_eq!(told.recv_timeout(SOON), Ok(row), "the origin's connection stays open");
    }
    // The answer to HEAD has no body; here it has.
    client.send("HEAD /0 HTTP/1.1\r\nhost: www.example.org\r\n\r\n");
    let head = client.head().expect("an answer");
    assert!(head.contains("content-length: 2\r\n"), "{head}");
    assert_eq!(told.recv_timeout(SOON), Ok(0), "the origin's connection stays open");
}

#[test]
fn a_good_connection_is_used_again() {
    let connections = Arc::<AtomicUsize>::default();
    let counted = connections.clone();
    let origin = Played::start(move |client| {
        counted.fetch_add(1, Relaxed);
        loop {
            client.head()?;
            client.send(
                "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2 \r\nok\r\n0;x\r\n\r\n",
            );
        }
    });
    let setup = Setup::before(origin.address).top("workers = 1");
    let _shield = Shield::start(&setup);
    let mut client = Client::plain(setup.plain);
    for _ in 0..5 {
        assert_eq!(client.ask("/").text(), "ok");
    }
    assert_eq!(connections.load(Relaxed), 1);
}
