//! Answers of an origin that is out of step, or means harm.

/// One answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lie {
    pub(super) name: &'static str,
    pub(super) method: &'static str,
    /// Sent for the request.
    pub(super) bytes: &'static str,
    pub(super) then: Then,
}

/// What follows an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    Keep,
    Close,
    /// A moment later, when nobody has asked, another answer.
    Another,
    /// Interim answers without end, up to some thousands.
    Storm,
}

const fn lie(name: &'static str, bytes: &'static str) -> Lie {
    Lie { name, method: "GET", bytes, then: Then::Keep }
}

const fn to_head(name: &'static str, bytes: &'static str) -> Lie {
    Lie { method: "HEAD", ..lie(name, bytes) }
}

const fn then(lie: Lie, then: Then) -> Lie {
    Lie { then, ..lie }
}

/// What a poisoned answer says, wherever it turns up.
pub(super) const POISON: &str = "POISON";

/// Every answer.
pub(super) fn all() -> Vec<Lie> {
    [lengths(), codings(), bodies(), heads(), ends()].concat()
}

/// Who says how long a body is.
fn lengths() -> Vec<Lie> {
    vec![
        lie(
            "two answers",
            "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nPOISON",
        ),
        lie("bytes behind a body", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokPOISON"),
        lie(
            "bytes behind the last chunk",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\nPOISON",
        ),
        lie(
            "a length and chunks",
            "HTTP/1.1 200 OK\r\ncontent-length: 6\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nPOISON",
        ),
        lie(
            "chunks and a length",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\nPOISON",
        ),
        lie(
            "a length twice",
            "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 2\r\n\r\nokPOISON",
        ),
        lie(
            "two lengths",
            "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 8\r\n\r\nokPOISON",
        ),
        lie("a list of lengths", "HTTP/1.1 200 OK\r\ncontent-length: 2, 8\r\n\r\nokPOISON"),
        lie("a length with a plus", "HTTP/1.1 200 OK\r\ncontent-length: +2\r\n\r\nokPOISON"),
        lie("a length below nothing", "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\nokPOISON"),
        lie(
            "a length with a space before its colon",
            "HTTP/1.1 200 OK\r\ncontent-length : 2\r\n\r\nokPOISON",
        ),
        lie(
            "a length of 65 bits",
            "HTTP/1.1 200 OK\r\ncontent-length: 18446744073709551618\r\n\r\nokPOISON",
        ),
    ]
}

/// Where chunks end.
fn codings() -> Vec<Lie> {
    vec![
        lie(
            "a coding twice",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nPOISON",
        ),
        lie(
            "a coding that is none",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: xchunked\r\n\r\n0\r\n\r\nPOISON",
        ),
        lie(
            "two codings",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\nPOISON",
        ),
        lie(
            "chunks of HTTP/1.0",
            "HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\nconnection: keep-alive\r\n\r\n0\r\n\r\nPOISON",
        ),
        lie(
            "a chunk of 65 bits",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n10000000000000002\r\nok\r\n0\r\n\r\nPOISON",
        ),
        lie(
            "a chunk below nothing",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n-2\r\nok\r\n0\r\n\r\nPOISON",
        ),
        lie(
            "a chunk in 0x",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0x2\r\nok\r\n0\r\n\r\nPOISON",
        ),
        lie(
            "a chunk that is too short",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n8\r\nok\r\n0\r\n\r\nPOISON",
        ),
        lie(
            "trailers that tell a length",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\ncontent-length: 6\r\n\r\nPOISON",
        ),
    ]
}

/// Bodies where none may be.
fn bodies() -> Vec<Lie> {
    vec![
        lie(
            "no content with content",
            "HTTP/1.1 204 No Content\r\ncontent-length: 6\r\n\r\nPOISON",
        ),
        lie(
            "no content in chunks",
            "HTTP/1.1 204 No Content\r\ntransfer-encoding: chunked\r\n\r\n6\r\nPOISON\r\n0\r\n\r\n",
        ),
        lie(
            "nothing modified with content",
            "HTTP/1.1 304 Not Modified\r\ncontent-length: 6\r\n\r\nPOISON",
        ),
        to_head("a body for a HEAD", "HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nPOISON"),
        to_head(
            "an answer behind that to a HEAD",
            "HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nPOISON",
        ),
        lie(
            "a change of protocol that nobody wants",
            "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\nPOISON",
        ),
    ]
}

/// Heads that are none.
fn heads() -> Vec<Lie> {
    vec![
        lie("a status below all", "HTTP/1.1 099 No\r\ncontent-length: 6\r\n\r\nPOISON"),
        lie("HTTP/0.9", "POISON\r\n"),
        lie(
            "a folded field",
            "HTTP/1.1 200 OK\r\nx: a\r\n content-length: 0\r\ncontent-length: 2\r\n\r\nokPOISON",
        ),
        lie("bare LFs", "HTTP/1.1 200 OK\ncontent-length: 2\n\nokPOISON"),
        lie("a NUL in a value", "HTTP/1.1 200 OK\r\nx: a\0\r\ncontent-length: 2\r\n\r\nokPOISON"),
        lie(
            "a name with a space",
            "HTTP/1.1 200 OK\r\nx y: a\r\ncontent-length: 2\r\n\r\nokPOISON",
        ),
    ]
}

/// Answers that do not end, or come when nobody asks.
fn ends() -> Vec<Lie> {
    const GOOD: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
    vec![
        lie(
            "an interim answer with a length",
            "HTTP/1.1 103 Early Hints\r\ncontent-length: 6\r\n\r\nPOISONHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok",
        ),
        then(lie("an interim answer and no other", "HTTP/1.1 100 Continue\r\n\r\n"), Then::Close),
        then(lie("interim answers without end", "HTTP/1.1 100 Continue\r\n\r\n"), Then::Storm),
        then(
            lie("a close inside the body", "HTTP/1.1 200 OK\r\ncontent-length: 60\r\n\r\nPOIS"),
            Then::Close,
        ),
        then(
            lie(
                "a close inside chunks",
                "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n60\r\nPOIS",
            ),
            Then::Close,
        ),
        then(lie("a close inside the head", "HTTP/1.1 200 OK\r\ncontent-le"), Then::Close),
        then(lie("a close without a word", ""), Then::Close),
        then(lie("an answer when nobody asks", GOOD), Then::Another),
        lie(
            "an answer that closes and does not",
            "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nPOISON",
        ),
    ]
}
