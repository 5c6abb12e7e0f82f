//! Requests that some server or proxy has been known to let through.

use super::super::HOSTILE_HOST;

/// What becomes of a trick.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// The origin hears nothing of it.
    Unheard,
    /// Its head is good and is passed on; its body is not, so the origin never gets the whole.
    BrokenOff,
}

/// Every trick with what becomes of it.
pub(super) fn tricks() -> Vec<(String, Fate)> {
    let host = format!("Host: {HOSTILE_HOST}\r\n");
    let post = |fields: &str, body: &str| format!("POST / HTTP/1.1\r\n{host}{fields}\r\n{body}");
    let get = |fields: &str| format!("GET / HTTP/1.1\r\n{host}{fields}\r\n");
    let framings = FRAMINGS.iter().map(|fields| post(fields, "0\r\n\r\n"));
    let fields = FIELDS.iter().map(|fields| get(fields));
    let long = [
        get(&"X: 1\r\n".repeat(101)),
        get(&format!("X: {}\r\n", "a".repeat(300_000))),
        get(&format!("X: {}\r\n", "a".repeat(8_000)).repeat(6)),
    ];
    let unheard = framings.chain(fields).chain(long).chain(heads(&host));
    let bodies = BODIES.iter().map(|body| post("Transfer-Encoding: chunked\r\n", body));
    let unheard = unheard.map(|trick| (trick, Fate::Unheard));
    unheard.chain(bodies.map(|trick| (trick, Fate::BrokenOff))).collect()
}

/// Fields of a POST about which two servers might disagree where its body ends.
const FRAMINGS: &[&str] = &[
    "Content-Length: 5\r\nContent-Length: 6\r\n",
    "Content-Length: 5, 6\r\n",
    "Content-Length: 5\r\nContent-Length: 5\r\n",
    "Content-Length: 5, 5\r\n",
    "Content-Length: +5\r\n",
    "Content-Length: 0x5\r\n",
    "Content-Length: -1\r\n",
    "Content-Length: \r\n",
    "Content-Length: 99999999999999999999999\r\n",
    "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
    "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
    "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
    "Transfer-Encoding: chunked, chunked\r\n",
    "Transfer-Encoding: xchunked\r\n",
    "Transfer-Encoding: chunked, identity\r\n",
    "Transfer-Encoding: identity\r\n",
    "Transfer-Encoding: gzip, chunked\r\n",
    "Transfer-Encoding:\x0bchunked\r\n",
    "Transfer-Encoding : chunked\r\n",
    "Transfer-Encoding: \"chunked\"\r\n",
];

/// Fields of a GET that are no fields, or more than they seem.
const FIELDS: &[&str] = &[
    "X: a\r\n folded\r\n",
    " X: leading\r\n",
    "X: a\rb\r\n",
    "X: a\0b\r\n",
    "X\0: a\r\n",
    "X_y: a\r\n",
    "X y: a\r\n",
    ": a\r\n",
    "X\r\n",
    "X: a\nY: b\r\n",
    "Host: other.example.org\r\n",
    "Content-Length: 5\r\nX: \x7f\r\n",
];

/// Chunked bodies that end where they should not, or do not where they should.
const BODIES: &[&str] = &[
    "5;a=\0\r\nhello\r\n0\r\n\r\n",
    "5\nhello\r\n0\r\n\r\n",
    "5\r\nhelloX\r\n0\r\n\r\n",
    "5\r\nhello0\r\n\r\n",
    "0x5\r\nhello\r\n0\r\n\r\n",
    "-5\r\nhello\r\n0\r\n\r\n",
    "+5\r\nhello\r\n0\r\n\r\n",
    " 5\r\nhello\r\n0\r\n\r\n",
    "fffffffffffffffff\r\nhello",
    "5\r\nhello\r\n\r\n",
    "5\r\nhello\r\n0\r\nHost: x\nY: z\r\n\r\n",
    "5\r\nhello\r\n0\r\nContent-Length : 5\r\n\r\n",
];

/// Whole heads, wrong in their first line or in their host.
fn heads(host: &str) -> Vec<String> {
    vec![
        "GET / HTTP/1.1\r\n\r\n".to_owned(),
        format!("GET / HTTP/1.1\r\n{host}{host}\r\n"),
        format!("GET / HTTP/1.1\r\nHost: {HOSTILE_HOST} x\r\n\r\n"),
        format!("GET / HTTP/1.1\r\nHost: user@{HOSTILE_HOST}\r\n\r\n"),
        format!("GET / HTTP/1.1\r\nHost: {HOSTILE_HOST}/\r\n\r\n"),
        format!("GET / HTTP/1.1\nHost: {HOSTILE_HOST}\n\n"),
        format!("GET http://other.example.org/ HTTP/1.1\r\n{host}\r\n"),
        format!("GET /a#b HTTP/1.1\r\n{host}\r\n"),
        format!("GET /{} HTTP/1.1\r\n{host}\r\n", "a".repeat(60_000)),
        format!("GET /a b HTTP/1.1\r\n{host}\r\n"),
        format!("GET  / HTTP/1.1\r\n{host}\r\n"),
        format!("GET /\x01 HTTP/1.1\r\n{host}\r\n"),
        format!("GET / HTTP/1.9\r\n{host}\r\n"),
        format!("GET / HTTP/2.0\r\n{host}\r\n"),
        format!("GET / HTTP/1.0\r\n{host}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        format!("GET / http/1.1\r\n{host}\r\n"),
        format!("GET /\r\n{host}\r\n"),
        format!("G\0T / HTTP/1.1\r\n{host}\r\n"),
        format!("CONNECT {HOSTILE_HOST}:80 HTTP/1.1\r\n{host}\r\n"),
        "\x16\x03\x01\x02\x00\x01\x00".to_owned(),
        "PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n".to_owned(),
    ]
}
