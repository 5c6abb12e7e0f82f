//! Sends every case to one origin.

use super::case::{Case, Probe, Targets};
use super::judge::{Evidence, Request, judge};
use crate::fixtures::client::Tls;
use crate::fixtures::frames::{DATA, GOAWAY, RST_STREAM};
use crate::fixtures::records::records;
use crate::fixtures::{Client, HOST, SOON, Shield};
use crate::origins::{Kind, Origin};
use rustix::process::Signal;
use serde_json::Value;
use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;

/// Longest wait for more of an answer.
const QUIET: Duration = Duration::from_millis(150);

/// What two clients got of one case.
pub(super) struct Got {
    /// Everything on the connection of the probe, or on each stream of it.
    pub(super) probe: Vec<u8>,
    /// The whole answer of the other client.
    pub(super) beside: String,
}

/// Sends every case to one origin; gives what was found.
pub(super) fn against(kind: Kind, cases: &[Case]) -> Vec<String> {
    // One core: every client's requests go by the same connections to the origin.
    let origin =
        Origin::start(kind, |setup| setup.top("workers = 1").tables("[log]\nrequests = \"all\""));
    let mut shield = Shield::start(&origin.setup);
    let got: Vec<Got> = (0..).zip(cases).map(|(nth, case)| send(&origin, nth, case)).collect();
    let lived = shield.lives();
    shield.signal(Signal::TERM);
    shield.ended(SOON * 2);
    let (log, seen, records) = (origin.log(), origin.seen(), records(&origin.setup));
    let mut found: Vec<String> = Vec::new();
    if !lived {
        found.push(format!("{kind:?}: the shield died"));
    }
    let bad = log.iter().filter(|line| !is_read(line));
    found.extend(bad.map(|line| format!("{kind:?} could not read: {line}")));
    for ((nth, case), got) in (0..).zip(cases).zip(&got) {
        let targets = Targets::of(nth);
        let own = |line: &&String| is_read(line) && targets.own(line);
        let recorded = |fate: Fate| {
            let of_fate = records.iter().filter(move |record| Fate::of(record) == fate);
            of_fate.filter_map(Request::of).filter(|one| targets.own(&one.target)).collect()
        };
        let evidence = Evidence {
            sent_on: recorded(Fate::SentOn),
            perhaps: recorded(Fate::Perhaps),
            counted: log.iter().filter(own).filter_map(|line| Request::read(line)).collect(),
            seen: seen.iter().filter(|seen| targets.own(&seen.target)).collect(),
            got,
        };
        let told = judge(case, &targets, &evidence);
        found.extend(told.into_iter().map(|told| format!("{}, {kind:?}: {told}", case.name)));
    }
    found
}

/// Whether the origin understood what this line of its log tells of.
fn is_read(line: &str) -> bool {
    !line.starts_with("BAD") && !line.starts_with('<') && !line.starts_with(' ')
}

/// What a record says became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// The origin got it, and answered or failed.
    SentOn,
    /// The origin may have got it, or a part: its client left, or there was a fault in it, before
    /// it was sent on or while its body was.
    Perhaps,
    /// It was for nobody here.
    Refused,
}

impl Fate {
    pub(super) fn of(record: &Value) -> Self {
        match (record["verdict"].as_str(), record["status"].as_u64()) {
            (Some("admit"), Some(_)) | (Some("error"), Some(502 | 504)) => Self::SentOn,
            (Some("admit"), None) | (Some("error"), Some(400 | 408 | 413)) => Self::Perhaps,
            _ => Self::Refused,
        }
    }
}

impl Request {
    /// Of a record.
    pub(super) fn of(record: &Value) -> Option<Self> {
        let text = |name: &str| record[name].as_str().map(str::to_owned);
        Some(Self { method: text("method")?, target: text("path")? })
    }
}

fn send(origin: &Origin, nth: usize, case: &Case) -> Got {
    let targets = Targets::of(nth);
    let bytes = case.probe.bytes(&targets);
    let probe = match &case.probe {
        Probe::H1(_) => over_h1(origin, &bytes, &targets),
        Probe::H2 { .. } => over_h2(origin, &bytes),
    };
    let mut other = Client::plain(origin.setup.plain);
    other.send(format!("GET {} HTTP/1.1\r\nHost: {HOST}\r\n\r\n", targets.beside));
    let beside = match other.try_answer() {
        Ok(answer) => answer.text(),
        Err(fault) => format!("no answer: {fault}"),
    };
    Got { probe, beside }
}

/// Everything that comes until the marker is answered, the connection ends, or it is quiet.
fn over_h1(origin: &Origin, bytes: &[u8], targets: &Targets) -> Vec<u8> {
    let mut client = Client::plain(origin.setup.plain);
    patient(&client.stream);
    // It may be refused before all of it is taken.
    let _ = client.try_send(bytes);
    let mut got = Vec::new();
    let end = format!("GET {} 0", targets.behind);
    while let Ok(more) = client.exactly(1) {
        got.extend(more);
        if got.ends_with(end.as_bytes()) {
            break;
        }
    }
    got
}

/// The data of every stream, until both are answered, the connection ends, or it is quiet.
fn over_h2(origin: &Origin, bytes: &[u8]) -> Vec<u8> {
    let local = (Ipv4Addr::LOCALHOST, origin.setup.tls);
    let mut client: Client<Tls> = Client::tls_from(local, &origin.setup.certificate, b"h2");
    // The handshake goes with the first bytes, and may take longer.
    let _ = client.try_send(bytes);
    patient(&client.stream.sock);
    let (mut got, mut ended) = (Vec::new(), 0);
    while let Ok(frame) = client.frame() {
        match frame.kind {
            DATA => {
                got.extend(format!("[stream {}] ", frame.stream).bytes());
                got.extend(frame.payload);
            }
            RST_STREAM => ended += 1,
            GOAWAY => break,
            _ => {}
        }
        ended += usize::from(frame.kind <= 1 && frame.flags & 1 != 0);
        if ended == 2 {
            break;
        }
    }
    got
}

fn patient(socket: &TcpStream) {
    socket.set_read_timeout(Some(QUIET)).expect("it is not zero");
}
