//! `Expect: 100-continue`: the origin decides whether a body is asked for.

use crate::fixtures::frames::{
    DATA, END_HEADERS, END_STREAM, HEADERS, field, frame, opening, post,
};
use crate::fixtures::{Client, HOST, Played, SOON, Setup, Shield, Witness};
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// What the origin says to the head, before it reads a body.
#[derive(Debug, Clone, Copy)]
enum Word {
    Continue,
    /// Nothing, like origins that do not know the field.
    Silence,
    Final(&'static str),
}

/// An origin that says `word` to each head, and tells each head and the body if one is to come.
fn origin(word: Word) -> (Played, Receiver<(String, Vec<u8>)>) {
    let (tell, told) = channel();
    let origin = Played::start(move |client| {
        loop {
            let head = client.head()?;
            match word {
                Word::Continue => client.send("HTTP/1.1 100 Continue\r\n\r\n"),
                Word::Silence => {}
                Word::Final(answer) => {
                    client.send(answer);
                    let (body, _) = client.rest();
                    return tell.send((head, body)).map_err(io::Error::other);
                }
            }
            let body = client.exactly(5)?;
            tell.send((head, body)).map_err(io::Error::other)?;
            client.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        }
    });
    (origin, told)
}

fn head(expectation: &str) -> String {
    format!(
        "PUT /up HTTP/1.1\r\nhost: {HOST}\r\nexpect: {expectation}\r\ncontent-length: 5\r\n\r\n"
    )
}

fn is_asked_for_its_body<S: Read + Write>(client: &mut Client<S>) {
    client.send(head("100-continue"));
    let interim = client.head().expect("an interim answer");
    assert_eq!(interim, "HTTP/1.1 100 Continue\r\n\r\n");
    client.send("hello");
    assert_eq!(client.answer().text(), "ok");
}

#[test]
fn a_client_is_asked_for_its_body_once_the_origin_asks() {
    let (origin, told) = origin(Word::Continue);
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    let mut plain = Client::plain(setup.plain);
    // Twice on one connection.
    is_asked_for_its_body(&mut plain);
    is_asked_for_its_body(&mut plain);
    is_asked_for_its_body(&mut Client::tls(setup.tls, &setup.certificate));
    for _ in 0..3 {
        let (head, body) = told.recv_timeout(SOON).expect("it has come");
        assert!(head.contains("\r\nexpect: 100-continue\r\n"), "{head}");
        assert_eq!(body, b"hello");
    }
}

#[test]
fn a_final_answer_reaches_a_client_whose_body_is_never_asked_for() {
    for (answer, status) in [
        ("HTTP/1.1 401 Unauthorized\r\ncontent-length: 2\r\n\r\nno", 401),
        ("HTTP/1.1 413 Content Too Large\r\ncontent-length: 2\r\n\r\nno", 413),
        ("HTTP/1.1 417 No\r\nconnection: close\r\ncontent-length: 2\r\n\r\nno", 417),
    ] {
        let (origin, told) = origin(Word::Final(answer));
        let setup = Setup::before(origin.address);
        let _shield = Shield::start(&setup);
        let mut client = Client::plain(setup.plain);
        client.send(head("100-continue"));
        let given = client.answer();
        assert_eq!((given.status, given.text().as_str()), (status, "no"), "{given:?}");
        assert_eq!(given.header("connection"), Some("close"));
        assert_eq!(given.verdict(), None);
        let (_, body) = told.recv_timeout(SOON).expect("the origin's connection ends");
        assert!(body.is_empty(), "the origin got {body:?}");
        // Whoever sends the body all the same is not taken for a new request.
        let _ = client.try_send("hello");
        assert!(client.rest().0.is_empty());
    }
}

#[test]
fn an_origin_that_breaks_off_leaves_the_body_with_its_client() {
    let origin = Played::start(|client| client.head().map(drop));
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    let mut client = Client::plain(setup.plain);
    client.send(head("100-continue"));
    let answer = client.answer();
    assert_eq!((answer.status, answer.header("connection")), (502, Some("close")), "{answer:?}");
    assert!(client.rest().0.is_empty());
}

#[test]
fn the_answer_to_a_body_that_we_refuse_arrives_before_the_body_is_sent() {
    let origin = Witness::start(Duration::ZERO);
    let setup = Setup::before(origin.address).tables("[limits]\nbody_max = \"1 KiB\"");
    let _shield = Shield::start(&setup);
    for (host, status) in [(HOST, 413), ("elsewhere.example.org", 421)] {
        for field in ["expect: 100-continue", "x-nothing: expected"] {
            let request = format!(
                "PUT / HTTP/1.1\r\nhost: {host}\r\n{field}\r\ncontent-length: 1025\r\n\r\n"
            );
            let mut plain = Client::plain(setup.plain);
            let mut tls = Client::tls(setup.tls, &setup.certificate);
            plain.send(&request);
            tls.send(&request);
            for answer in [plain.answer(), tls.answer()] {
                assert_eq!(answer.status, status, "{request}: {answer:?}");
                assert_eq!(answer.header("connection"), Some("close"), "{request}: {answer:?}");
            }
        }
    }
    assert_eq!(origin.count(), 0);
}

#[test]
fn a_body_is_held_back_for_a_second_from_an_origin_that_says_nothing() {
    let (origin, told) = origin(Word::Silence);
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    let mut client = Client::plain(setup.plain);
    let began = Instant::now();
    client.send(head("100-continue"));
    assert_eq!(client.head().expect("an interim answer"), "HTTP/1.1 100 Continue\r\n\r\n");
    let waited = began.elapsed();
    assert!(waited >= Duration::from_millis(900), "asked after {waited:?}");
    client.send("hello");
    assert_eq!(client.answer().text(), "ok");
    assert_eq!(told.recv_timeout(SOON).expect("it has come").1, b"hello");
}

#[test]
fn a_client_that_does_not_wait_is_served_like_any_other() {
    let (origin, told) = origin(Word::Continue);
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    let mut client = Client::plain(setup.plain);
    client.send(format!("{}hello", head("100-Continue")));
    let first = client.answer();
    let last = if first.status == 100 { client.answer() } else { first };
    assert_eq!((last.status, last.text().as_str()), (200, "ok"));
    assert_eq!(told.recv_timeout(SOON).expect("it has come").1, b"hello");
}

#[test]
fn an_http2_upload_waits_for_the_origin_too() {
    let (origin, told) = origin(Word::Final("HTTP/1.1 401 No\r\ncontent-length: 0\r\n\r\n"));
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    let mut client = Client::plain(setup.plain);
    let block = [post("/up"), field("expect", "100-continue"), field("content-length", "5")];
    client.send(opening(65_535));
    client.send(frame(HEADERS, END_HEADERS, 1, &block.concat()));
    client.send(frame(DATA, END_STREAM, 1, b"hello"));
    let answer = client.frame_of(HEADERS).expect("an answer");
    assert_eq!(answer.flags & END_STREAM, END_STREAM, "{answer:?}");
    let (head, body) = told.recv_timeout(SOON).expect("the origin's connection ends");
    assert!(head.contains("\r\nexpect: 100-continue\r\n"), "{head}");
    assert!(body.is_empty(), "the origin got {body:?}");
}

#[test]
fn an_http2_client_is_asked_for_its_body_once_the_origin_asks() {
    let (origin, told) = origin(Word::Continue);
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    let mut client = Client::plain(setup.plain);
    let block = [post("/up"), field("expect", "100-continue"), field("content-length", "5")];
    client.send(opening(65_535));
    client.send(frame(HEADERS, END_HEADERS, 1, &block.concat()));
    let interim = client.frame_of(HEADERS).expect("an interim answer");
    assert_eq!(interim.flags & END_STREAM, 0, "{interim:?}");
    client.send(frame(DATA, END_STREAM, 1, b"hello"));
    let answer = client.frame_of(HEADERS).expect("the answer");
    // Number 8 of the static table: `:status: 200`.
    assert_eq!(answer.payload.first(), Some(&0x88), "{answer:?}");
    assert_eq!(told.recv_timeout(SOON).expect("it has come").1, b"hello");
}

#[test]
fn other_expectations_fail() {
    let origin = Witness::start(Duration::ZERO);
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    for expectation in ["200-ok", "100-continue, x", ""] {
        let mut client: Client<TcpStream> = Client::plain(setup.plain);
        client.send(head(expectation));
        let answer = client.answer();
        assert_eq!(answer.status, 417, "{answer:?}");
        assert_eq!(answer.verdict().map(|(word, _)| word), Some("error"), "{answer:?}");
    }
    let mut client = Client::plain(setup.plain);
    let block = [post("/"), field("expect", "200-ok")].concat();
    client.send(opening(65_535));
    client.send(frame(HEADERS, END_HEADERS | END_STREAM, 1, &block));
    let answer = client.frame_of(HEADERS).expect("an answer");
    // A status outside the static table is a literal, in Huffman's code: `417` is 68 2E FF.
    assert!(answer.payload.windows(3).any(|bytes| bytes == [0x68, 0x2e, 0xff]), "{answer:?}");
    assert_eq!(origin.count(), 0);
}
