//! Cases of HTTP/2, whose frames say what HTTP/1 cannot.

use super::super::case::{Case, Frame, SMUGGLED, h2, h2_frames, h2_whole, list};
use crate::fixtures::frames::{END_HEADERS, END_STREAM};

pub(super) fn cases() -> Vec<Case> {
    [lengths(), names(), pseudo(), trailers()].concat()
}

fn lengths() -> Vec<Case> {
    let chunked = "0\r\n\r\nGET EVIL HTTP/1.1\r\nHost: HOST\r\n\r\n";
    vec![
        declared("H2.CL: a length of nothing", "0", (SMUGGLED, "")),
        declared("H2.CL: a length of less", "3", ("hello", "hel")),
        h2("H2.CL: a length that is too small", &[("content-length", "3")], "hello"),
        h2("H2.CL: a length that is too large", &[("content-length", "50")], "hello"),
        h2("H2.CL: two lengths", &[("content-length", "5"), ("content-length", "5")], "hello"),
        h2("H2.CL: two that differ", &[("content-length", "5"), ("content-length", "0")], "hello"),
        h2("H2.CL: a list", &[("content-length", "5, 5")], "hello"),
        h2("H2.CL: a plus", &[("content-length", "+5")], "hello"),
        h2("H2.CL: without a body", &[("content-length", "50")], ""),
        h2("H2.TE", &[("transfer-encoding", "chunked")], chunked),
        h2("H2.TE in two words", &[("transfer-encoding", "identity, chunked")], chunked),
        h2(
            "H2.TE behind a length",
            &[("content-length", "5"), ("transfer-encoding", "chunked")],
            "hello",
        ),
        h2("TE of something else", &[("te", "chunked")], "hello"),
        h2("a connection field", &[("connection", "content-length")], "hello"),
        h2("an upgrade", &[("upgrade", "h2c")], "hello"),
        h2("an expectation", &[("expect", "100-continue")], "hello"),
        h2_whole(
            "a GET with a body",
            &[(":method", "GET"), (":scheme", "https"), (":path", "PATH"), (":authority", "HOST")],
            SMUGGLED,
        ),
    ]
}

/// A length that differs from what comes; as much as it says may pass for the whole.
fn declared(name: &str, length: &str, (sent, told): (&str, &str)) -> Case {
    let head = [
        (":method", "POST"),
        (":scheme", "https"),
        (":path", "PATH"),
        (":authority", "HOST"),
        ("content-length", length),
    ];
    let data = |bytes: &str, flags| Frame::Data { bytes: bytes.into(), flags };
    let rest = sent.strip_prefix(told).unwrap_or(sent);
    let head = Frame::Fields { list: list(&head), flags: END_HEADERS };
    h2_frames(name, vec![head, data(told, 0), data(rest, END_STREAM)], Some(told))
}

fn names() -> Vec<Case> {
    vec![
        h2("a name with a line end", &[("x: a\r\ntransfer-encoding", "chunked")], "hello"),
        h2("a name with an LF", &[("x\ny", "a")], "hello"),
        h2("a name with a colon", &[("x: transfer-encoding", "chunked")], "hello"),
        h2("a name with a space", &[("transfer-encoding ", "chunked")], "hello"),
        h2("a name in capitals", &[("Content-Length", "0")], "hello"),
        h2("a name with an underscore", &[("content_length", "0")], "hello"),
        h2("an empty name", &[("", "a")], "hello"),
        h2("a value with a line end", &[("x", "a\r\ntransfer-encoding: chunked")], "hello"),
        h2(
            "a value with a request",
            &[("x", "a\r\n\r\nGET EVIL HTTP/1.1\r\nHost: HOST\r\n\r\n")],
            "hello",
        ),
        h2("a value with an LF", &[("x", "a\nb")], "hello"),
        h2("a value with a CR", &[("x", "a\rb")], "hello"),
        h2("a value with a NUL", &[("x", "a\0b")], "hello"),
        h2("a value with spaces around", &[("x", " a ")], "hello"),
    ]
}

fn pseudo() -> Vec<Case> {
    let whole = |name: &str, method: &str, path: &str, authority: &[(&str, &str)]| {
        let usual = [(":method", method), (":scheme", "https"), (":path", path)];
        h2_whole(name, &[&usual[..], authority].concat(), "")
    };
    let host = (":authority", "HOST");
    vec![
        whole("a path with a space", "GET", "PATH x", &[host]),
        whole("a path with a line end", "GET", "PATH HTTP/1.1\r\nx: y\r\n\r\nGET EVIL", &[host]),
        whole("a path with a fragment", "GET", "PATH#x", &[host]),
        whole("a path without a slash", "GET", "probe", &[host]),
        whole("an empty path", "GET", "", &[host]),
        whole("a path of absolute form", "GET", "http://other.example.org/PATH", &[host]),
        whole("a method with a space", "GET EVIL", "PATH", &[host]),
        whole("a method with a line end", "GET / HTTP/1.1\r\nx: y\r\n\r\nGET", "PATH", &[host]),
        whole("CONNECT", "CONNECT", "PATH", &[host]),
        whole("a host that is another", "GET", "PATH", &[host, ("host", "other.example.org")]),
        whole("a host that is the same", "GET", "PATH", &[host, ("host", "HOST")]),
        whole("two hosts", "GET", "PATH", &[("host", "HOST"), ("host", "other.example.org")]),
        whole("a host without an authority", "GET", "PATH", &[("host", "HOST")]),
        whole("no host at all", "GET", "PATH", &[]),
        whole("an authority with a user", "GET", "PATH", &[(":authority", "user@HOST")]),
        whole("an authority with a path", "GET", "PATH", &[(":authority", "HOST/x")]),
        whole("two authorities", "GET", "PATH", &[host, (":authority", "other.example.org")]),
        whole("two paths", "GET", "PATH", &[host, (":path", "EVIL")]),
        whole("two methods", "GET", "PATH", &[host, (":method", "POST")]),
        whole(
            "a pseudo field behind others",
            "GET",
            "PATH",
            &[host, ("x", "y"), (":path", "EVIL")],
        ),
        whole("a pseudo field that nobody knows", "GET", "PATH", &[host, (":evil", "x")]),
        whole("a status in a request", "GET", "PATH", &[host, (":status", "200")]),
    ]
}

fn trailers() -> Vec<Case> {
    let with = |name: &str, trailers: &[(&str, &str)], body: Option<&str>| {
        let usual =
            [(":method", "POST"), (":scheme", "https"), (":path", "PATH"), (":authority", "HOST")];
        let frames = vec![
            Frame::Fields { list: list(&usual), flags: END_HEADERS },
            Frame::Data { bytes: b"hello".to_vec(), flags: 0 },
            Frame::Fields { list: list(trailers), flags: END_HEADERS | END_STREAM },
        ];
        h2_frames(&format!("trailers: {name}"), frames, body)
    };
    vec![
        with("one", &[("x-sum", "1")], Some("hello")),
        // The engine drops it instead of refusing the request; it goes nowhere.
        with("a pseudo field", &[(":path", "EVIL")], Some("hello")),
        with("a length", &[("content-length", "50")], Some("hello")),
        with("a coding", &[("transfer-encoding", "chunked")], Some("hello")),
        with(
            "a line end in a value",
            &[("x", "a\r\n\r\nGET EVIL HTTP/1.1\r\nHost: HOST\r\n\r\n")],
            None,
        ),
        with("a line end in a name", &[("x: y\r\nz", "a")], None),
    ]
}
