//! Standing measures: an operator's word acts at once on every core, is seen, and ends.

mod acts;
mod kept;
mod seen;
mod spares;

use crate::fixtures::{Answer, Client, Counting, HOST, SOON, Setup, Shield, run, seawall};
use serde_json::{Value, json};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

/// Connections that are sure to be carried by both cores.
const MANY: u8 = 16;

/// An origin that answers at once, and a shield of two cores before it.
fn setup(origin: &Counting) -> Setup {
    Setup::before(origin.address).top("workers = 2")
}

fn origin() -> Counting {
    Counting::start(Duration::ZERO)
}

fn source(last: u8) -> Ipv4Addr {
    Ipv4Addr::new(127, 0, 5, last)
}

/// A request to the control plane with its token.
fn ask(setup: &Setup, method: &str, path: &str, body: &str) -> Answer {
    let token = std::fs::read_to_string(setup.state().join("control.token"));
    let token = token.expect("a running shield has made it");
    let mut client = Client::plain(setup.control);
    client.send(format!(
        "{method} {path} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        setup.control,
        token.trim(),
        body.len()
    ));
    client.answer()
}

fn json_of(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).expect("JSON")
}

/// A measure on www for a minute.
fn wanted(matches: &Value, rung: &str) -> Value {
    json!({"platform": "www", "match": matches, "rung": rung, "for": "1m", "reason": "a test"})
}

/// Takes a measure up; its name.
#[track_caller]
fn add(setup: &Setup, wanted: &Value) -> String {
    let answer = ask(setup, "POST", "/api/v1/mitigations", &wanted.to_string());
    assert_eq!(answer.status, 201, "{}", answer.text());
    json_of(&answer)["id"].as_str().expect("it has a name").to_owned()
}

#[track_caller]
fn lift(setup: &Setup, id: &str) {
    let answer = ask(setup, "DELETE", &format!("/api/v1/mitigations/{id}"), "");
    assert_eq!(answer.status, 204, "{}", answer.text());
}

/// What is known of a measure.
fn known(setup: &Setup, id: &str) -> Value {
    json_of(&ask(setup, "GET", &format!("/api/v1/mitigations/{id}"), ""))
}

/// Status and verdict of one request on a connection of its own.
fn told((from, target): (Ipv4Addr, SocketAddr), path: &str) -> (u16, String) {
    let mut client = Client::from_source(from, target);
    client.send(format!(
        "GET {path} HTTP/1.1\r\nhost: {HOST}\r\nuser-agent: test\r\nconnection: close\r\n\r\n"
    ));
    words(&client.answer())
}

fn words(answer: &Answer) -> (u16, String) {
    let verdict = answer.verdict().map(|(word, _)| word.to_owned());
    (answer.status, verdict.unwrap_or_default())
}

/// What a command says that ends well.
#[track_caller]
fn say(words: &[&str]) -> String {
    run(seawall().args(words), SOON).good()
}

fn file(setup: &Setup) -> String {
    setup.file().to_string_lossy().into_owned()
}

fn started(setup: &Setup) -> Shield {
    Shield::start(setup)
}
