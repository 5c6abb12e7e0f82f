//! Hostile HTTP/1: known tricks, and what chance makes of good requests.

mod tricks;

use super::HOSTILE_HOST;
use crate::fixtures::backdrop::Backdrop;
use crate::fixtures::{Client, SOON, Setup, Witness};
use seawall_stage::raw::{self, Ended};
use seawall_stage::{Chance, LoopbackTarget};
use std::io::{Read, Write};
use std::net::Ipv4Addr;
use tricks::{Fate, tricks};

/// Fixes what chance makes.
const SEED: u64 = 20_261_124;
/// Requests spoilt by chance, on plain connections and inside TLS.
const SPOILT: (usize, usize) = (400, 80);
/// Plain exchanges at once.
const AT_ONCE: usize = 40;

/// Sends every trick, plain and inside TLS.
pub(super) fn refuses_every_known_trick(setup: &Setup, witness: &Witness) {
    for (trick, fate) in tricks() {
        let before = (witness.count(), witness.answered());
        let plain = Client::plain(setup.plain);
        is_refused(plain, &trick);
        let local = (Ipv4Addr::LOCALHOST, setup.tls);
        let tls = Client::tls_from(local, &setup.certificate, b"http/1.1");
        is_refused(tls, &trick);
        match fate {
            Fate::Unheard => assert_eq!(witness.count(), before.0, "{trick:?} was passed on"),
            Fate::BrokenOff => {
                assert_eq!(witness.answered(), before.1, "{trick:?} was passed on whole");
            }
        }
    }
}

/// The connection is closed, after an answer of ours or without one.
#[track_caller]
fn is_refused<S: Read + Write>(mut client: Client<S>, trick: &str) {
    let shown = &trick[..trick.len().min(200)];
    // It may be closed before all of it is taken.
    let _ = client.try_send(trick);
    let (told, ended) = client.rest();
    assert_ne!(ended, crate::fixtures::Ended::Open, "{shown:?} holds the connection");
    let told = String::from_utf8_lossy(&told).into_owned();
    if told.is_empty() {
        return;
    }
    let status = told.split(' ').nth(1).unwrap_or_default();
    assert!(["400", "408", "414", "421", "431"].contains(&status), "{shown:?}: {told}");
    assert!(told.contains("seawall-verdict: error; code="), "{shown:?}: {told}");
    assert_eq!(told.matches("HTTP/1.1 ").count(), 1, "one answer and no more: {told}");
}

/// Good requests with a few bytes changed, taken out or put in.
fn spoilt(chance: &mut Chance) -> Vec<u8> {
    let host = format!("Host: {HOSTILE_HOST}\r\n");
    let good = [
        format!("GET /a?b=c HTTP/1.1\r\n{host}Accept: */*\r\nCookie: a=b\r\n\r\n"),
        format!("POST /f HTTP/1.1\r\n{host}Content-Length: 5\r\n\r\nhello"),
        format!(
            "POST /c HTTP/1.1\r\n{host}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
        ),
        format!("GET / HTTP/1.1\r\n{host}\r\nGET /2 HTTP/1.1\r\n{host}\r\n"),
    ];
    let telling = b"\r\n\0\t :,;\x0b\x7f\x80\xff0123456789abcdefHCT/.";
    let mut bytes = chance.pick(&good).expect("there are some").clone().into_bytes();
    for _ in 0..=chance.below(3) {
        let at = chance.below(u32::try_from(bytes.len()).expect("short")) as usize;
        let byte = *chance.pick(telling).expect("there are some");
        match chance.below(3) {
            0 => bytes[at] = byte,
            1 => bytes.insert(at, byte),
            _ => drop(bytes.remove(at)),
        }
    }
    bytes
}

/// Sends requests that chance has spoilt; each ends with an answer, or with the connection.
pub(super) fn passes_nothing_ambiguous_of_what_chance_makes(
    setup: &Setup,
    (backdrop, target): (&Backdrop, LoopbackTarget),
) {
    let mut chance = Chance::new(SEED);
    let plain: Vec<_> = (0..SPOILT.0).map(|_| spoilt(&mut chance)).collect();
    for some in plain.chunks(AT_ONCE) {
        let exchanges = some.iter().map(|bytes| raw::exchange(target, bytes, SOON));
        for (bytes, exchange) in some.iter().zip(backdrop.all(exchanges)) {
            let exchange = exchange.expect("it listens");
            let shown = String::from_utf8_lossy(bytes);
            assert_ne!(exchange.ended, Ended::Deadline, "{shown:?} (seed {SEED}): {exchange:?}");
        }
    }
    for _ in 0..SPOILT.1 {
        let bytes = spoilt(&mut chance);
        let mut client = Client::tls(setup.tls, &setup.certificate);
        let _ = client.try_send(&bytes);
        let shown = String::from_utf8_lossy(&bytes);
        assert_ne!(client.rest().1, crate::fixtures::Ended::Open, "{shown:?} (seed {SEED})");
    }
}

/// A head as every server reads it: what chance made must not pass as anything else.
#[track_caller]
pub(super) fn is_plain_sense(head: &str) {
    let text = head.strip_suffix("\r\n\r\n").expect("a whole head");
    let mut lines = text.split("\r\n");
    let first: Vec<_> = lines.next().expect("a request line").split(' ').collect();
    assert_eq!(first.len(), 3, "{head:?}");
    assert!(first[1].starts_with('/') && first[2] == "HTTP/1.1", "{head:?}");
    assert!(
        text.bytes().all(|b| b == b'\r' || b == b'\n' || b == b'\t' || (b >= b' ' && b != 0x7f))
    );
    let names: Vec<_> =
        lines.map(|line| line.split_once(':').expect("a field").0.to_ascii_lowercase()).collect();
    let count = |name: &str| names.iter().filter(|other| *other == name).count();
    let token = |name: &String| {
        name.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^`|~".contains(&b))
    };
    assert!(names.iter().all(token), "{head:?}");
    assert_eq!(count("host"), 1, "{head:?}");
    assert!(count("content-length") + count("transfer-encoding") <= 1, "{head:?}");
    assert!(text.matches('\r').count() == text.matches("\r\n").count(), "{head:?}");
    assert!(text.matches('\n').count() == text.matches("\r\n").count(), "{head:?}");
}
