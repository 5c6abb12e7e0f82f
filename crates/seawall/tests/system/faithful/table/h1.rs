//! Rows of HTTP/1.1 and 1.0 alone: how bytes are framed and when they come.

use super::super::shape::{Shape, Step, Talk, ask, get, h1, in_turn, pipelined, post, raw};
use crate::origins::Kind;

/// Why what stands behind nginx is not asked with a body that never comes.
const READS_FIRST: &str = "nginx reads the whole body before it asks anybody";

const SWITCH: &str = "Host: HOST\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
     Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

pub(super) fn rows() -> Vec<Shape> {
    [heads(), chunks(), connections(), expectations(), upgrades()].concat()
}

fn heads() -> Vec<Shape> {
    vec![
        h1("absolute form", raw("GET http://HOST/echo?q HTTP/1.1\r\nHost: HOST\r\n\r\n")),
        h1("absolute form without a path", raw("GET http://HOST HTTP/1.1\r\nHost: HOST\r\n\r\n")),
        h1("asterisk form", raw("OPTIONS * HTTP/1.1\r\nHost: HOST\r\n\r\n")),
        h1("no space behind colons", raw("GET /echo HTTP/1.1\r\nHost:HOST\r\nX-A:b\r\n\r\n")),
        h1(
            "white space around values",
            raw("GET /echo HTTP/1.1\r\nHost:   HOST  \r\nX-A:  b c  \r\n\r\n"),
        ),
        h1(
            "names of any case",
            raw("GET /echo HTTP/1.1\r\nhOsT: HOST\r\nx-A: b\r\nACCEPT: */*\r\n\r\n"),
        ),
        h1("a host with a port", raw("GET /echo HTTP/1.1\r\nHost: HOST:80\r\n\r\n")),
        h1("a host in capitals", raw("GET /echo HTTP/1.1\r\nHost: WWW.EXAMPLE.ORG\r\n\r\n")),
        h1("an empty line in front", raw("\r\nGET /echo HTTP/1.1\r\nHost: HOST\r\n\r\n")),
        h1(
            "bytes beyond ASCII in a value",
            raw("GET /echo HTTP/1.1\r\nHost: HOST\r\nX-A: caf\u{e9}\r\n\r\n"),
        ),
        h1(
            "a head a byte at a time",
            Talk::default().drip("GET /echo HTTP/1.1\r\nHost: HOST\r\nX-A: b\r\n\r\n").due(1),
        ),
        h1(
            "a head in two pieces",
            raw("GET /echo HTTP/1.1\r\nHo").step(Step::Pause).send("st: HOST\r\n\r\n"),
        ),
        h1(
            "fields that a connection keeps",
            raw(
                "GET /echo HTTP/1.1\r\nHost: HOST\r\nConnection: keep-alive\r\nKeep-Alive: timeout=5\r\nX-A: b\r\n\r\n",
            ),
        ),
    ]
}

fn chunks() -> Vec<Shape> {
    let chunked = |target: &str, body: &str| {
        raw(&format!(
            "POST {target} HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\n\r\n{body}"
        ))
    };
    vec![
        h1("chunk sizes in capitals", chunked("/echo", "A\r\n0123456789\r\n0\r\n\r\n")),
        h1("chunk sizes with zeros in front", chunked("/echo", "0005\r\nhello\r\n000\r\n\r\n")),
        h1("chunk extensions", chunked("/echo", "5;a=b;c\r\nhello\r\n0;last\r\n\r\n")),
        h1("chunks of one byte", chunked("/mirror", &("1\r\nx\r\n".repeat(200) + "0\r\n\r\n"))),
        h1(
            "Transfer-Encoding in capitals",
            raw("POST /echo HTTP/1.1\r\nHost: HOST\r\nTRANSFER-ENCODING: CHUNKED\r\n\r\n2\r\nhi\r\n0\r\n\r\n"),
        ),
        h1(
            "chunks a byte at a time",
            raw("POST /echo HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\n\r\n")
                .drip("5\r\nhello\r\n0\r\n\r\n"),
        ),
        h1(
            "a chunk that comes late",
            raw("POST /mirror HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n")
                .step(Step::Pause)
                .send("3\r\nyou\r\n0\r\n\r\n"),
        ),
        h1("trailers that nobody asked for", raw("GET /trailers HTTP/1.1\r\nHost: HOST\r\n\r\n")),
        h1(
            "a body behind its head",
            raw("POST /echo HTTP/1.1\r\nHost: HOST\r\nContent-Length: 5\r\n\r\n")
                .step(Step::Pause)
                .send("hello"),
        ),
    ]
}

fn connections() -> Vec<Shape> {
    let one = get("/echo/1");
    let two = post("/echo/2", "body");
    let three = ask("HEAD", "/bytes/9");
    let four = get("/chunks/2");
    let closing = get("/echo/5").with("Connection", "close");
    vec![
        h1("four requests in turn", in_turn(&[one.clone(), two.clone(), three.clone(), four.clone()])),
        h1("four requests at once", pipelined(&[one.clone(), two.clone(), three, four])),
        h1("forty requests at once", pipelined(&vec![get("/echo"); 40])),
        h1("a request behind one that fails", in_turn(&[get("/status/500"), one.clone()])),
        h1("a request behind one without content", in_turn(&[get("/status/204"), one.clone()])),
        h1("the last request closes", in_turn(&[one.clone(), closing.clone()])),
        h1("nothing is answered behind a close", pipelined(&[one, closing])),
        h1("a client that sends no more", Talk::default().then(&get("/slow-head")).step(Step::HalfClose)),
        h1("a client that sends no more behind a body", Talk::default().then(&post("/echo", "hi")).step(Step::HalfClose)),
        h1("HTTP/1.0", raw("GET /echo HTTP/1.0\r\nHost: HOST\r\n\r\n")),
        h1("HTTP/1.0 that keeps alive", raw("GET /echo HTTP/1.0\r\nHost: HOST\r\nConnection: keep-alive\r\n\r\n")),
        h1("HTTP/1.0 and a body without length", raw("GET /chunks/3 HTTP/1.0\r\nHost: HOST\r\n\r\n")),
        h1("HTTP/1.0 with a body", raw("POST /echo HTTP/1.0\r\nHost: HOST\r\nContent-Length: 2\r\n\r\nhi")),
        h1(
            "an empty line between requests",
            raw("POST /echo HTTP/1.1\r\nHost: HOST\r\nContent-Length: 2\r\n\r\nhi\r\nGET /echo/2 HTTP/1.1\r\nHost: HOST\r\n\r\n").due(1),
        ),
    ]
}

fn expectations() -> Vec<Shape> {
    let head = |target: &str, length: usize| {
        format!(
            "POST {target} HTTP/1.1\r\nHost: HOST\r\nExpect: 100-continue\r\nContent-Length: {length}\r\n\r\n"
        )
    };
    vec![
        h1("a body that waits", raw(&head("/echo", 5)).step(Step::AwaitInterim).send("hello")),
        h1(
            "chunks that wait",
            raw("POST /echo HTTP/1.1\r\nHost: HOST\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n")
                .step(Step::AwaitInterim)
                .send("5\r\nhello\r\n0\r\n\r\n"),
        ),
        h1("a body that is refused before it is sent", raw(&head("/early/413", 90_000)).step(Step::AwaitInterim))
            .except(Kind::Nginx, READS_FIRST)
            .except(Kind::Haproxy, READS_FIRST),
        h1("a body that nginx refuses before it is sent", raw(&head("/nginx/small", 90_000)).step(Step::AwaitInterim))
            .except(Kind::Hyper, "it asks for every body"),
        h1("a body that does not wait for what it expects", raw(&format!("{}hello", head("/echo", 5)))),
        h1("Expect without a body", raw("GET /echo HTTP/1.1\r\nHost: HOST\r\nExpect: 100-continue\r\n\r\n")),
    ]
}

fn upgrades() -> Vec<Shape> {
    let switch = |target: &str| raw(&format!("GET {target} HTTP/1.1\r\n{SWITCH}"));
    let frames = "\u{1}\0\u{7f}GET / HTTP/1.1\r\n\r\n";
    vec![
        h1(
            "a change of protocol",
            switch("/upgrade")
                .step(Step::AwaitAnswer)
                .send(frames)
                .step(Step::AwaitBytes(frames.len()))
                .send("bye")
                .step(Step::AwaitBytes(4)),
        ),
        h1("a change of protocol that is refused", switch("/upgrade/refused")),
        h1(
            "a request behind a refused change",
            switch("/upgrade/refused").step(Step::AwaitAnswer).then(&get("/echo/2")),
        ),
        h1("a change that nobody knows", switch("/echo")),
    ]
}
