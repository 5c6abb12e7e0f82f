//! Identity lanes as their people and programs meet them: by a link, a network, a key, a signature, an
//! address that DNS confirms; and what each of them gains that forges it.

mod certificates;
mod crawlers;
mod flood;
mod links;
mod resolver;
mod ways;

use crate::fixtures::{Answer, Client, HOST, SOON, Setup, run, seawall};
use serde_json::{Value, json};
use std::net::{Ipv4Addr, SocketAddr};

/// A browser that opens a page.
const NAVIGATION: &str = "accept: text/html\r\nsec-fetch-mode: navigate\r\nuser-agent: test\r\n";

const STRANGER: Ipv4Addr = Ipv4Addr::new(127, 0, 8, 1);
const STAFF: Ipv4Addr = Ipv4Addr::new(127, 0, 7, 1);

/// The answer to one request on a connection of its own.
fn ask((from, target): (Ipv4Addr, SocketAddr), line: &str, fields: &str) -> Answer {
    let mut client = Client::from_source(from, target);
    client.send(format!("{line} HTTP/1.1\r\nhost: {HOST}\r\nconnection: close\r\n{fields}\r\n"));
    client.answer()
}

/// Sends a body with what signs it.
fn post((from, target): (Ipv4Addr, SocketAddr), path: &str, fields: &str, body: &str) -> Answer {
    let mut client = Client::from_source(from, target);
    client.send(format!(
        "POST {path} HTTP/1.1\r\nhost: {HOST}\r\nconnection: close\r\n{fields}content-length: \
         {}\r\n\r\n{body}",
        body.len()
    ));
    client.answer()
}

fn word(answer: &Answer) -> (u16, &str) {
    (answer.status, answer.verdict().map_or("", |(word, _)| word))
}

/// A request to the control plane with its token.
fn control(setup: &Setup, method: &str, path: &str, body: &Value) -> Answer {
    let token = std::fs::read_to_string(setup.state().join("control.token"));
    let token = token.expect("a running shield has made it");
    let mut client = Client::plain(setup.control);
    let body = body.to_string();
    client.send(format!(
        "{method} {path} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        setup.control,
        token.trim(),
        body.len()
    ));
    client.answer()
}

/// Takes a measure on www up.
#[track_caller]
pub(crate) fn measure(setup: &Setup, matches: &Value, rung: &str) {
    let wanted =
        json!({"platform": "www", "match": matches, "rung": rung, "for": "1m", "reason": "a test"});
    let answer = control(setup, "POST", "/api/v1/mitigations", &wanted);
    assert_eq!(answer.status, 201, "{}", answer.text());
}

/// What a command says that ends well.
#[track_caller]
fn say(setup: &Setup, words: &[&str]) -> String {
    let file = setup.file();
    run(seawall().arg("lane").args(words).arg("-c").arg(file), SOON).good()
}

/// What is seen of a lane.
fn look(setup: &Setup, name: &str) -> Value {
    let all: Value =
        serde_json::from_slice(&control(setup, "GET", "/api/v1/lanes", &json!(null)).body)
            .expect("JSON");
    let lanes = all["lanes"].as_array().expect("a list");
    lanes.iter().find(|lane| lane["name"] == name).expect("it is there").clone()
}
