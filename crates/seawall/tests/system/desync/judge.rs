//! Whether all who read a case read the same.

use super::case::{Case, Probe, Targets};
use super::run::Got;
use crate::origins::{Arrived, Seen};
use seawall_wire::h1::{BodyFraming, GateStep, HeadLimits, RequestGate};

/// Method and target.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) target: String,
}

impl Request {
    /// From a line that begins with them.
    pub(super) fn read(line: &str) -> Option<Self> {
        let mut words = line.split(' ').map(str::to_owned);
        Some(Self { method: words.next()?, target: words.next()? })
    }
}

/// What is known of one case.
pub(super) struct Evidence<'a> {
    /// By the shield's records, in no order.
    pub(super) sent_on: Vec<Request>,
    /// Those that the origin may have got, or a part of them.
    pub(super) perhaps: Vec<Request>,
    /// By the origin's own count.
    pub(super) counted: Vec<Request>,
    /// At the end of the chain.
    pub(super) seen: Vec<&'a Seen>,
    pub(super) got: &'a Got,
}

/// Each disagreement as a sentence.
pub(super) fn judge(case: &Case, targets: &Targets, evidence: &Evidence<'_>) -> Vec<String> {
    let mut told = Vec::new();
    let sorted = |requests: &[Request]| {
        let mut requests = requests.to_vec();
        requests.sort();
        requests
    };
    let mut counted = sorted(&evidence.counted);
    for perhaps in &evidence.perhaps {
        if let Some(at) = counted.iter().position(|one| one == perhaps) {
            counted.remove(at);
        }
    }
    let sent_on = sorted(&evidence.sent_on);
    if sent_on != counted {
        told.push(format!("the shield let {sent_on:?} through, the origin counted {counted:?}"));
    }
    let read = read(&case.probe, targets);
    for seen in &evidence.seen {
        if let Some(told_of) = of_body(seen, &read, targets) {
            told.push(told_of);
        }
    }
    let beside = format!("GET {} 0", targets.beside);
    if !evidence.got.beside.starts_with(&beside) {
        told.push(format!("the other client got {:?}", evidence.got.beside));
    }
    told.extend(of_answers(&evidence.got.probe, (read, &case.probe)));
    told
}

/// One request as the gate reads it.
#[derive(Debug)]
struct Read {
    request: Request,
    /// None when it is not whole.
    body: Option<Vec<u8>>,
}

/// The requests that the shield may take a probe for.
fn read(probe: &Probe, targets: &Targets) -> Vec<Read> {
    let behind = Request { method: "GET".to_owned(), target: targets.behind.clone() };
    match probe {
        Probe::H1(_) => by_the_gate(&probe.bytes(targets)),
        Probe::H2 { .. } => {
            let own = ["GET", "POST"].map(|method| Read {
                request: Request { method: method.to_owned(), target: targets.path.clone() },
                body: probe.body(targets),
            });
            own.into_iter().chain([Read { request: behind, body: Some(Vec::new()) }]).collect()
        }
    }
}

fn by_the_gate(bytes: &[u8]) -> Vec<Read> {
    let mut gate = RequestGate::new(HeadLimits::default());
    let (mut read, mut at, mut chunked): (Vec<Read>, usize, bool) = (Vec::new(), 0, false);
    while at < bytes.len() {
        match gate.feed(&bytes[at..]) {
            GateStep::Head(head) => {
                let text = String::from_utf8_lossy(&bytes[at..at + head.length]).into_owned();
                let Some(request) = Request::read(text.trim_start()) else { break };
                let request = Request { target: origin_form(&request.target), ..request };
                chunked = head.body == BodyFraming::Chunked;
                let none = matches!(head.body, BodyFraming::None | BodyFraming::Length(0));
                read.push(Read { request, body: none.then(Vec::new) });
                at += head.length;
            }
            GateStep::Body { consumed, ended } => {
                let body = &bytes[at..at + consumed];
                if let Some(last) = read.last_mut().filter(|_| ended) {
                    last.body = Some(if chunked { unchunked(body) } else { body.to_vec() });
                }
                at += consumed;
            }
            GateStep::NeedMore | GateStep::Fault(_) => break,
        }
    }
    read
}

/// What an origin gets of a target in absolute form.
fn origin_form(target: &str) -> String {
    let Some((_, rest)) = target.split_once("://") else { return target.to_owned() };
    let path = rest.find(['/', '?']).map_or("/", |at| &rest[at..]);
    if path.starts_with('/') { path.to_owned() } else { format!("/{path}") }
}

/// The data of a body that the gate took for good.
fn unchunked(mut bytes: &[u8]) -> Vec<u8> {
    let mut data = Vec::new();
    loop {
        let line = bytes.iter().position(|&byte| byte == b'\n').unwrap_or(0);
        let text = String::from_utf8_lossy(&bytes[..line]);
        let digits = text.split([';', '\r']).next().unwrap_or_default();
        let size = usize::from_str_radix(digits, 16).unwrap_or(0);
        if size == 0 {
            return data;
        }
        data.extend(&bytes[line + 1..line + 1 + size]);
        bytes = &bytes[line + 1 + size + 2..];
    }
}

/// A body that arrived whole must be one that was read so.
fn of_body(seen: &Seen, read: &[Read], targets: &Targets) -> Option<String> {
    let same =
        |read: &&Read| read.request.method == seen.method && read.request.target == seen.target;
    if seen.target == targets.beside {
        return (seen.body != Arrived::whole(b"")).then(|| format!("the other client's {seen:?}"));
    }
    let Some(read) = read.iter().find(same) else {
        return Some(format!("the origin saw {seen:?}, which the gate did not read"));
    };
    match (&read.body, seen.body) {
        (_, Arrived::NotWhole) => None,
        (Some(body), whole) if whole == Arrived::whole(body) => None,
        (body, whole) => Some(format!(
            "a body of {:?} arrived as {whole:?}",
            body.as_deref().map(String::from_utf8_lossy)
        )),
    }
}

/// Answers must be to what was read, each once; on HTTP/1 in its order.
fn of_answers(got: &[u8], (mut read, probe): (Vec<Read>, &Probe)) -> Vec<String> {
    let text = String::from_utf8_lossy(got);
    let mut told = Vec::new();
    for line in text.lines() {
        let line = line.split_once("] ").map_or(line, |(_, line)| line);
        let Some(at) = line.find(" /echo/") else { continue };
        let method = line[..at].rsplit(' ').next().unwrap_or_default();
        let target = line[at + 1..].split(' ').next().unwrap_or_default();
        let answers = |read: &Read| read.request.method == method && read.request.target == target;
        if let Some(at) = read.iter().position(answers) {
            let first = if matches!(probe, Probe::H1(_)) { 0 } else { at };
            read.drain(first..=at);
        } else {
            told.push(format!("the client got an answer to {method} {target}: {line:?}"));
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use super::super::case::post;
    use super::*;

    /// A case in which the shield let `sent_on` through and the origin counted `counted`, and the
    /// other client got `beside`.
    fn told((sent_on, counted): (&[&str], &[&str]), beside: &str) -> Vec<String> {
        let requests =
            |lines: &[&str]| lines.iter().filter_map(|line| Request::read(line)).collect();
        let got = Got { probe: b"POST /echo/probe001 0".to_vec(), beside: beside.to_owned() };
        let evidence = Evidence {
            sent_on: requests(sent_on),
            perhaps: Vec::new(),
            counted: requests(counted),
            seen: Vec::new(),
            got: &got,
        };
        judge(&post("a case", "Content-Length: 0\r\n", ""), &Targets::of(1), &evidence)
    }

    #[test]
    fn a_request_that_only_the_origin_counts_is_told() {
        let one: &[&str] = &["POST /echo/probe001"];
        let two: &[&str] = &["POST /echo/probe001", "GET /echo/evil001"];
        assert_eq!(told((one, one), "GET /echo/beside001 0"), Vec::<String>::new());
        assert_eq!(told((one, two), "GET /echo/beside001 0").len(), 1);
    }

    #[test]
    fn an_answer_that_another_client_asked_for_is_told() {
        assert_eq!(told((&[], &[]), "GET /echo/evil001 0").len(), 1);
    }

    #[test]
    fn a_body_that_the_gate_read_otherwise_is_told() {
        let targets = Targets::of(1);
        let read =
            by_the_gate(&post("a case", "Content-Length: 2\r\n", "hi").probe.bytes(&targets));
        let seen = |body: &[u8]| Seen {
            method: "POST".to_owned(),
            target: targets.path.clone(),
            authority: None,
            fields: Vec::new(),
            body: Arrived::whole(body),
            trailers: Vec::new(),
        };
        assert_eq!(of_body(&seen(b"hi"), &read, &targets), None);
        assert!(of_body(&seen(b"hi!"), &read, &targets).is_some());
    }
}
