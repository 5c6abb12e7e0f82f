//! What must hold for any bytes: one check for each parser that faces the network.
//!
//! The fuzz targets call these with bytes of their own making; `cargo test` calls them with every
//! file of `fuzz/corpus`.
//! A check panics when its promise is broken; the parsers themselves must never panic.

mod front;

pub use front::{forwarded, proxy_header};

use seawall_types::{Moment, Reason};
use seawall_wire::code::{self, Capsule, CodeKey};
use seawall_wire::h1::{
    ChunkScanner, ChunkStep, GateStep, Head, HeadFault, HeadLimits, HeadStep, RequestGate,
    field_names, parse_head,
};
use seawall_wire::h2::{FrameCounts, FrameFault, FrameLimits, FrameMeter, OutboundResets};
use seawall_wire::hello::{self, HelloStep, Transport};

/// Sizes of the pieces in which bytes are fed again.
const PIECES: [usize; 3] = [1, 7, 64];

/// A connection's bytes through the gate: the same judgement however they are split, and every
/// head that passes is read alike by another parser.
///
/// # Panics
/// When that does not hold.
pub fn gate(bytes: &[u8]) {
    let whole = passage(bytes, bytes.len().max(1));
    for piece in PIECES {
        assert_eq!(whole, passage(bytes, piece), "fed in pieces of {piece}");
    }
    match parse_head(bytes, &HeadLimits::default()) {
        Ok(HeadStep::Complete(head)) => assert_eq!(whole.heads.first(), Some(&(0, head))),
        Ok(HeadStep::Partial) => assert!(whole.heads.is_empty() && whole.fault.is_none()),
        Err(fault) => assert_eq!(whole.fault, Some(fault)),
    }
    for (start, head) in &whole.heads {
        assert_read_alike(&bytes[*start..start + head.length], head);
    }
}

/// What a gate let pass of one connection.
#[derive(Debug, PartialEq)]
struct Passage {
    heads: Vec<(usize, Head)>,
    body_ends: Vec<usize>,
    /// How many bytes; where a fault ends a body, the piece that holds it is withheld whole.
    passed: usize,
    fault: Option<HeadFault>,
}

fn passage(bytes: &[u8], piece: usize) -> Passage {
    let mut gate = RequestGate::new(HeadLimits::default());
    let mut seen = Passage { heads: Vec::new(), body_ends: Vec::new(), passed: 0, fault: None };
    let mut arrived = 0;
    loop {
        let pending = &bytes[seen.passed..arrived];
        match gate.feed(pending) {
            GateStep::Head(head) => {
                assert!(head.length <= pending.len(), "a head longer than the bytes given");
                seen.heads.push((seen.passed, head));
                seen.passed += head.length;
            }
            GateStep::Body { consumed, ended } => {
                assert!(consumed <= pending.len(), "more body than the bytes given");
                seen.passed += consumed;
                if ended {
                    seen.body_ends.push(seen.passed);
                } else {
                    assert_eq!(consumed, pending.len(), "bytes left over inside a body");
                    if arrived == bytes.len() {
                        return seen;
                    }
                    arrived = (arrived + piece).min(bytes.len());
                }
            }
            GateStep::NeedMore if arrived == bytes.len() => return seen,
            GateStep::NeedMore => arrived = (arrived + piece).min(bytes.len()),
            GateStep::Fault(fault) => {
                assert_eq!(gate.feed(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"), GateStep::Fault(fault));
                let boundaries = seen.body_ends.iter().copied();
                let last_head = seen.heads.last().map(|(start, head)| start + head.length);
                seen.passed = boundaries.chain(last_head).max().unwrap_or(0);
                seen.fault = Some(fault);
                return seen;
            }
        }
    }
}

fn assert_read_alike(bytes: &[u8], head: &Head) {
    let mut fields = [httparse::EMPTY_HEADER; HeadLimits::FIELDS];
    let mut other = httparse::Request::new(&mut fields);
    let status = other.parse(bytes).expect("httparse takes a head that the gate passed");
    assert_eq!(status, httparse::Status::Complete(head.length));
    assert_eq!(other.headers.len(), usize::from(head.fields));
    assert!(field_names(bytes).eq(other.headers.iter().map(|field| field.name.as_bytes())));
    let hosts = other.headers.iter().filter(|field| field.name.eq_ignore_ascii_case("host"));
    assert_eq!(hosts.count(), 1);
}

/// A chunked body: the same end however it is split, and where another parser finds it.
///
/// # Panics
/// When that does not hold.
pub fn chunked(bytes: &[u8]) {
    let whole = scanned(bytes, bytes.len().max(1));
    for piece in PIECES {
        assert_eq!(whole, scanned(bytes, piece), "fed in pieces of {piece}");
    }
    if let Ok(Some(end)) = whole {
        assert_eq!(end_by_httparse(bytes), Some(end));
    }
}

fn scanned(bytes: &[u8], piece: usize) -> Result<Option<usize>, HeadFault> {
    let mut scanner = ChunkScanner::new();
    let mut before = 0;
    for part in bytes.chunks(piece) {
        match scanner.feed(part)? {
            ChunkStep::More => before += part.len(),
            ChunkStep::Done { consumed } => {
                assert!(consumed <= part.len(), "more body than the bytes given");
                assert_eq!(scanner.feed(part), Ok(ChunkStep::Done { consumed: 0 }));
                return Ok(Some(before + consumed));
            }
        }
    }
    Ok(None)
}

fn end_by_httparse(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        let Ok(httparse::Status::Complete((line, size))) =
            httparse::parse_chunk_size(bytes.get(at..)?)
        else {
            return None;
        };
        at += line;
        if size == 0 {
            break;
        }
        at = at.checked_add(usize::try_from(size).ok()?)?;
        if bytes.get(at..at + 2)? != b"\r\n" {
            return None;
        }
        at += 2;
    }
    let mut trailers = [httparse::EMPTY_HEADER; 64];
    match httparse::parse_headers(bytes.get(at..)?, &mut trailers) {
        Ok(httparse::Status::Complete((length, _))) => Some(at + length),
        _ => None,
    }
}

/// A hello of TLS: an answer once given stays, the lists keep their bounds, the fingerprint its form.
///
/// # Panics
/// When that does not hold.
pub fn hello(bytes: &[u8]) {
    let last = hello::parse(bytes);
    let stride = bytes.len() / 64 + 1;
    for end in (0..bytes.len()).step_by(stride) {
        match hello::parse(&bytes[..end]) {
            Ok(HelloStep::Partial) => {}
            answer => assert_eq!(answer, last, "another answer after {end} bytes"),
        }
    }
    if let Ok(HelloStep::Complete(hello)) = last {
        assert!(hello.ciphers.len() <= hello::CIPHERS_MAX);
        assert!(hello.extensions.len() <= hello::EXTENSIONS_MAX);
        assert!(hello.signature_algorithms.len() <= hello::SIGNATURE_ALGORITHMS_MAX);
        assert!(hello.supported_versions.len() <= hello::VERSIONS_MAX);
        assert!(hello.alpn.len() <= hello::ALPN_MAX);
        let fingerprint = hello::ja4(&hello, Transport::Tcp);
        let parts: Vec<&str> = fingerprint.as_str().split('_').collect();
        assert_eq!(parts.iter().map(|part| part.len()).collect::<Vec<_>>(), [10, 12, 12]);
    }
}

/// HTTP/2 frames in both directions: the same counts, fault and fingerprint however they are split.
///
/// # Panics
/// When that does not hold.
pub fn frames(bytes: &[u8]) {
    let whole = metered(bytes, bytes.len().max(1));
    for piece in PIECES {
        let split = metered(bytes, piece);
        assert_eq!(whole, split, "fed in pieces of {piece}");
    }
    let mut sent = OutboundResets::default();
    let at_once = sent.feed(bytes).is_err();
    let mut split = OutboundResets::default();
    let in_pieces = bytes.chunks(1).any(|piece| split.feed(piece).is_err());
    assert_eq!(at_once, in_pieces);
}

#[derive(Debug, PartialEq)]
struct Metered {
    outcome: Result<(), FrameFault>,
    counts: FrameCounts,
    fingerprint: Option<String>,
    names: Option<String>,
}

fn metered(bytes: &[u8], piece: usize) -> Metered {
    let mut meter = FrameMeter::new(FrameLimits::default());
    let outcome = bytes.chunks(piece).try_for_each(|part| meter.feed(Moment(0), part));
    if let Err(fault) = outcome {
        assert_eq!(meter.feed(Moment(0), b""), Err(fault), "a fault stays");
    }
    Metered {
        outcome,
        counts: meter.counts(),
        fingerprint: meter.fingerprint().map(str::to_owned),
        names: meter.field_names().map(str::to_owned),
    }
}

/// A text that opens is the one text, but for case, that its content seals to; and what is sealed
/// opens.
///
/// # Panics
/// When that does not hold.
pub fn code(bytes: &[u8]) {
    let key = CodeKey::new(&[7; 32]);
    if let Ok(text) = str::from_utf8(bytes)
        && let Ok((reason, capsule)) = code::open(&key, text)
    {
        let again = code::seal(&key, reason, &capsule);
        assert!(again.as_str().eq_ignore_ascii_case(text));
    }
    if let Some((&[r, a, b, c, d, p, q, m, n, o, s, t, u], _)) = bytes.split_first_chunk::<13>() {
        let reason = Reason::ALL[usize::from(r) % Reason::COUNT];
        let capsule = Capsule {
            at_secs: u32::from_be_bytes([a, b, c, d]),
            platform: u16::from_be_bytes([p & 0x0f, q]),
            mitigation: u32::from_be_bytes([0, m & 0x0f, n, o]),
            source: u32::from_be_bytes([0, s, t, u]),
        };
        let sealed = code::seal(&key, reason, &capsule);
        assert_eq!(code::open(&key, sealed.as_str()), Ok((reason, capsule)));
    }
}
