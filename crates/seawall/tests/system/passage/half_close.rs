//! Clients that send no more and listen on, and those that look like it.

use crate::fixtures::frames::opening;
use crate::fixtures::{Client, Ended, HOST, Played, SOON, Setup, Shield, Witness};
use std::io;
use std::net::{Shutdown, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: {HOST}\r\n\r\n")
}

/// Says that nothing more will be sent.
fn half_close(client: &Client<TcpStream>) {
    client.stream.shutdown(Shutdown::Write).expect("it is open");
}

#[test]
fn a_client_that_half_closes_gets_its_answers_and_then_the_end() {
    let origin = Witness::start(Duration::from_millis(400));
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    for (requests, answers) in [
        (get("/"), 1),
        (get("/").repeat(3), 3),
        (format!("GET / HTTP/1.0\r\nhost: {HOST}\r\n\r\n"), 1),
        (format!("POST / HTTP/1.1\r\nhost: {HOST}\r\ncontent-length: 5\r\n\r\nhello"), 1),
    ] {
        let mut client = Client::plain(setup.plain);
        client.send(&requests);
        half_close(&client);
        for _ in 0..answers {
            assert_eq!(client.answer().text(), "hello\n", "{requests}");
        }
        assert_eq!(client.rest(), (Vec::new(), Ended::Closed), "{requests}");
    }
}

#[test]
fn a_client_that_half_closes_its_tls_gets_its_answer() {
    let origin = Witness::start(Duration::from_millis(400));
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    let mut client = Client::tls(setup.tls, &setup.certificate);
    client.send(get("/"));
    client.stream.conn.send_close_notify();
    client.stream.conn.write_tls(&mut client.stream.sock).expect("it is open");
    client.stream.sock.shutdown(Shutdown::Write).expect("it is open");
    assert_eq!(client.answer().text(), "hello\n");
}

#[test]
fn half_a_request_and_an_idle_connection_end_with_their_client() {
    let origin = Witness::start(Duration::ZERO);
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    let mut client = Client::plain(setup.plain);
    assert_eq!(client.ask("/").status, 200);
    half_close(&client);
    assert_eq!(client.rest().1, Ended::Closed);
    let mut client = Client::plain(setup.plain);
    client.send("GET / HTTP/1.1\r\nhos");
    half_close(&client);
    assert_eq!(client.rest(), (Vec::new(), Ended::Closed));
    let mut client = Client::plain(setup.plain);
    client.send(opening(65_535));
    half_close(&client);
    assert_eq!(client.rest().1, Ended::Closed);
    assert_eq!(origin.count(), 1);
}

/// An origin that never answers, and tells when its connection ends.
fn silent() -> (Played, Receiver<()>) {
    let (tell, told) = channel();
    let origin = Played::start(move |client| {
        client.head()?;
        tell.send(()).map_err(io::Error::other)?;
        client.rest();
        tell.send(()).map_err(io::Error::other)
    });
    (origin, told)
}

#[test]
fn a_half_closed_client_that_vanishes_ends_its_request_within_a_second() {
    let (origin, told) = silent();
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    for _ in 0..3 {
        let mut client = Client::plain(setup.plain);
        client.send(get("/poll"));
        told.recv_timeout(SOON).expect("the origin is asked");
        half_close(&client);
        let now = Some(Duration::ZERO);
        rustix::net::sockopt::set_socket_linger(&client.stream, now).expect("it is a socket");
        drop(client);
        let began = Instant::now();
        told.recv_timeout(SOON).expect("the origin's connection ends");
        assert!(began.elapsed() < Duration::from_secs(1), "after {:?}", began.elapsed());
    }
}

#[test]
fn a_client_that_left_like_a_browser_does_not_keep_its_origin_busy() {
    let (origin, told) = silent();
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    let mut client = Client::plain(setup.plain);
    client.send(get("/poll"));
    told.recv_timeout(SOON).expect("the origin is asked");
    drop(client);
    let began = Instant::now();
    told.recv_timeout(SOON).expect("the origin's connection ends");
    let took = began.elapsed();
    assert!((1.8..8.0).contains(&took.as_secs_f64()), "after {took:?}");
}

#[test]
fn a_half_closed_client_gets_an_answer_that_comes_slowly_but_comes() {
    let origin = Played::start(|client| {
        client.head()?;
        client.send("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n");
        for _ in 0..4 {
            std::thread::sleep(Duration::from_secs(1));
            client.send("x");
        }
        client.head().map(drop)
    });
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    let mut client = Client::plain(setup.plain);
    client.send(get("/"));
    half_close(&client);
    assert_eq!(client.answer().text(), "xxxx");
}
