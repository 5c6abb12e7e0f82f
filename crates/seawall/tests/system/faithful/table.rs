//! The table: one row for each shape of request that must come through as if it went straight.
//!
//! A row is a name and a request; add one wherever its like stands.
//! Rows of this file are sent by HTTP/1.1 and by HTTP/2; `h1.rs` and `h2.rs` have those of one
//! protocol alone.
//! What a target is answered with is told in `origins/routes.rs`, `origins/nginx.rs` and
//! `origins/haproxy.rs`; an origin that does not know a target answers it too, and that must be
//! the same as well.

mod h1;
mod h2;

use super::shape::{Shape, ask, both, get, h2_except, post};
use crate::origins::Kind;

/// Why nginx is not asked with trailers over HTTP/2.
const NO_TRAILERS: &str =
    "nginx before 1.27 ends an HTTP/2 connection at the trailers of a request";

/// Every row.
pub(crate) fn table() -> Vec<Shape> {
    [methods(), targets(), fields(), bodies(), answers(), pages(), faults(), h1::rows(), h2::rows()]
        .concat()
}

fn methods() -> Vec<Shape> {
    [
        both("GET", get("/echo")),
        both("HEAD", ask("HEAD", "/bytes/500")),
        both("HEAD of a body without length", ask("HEAD", "/chunks/3")),
        both("HEAD of what is not there", ask("HEAD", "/static/missing")),
        both("OPTIONS", ask("OPTIONS", "/echo")),
        both("DELETE", ask("DELETE", "/echo/7")),
        both("DELETE with a body", ask("DELETE", "/echo/7").body("why")),
        both("PUT", ask("PUT", "/echo").body("new")),
        both("PATCH", ask("PATCH", "/echo").body("[{\"op\": \"test\"}]")),
        both("POST without a body", ask("POST", "/echo")),
        both("POST with an empty body", post("/echo", "")),
        both("PROPFIND with a body", ask("PROPFIND", "/echo").body("<propfind/>")),
        both("a method that nobody knows", ask("BREW", "/echo")),
        both("a method that a page does not take", post("/static/page.html", "x")),
    ]
    .concat()
}

fn targets() -> Vec<Shape> {
    [
        both("a query", get("/echo?a=1&b=2&a=3")),
        both("an empty query", get("/echo?")),
        both(
            "a query of every kind of byte",
            get("/echo?q=%00%20%ff&x=[1]|{2}^`&y=a/b?c:d@e!$'()*,;"),
        ),
        both("escaped bytes of a path", get("/echo/%e2%82%ac/%2F/%2e%2e/%41")),
        both("dots and empty segments", get("/echo//a/./b/../c//")),
        both("a path of marks", get("/echo/-._~!$&'()*+,;=:@")),
        both("a long target", get(&format!("/echo/{}", "p".repeat(4000)))),
        both("a target like a URL", get("/echo/http://other.example.org/x")),
    ]
    .concat()
}

fn fields() -> Vec<Shape> {
    let many = (0..60).fold(get("/echo"), |ask, nth| ask.with(&format!("X-Nth-{nth}"), "v"));
    [
        both("cookies", get("/echo").with("Cookie", "a=1; b=\"2\"; c=%20")),
        both("a field twice", get("/echo").with("X-Twice", "one").with("X-Twice", "two")),
        both("an empty field", get("/echo").with("X-Empty", "")),
        both("a field of marks", get("/echo").with("X-Marks", "a,b;c=\"d\\\" e\" (f) <g> {h}\tz")),
        both("sixty fields", many),
        both("a long field", get("/echo").with("X-Long", &"l".repeat(4000))),
        both("authorization", get("/echo").with("Authorization", "Basic dXNlcjpzZWNyZXQ=")),
        both("a user agent", get("/echo").with("User-Agent", "Mozilla/5.0 (X11; Linux x86_64)")),
        both(
            "a referer and an origin",
            get("/echo").with("Referer", "https://a/").with("Origin", "null"),
        ),
        both(
            "accepts",
            get("/echo")
                .with("Accept", "text/html;q=0.9, */*;q=0.1")
                .with("Accept-Language", "de, en"),
        ),
        both(
            "cache control",
            get("/echo").with("Cache-Control", "no-cache").with("Pragma", "no-cache"),
        ),
        both("a name of every mark", get("/echo").with("X!#$%&'*+-.^`|~9", "v")),
        both(
            "a priority and client hints",
            get("/echo").with("Priority", "u=1, i").with("Sec-CH-UA", "\"A\";v=\"1\""),
        ),
        both(
            "trace context",
            get("/echo")
                .with("Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
        ),
    ]
    .concat()
}

fn bodies() -> Vec<Shape> {
    let binary: Vec<u8> = (0..=255).cycle().take(70_000).collect();
    let form = "application/x-www-form-urlencoded";
    [
        both("a small body", post("/echo", "hello")),
        both("a form", post("/echo", "a=1&b=2").with("Content-Type", form)),
        both("a body of every byte", post("/echo", binary.clone())),
        both("a body sent back", post("/mirror", binary)),
        both("a large body sent back", post("/mirror", vec![b'm'; 1_000_000])),
        both("a body in pieces", ask("POST", "/echo").pieces(&["one", "two", "three"])),
        both("a body in pieces sent back", ask("PUT", "/mirror").pieces(&["one", "two", "three"])),
        both("no pieces at all", ask("POST", "/echo").pieces(&[])),
        h2_except(
            both(
                "trailers of a request",
                ask("POST", "/echo").pieces(&["one"]).trailers(&[("x-sum", "1")]),
            ),
            Kind::Nginx,
            NO_TRAILERS,
        ),
        h2_except(
            both(
                "trailers sent back",
                ask("POST", "/mirror")
                    .with("TE", "trailers")
                    .pieces(&["one", "two"])
                    .trailers(&[("x-sum", "2")]),
            ),
            Kind::Nginx,
            NO_TRAILERS,
        ),
        both("an encoded body", post("/echo", [0x1f, 0x8b, 8, 0]).with("Content-Encoding", "gzip")),
        both("a body that is refused unread", post("/early/413", vec![b'e'; 200_000])),
        both("a body that is too large", post("/nginx/small", vec![b'e'; 200_000])),
        both("an upload that is given up", post("/echo", "half of it is sent").aborted()),
        both("pieces that are given up", ask("POST", "/echo").pieces(&["one", "two"]).aborted()),
    ]
    .concat()
}

fn answers() -> Vec<Shape> {
    let statuses =
        [201, 202, 204, 301, 302, 303, 304, 307, 400, 403, 404, 409, 422, 451, 500, 503, 599];
    let status = |code| both(&format!("status {code}"), get(&format!("/status/{code}")));
    [
        statuses.into_iter().flat_map(status).collect(),
        both("fields of every kind", get("/fields")),
        both("a large body", get("/bytes/3000000")),
        both("an empty body", get("/bytes/0")),
        both("a body without length", get("/chunks/20")),
        both("a body without length and without bytes", get("/chunks/0")),
        both("a body that comes slowly", get("/slow/4")),
        both("a head that comes late", get("/slow-head")),
        both("trailers of an answer", get("/trailers").with("TE", "trailers")),
        both("an origin that closes", get("/close")),
        both("hints before the answer", get("/hints")),
    ]
    .concat()
}

/// What nginx and `HAProxy` answer themselves.
fn pages() -> Vec<Shape> {
    let page = || get("/static/page.html");
    [
        both("a page", page()),
        both("a packed page", page().with("Accept-Encoding", "gzip")),
        both(
            "a page that has not changed",
            page().with("If-Modified-Since", "Fri, 31 Dec 2100 00:00:00 GMT"),
        ),
        both("a page of another kind", page().with("If-None-Match", "\"other\"")),
        both("a page that must not have changed", page().with("If-Match", "\"other\"")),
        both("a range", get("/static/data").with("Range", "bytes=10-99")),
        both("two ranges", get("/static/data").with("Range", "bytes=0-9,100-199")),
        both("ranges that touch", get("/static/data").with("Range", "bytes=0-9,10-19,15-30")),
        both("the last bytes", get("/static/data").with("Range", "bytes=-5")),
        both("a range beyond the end", get("/static/data").with("Range", "bytes=200000-")),
        both(
            "a range if unchanged",
            get("/static/data").with("Range", "bytes=0-0").with("If-Range", "\"x\""),
        ),
        both("an empty page", get("/static/empty")),
        both("what is not there", get("/static/missing")),
        both("a folder", get("/static/folder")),
        both("what is hidden", get("/hidden/page")),
        both("what may not be listed", get("/static/folder/")),
        both("a redirection by nginx", get("/nginx/moved")),
        both("an answer without content by nginx", get("/nginx/204")),
        both("a page that is gone", get("/nginx/gone")),
        both("an answer by HAProxy", get("/haproxy/own")),
        both("a refusal by HAProxy", get("/haproxy/429")),
        both("a redirection by HAProxy", post("/haproxy/moved", "form")),
    ]
    .concat()
}

fn faults() -> Vec<Shape> {
    [
        both("an origin that says nothing", get("/nothing")),
        both("nginx that says nothing", get("/nginx/silent")),
        both("an answer that breaks off", get("/break/1000")),
        h2_except(
            both("pieces that break off", get("/break-chunks/1000")),
            Kind::Haproxy,
            "HAProxy 2.6 tells a broken body of unknown length as a whole one over HTTP/2",
        ),
        both("a download that is given up", get("/slow/20").aborted()),
        both("a wait that is given up", get("/slow-head").aborted()),
    ]
    .concat()
}
