//! Clients that leave: the origin is told by the end of its connection, and never takes half a
//! request for a whole one.

use crate::fixtures::frames::{
    DATA, END_HEADERS, HEADERS, RST_STREAM, frame, opening, post, request, reset,
};
use crate::fixtures::{Client, Ended, HOST, Played, SOON, Setup, Shield, figure};
use std::io;
use std::net::{Shutdown, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

/// How soon an origin must be rid of a client that has gone.
const NOTICED: Duration = Duration::from_secs(1);

/// What an origin tells of one connection.
#[derive(Debug)]
enum Told {
    Asked,
    /// It ended, after these bytes.
    Ended(Vec<u8>, Ended),
}

/// An origin that answers each request with `begin` and nothing more, until the other side leaves.
fn origin(begin: &'static str) -> (Played, Receiver<Told>) {
    let (tell, told) = channel();
    let origin = Played::start(move |client| {
        client.head()?;
        tell.send(Told::Asked).map_err(io::Error::other)?;
        client.send(begin);
        let (bytes, ended) = client.rest();
        tell.send(Told::Ended(bytes, ended)).map_err(io::Error::other)
    });
    (origin, told)
}

/// An origin that sends without end.
fn fountain() -> (Played, Receiver<Told>) {
    let (tell, told) = channel();
    let origin = Played::start(move |client| {
        client.head()?;
        tell.send(Told::Asked).map_err(io::Error::other)?;
        client.send("HTTP/1.1 200 OK\r\n\r\n");
        while client.try_send([b'x'; 16 * 1024]).is_ok() {}
        tell.send(Told::Ended(Vec::new(), Ended::Closed)).map_err(io::Error::other)
    });
    (origin, told)
}

#[track_caller]
fn asked(told: &Receiver<Told>) {
    assert!(matches!(told.recv_timeout(SOON), Ok(Told::Asked)), "the origin is not asked");
}

/// How long the origin's connection stays, and what came on it.
#[track_caller]
fn left(told: &Receiver<Told>) -> (Duration, Vec<u8>) {
    let began = Instant::now();
    match told.recv_timeout(SOON) {
        Ok(Told::Ended(bytes, ended)) => {
            assert_ne!(ended, Ended::Open);
            (began.elapsed(), bytes)
        }
        other => panic!("the origin's connection does not end: {other:?}"),
    }
}

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: {HOST}\r\n\r\n")
}

/// Leaves with a reset.
fn vanish(client: Client<TcpStream>) {
    let now = Some(Duration::ZERO);
    rustix::net::sockopt::set_socket_linger(&client.stream, now).expect("it is a socket");
    drop(client);
}

#[test]
fn a_client_that_vanishes_while_it_waits_is_forgotten_by_the_origin() {
    let (origin, told) = origin("");
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    for _ in 0..5 {
        let mut client = Client::plain(setup.plain);
        client.send(get("/poll"));
        asked(&told);
        vanish(client);
        let (took, bytes) = left(&told);
        assert!(took < NOTICED && bytes.is_empty(), "after {took:?}");
        figure("abort.waiting", format!("{:.4}", took.as_secs_f64()), "seconds");
    }
}

#[test]
fn a_client_that_vanishes_during_its_answer_ends_it_at_the_origin() {
    let (origin, told) = fountain();
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    for _ in 0..5 {
        let mut client = Client::plain(setup.plain);
        client.send(get("/download"));
        client.exactly(100_000).expect("it begins");
        asked(&told);
        vanish(client);
        let (took, _) = left(&told);
        assert!(took < NOTICED, "after {took:?}");
        figure("abort.answer", format!("{:.4}", took.as_secs_f64()), "seconds");
    }
}

#[test]
fn a_client_that_leaves_in_order_during_its_answer_ends_it_at_the_origin() {
    let (origin, told) = fountain();
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    let mut plain = Client::plain(setup.plain);
    plain.send(get("/download"));
    plain.exactly(100_000).expect("it begins");
    asked(&told);
    drop(plain);
    assert!(left(&told).0 < NOTICED);
    let mut tls = Client::tls(setup.tls, &setup.certificate);
    tls.send(get("/download"));
    tls.exactly(100_000).expect("it begins");
    asked(&told);
    drop(tls);
    assert!(left(&told).0 < NOTICED);
}

#[test]
fn an_http2_client_that_cancels_ends_its_request_at_the_origin() {
    let (origin, told) = origin("HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nhello");
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    let mut client = Client::plain(setup.plain);
    client.send([opening(65_535), request(1, "/")].concat());
    asked(&told);
    client.frame_of(DATA).expect("it begins");
    client.send(reset(1));
    let (took, _) = left(&told);
    assert!(took < NOTICED, "after {took:?}");
}

#[test]
fn an_upload_that_broke_off_never_looks_whole_to_the_origin() {
    let (origin, told) = origin("");
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    let head = |framing: &str| format!("POST / HTTP/1.1\r\nhost: {HOST}\r\n{framing}\r\n\r\n");
    let by_length = head("content-length: 50") + "hello";
    let by_chunks = head("transfer-encoding: chunked") + "5\r\nhello\r\n";
    let in_chunk = head("transfer-encoding: chunked") + "32\r\nhello";
    let no_chunk = head("transfer-encoding: chunked") + "5\r\nhello\r\nzz\r\n";
    for request in [&by_length, &by_chunks, &in_chunk, &no_chunk] {
        for leave in [vanish as fn(Client<TcpStream>), drop] {
            let mut client = Client::plain(setup.plain);
            client.send(request);
            asked(&told);
            leave(client);
            is_half(&left(&told).1, request);
        }
        let mut client = Client::plain(setup.plain);
        client.send(request);
        asked(&told);
        client.stream.shutdown(Shutdown::Write).expect("it is open");
        is_half(&left(&told).1, request);
    }
}

/// Whether what came is the beginning of a body, at most five bytes of it and no end.
#[track_caller]
fn is_half(body: &[u8], what: &str) {
    let text = String::from_utf8_lossy(body);
    assert!(!text.contains("0\r\n") && text.len() <= "5\r\nhello\r\n".len(), "{what}: {text:?}");
}

#[test]
fn an_http2_upload_that_broke_off_never_looks_whole_to_the_origin() {
    let (origin, told) = origin("");
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    // NO_ERROR, which asks for no more than to stop; CANCEL; and a connection that just ends.
    for code in [Some(0_u32), Some(8), None] {
        let mut client = Client::plain(setup.plain);
        client.send(opening(65_535));
        client.send(frame(HEADERS, END_HEADERS, 1, &post("/up")));
        client.send(frame(DATA, 0, 1, b"hello"));
        asked(&told);
        // The origin has the first chunk by then, as far as anybody can wait for it.
        thread::sleep(Duration::from_millis(100));
        match code {
            Some(code) => client.send(frame(RST_STREAM, 0, 1, &code.to_be_bytes())),
            None => drop(client),
        }
        let (took, body) = left(&told);
        assert!(took < NOTICED, "{code:?}: after {took:?}");
        is_half(&body, &format!("{code:?}"));
    }
}
