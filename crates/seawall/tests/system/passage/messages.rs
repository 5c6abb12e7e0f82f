//! Requests and answers of every kind, byte for byte, against an origin that records them.

use crate::fixtures::{Client, HOST, Played, SOON, Setup, Shield};
use std::sync::mpsc::{Receiver, channel};

/// An origin that tells each head it was sent and gives `answer` for it.
fn recorder(
    answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static,
) -> (Played, Receiver<Vec<u8>>) {
    let (tell, told) = channel();
    let origin = Played::start(move |client| {
        loop {
            let head = client.until(b"\r\n\r\n")?;
            let text = String::from_utf8_lossy(&head).into_owned();
            tell.send(head).map_err(std::io::Error::other)?;
            client.send(answer(&text));
        }
    });
    (origin, told)
}

fn ok() -> Vec<u8> {
    b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok".to_vec()
}

/// The lines of a head but for those that the shield adds.
fn theirs(head: &[u8]) -> Vec<Vec<u8>> {
    let lines = head.split(|&byte| byte == b'\n').map(|line| line.trim_ascii_end().to_vec());
    let ours: [&[u8]; 3] = [b"x-forwarded-", b"forwarded: ", b"via: 1."];
    lines.filter(|line| !line.is_empty() && !ours.iter().any(|o| line.starts_with(o))).collect()
}

#[test]
fn requests_reach_the_origin_as_they_were_sent() {
    let (origin, told) = recorder(|_| ok());
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    let mut client = Client::plain(setup.plain);
    let long = format!("x-long: {}", "a".repeat(8_000));
    let odd = b"x-odd: caf\xe9 \xff\xfe".as_slice();
    for (sent, line) in [
        ("GET /a?b=%20&c=d;e HTTP/1.1", "GET /a?b=%20&c=d;e HTTP/1.1"),
        ("GET //a//../b/./%2e HTTP/1.1", "GET //a//../b/./%2e HTTP/1.1"),
        ("PROPFIND /dav/ HTTP/1.1", "PROPFIND /dav/ HTTP/1.1"),
        ("M-SEARCH /x HTTP/1.1", "M-SEARCH /x HTTP/1.1"),
        ("DELETE /x HTTP/1.1", "DELETE /x HTTP/1.1"),
        ("OPTIONS * HTTP/1.1", "OPTIONS * HTTP/1.1"),
        ("OPTIONS /x HTTP/1.1", "OPTIONS /x HTTP/1.1"),
        ("GET http://www.example.org/abs?q HTTP/1.1", "GET /abs?q HTTP/1.1"),
        ("GET http://www.example.org HTTP/1.1", "GET / HTTP/1.1"),
        ("GET /old HTTP/1.0", "GET /old HTTP/1.1"),
    ] {
        // The last field keeps an HTTP/1.0 connection, and means nothing on others.
        let fields: [&[u8]; 11] = [
            b"x-b: 1",
            b"host: www.example.org",
            b"x-empty:",
            b"x-a: 1",
            b"x-b: 2",
            b"accept: text/html, */*;q=0.1",
            b"cookie: a=b; c=\"d\"",
            b"x-tab: a\tb",
            odd,
            long.as_bytes(),
            b"connection: keep-alive",
        ];
        let head = [sent.as_bytes(), b"\r\n", &fields.join(&b"\r\n"[..]), b"\r\n\r\n"].concat();
        client.send(head);
        assert_eq!(client.answer().text(), "ok", "{sent}");
        // Host first; repetitions of one name beside its first.
        let expected: [&[u8]; 11] = [
            line.as_bytes(),
            b"host: www.example.org",
            b"x-b: 1",
            b"x-b: 2",
            b"x-empty:",
            b"x-a: 1",
            fields[5],
            fields[6],
            b"x-tab: a\tb",
            odd,
            long.as_bytes(),
        ];
        let came = theirs(&told.recv_timeout(SOON).expect("it has come"));
        assert_eq!(came, expected, "{sent}");
    }
}

#[test]
fn the_host_is_kept_as_it_was_sent() {
    let (origin, told) = recorder(|_| ok());
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    let mut client = Client::plain(setup.plain);
    for host in [HOST, "WWW.Example.ORG", "www.example.org:8080", "www.example.org."] {
        client.send(format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n"));
        assert_eq!(client.answer().text(), "ok", "{host}");
        let head = told.recv_timeout(SOON).expect("it has come");
        let lines = String::from_utf8_lossy(&head).into_owned();
        assert!(lines.contains(&format!("\r\nhost: {host}\r\n")), "{lines}");
    }
}

/// Heads of answers that reach the client line by line, and how many bytes of body follow.
const ANSWERS: &[(&str, &str, &[&str], &str)] = &[
    ("GET", "200 OK", &["content-length: 2", "x-b: 1", "x-a:", "x-b: 2"], "ok"),
    ("HEAD", "200 OK", &["content-length: 12345", "etag: \"x\""], ""),
    ("HEAD", "404 Not Found", &["content-length: 7"], ""),
    ("GET", "204 No Content", &["x-a: 1"], ""),
    ("GET", "304 Not Modified", &["content-length: 12345", "etag: W/\"x\""], ""),
    ("GET", "304 Not Modified", &["etag: \"y\"", "cache-control: no-cache"], ""),
    ("HEAD", "304 Not Modified", &["content-length: 5"], ""),
    (
        "GET",
        "206 Partial Content",
        &["content-range: bytes 0-1/10", "accept-ranges: bytes", "content-length: 2"],
        "ok",
    ),
    (
        "GET",
        "206 Partial Content",
        &["content-type: multipart/byteranges; boundary=x", "content-length: 38"],
        "--x\r\ncontent-range: bytes 0-0/2\r\n\r\no\r\n",
    ),
    ("GET", "416 Range Not Satisfiable", &["content-range: bytes */10", "content-length: 0"], ""),
    ("GET", "299 Something", &["content-length: 2"], "ok"),
    ("OPTIONS", "200 OK", &["allow: GET, PROPFIND", "content-length: 0"], ""),
    (
        "GET",
        "302 Moved Temporarily",
        &["location: /\u{e9}", "set-cookie: a=1; Path=/", "set-cookie: b=2", "content-length: 0"],
        "",
    ),
];

#[test]
fn answers_reach_the_client_as_they_were_sent() {
    let (origin, _told) = recorder(|head| {
        let row = head.split(['/', ' ']).find_map(|word| word.parse::<usize>().ok());
        let (_, status, fields, body) = ANSWERS[row.expect("every path here is a number")];
        format!("HTTP/1.1 {status}\r\n{}\r\n\r\n{body}", fields.join("\r\n")).into_bytes()
    });
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    let mut client = Client::plain(setup.plain);
    for round in 0..2 {
        for (row, (method, status, fields, body)) in ANSWERS.iter().enumerate() {
            let what = format!("{round}: {method} {status}");
            client.send(format!("{method} /{row} HTTP/1.1\r\nhost: {HOST}\r\n\r\n"));
            let head = client.head().expect("an answer");
            let mut lines: Vec<_> = head.trim_end().split("\r\n").collect();
            let first = lines.remove(0);
            assert_eq!(first, format!("HTTP/1.1 {status}"), "{what}");
            lines.retain(|line| !line.starts_with("date: "));
            let mut expected = fields.to_vec();
            // Repetitions of one name beside its first; a name without a value keeps its space.
            expected.sort_by_key(|line| {
                let name = line.split(':').next();
                fields.iter().position(|other| other.split(':').next() == name)
            });
            let lines: Vec<_> = lines.iter().map(|line| line.trim_end()).collect();
            assert_eq!(lines, expected, "{what}");
            let came = client.exactly(body.len()).expect("a body");
            assert_eq!(came, body.as_bytes(), "{what}");
        }
    }
}

#[test]
fn a_hundred_cookies_and_a_large_head_reach_the_client() {
    let cookie = |n| format!("set-cookie: n{n}={}; Path=/\r\n", "v".repeat(300));
    let cookies = (0..100).map(cookie).collect::<Vec<_>>().concat();
    let answer = format!("HTTP/1.1 200 OK\r\n{cookies}content-length: 2\r\n\r\nok");
    let (origin, _told) = recorder(move |_| answer.clone().into_bytes());
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    let answer = Client::plain(setup.plain).ask("/");
    assert_eq!((answer.status, answer.text().as_str()), (200, "ok"));
    let names: Vec<_> =
        answer.head.lines().filter_map(|line| line.strip_prefix("set-cookie: n")).collect();
    assert_eq!(names.len(), 100);
    assert!((0..).zip(names).all(|(n, line)| line.starts_with(&format!("{n}="))), "in order");
}
