//! Every refusal carries a code, and the shield can say of every code why it was given.
//!
//! Twenty thousand refusals, or as many as `SEAWALL_REFUSALS` says.

use crate::fixtures::{Answer, Client, HOST, Setup, Shield, Witness, figure};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::Ipv4Addr;
use std::time::Duration;

const SAMPLE: usize = 20_000;
/// Requests that are sent before their answers are read.
const AT_ONCE: usize = 50;
const SOURCE: Ipv4Addr = Ipv4Addr::new(127, 0, 9, 1);

/// Ways to be sent away: the target, the host, further lines.
///
/// Each source is soon over its rate, so most of them are told that, and the measures' answers stand
/// where they are stricter.
const WAYS: [(&str, &str, &str); 8] = [
    ("/", HOST, "accept: */*\r\n"),
    ("/", HOST, "accept: application/json\r\n"),
    ("/refused", HOST, "accept: text/html\r\n"),
    ("/refused", HOST, "accept: application/json\r\n"),
    ("/asked", HOST, "accept: text/html\r\nsec-fetch-mode: navigate\r\n"),
    ("/asked", HOST, "accept: */*\r\n"),
    ("/.well-known/seawall/none", HOST, "accept: */*\r\n"),
    ("/", "elsewhere.example", "accept: text/html\r\n"),
];

/// A connection to the control plane that is kept, with its token.
struct Control<'a> {
    client: Client<std::net::TcpStream>,
    setup: &'a Setup,
    token: String,
}

impl<'a> Control<'a> {
    fn of(setup: &'a Setup) -> Self {
        let token = std::fs::read_to_string(setup.state().join("control.token"));
        let token = token.expect("a running shield has made it").trim().to_owned();
        Self { client: Client::plain(setup.control), setup, token }
    }

    fn send(&mut self, line: &str, body: &str) {
        let Self { client, setup, token } = self;
        client.send(format!(
            "{line} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {token}\r\ncontent-type: \
             application/json\r\ncontent-length: {}\r\n\r\n{body}",
            setup.control,
            body.len()
        ));
    }

    fn asked(&mut self, line: &str, body: &str) -> Answer {
        self.send(line, body);
        self.client.answer()
    }
}

#[test]
fn the_code_of_every_refusal_is_explained() {
    let many = std::env::var("SEAWALL_REFUSALS").ok().and_then(|told| told.parse().ok());
    let many: usize = many.unwrap_or(SAMPLE);
    let origin = Witness::start(Duration::ZERO);
    let setup = Setup::before(origin.address)
        .top("workers = 2\ncrawlers = \"off\"")
        .tables("[limits]\nsource_rps = \"0.02 rps\"\nsource_burst = 1");
    let _shield = Shield::start(&setup);
    let mut control = Control::of(&setup);
    for (matches, rung) in
        [(json!({"path": "/refused"}), "refuse"), (json!({"path": "/asked"}), "challenge")]
    {
        let wanted = json!({"platform": "www", "match": matches, "rung": rung, "for": "1h",
                            "reason": "a test"});
        let told = control.asked("POST /api/v1/mitigations", &wanted.to_string());
        assert_eq!(told.status, 201, "{}", told.text());
    }
    let mut open: Vec<_> = WAYS.iter().map(|_| Client::from_source(SOURCE, setup.plain)).collect();
    // The one request that its rate has room for.
    assert_eq!(open[0].ask("/").status, 200);
    let (mut refused, mut explained) = (0, 0);
    let mut reasons = BTreeMap::<String, usize>::new();
    while refused < many {
        for (way, client) in WAYS.iter().zip(&mut open) {
            let codes = codes(client, *way);
            refused += codes.len();
            for code in &codes {
                control.send(&format!("GET /api/v1/explain/{code}"), "");
            }
            for code in codes {
                let told = control.client.answer();
                let says: Value = serde_json::from_slice(&told.body).unwrap_or_default();
                let reason = code.split('.').next().unwrap_or_default().to_owned();
                let is_explained = told.status == 200
                    && says["reason"] == reason.as_str()
                    && says["sentence"].as_str().is_some_and(|text| !text.is_empty())
                    && (says["platform"] == "www" || way.1 != HOST)
                    && says["at"].is_string();
                assert!(is_explained, "{code}: {}", told.text());
                explained += 1;
                *reasons.entry(reason).or_default() += 1;
            }
        }
    }
    println!("{refused} refused, {reasons:?}");
    assert!(reasons.len() >= 3, "{reasons:?}");
    let share = f64::from(explained) / f64::from(u32::try_from(refused).expect("some millions"));
    figure("explain.share", share, "of all");
    assert_eq!(origin.count(), 1, "nothing else came through");
}

/// Sends one request often and gives the code of every answer.
#[track_caller]
fn codes<S: Read + Write>(
    client: &mut Client<S>,
    (target, host, fields): (&str, &str, &str),
) -> Vec<String> {
    let request = format!("GET {target} HTTP/1.1\r\nhost: {host}\r\n{fields}\r\n");
    let code = |answer: Answer| {
        let (verdict, code) = answer.verdict().unwrap_or_else(|| panic!("{target}: {answer:?}"));
        assert!(verdict != "admit" && answer.status >= 400, "{target}: {answer:?}");
        code.to_owned()
    };
    client.send(request.repeat(AT_ONCE));
    (0..AT_ONCE).map(|_| code(client.answer())).collect()
}
