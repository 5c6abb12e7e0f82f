//! RFC 9112, request by request.

use crate::fixtures::script::{Line, Script, Then};
use crate::fixtures::{Answer, Client, Ended, HOST, SOON, Setup, Shield, Witness, wait_for};
use rustix::process::Signal;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::thread;

/// What becomes of the connection after the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum After {
    Kept,
    /// Closed, and the answer said so.
    Closed,
    /// Closed, as the client's version implies.
    Ended,
}

/// A request with the status that it gets.
type Case = (&'static str, String, u16, After);

fn get(rest: &str) -> String {
    format!("GET / HTTP/1.1\r\nHost: {HOST}\r\n{rest}\r\n")
}

fn post(fields: &str, body: &str) -> String {
    format!("POST / HTTP/1.1\r\nHost: {HOST}\r\n{fields}\r\n{body}")
}

/// Asks each on a connection of its own; a kept one must serve another request.
#[track_caller]
fn check(cases: &[Case]) {
    let origin = Witness::start(std::time::Duration::ZERO);
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    for (what, request, status, after) in cases {
        let mut client = Client::plain(setup.plain);
        client.send(request);
        let answer = client.answer();
        assert_eq!(answer.status, *status, "{what}: {request:?} {answer:?}");
        match after {
            After::Kept => assert_eq!(client.ask("/").status, 200, "{what}"),
            After::Closed | After::Ended => {
                let said = answer.header("connection");
                assert_eq!(said, (*after == After::Closed).then_some("close"), "{what}");
                assert_eq!(client.rest(), (Vec::new(), Ended::Closed), "{what}");
            }
        }
    }
}

#[test]
fn a_request_line_is_read_by_its_grammar_and_its_target_by_its_form() {
    let line = |line: &str| format!("{line}\r\nHost: {HOST}\r\n\r\n");
    let long = "a".repeat(9_000);
    check(&[
        ("one empty line in front", format!("\r\n{}", get("")), 200, After::Kept),
        ("two empty lines in front", format!("\r\n\r\n{}", get("")), 400, After::Closed),
        (
            "a space before the first field",
            get(" X: a\r\n").replace("Host", " Host"),
            400,
            After::Closed,
        ),
        ("a bare line feed", get("").replace("\r\n", "\n"), 400, After::Closed),
        ("a bare carriage return", get("X: a\rb\r\n"), 400, After::Closed),
        ("a method of its own", line("FROBNICATE / HTTP/1.1"), 200, After::Kept),
        ("a method in lower case", line("get / HTTP/1.1"), 400, After::Closed),
        (
            "a method beyond every registered one",
            line("AVERYLONGMETHODTHATNOBODYHAS / HTTP/1.1"),
            400,
            After::Closed,
        ),
        ("two spaces", line("GET  / HTTP/1.1"), 400, After::Closed),
        ("no version", line("GET /"), 400, After::Closed),
        ("another major version", line("GET / HTTP/3.0"), 400, After::Closed),
        ("a higher minor version", line("GET / HTTP/1.2"), 400, After::Closed),
        ("a target beyond its limit", line(&format!("GET /{long} HTTP/1.1")), 414, After::Closed),
        ("an absolute target", line(&format!("GET http://{HOST}/ HTTP/1.1")), 200, After::Kept),
        (
            "an absolute target for another host",
            line("GET http://other.example.org/ HTTP/1.1"),
            400,
            After::Closed,
        ),
        ("an authority target", line("CONNECT www.example.org:443 HTTP/1.1"), 400, After::Closed),
        ("an asterisk", line("OPTIONS * HTTP/1.1"), 200, After::Kept),
        ("a relative target", line("GET page HTTP/1.1"), 400, After::Closed),
        ("no host", "GET / HTTP/1.1\r\n\r\n".to_owned(), 400, After::Closed),
        ("no host in HTTP/1.0", "GET / HTTP/1.0\r\n\r\n".to_owned(), 400, After::Closed),
        ("two hosts", get(&format!("Host: {HOST}\r\n")), 400, After::Closed),
        ("a host that is none", get("").replace(HOST, "a b"), 400, After::Closed),
        ("a host that nobody serves", get("").replace(HOST, "other.example.org"), 421, After::Kept),
    ]);
}

#[test]
fn a_field_line_that_is_not_its_grammar_is_refused() {
    check(&[
        ("a space before the colon", get("X : a\r\n"), 400, After::Closed),
        ("a folded line", get("X: a\r\n b\r\n"), 400, After::Closed),
        (
            "another expectation",
            post("Content-Length: 5\r\nExpect: wonder\r\n", "hello"),
            417,
            After::Closed,
        ),
        ("an empty name", get(": a\r\n"), 400, After::Closed),
        ("a control byte", get("X: a\x01b\r\n"), 400, After::Closed),
        ("bytes above ASCII", get("X: \u{e4}\r\n"), 200, After::Kept),
        ("white space around a value", get("X: \t a \t\r\n"), 200, After::Kept),
        (
            "a line beyond its limit",
            get(&format!("X: {}\r\n", "a".repeat(70_000))),
            431,
            After::Closed,
        ),
    ]);
}

#[test]
fn a_body_ends_where_its_framing_says_or_is_refused() {
    let chunked = "Transfer-Encoding: chunked\r\n";
    check(&[
        ("a length", post("Content-Length: 5\r\n", "hello"), 200, After::Kept),
        ("no length, no coding", post("", ""), 200, After::Kept),
        ("chunks", post(chunked, "5\r\nhello\r\n0\r\n\r\n"), 200, After::Kept),
        ("a chunk extension", post(chunked, "5;a=b\r\nhello\r\n0\r\n\r\n"), 200, After::Kept),
        ("a trailer", post(chunked, "5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n"), 200, After::Kept),
        (
            "a coding in another case",
            post("Transfer-Encoding: CHUNKED\r\n", "0\r\n\r\n"),
            200,
            After::Kept,
        ),
        (
            "length and coding",
            post(&format!("Content-Length: 5\r\n{chunked}"), "0\r\n\r\n"),
            400,
            After::Closed,
        ),
        (
            "an unknown coding",
            post("Transfer-Encoding: wonder, chunked\r\n", "0\r\n\r\n"),
            400,
            After::Closed,
        ),
        (
            "chunked not last",
            post("Transfer-Encoding: chunked, gzip\r\n", "0\r\n\r\n"),
            400,
            After::Closed,
        ),
        (
            "chunked twice",
            post("Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n"),
            400,
            After::Closed,
        ),
        (
            "a coding in HTTP/1.0",
            post(chunked, "0\r\n\r\n").replace("/1.1", "/1.0"),
            400,
            After::Closed,
        ),
        (
            "a length that is no number",
            post("Content-Length: five\r\n", "hello"),
            400,
            After::Closed,
        ),
        (
            "lengths that differ",
            post("Content-Length: 5\r\nContent-Length: 6\r\n", "hello"),
            400,
            After::Closed,
        ),
        (
            "a length too large to count",
            post("Content-Length: 99999999999999999999\r\n", ""),
            400,
            After::Closed,
        ),
    ]);
}

#[test]
fn a_connection_is_kept_or_closed_as_the_request_says() {
    check(&[
        ("as it is", get(""), 200, After::Kept),
        ("close", get("Connection: close\r\n"), 200, After::Closed),
        (
            "close among others",
            get("Connection: te, close\r\nTE: trailers\r\n"),
            200,
            After::Closed,
        ),
        ("HTTP/1.0", get("").replace("/1.1", "/1.0"), 200, After::Ended),
        ("another protocol", get("Connection: upgrade\r\nUpgrade: wonder/1\r\n"), 200, After::Kept),
    ]);
}

#[test]
fn pipelined_requests_are_answered_in_their_order() {
    let paths = ["/a", "/b", "/c"];
    let lines = paths.map(|path| Line {
        path,
        bytes: format!("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{path}").into_bytes(),
        then: Then::Keep,
    });
    let origin = Script::start(lines.to_vec());
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    let mut client = Client::plain(setup.plain);
    let request = |path: &str| format!("GET {path} HTTP/1.1\r\nhost: {HOST}\r\n\r\n");
    client.send(paths.map(request).concat());
    let answers = paths.map(|_| client.answer().text());
    assert_eq!(answers, paths);
}

/// The answer to a request through an origin that says `bytes`.
fn through(bytes: &str, then: Then, request: &str) -> (Answer, Client<TcpStream>) {
    let line = Line { path: "/", bytes: bytes.as_bytes().to_vec(), then };
    let origin = Script::start(vec![line]);
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    let mut client = Client::plain(setup.plain);
    client.send(request);
    (client.answer(), client)
}

#[test]
fn an_http_1_0_client_gets_no_chunks_and_no_interim_answer() {
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
    let request = get("").replace("/1.1", "/1.0");
    let (answer, _) = through(chunked, Then::Keep, &request);
    assert_eq!(answer.header("transfer-encoding"), None, "{answer:?}");
    assert_eq!(answer.text(), "hello");
    assert!(answer.head.starts_with("HTTP/1.0 200 "), "the page says so: {}", answer.head);
    let interim = "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
    let (answer, _) = through(interim, Then::Keep, &request);
    assert_eq!((answer.status, answer.text().as_str()), (200, "ok"));
}

#[test]
fn a_client_that_waits_for_it_is_told_to_go_on() {
    let origin = Witness::start(std::time::Duration::ZERO);
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    let mut client = Client::plain(setup.plain);
    client.send(post("Content-Length: 5\r\nExpect: 100-continue\r\n", ""));
    assert_eq!(client.answer().status, 100);
    client.send("hello");
    assert_eq!(client.answer().status, 200);
    assert_eq!(origin.body_bytes(), 5);
}

#[test]
fn the_shield_speaks_its_own_version_to_an_origin() {
    let origin = Witness::start(std::time::Duration::ZERO);
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    let mut client = Client::plain(setup.plain);
    client.send(get("Connection: keep-alive\r\n").replace("/1.1", "/1.0"));
    assert_eq!(client.answer().status, 200);
    let heads = origin.heads();
    assert!(heads[0].starts_with("GET / HTTP/1.1\r\n"), "{}", heads[0]);
}

/// An origin that answers the first request of each connection and hangs up on the second.
fn forgetful_origin() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
    let address = listener.local_addr().expect("it is bound");
    thread::spawn(move || {
        for connection in listener.incoming().map_while(Result::ok).take(8) {
            thread::spawn(move || {
                let mut client = Client::over(connection);
                // Whoever breaks off is no concern of an origin.
                let _ = client.head();
                let _ = client.try_send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
                let _ = client.head();
            });
        }
    });
    address
}

#[test]
fn a_post_on_a_connection_that_the_origin_closed_is_not_sent_again() {
    let setup = Setup::before(forgetful_origin()).top("workers = 1");
    let _shield = Shield::start(&setup);
    let mut client = Client::plain(setup.plain);
    assert_eq!(client.ask("/").status, 200);
    // On a fresh connection it would be answered.
    client.send(post("Content-Length: 0\r\n", ""));
    assert_eq!(client.answer().status, 502);
    assert_eq!(client.ask("/").status, 200);
    assert_eq!(client.ask("/").status, 200, "a GET is sent again, and a fresh connection answers");
}

#[test]
fn an_origin_that_does_not_answer_in_time_is_told_as_504() {
    let origin = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
    let address = origin.local_addr().expect("it is bound");
    let setup = Setup::before(address).tables("[timeouts]\norigin_answer = \"300ms\"");
    let _shield = Shield::start(&setup);
    assert_eq!(Client::plain(setup.plain).ask("/").status, 504);
}

#[test]
fn an_answer_that_breaks_the_grammar_is_told_as_502() {
    for (what, fields) in [
        ("a folded line", "x: a\r\n b\r\ncontent-length: 0\r\n"),
        ("a space before the colon", "x : a\r\ncontent-length: 0\r\n"),
        ("a control byte", "x: a\u{0}b\r\ncontent-length: 0\r\n"),
        ("chunked not last", "transfer-encoding: chunked, gzip\r\n"),
        ("length and coding", "transfer-encoding: chunked\r\ncontent-length: 0\r\n"),
        ("lengths that differ", "content-length: 0\r\ncontent-length: 1\r\n"),
        ("a length that is no number", "content-length: none\r\n"),
    ] {
        let said = format!("HTTP/1.1 200 OK\r\n{fields}\r\n");
        let (answer, _) = through(&said, Then::Keep, &get(""));
        assert_eq!(answer.status, 502, "{what}: {answer:?}");
    }
}

#[test]
fn a_leaving_shield_says_close_with_its_last_answer() {
    let origin = Witness::start(std::time::Duration::ZERO);
    let setup = Setup::before(origin.address);
    let mut shield = Shield::start(&setup);
    let mut asks = Client::plain(setup.plain);
    let mut idles = Client::plain(setup.plain);
    for client in [&mut asks, &mut idles] {
        let answer = client.ask("/");
        assert_eq!((answer.status, answer.header("connection")), (200, None));
    }
    shield.signal(Signal::TERM);
    wait_for("refusal of new connections", SOON, || {
        TcpStream::connect(setup.plain).is_err().then_some(())
    });
    let answer = asks.ask("/");
    assert_eq!((answer.status, answer.header("connection")), (200, Some("close")));
    assert_eq!(asks.rest(), (Vec::new(), Ended::Closed));
    assert_eq!(idles.rest(), (Vec::new(), Ended::Closed), "let go in good order");
    assert!(shield.ended(SOON).success());
}
