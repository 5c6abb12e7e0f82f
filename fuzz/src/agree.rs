//! Whether the parsers of origins read what the gate lets through as the gate does.
//!
//! Run by the fuzz target of this name and, over its corpus, by the tests of `seawall-wire`.
//! Two others read the same bytes: httparse, which hyper reads heads with, and milo, a parser
//! written by maintainers of Node.js, which shares no code with either.

use httparse::Status;
use milo_parser::{
    CALLBACK_ACTIVE_ON_DATA, CALLBACK_ACTIVE_ON_HEADER_NAME, CALLBACK_ACTIVE_ON_HEADER_VALUE,
    CALLBACK_ACTIVE_ON_MESSAGE_COMPLETE, CALLBACK_ACTIVE_ON_METHOD, CALLBACK_ACTIVE_ON_URL, Parser,
};
use seawall_wire::h1::{BodyFraming, GateStep, HeadLimits, RequestGate};
use std::cell::RefCell;

/// Longer than any line that the gate lets through.
const LINE_MAX: usize = 64 * 1024;

/// A whole request, as far as two parsers must read it alike.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Message {
    method: Vec<u8>,
    target: Vec<u8>,
    host: Vec<u8>,
    fields: usize,
    /// Bytes of the body, framing aside.
    body: usize,
}

/// Every request that the gate lets through whole is read alike by every parser.
///
/// A parser may refuse more than the gate does, as then nothing is served; it may not read
/// anything else. httparse may not even refuse, since the proxy reads with it.
/// Gives how many requests passed, and how many of them milo read.
///
/// # Panics
/// When that does not hold.
pub fn agree(bytes: &[u8]) -> (usize, usize) {
    let (end, ends) = passed(bytes);
    let whole = &bytes[..end];
    let read = by_httparse(whole, &ends);
    let other = by_milo(whole);
    assert!(
        read.starts_with(&other),
        "httparse and the gate read {read:#?}, milo reads {other:#?}"
    );
    (read.len(), other.len())
}

/// Every request that the gate lets through whole is read alike by every parser once `rewrite` has
/// written its head anew.
///
/// Gives how many were.
///
/// # Panics
/// When that does not hold.
pub fn agree_rewritten(
    bytes: &[u8],
    rewrite: impl Fn(&[u8], BodyFraming) -> Option<Vec<u8>>,
) -> usize {
    let (end, ends) = passed(bytes);
    let read = by_httparse(&bytes[..end], &ends);
    let mut rewritten = 0;
    for (passed, message) in ends.iter().zip(&read) {
        let head = &bytes[passed.start..passed.start + passed.head];
        let Some(mut again) = rewrite(head, passed.framing) else { continue };
        again.extend(body(passed.framing, message.body));
        let (end, ends) = self::passed(&again);
        assert_eq!((end, ends.len()), (again.len(), 1), "{:?}", String::from_utf8_lossy(&again));
        let expected =
            Message { target: origin_form(&message.target), fields: 0, ..message.clone() };
        let read = by_httparse(&again, &ends).into_iter().chain(by_milo(&again));
        for other in read {
            assert_eq!(Message { fields: 0, ..other }, expected);
        }
        rewritten += 1;
    }
    rewritten
}

/// A body of `length` bytes, framed as it was.
fn body(framing: BodyFraming, length: usize) -> Vec<u8> {
    let data = vec![b'x'; length];
    match framing {
        BodyFraming::None | BodyFraming::Length(_) => data,
        BodyFraming::Chunked if length == 0 => b"0\r\n\r\n".to_vec(),
        BodyFraming::Chunked => {
            let size = format!("{length:x}\r\n").into_bytes();
            [size, data, b"\r\n0\r\n\r\n".to_vec()].concat()
        }
    }
}

/// A target without scheme and authority (RFC 9112 §3.2.1).
fn origin_form(target: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(target);
    let Some((_, rest)) = text.split_once("://").filter(|_| !text.starts_with('/')) else {
        return target.to_vec();
    };
    let path = rest.find(['/', '?']).map_or("/", |at| &rest[at..]);
    let front = if path.starts_with('/') { "" } else { "/" };
    [front, path].concat().into_bytes()
}

/// What the gate knows of a whole request.
struct Passed {
    /// Where it begins and ends.
    start: usize,
    end: usize,
    head: usize,
    framing: BodyFraming,
}

/// The whole requests in front of the first fault, up to one behind which nothing is served.
fn passed(bytes: &[u8]) -> (usize, Vec<Passed>) {
    let mut gate = RequestGate::new(HeadLimits::default());
    let (mut at, mut whole) = (0, Vec::new());
    let mut open: Option<Passed> = None;
    let mut last = false;
    loop {
        let ended = match gate.feed(&bytes[at..]) {
            GateStep::Head(head) => {
                let (start, framing) = (at, head.body);
                at += head.length;
                last = head.closes || head.upgrade;
                open = Some(Passed { start, end: at, head: head.length, framing });
                matches!(framing, BodyFraming::None | BodyFraming::Length(0))
            }
            GateStep::Body { consumed, ended } => {
                at += consumed;
                if !ended && at == bytes.len() {
                    break;
                }
                ended
            }
            GateStep::NeedMore | GateStep::Fault(_) => break,
        };
        if ended {
            whole.extend(open.take().map(|open| Passed { end: at, ..open }));
            if last {
                break;
            }
        }
    }
    (whole.last().map_or(0, |passed| passed.end), whole)
}

/// Reads `bytes` by httparse, and demands that each request ends where the gate says.
fn by_httparse(bytes: &[u8], passed: &[Passed]) -> Vec<Message> {
    let mut read = Vec::new();
    let mut at = 0;
    for gate in passed {
        assert_eq!(at, gate.start, "a request begins elsewhere");
        let mut fields = [httparse::EMPTY_HEADER; HeadLimits::FIELDS];
        let mut head = httparse::Request::new(&mut fields);
        let status = head.parse(&bytes[at..]).expect("httparse takes what the gate passed");
        assert_eq!(status, Status::Complete(gate.head), "a head ends elsewhere");
        at += gate.head;
        let value = |name: &str| {
            let mut named =
                head.headers.iter().filter(|field| field.name.eq_ignore_ascii_case(name));
            let value = named.next().map(|field| field.value.trim_ascii());
            assert!(named.next().is_none(), "{name} comes twice");
            value
        };
        let (length, coding) = (value("content-length"), value("transfer-encoding"));
        let body = match (length, coding) {
            (None, None) => 0,
            (Some(length), None) => {
                let text = str::from_utf8(length).expect("digits");
                let length = text.parse().expect("a number");
                assert!(matches!(gate.framing, BodyFraming::Length(told) if told == length as u64));
                at += length;
                length
            }
            (None, Some(coding)) => {
                assert!(coding.eq_ignore_ascii_case(b"chunked"));
                let (taken, data) = unchunked(&bytes[at..]);
                at += taken;
                data
            }
            (Some(_), Some(_)) => panic!("a request says its length twice"),
        };
        assert_eq!(at, gate.end, "a request ends elsewhere");
        read.push(Message {
            method: head.method.expect("complete").into(),
            target: head.path.expect("complete").into(),
            host: value("host").expect("the gate wants one").into(),
            fields: head.headers.len(),
            body,
        });
    }
    read
}

/// Bytes that a chunked body takes, and bytes of its data.
fn unchunked(bytes: &[u8]) -> (usize, usize) {
    let (mut at, mut data) = (0, 0);
    loop {
        let Ok(Status::Complete((line, size))) = httparse::parse_chunk_size(&bytes[at..]) else {
            panic!("a size line that httparse does not take");
        };
        at += line;
        if size == 0 {
            break;
        }
        let size = usize::try_from(size).expect("the gate saw it end");
        assert_eq!(bytes.get(at + size..at + size + 2), Some(b"\r\n".as_slice()));
        (at, data) = (at + size + 2, data + size);
    }
    let mut fields = [httparse::EMPTY_HEADER; 64];
    match httparse::parse_headers(&bytes[at..], &mut fields) {
        Ok(Status::Complete((length, _))) => (at + length, data),
        other => panic!("trailers that httparse does not take: {other:?}"),
    }
}

/// What milo has read so far.
#[derive(Debug, Default)]
struct Reading {
    bytes: Vec<u8>,
    whole: Vec<Message>,
    open: Message,
    /// Whether the value of a `Host` field is next.
    host_is_next: bool,
}

thread_local! {
    // Its callbacks are plain functions.
    static READING: RefCell<Reading> = RefCell::default();
}

fn by_milo(bytes: &[u8]) -> Vec<Message> {
    READING.with_borrow_mut(|reading| {
        *reading = Reading { bytes: bytes.to_vec(), ..Reading::default() };
    });
    let mut parser = Parser::new();
    (parser.autodetect, parser.is_request) = (false, true);
    (parser.max_start_line_length, parser.max_header_length) = (LINE_MAX, LINE_MAX);
    parser.active_callbacks = CALLBACK_ACTIVE_ON_METHOD
        | CALLBACK_ACTIVE_ON_URL
        | CALLBACK_ACTIVE_ON_HEADER_NAME
        | CALLBACK_ACTIVE_ON_HEADER_VALUE
        | CALLBACK_ACTIVE_ON_DATA
        | CALLBACK_ACTIVE_ON_MESSAGE_COMPLETE;
    parser.callbacks.on_method =
        |_, at, length| told(|open, part| open.method = part.into(), (at, length));
    parser.callbacks.on_url =
        |_, at, length| told(|open, part| open.target = part.into(), (at, length));
    parser.callbacks.on_header_name = name;
    parser.callbacks.on_header_value = value;
    parser.callbacks.on_data =
        |_, at, length| told(|open, part| open.body += part.len(), (at, length));
    parser.callbacks.on_message_complete = |_, _, _| {
        READING.with_borrow_mut(|reading| {
            let message = std::mem::take(&mut reading.open);
            reading.whole.push(message);
        });
    };
    let mut at = 0;
    // It stops now and then, when it has much to tell.
    while at < bytes.len() {
        let rest = &bytes[at..];
        READING.with_borrow_mut(|reading| reading.bytes = rest.to_vec());
        match parser.parse(rest.as_ptr(), rest.len()) {
            0 => break,
            taken => at += taken,
        }
    }
    READING.with_borrow_mut(|reading| std::mem::take(&mut reading.whole))
}

fn told(note: impl Fn(&mut Message, &[u8]), (at, length): (usize, usize)) {
    READING.with_borrow_mut(|reading| note(&mut reading.open, &reading.bytes[at..at + length]));
}

fn name(_: &mut Parser, at: usize, length: usize) {
    READING.with_borrow_mut(|reading| {
        reading.open.fields += 1;
        let name = &reading.bytes[at..at + length];
        reading.host_is_next = name.eq_ignore_ascii_case(b"host");
    });
}

fn value(_: &mut Parser, at: usize, length: usize) {
    READING.with_borrow_mut(|reading| {
        if std::mem::take(&mut reading.host_is_next) {
            reading.open.host = reading.bytes[at..at + length].trim_ascii().into();
        }
    });
}
