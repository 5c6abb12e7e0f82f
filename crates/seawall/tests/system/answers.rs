//! What a client is told when the shield answers itself.

mod explained;

use crate::fixtures::{Answer, Client, HOST, Nginx, Ran, SOON, Setup, Shield, needs, run, seawall};
use serde_json::Value;
use std::net::Ipv4Addr;
use std::process::Command;

const SOURCE: Ipv4Addr = Ipv4Addr::new(127, 0, 4, 1);

/// Bytes of the largest refusal (contract, what a client is told).
const REFUSAL_MAX: usize = 1_200;
/// What may always be sent; beyond it, four times what the client sent.
const REFUSAL_FREE: usize = 512;

/// A setup whose source is over its rate from the second request on.
fn one_each(origin: &Nginx, on_exceed: &str) -> Setup {
    Setup::before(origin.address).tables(&format!(
        "[limits]\nsource_rps = \"0.02 rps\"\nsource_burst = 1\non_exceed = \"{on_exceed}\"\n\
         [timeouts]\nheader = \"500ms\""
    ))
}

#[track_caller]
fn is_small(answer: &Answer, sent: usize) {
    let allowed = REFUSAL_MAX.min(REFUSAL_FREE.max(4 * sent));
    assert!(answer.length() <= allowed, "{} > {allowed}: {answer:?}", answer.length());
}

#[track_caller]
fn is_ours(answer: &Answer, status: u16, (verdict, reason): (&str, &str)) {
    assert_eq!(answer.status, status, "{answer:?}");
    let (word, code) = answer.verdict().expect("our answers carry their verdict");
    assert_eq!(word, verdict, "{answer:?}");
    assert_eq!(code.split('.').next(), Some(reason), "{answer:?}");
    assert_eq!(answer.header("cache-control"), Some("no-store"), "{answer:?}");
}

#[test]
fn every_refusal_is_small_and_carries_verdict_and_code() {
    if !needs("answers::every_refusal_is_small…", &["nginx"]) {
        return;
    }
    let origin = Nginx::start();
    for (on_exceed, status, verdict) in [("limit", 429, "limit"), ("refuse", 403, "refuse")] {
        let setup = one_each(&origin, on_exceed);
        let _shield = Shield::start(&setup);
        let first = Client::from_source(SOURCE, setup.plain).ask("/");
        assert_eq!((first.status, first.verdict()), (200, None));
        for accept in ["*/*", "application/json", "text/html"] {
            let request = format!("GET / HTTP/1.1\r\nhost: {HOST}\r\naccept: {accept}\r\n\r\n");
            let mut kept = Client::tls_from((SOURCE, setup.tls), &setup.certificate, b"http/1.1");
            for _ in 0..2 {
                kept.send(&request);
                let answer = kept.answer();
                is_ours(&answer, status, (verdict, "rate"));
                is_small(&answer, request.len());
            }
            let mut fresh = Client::from_source(SOURCE, setup.plain);
            fresh.send(&request);
            let answer = fresh.answer();
            is_ours(&answer, status, (verdict, "rate"));
            is_small(&answer, request.len());
        }
    }
}

/// Requests that are wrong in themselves, with status and reason.
fn wrong_requests() -> Vec<(String, u16, &'static str)> {
    let long = "a".repeat(9_000);
    vec![
        ("GET / HTTP/1.1\r\nhost: other.example.org\r\n\r\n".to_owned(), 421, "host"),
        ("GET / HTTP/1.1\r\n\r\n".to_owned(), 400, "malformed"),
        (format!("GET / HTTP/1.1\r\nhost: {HOST}\r\nx: {long}\r\n\r\n"), 431, "oversize"),
        (format!("GET /{long} HTTP/1.1\r\nhost: {HOST}\r\n\r\n"), 414, "oversize"),
        (format!("GET / HTTP/1.1\r\nhost: {HOST}\r\nx :1\r\n\r\n"), 400, "ambiguous"),
        (format!("GET / HTTP/1.1\r\nhost: {HOST}\r\n"), 408, "slow"),
    ]
}

#[test]
fn every_error_is_small_and_carries_verdict_and_code() {
    if !needs("answers::every_error_is_small…", &["nginx"]) {
        return;
    }
    let origin = Nginx::start();
    let setup = one_each(&origin, "drop");
    let _shield = Shield::start(&setup);
    for (request, status, reason) in wrong_requests() {
        let mut plain = Client::from_source(SOURCE, setup.plain);
        plain.send(&request);
        let mut tls = Client::tls_from((SOURCE, setup.tls), &setup.certificate, b"http/1.1");
        tls.send(&request);
        for answer in [plain.try_answer(), tls.try_answer()] {
            let answer = answer.unwrap_or_else(|cause| panic!("{status} {reason}: {cause}"));
            is_ours(&answer, status, ("error", reason));
            is_small(&answer, request.len());
        }
    }
    assert_eq!(origin.served(), Vec::<String>::new());
}

#[test]
fn an_origin_that_cannot_be_reached_is_told_as_an_error_of_ours() {
    let setup = Setup::before(crate::fixtures::ports::free_address());
    let _shield = Shield::start(&setup);
    let answer = Client::plain(setup.plain).ask("/");
    is_ours(&answer, 502, ("error", "unreachable"));
    is_small(&answer, 0);
}

#[test]
fn a_program_that_asks_for_json_gets_problem_details() {
    if !needs("answers::a_program_that_asks_for_json…", &["nginx"]) {
        return;
    }
    let origin = Nginx::start();
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    let mut client = Client::plain(setup.plain);
    client.send("GET / HTTP/1.1\r\nhost: other.example.org\r\naccept: application/json\r\n\r\n");
    let answer = client.answer();
    is_ours(&answer, 421, ("error", "host"));
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    let problem: Value = serde_json::from_slice(&answer.body).expect("JSON");
    assert_eq!(problem["status"], 421);
    assert_eq!(problem["type"], "about:blank");
    assert!(problem["title"].is_string() && problem["detail"].is_string());
    assert_eq!(problem["code"].as_str(), answer.verdict().map(|(_, code)| code));
}

#[test]
fn the_code_of_an_answer_is_opened_by_the_running_shield_and_offline() {
    if !needs("answers::the_code_of_an_answer…", &["nginx"]) {
        return;
    }
    let origin = Nginx::start();
    let setup = one_each(&origin, "refuse");
    let shield = Shield::start(&setup);
    Client::plain(setup.plain).ask("/");
    let answer = Client::plain(setup.plain).ask("/");
    let (_, code) = answer.verdict().expect("it is over its rate");
    assert!(answer.text().contains(code), "a person can read it out: {answer:?}");
    let online = explain(&[code, "--json", "-c", &setup.file().to_string_lossy()]);
    assert_eq!((&online["reason"], &online["platform"]), (&"rate".into(), &"www".into()));
    assert_eq!(online["code"], code);
    drop(shield);
    let offline = explain(&[code, "--json", "--state-dir", &setup.state().to_string_lossy()]);
    assert_eq!(offline["reason"], "rate");
    assert_eq!(offline["at"], online["at"]);
    assert_eq!(offline["source_hash"], online["source_hash"]);
    let forged = match code.split_once('.') {
        Some((reason, capsule)) if capsule.starts_with('A') => {
            format!("{reason}.B{}", &capsule[1..])
        }
        Some((reason, capsule)) => format!("{reason}.A{}", &capsule[1..]),
        None => panic!("{code} has no capsule"),
    };
    let refused = run(seawall().args(["explain", &forged, "--state-dir"]).arg(setup.state()), SOON);
    assert_eq!((refused.code, refused.out.as_str()), (Some(1), ""), "{forged}: {refused:?}");
}

fn explain(words: &[&str]) -> Value {
    let told = run(seawall().arg("explain").args(words), SOON).good();
    serde_json::from_str(&told).expect("JSON")
}

#[test]
fn an_origin_cannot_speak_in_the_shields_name() {
    if !needs("answers::an_origin_cannot_speak…", &["nginx"]) {
        return;
    }
    let origin = Nginx::start();
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    let direct = Client::plain(origin.address).ask("/forged");
    assert_eq!(direct.verdict(), Some(("admit", "forged")), "the origin does say it");
    for answer in [
        Client::plain(setup.plain).ask("/forged"),
        Client::tls(setup.tls, &setup.certificate).ask("/forged"),
    ] {
        assert_eq!((answer.status, answer.verdict()), (200, None));
    }
}

#[test]
fn a_name_that_no_platform_has_is_refused_in_the_handshake() {
    if !needs("answers::a_name_that_no_platform_has…", &["nginx", "openssl"]) {
        return;
    }
    let origin = Nginx::start();
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    let shake = |name: &str| -> Ran {
        let mut command = Command::new("openssl");
        let target = setup.tls.to_string();
        command.args(["s_client", "-connect", &target, "-servername", name]);
        run(&mut command, SOON)
    };
    let unknown = shake("other.example.org");
    assert!(unknown.err.contains("unrecognized name"), "{unknown:?}");
    let known = shake(HOST);
    assert!(known.out.contains("BEGIN CERTIFICATE"), "{known:?}");
    let mut misdirected = Client::tls(setup.tls, &setup.certificate);
    misdirected.send("GET / HTTP/1.1\r\nhost: other.example.org\r\n\r\n");
    is_ours(&misdirected.answer(), 421, ("error", "host"));
}
