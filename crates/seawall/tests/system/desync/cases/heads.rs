//! Cases about heads: first lines, fields, hosts, changes of protocol.

use super::super::case::{Case, SMUGGLED, bytes, get, post};

pub(super) fn cases() -> Vec<Case> {
    [lines(), fields(), hosts(), nominations(), switches()].concat()
}

fn lines() -> Vec<Case> {
    let line = |name: &str, line: &str| {
        bytes(&format!("line: {name}"), &format!("{line}\r\nHost: HOST\r\n\r\n{SMUGGLED}"))
    };
    vec![
        line("HTTP/0.9", "GET PATH"),
        line("HTTP/1.9", "GET PATH HTTP/1.9"),
        line("HTTP/2.0", "GET PATH HTTP/2.0"),
        line("a version without a number", "GET PATH HTTP/"),
        line("a version in small letters", "GET PATH http/1.1"),
        line("a version with zeros", "GET PATH HTTP/01.01"),
        line("tabs between words", "GET\tPATH\tHTTP/1.1"),
        line("many spaces between words", "GET   PATH   HTTP/1.1"),
        line("a space behind", "GET PATH HTTP/1.1 "),
        line("a space in front", " GET PATH HTTP/1.1"),
        line("a space in the target", "GET PATH x HTTP/1.1"),
        line("a version in the target", "GET PATH HTTP/1.1 HTTP/1.1"),
        line("a fragment", "GET PATH#x HTTP/1.1"),
        line("a backslash", "GET PATH\\x HTTP/1.1"),
        line("a byte beyond ASCII", "GET PATH\u{e9} HTTP/1.1"),
        line("a NUL in the target", "GET PATH\0 HTTP/1.1"),
        line("a target without a slash", "GET probe HTTP/1.1"),
        line("CONNECT", "CONNECT HOST:80 HTTP/1.1"),
        line("a method in small letters", "get PATH HTTP/1.1"),
        line("a method of marks", "G@T PATH HTTP/1.1"),
        line("a bare CR", "GET PATH\rHTTP/1.1"),
        bytes("line: bare LFs", &format!("GET PATH HTTP/1.1\nHost: HOST\n\n{SMUGGLED}")),
        bytes("line: an empty line in front", "\r\nGET PATH HTTP/1.1\r\nHost: HOST\r\n\r\n"),
        bytes(
            "line: three empty lines in front",
            "\r\n\r\n\r\nGET PATH HTTP/1.1\r\nHost: HOST\r\n\r\n",
        ),
        bytes("line: a bare LF in front", "\nGET PATH HTTP/1.1\r\nHost: HOST\r\n\r\n"),
        bytes(
            "line: HTTP/1.0 that keeps alive",
            &format!("GET PATH HTTP/1.0\r\nHost: HOST\r\nConnection: keep-alive\r\n\r\n{SMUGGLED}"),
        ),
    ]
}

fn fields() -> Vec<Case> {
    let field = |name: &str, line: &str| get(&format!("field: {name}"), &format!("{line}\r\n"));
    vec![
        field("folded", "X: a\r\n b"),
        field("folded by a tab", "X: a\r\n\tb"),
        field("a space in front of the first", " X: a"),
        field("a space before the colon", "X : a"),
        field("no colon", "X"),
        field("no name", ": a"),
        field("a NUL in the value", "X: a\0b"),
        field("a NUL in the name", "X\0: a"),
        field("a bare CR in the value", "X: a\rEvil: b"),
        field("a bare LF in the value", "X: a\nEvil: b"),
        field("a line end of LF CR", "X: a\n\rEvil: b"),
        field("an underscore in the name", "X_Y: a"),
        field("a dot in the name", "X.Y: a"),
        field("a byte beyond ASCII in the name", "X\u{e9}: a"),
        field("a delete in the value", "X: a\x7f"),
        field("an escape in the value", "X: \x1b[2J"),
        field("a request in the value", "X: GET EVIL HTTP/1.1"),
    ]
}

fn hosts() -> Vec<Case> {
    let host = |name: &str, line: &str, fields: &str| {
        bytes(&format!("host: {name}"), &format!("{line}\r\n{fields}\r\n{SMUGGLED}"))
    };
    let usual = "GET PATH HTTP/1.1";
    vec![
        host("none", usual, ""),
        host("twice", usual, "Host: HOST\r\nHost: HOST\r\n"),
        host("two", usual, "Host: HOST\r\nHost: other.example.org\r\n"),
        host("with a space", usual, "Host: HOST x\r\n"),
        host("a list", usual, "Host: HOST, other.example.org\r\n"),
        host("with a user", usual, "Host: user@HOST\r\n"),
        host("with a path", usual, "Host: HOST/x\r\n"),
        host("with a port that is none", usual, "Host: HOST:x\r\n"),
        host("with a dot behind", usual, "Host: HOST.\r\n"),
        host("empty", usual, "Host:\r\n"),
        host("with a space before the colon", usual, "Host : HOST\r\n"),
        host(
            "absolute form of another",
            "GET http://other.example.org/PATH HTTP/1.1",
            "Host: HOST\r\n",
        ),
        host("absolute form of the same", "GET http://HOSTPATH HTTP/1.1", "Host: HOST\r\n"),
        host("absolute form with a user", "GET http://user@HOSTPATH HTTP/1.1", "Host: HOST\r\n"),
        host("absolute form of another scheme", "GET ftp://HOSTPATH HTTP/1.1", "Host: HOST\r\n"),
        host("absolute form without a path", "GET http://HOST?PATH HTTP/1.1", "Host: HOST\r\n"),
    ]
}

/// Fields that a connection is to drop.
fn nominations() -> Vec<Case> {
    let body = format!("hello{SMUGGLED}");
    let named = |word: &str| {
        let fields = format!("Connection: {word}\r\nContent-Length: 5\r\n");
        post(&format!("dropped: {word}"), &fields, &body)
    };
    vec![
        named("content-length"),
        named("Content-Length, keep-alive"),
        named("host"),
        named("transfer-encoding"),
        named("close, content-length"),
        named("x-anything"),
        named("close"),
        post(
            "dropped: the coding of a chunked body",
            "Connection: transfer-encoding\r\nTransfer-Encoding: chunked\r\n",
            &format!("0\r\n\r\n{SMUGGLED}"),
        ),
    ]
}

fn switches() -> Vec<Case> {
    let socket = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    let cleartext = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n";
    let behind = |name: &str, fields: &str| {
        let text = format!("GET PATH HTTP/1.1\r\nHost: HOST\r\n{fields}\r\n{SMUGGLED}");
        bytes(&format!("switch: {name}"), &text)
    };
    vec![
        behind("h2c with a request behind", cleartext),
        behind("WebSocket that is refused, with a request behind", socket),
        behind("WebSocket of another version", &socket.replace("13", "7")),
        behind("an upgrade to two protocols", "Connection: Upgrade\r\nUpgrade: h2c, websocket\r\n"),
        behind("an upgrade that the connection does not name", "Upgrade: websocket\r\n"),
        behind("an upgrade of nothing", "Connection: Upgrade\r\n"),
        behind("TLS inside HTTP", "Connection: Upgrade\r\nUpgrade: TLS/1.0\r\n"),
        post(
            "switch: WebSocket with a body",
            &format!("{socket}Content-Length: 5\r\n"),
            &format!("hello{SMUGGLED}"),
        ),
        post(
            "switch: h2c with a body",
            &format!("{cleartext}Content-Length: 5\r\n"),
            &format!("hello{SMUGGLED}"),
        ),
        bytes(
            "switch: the preface of HTTP/2 behind a request",
            "GET PATH HTTP/1.1\r\nHost: HOST\r\n\r\nPRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        ),
    ]
}
