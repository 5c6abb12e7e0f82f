//! Trailers, both ways.

use crate::fixtures::curl::{Way, curl};
use crate::fixtures::frames::{
    DATA, END_HEADERS, END_STREAM, HEADERS, field, frame, opening, post,
};
use crate::fixtures::script::{Line, Script, Then};
use crate::fixtures::{Client, HOST, Played, SOON, Setup, Shield, needs, run};
use std::sync::mpsc::{Receiver, channel};

/// An origin that tells what it was sent in chunks: the head, and the body to its last byte.
fn recorder() -> (Played, Receiver<(String, String)>) {
    let (tell, told) = channel();
    let origin = Played::start(move |client| {
        loop {
            let head = client.head()?;
            let mut body = client.until(b"0\r\n")?;
            loop {
                let line = client.until(b"\r\n")?;
                body.extend_from_slice(&line);
                if line == b"\r\n" {
                    break;
                }
            }
            let body = String::from_utf8_lossy(&body).into_owned();
            tell.send((head, body)).map_err(std::io::Error::other)?;
            client.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        }
    });
    (origin, told)
}

#[test]
fn trailers_of_an_http1_request_reach_the_origin_behind_the_last_chunk() {
    let (origin, told) = recorder();
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    let mut client = Client::plain(setup.plain);
    client.send(format!(
        "POST /up HTTP/1.1\r\nhost: {HOST}\r\nconnection: te\r\nte: trailers\r\ntrailer: x-sum\r\n\
         transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 1\r\nx-sum: 2\r\ngrpc-status: 0\r\n\r\n"
    ));
    assert_eq!(client.answer().text(), "ok");
    let (head, body) = told.recv_timeout(SOON).expect("it has come");
    for line in ["trailer: x-sum", "te: trailers", "connection: te", "transfer-encoding: chunked"] {
        assert!(head.contains(&format!("\r\n{line}\r\n")), "{line} in {head}");
    }
    assert_eq!(body, "5\r\nhello\r\n0\r\nx-sum: 1\r\nx-sum: 2\r\ngrpc-status: 0\r\n\r\n");
    client.send(format!(
        "POST /up HTTP/1.1\r\nhost: {HOST}\r\ntransfer-encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"
    ));
    assert_eq!(client.answer().text(), "ok");
    let (head, body) = told.recv_timeout(SOON).expect("it has come");
    assert!(!head.contains("\r\nte:") && !head.contains("\r\nconnection:"), "{head}");
    assert_eq!(body, "1\r\nx\r\n0\r\n\r\n");
}

#[test]
fn trailers_of_an_http2_request_reach_the_origin_but_for_those_that_decide_something() {
    let (origin, told) = recorder();
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    let mut client = Client::plain(setup.plain);
    let trailers = [
        field("x-sum", "1"),
        field("x_sum", "2"),
        field("authorization", "Basic eA=="),
        field("x-forwarded-for", "192.0.2.1"),
        field("content-length", "3"),
        field("grpc-status", "0"),
    ];
    let head = [post("/up"), field("te", "trailers")].concat();
    client.send(opening(65_535));
    client.send(frame(HEADERS, END_HEADERS, 1, &head));
    client.send(frame(DATA, 0, 1, b"hello"));
    client.send(frame(HEADERS, END_HEADERS | END_STREAM, 1, &trailers.concat()));
    let (head, body) = told.recv_timeout(SOON).expect("it has come");
    assert!(head.contains("\r\nte: trailers\r\nconnection: te\r\n"), "{head}");
    assert_eq!(body, "5\r\nhello\r\n0\r\nx-sum: 1\r\ngrpc-status: 0\r\n\r\n");
    assert_eq!(client.frame_of(DATA).expect("an answer").payload, b"ok");
}

/// An answer with trailers; `announced` is its `Trailer` line.
fn answer(announced: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 200 OK\r\n{announced}transfer-encoding: chunked\r\n\r\n\
         5\r\nhello\r\n0\r\nx-sum: 1\r\nset-cookie: a=b\r\nseawall-verdict: admit\r\n\r\n"
    )
    .into_bytes()
}

#[test]
fn trailers_of_an_answer_reach_clients_that_take_them() {
    if !needs("passage::trailers::trailers_of_an_answer_reach_clients…", &["curl"]) {
        return;
    }
    let line = |path, bytes| Line { path, bytes, then: Then::Keep };
    let origin = Script::start(vec![
        line("/announced", answer("trailer: x-sum, set-cookie\r\n")),
        line("/silent", answer("")),
    ]);
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    for (way, path, te, arrives) in [
        (Way::PlainH1, "/announced", true, true),
        (Way::TlsH1, "/announced", true, true),
        (Way::PlainH2, "/announced", false, true),
        (Way::TlsH2, "/announced", false, true),
        (Way::PlainH2, "/silent", false, true),
        (Way::PlainH1, "/announced", false, false),
        // The HTTP/1 engine sends only trailers whose names it could announce.
        (Way::PlainH1, "/silent", true, false),
    ] {
        let mut command = curl(&setup, way, std::net::Ipv4Addr::LOCALHOST);
        command.arg("--include").arg(way.url(&setup, path));
        if te {
            command.args(["-H", "TE: trailers", "-H", "Connection: TE"]);
        }
        let text = run(&mut command, SOON).good();
        let what = format!("{way:?} {path} te={te}: {text}");
        assert!(text.contains("hello"), "{what}");
        assert_eq!(text.contains("x-sum: 1"), arrives, "{what}");
        assert!(!text.contains("a=b") && !text.contains("seawall-verdict"), "{what}");
    }
}
