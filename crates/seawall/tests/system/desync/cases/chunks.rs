//! Cases about where chunks end.

use super::super::case::{Case, SMUGGLED, post};

pub(super) fn cases() -> Vec<Case> {
    let end = format!("\r\n0\r\n\r\n{SMUGGLED}");
    let sizes = [
        ("a size beyond 64 bits", "10000000000000005\r\nhello"),
        ("a size of 64 bits", "ffffffffffffffff\r\nhello"),
        ("a size of 63 bits", "8000000000000000\r\nhello"),
        ("zeros in front", "00000005\r\nhello"),
        ("twenty zeros in front", "000000000000000000005\r\nhello"),
        ("0x in front", "0x5\r\nhello"),
        ("a space in front", " 5\r\nhello"),
        ("a space behind", "5 \r\nhello"),
        ("a tab behind", "5\t\r\nhello"),
        ("an underscore inside", "0_5\r\nhello"),
        ("a minus", "-5\r\nhello"),
        ("a plus", "+5\r\nhello"),
        ("no size", "\r\nhello"),
        ("a size that is no number", "g\r\nhello"),
        ("a bare LF behind the size", "5\nhello"),
        ("a bare CR behind the size", "5\rhello"),
        ("two CRs behind the size", "5\r\r\nhello"),
        ("an extension", "5;a=b\r\nhello"),
        ("an extension with a bare LF", "5;a\nb\r\nhello"),
        ("an extension with a bare CR", "5;a\rb\r\nhello"),
        ("an extension with a quoted line end", "5;a=\"\r\n\"\r\nhello"),
        ("an extension with a NUL", "5;a=\0\r\nhello"),
        ("an extension with a space in front", "5 ;a=b\r\nhello"),
        ("an empty extension", "5;\r\nhello"),
        ("a long extension", &format!("5;{}\r\nhello", "x".repeat(5000))),
        ("a chunk that is too short", "6\r\nhello"),
        ("a chunk that is too long", "4\r\nhello"),
    ];
    let sizes: Vec<Case> =
        sizes.map(|(name, chunk)| chunked(name, &format!("{chunk}{end}"))).into();
    [sizes, ends()].concat()
}

fn chunked(name: &str, body: &str) -> Case {
    post(&format!("chunk: {name}"), "Transfer-Encoding: chunked\r\n", body)
}

/// What follows the data of a chunk, and of the last one.
fn ends() -> Vec<Case> {
    [
        ("no line end behind data", "5\r\nhello0\r\n\r\n"),
        ("a bare LF behind data", "5\r\nhello\n0\r\n\r\n"),
        ("a bare CR behind data", "5\r\nhello\r0\r\n\r\n"),
        ("two bytes that are no line end", "5\r\nhelloXX0\r\n\r\n"),
        ("bare LFs at the end", "5\r\nhello\r\n0\n\n"),
        ("one LF at the end", "5\r\nhello\r\n0\r\n\n"),
        ("many noughts at the end", "5\r\nhello\r\n0000000000000000\r\n\r\n"),
        ("a trailer", "5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n"),
        ("a trailer with a bare LF", "5\r\nhello\r\n0\r\nX-Sum: 1\n\r\n"),
        ("a trailer with a length", "5\r\nhello\r\n0\r\nContent-Length: 50\r\n\r\n"),
        ("a trailer with a coding", "5\r\nhello\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n"),
        ("a trailer with a host", "5\r\nhello\r\n0\r\nHost: other.example.org\r\n\r\n"),
        ("a trailer with a cookie", "5\r\nhello\r\n0\r\nCookie: a=b\r\n\r\n"),
        ("a trailer that is folded", "5\r\nhello\r\n0\r\nX-Sum: 1\r\n 2\r\n\r\n"),
        ("a trailer without a colon", "5\r\nhello\r\n0\r\nX-Sum\r\n\r\n"),
        ("a trailer with a space before the colon", "5\r\nhello\r\n0\r\nX-Sum : 1\r\n\r\n"),
        (
            "a trailer that is a request",
            "5\r\nhello\r\n0\r\nGET EVIL HTTP/1.1\r\nHost: HOST\r\n\r\n",
        ),
        ("an extension of the last chunk", "5\r\nhello\r\n0;x=y\r\n\r\n"),
    ]
    .map(|(name, body)| chunked(name, &format!("{body}{SMUGGLED}")))
    .into()
}
