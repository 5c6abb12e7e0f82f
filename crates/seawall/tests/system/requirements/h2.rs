//! RFC 9113, frame by frame.
//!
//! Where the engine says `PROTOCOL_ERROR` and the RFC has a code of its own, the page says so.

use crate::fixtures::frames::{
    CONTINUATION, DATA, END_HEADERS, END_STREAM, GOAWAY, HEADERS, PING, PRIORITY, PUSH_PROMISE,
    RST_STREAM, SETTINGS, WINDOW_UPDATE, field, frame, get, opening, request,
};
use crate::fixtures::{Client, Ended, HOST, SOON, Setup, Shield, Witness};
use rustix::process::Signal;
use std::time::Duration;

/// What frames are answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    /// An answer of status 200.
    Served,
    /// An answer of another status.
    Refused,
    /// A stream error with its code (RFC 9113 §7).
    Stream(u32),
    /// A connection error with its code.
    Connection(u32),
    /// The end of the connection without a word.
    Ended,
}

const PROTOCOL: u32 = 1;
const FLOW_CONTROL: u32 = 3;
const REFUSED_STREAM: u32 = 7;

/// `:status: 200` of the static table.
const STATUS_200: u8 = 0x88;

type Case = (&'static str, Vec<u8>, Told);

/// Sends the frames of each case on a connection of its own and reads the first verdict on them.
fn check(cases: &[Case]) {
    let origin = Witness::start(Duration::from_millis(100));
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    let mut wrong = Vec::new();
    for (what, frames, expected) in cases {
        let mut client = Client::plain(setup.plain);
        client.send([opening(65_535), frames.clone()].concat());
        let told = verdict(&mut client);
        if told != *expected {
            wrong.push(format!("{what}: {told:?}, not {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn verdict(client: &mut Client<std::net::TcpStream>) -> Told {
    loop {
        let Ok(frame) = client.frame() else { return Told::Ended };
        let code = |at: usize| {
            let bytes = frame.payload.get(at..at + 4).and_then(|bytes| bytes.try_into().ok());
            u32::from_be_bytes(bytes.expect("a code of four bytes"))
        };
        match frame.kind {
            GOAWAY => return Told::Connection(code(4)),
            RST_STREAM => return Told::Stream(code(0)),
            HEADERS if frame.payload.first() == Some(&STATUS_200) => return Told::Served,
            HEADERS => return Told::Refused,
            _ => {}
        }
    }
}

/// A request with these fields behind those of a GET.
fn with(fields: &[(&str, &str)]) -> Vec<u8> {
    let more = fields.iter().flat_map(|(name, value)| field(name, value));
    let block: Vec<u8> = get("/").into_iter().chain(more).collect();
    frame(HEADERS, END_STREAM | END_HEADERS, 1, &block)
}

/// A request with this block alone.
fn block(block: &[u8]) -> Vec<u8> {
    frame(HEADERS, END_STREAM | END_HEADERS, 1, block)
}

/// A POST that has not ended.
fn open_post(fields: &[(&str, &str)]) -> Vec<u8> {
    let mut block = get("/");
    block[0] = 0x83;
    block.extend(fields.iter().flat_map(|(name, value)| field(name, value)));
    frame(HEADERS, END_HEADERS, 1, &block)
}

fn setting(number: u16, value: u32) -> Vec<u8> {
    let payload = [&number.to_be_bytes()[..], &value.to_be_bytes()].concat();
    frame(SETTINGS, 0, 0, &payload)
}

fn both(first: Vec<u8>, second: Vec<u8>) -> Vec<u8> {
    [first, second].concat()
}

#[test]
fn frames_of_a_wrong_size_or_place_end_the_connection() {
    check(&[frames_with_a_request(), frames_beside_one()].concat());
}

fn frames_with_a_request() -> Vec<Case> {
    let zero = [0; 8];
    let beyond = vec![0; 16_385];
    vec![
        ("an ordinary request", request(1, "/"), Told::Served),
        (
            "an unknown frame is passed over",
            both(frame(0xbe, 0, 0, b"x"), request(1, "/")),
            Told::Served,
        ),
        ("unknown flags are passed over", frame(HEADERS, 0xc2 | 5, 1, &get("/")), Told::Served),
        ("a frame beyond the size", frame(DATA, 0, 1, &beyond), Told::Ended),
        ("DATA on no stream", frame(DATA, 0, 0, b"x"), Told::Connection(PROTOCOL)),
        ("DATA on an idle stream", frame(DATA, 0, 1, b"x"), Told::Connection(PROTOCOL)),
        ("HEADERS on no stream", frame(HEADERS, 5, 0, &get("/")), Told::Connection(PROTOCOL)),
        ("HEADERS on an even stream", request(2, "/"), Told::Connection(PROTOCOL)),
        (
            "padding longer than the frame",
            frame(HEADERS, 5 | 8, 1, &[200, 0x82]),
            Told::Connection(PROTOCOL),
        ),
        (
            "a PRIORITY of another size",
            frame(PRIORITY, 0, 1, &zero[..4]),
            Told::Connection(PROTOCOL),
        ),
        (
            "a PRIORITY on an idle stream is passed over",
            both(frame(PRIORITY, 0, 3, &[0, 0, 0, 0, 1]), request(1, "/")),
            Told::Served,
        ),
    ]
}

fn frames_beside_one() -> Vec<Case> {
    let zero = [0; 8];
    vec![
        (
            "a RST_STREAM on an idle stream",
            frame(RST_STREAM, 0, 1, &zero[..4]),
            Told::Connection(PROTOCOL),
        ),
        (
            "a RST_STREAM of another size",
            both(open_post(&[]), frame(RST_STREAM, 0, 1, &zero[..3])),
            Told::Connection(PROTOCOL),
        ),
        (
            "a RST_STREAM on no stream",
            frame(RST_STREAM, 0, 0, &zero[..4]),
            Told::Connection(PROTOCOL),
        ),
        ("a PING of another size", frame(PING, 0, 0, &zero[..7]), Told::Connection(PROTOCOL)),
        ("a PING on a stream", frame(PING, 0, 1, &zero), Told::Connection(PROTOCOL)),
        ("a GOAWAY on a stream", frame(GOAWAY, 0, 1, &zero), Told::Connection(PROTOCOL)),
        (
            "a PUSH_PROMISE",
            both(open_post(&[]), frame(PUSH_PROMISE, 4, 1, &[0, 0, 0, 2, 0x82])),
            Told::Connection(PROTOCOL),
        ),
        (
            "a CONTINUATION of nothing",
            frame(CONTINUATION, 4, 1, &get("/")),
            Told::Connection(PROTOCOL),
        ),
        (
            "a frame inside a header block",
            both(frame(HEADERS, 1, 1, &get("/")), frame(PING, 0, 0, &zero)),
            Told::Connection(PROTOCOL),
        ),
        (
            "a header block in two frames",
            both(frame(HEADERS, 1, 1, &get("/")[..2]), frame(CONTINUATION, 4, 1, &get("/")[2..])),
            Told::Served,
        ),
        (
            "a header block that is no HPACK",
            block(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
            Told::Connection(PROTOCOL),
        ),
        (
            "a stream below the last one",
            both(request(3, "/"), request(1, "/")),
            Told::Connection(PROTOCOL),
        ),
    ]
}

#[test]
fn settings_are_held_to_their_bounds() {
    check(&[
        (
            "an unknown setting is passed over",
            both(setting(0xf0, 1), request(1, "/")),
            Told::Served,
        ),
        ("SETTINGS of another size", frame(SETTINGS, 0, 0, &[0; 5]), Told::Connection(PROTOCOL)),
        ("SETTINGS on a stream", frame(SETTINGS, 0, 1, &[]), Told::Connection(PROTOCOL)),
        (
            "an acknowledgement with content",
            frame(SETTINGS, 1, 0, &[0; 6]),
            Told::Connection(PROTOCOL),
        ),
        ("a push setting that is no truth value", setting(2, 2), Told::Connection(PROTOCOL)),
        ("a window beyond its most", setting(4, 0x8000_0000), Told::Connection(PROTOCOL)),
        ("a frame size below the least", setting(5, 16_383), Told::Connection(PROTOCOL)),
        ("a frame size beyond the most", setting(5, 16_777_216), Told::Connection(PROTOCOL)),
    ]);
}

#[test]
fn windows_and_streams_are_held_to_their_rules() {
    let credit = |stream, value: u32| frame(WINDOW_UPDATE, 0, stream, &value.to_be_bytes());
    let many: Vec<u8> = (0..101).flat_map(|nth| request(1 + 2 * nth, "/")).collect();
    check(&[
        (
            "a credit of nothing on a stream",
            both(open_post(&[]), credit(1, 0)),
            Told::Connection(PROTOCOL),
        ),
        ("a credit of nothing on the connection", credit(0, 0), Told::Connection(PROTOCOL)),
        ("a credit beyond the most", credit(0, 0x7fff_ffff), Told::Connection(FLOW_CONTROL)),
        (
            "a credit beyond the most on a stream",
            both(open_post(&[]), credit(1, 0x7fff_ffff)),
            Told::Stream(FLOW_CONTROL),
        ),
        (
            "a credit of another size",
            frame(WINDOW_UPDATE, 0, 0, &[0; 3]),
            Told::Connection(PROTOCOL),
        ),
        ("a credit on an idle stream", credit(1, 1), Told::Connection(PROTOCOL)),
        (
            "DATA behind the end",
            both(request(1, "/"), frame(DATA, 0, 1, b"x")),
            Told::Connection(PROTOCOL),
        ),
        (
            "HEADERS behind the end",
            both(request(1, "/"), request(1, "/")),
            Told::Connection(PROTOCOL),
        ),
        ("one stream too many", many, Told::Stream(REFUSED_STREAM)),
    ]);
}

#[test]
fn a_malformed_http2_request_is_a_stream_error_or_refused() {
    let without = |at: std::ops::Range<usize>| {
        let mut bytes = get("/");
        bytes.drain(at);
        block(&bytes)
    };
    check(&[
        ("a name in upper case", with(&[("X-Upper", "a")]), Told::Connection(PROTOCOL)),
        ("a name with a space", with(&[("x y", "a")]), Told::Connection(PROTOCOL)),
        ("a value with a line break", with(&[("x", "a\r\nb: c")]), Told::Connection(PROTOCOL)),
        ("a value with white space in front", with(&[("x", " a")]), Told::Served),
        ("connection", with(&[("connection", "close")]), Told::Stream(PROTOCOL)),
        ("transfer-encoding", with(&[("transfer-encoding", "chunked")]), Told::Stream(PROTOCOL)),
        ("upgrade", with(&[("upgrade", "websocket")]), Told::Stream(PROTOCOL)),
        ("te of trailers", with(&[("te", "trailers")]), Told::Served),
        ("te of something else", with(&[("te", "gzip")]), Told::Stream(PROTOCOL)),
        (
            "a pseudo-field behind a field",
            both(Vec::new(), block(&[field("x", "a"), get("/")].concat())),
            Told::Stream(PROTOCOL),
        ),
        ("an unknown pseudo-field", with(&[(":wonder", "a")]), Told::Connection(PROTOCOL)),
        ("a pseudo-field of answers", with(&[(":status", "200")]), Told::Stream(PROTOCOL)),
        ("a pseudo-field twice", with(&[(":path", "/")]), Told::Stream(PROTOCOL)),
        ("no method", without(0..1), Told::Stream(PROTOCOL)),
        ("no scheme", without(1..2), Told::Stream(PROTOCOL)),
        (
            "no path",
            block(&[vec![0x82, 0x86], field(":authority", HOST)].concat()),
            Told::Stream(PROTOCOL),
        ),
        (
            "an empty path",
            block(&[vec![0x82, 0x86], field(":path", ""), field(":authority", HOST)].concat()),
            Told::Stream(PROTOCOL),
        ),
        (
            "an authority with a user",
            block(
                &[vec![0x82, 0x86], field(":path", "/"), field(":authority", "a@www.example.org")]
                    .concat(),
            ),
            Told::Refused,
        ),
        ("a host that differs", with(&[("host", "other.example.org")]), Told::Refused),
        (
            "CONNECT",
            block(&[field(":method", "CONNECT"), field(":authority", HOST)].concat()),
            Told::Refused,
        ),
        (
            "a body shorter than its length",
            both(open_post(&[("content-length", "5")]), frame(DATA, 1, 1, b"x")),
            Told::Stream(PROTOCOL),
        ),
        (
            "a body longer than its length",
            both(open_post(&[("content-length", "1")]), frame(DATA, 1, 1, b"hello")),
            Told::Stream(PROTOCOL),
        ),
        (
            "a trailer with a pseudo-field",
            both(open_post(&[]), frame(HEADERS, 5, 1, &field(":path", "/"))),
            Told::Served,
        ),
        ("a cookie in crumbs", with(&[("cookie", "a=b"), ("cookie", "c=d")]), Told::Served),
    ]);
}

#[test]
fn a_connection_opens_with_settings_that_are_acknowledged_and_pings_come_back() {
    let origin = Witness::start(Duration::ZERO);
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    let mut client = Client::plain(setup.plain);
    client.send([opening(65_535), frame(PING, 0, 0, b"12345678")].concat());
    let first = client.frame().expect("a preface of the server");
    assert_eq!((first.kind, first.flags & 1, first.stream), (SETTINGS, 0, 0), "{first:?}");
    let mut acknowledged = false;
    loop {
        let frame = client.frame().expect("the ping comes back");
        acknowledged |= frame.kind == SETTINGS && frame.flags & 1 == 1;
        if frame.kind == PING {
            assert_eq!((frame.flags, &frame.payload[..]), (1, &b"12345678"[..]));
            break;
        }
    }
    assert!(acknowledged, "settings are acknowledged in the order of frames");
}

#[test]
fn a_preface_that_is_none_is_no_http2() {
    let origin = Witness::start(Duration::ZERO);
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    let mut client = Client::plain(setup.plain);
    client.send("PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n");
    let (said, ended) = client.rest();
    let said = String::from_utf8_lossy(&said).into_owned();
    assert!(said.is_empty() || said.starts_with("HTTP/1.1 400 "), "{said:?}");
    assert_eq!(ended, Ended::Closed);
    assert_eq!(origin.count(), 0);
}

/// The last stream that the next GOAWAY names, and its code.
fn goodbye(client: &mut Client<std::net::TcpStream>) -> (u32, u32) {
    let goodbye = client.frame_of(GOAWAY).expect("a goodbye");
    let number = |at: usize| {
        let bytes = goodbye.payload[at..at + 4].try_into().expect("four bytes");
        u32::from_be_bytes(bytes)
    };
    (number(0), number(4))
}

#[test]
fn an_idle_connection_is_told_goodbye_before_it_is_closed() {
    let origin = Witness::start(Duration::ZERO);
    let setup = Setup::before(origin.address).tables("[timeouts]\nidle = \"1s\"");
    let _shield = Shield::start(&setup);
    let mut client = Client::plain(setup.plain);
    client.send([opening(65_535), request(1, "/")].concat());
    assert_eq!(goodbye(&mut client), (0x7fff_ffff, 0));
}

#[test]
fn a_leaving_shield_names_the_last_stream_only_after_a_round_trip() {
    let origin = Witness::start(Duration::ZERO);
    let setup = Setup::before(origin.address);
    let mut shield = Shield::start(&setup);
    let mut client = Client::plain(setup.plain);
    client.send([opening(65_535), request(1, "/")].concat());
    client.frame_of(DATA).expect("an answer");
    shield.signal(Signal::TERM);
    assert_eq!(goodbye(&mut client), (0x7fff_ffff, 0));
    // Until the ping comes back, what was on its way is served.
    client.send(request(3, "/"));
    let ping = client.frame_of(PING).expect("a ping behind the goodbye");
    client.send(frame(PING, 1, 0, &ping.payload));
    // The answer and the last goodbye come in either order: the origin may be faster than the ping.
    let frames = std::iter::from_fn(|| client.frame().ok());
    let frames = frames.filter(|frame| matches!(frame.kind, GOAWAY | HEADERS));
    let frames: Vec<_> = frames.take(2).collect();
    let last = frames.iter().find(|frame| frame.kind == GOAWAY).expect("a last goodbye");
    assert_eq!(last.payload[..8], [0, 0, 0, 3, 0, 0, 0, 0]);
    let answer = frames.iter().find(|frame| frame.kind == HEADERS).expect("an answer");
    assert_eq!(answer.stream, 3);
    assert_eq!(client.rest().1, Ended::Closed);
    assert!(shield.ended(SOON).success());
}
