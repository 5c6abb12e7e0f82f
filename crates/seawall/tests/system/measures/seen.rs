//! What an operator sees of measures: commands, API, metrics, codes, evidence.

use super::{
    add, ask, file, json_of, known, lift, origin, say, setup, source, started, told, wanted,
};
use crate::fixtures::shield::{control, metric};
use crate::fixtures::{Client, HOST, SOON, run, seawall, wait_for};
use serde_json::{Value, json};
use std::time::Duration;

#[test]
fn an_operator_adds_lists_and_lifts_by_command() {
    let origin = origin();
    let setup = setup(&origin);
    let _shield = started(&setup);
    let file = file(&setup);
    let with_file = |words: &[&str]| say(&[words, &["-c", &file]].concat());
    let added = with_file(&[
        "mitigation",
        "add",
        "--platform",
        "www",
        "--source",
        "127.0.5.0/24",
        "--rung",
        "refuse",
        "--for",
        "10m",
        "--reason",
        "a scraper",
        "--json",
    ]);
    let added: Value = serde_json::from_str(&added).expect("JSON");
    let id = added["id"].as_str().expect("a name");
    assert!(added["expires_at"].as_str().expect("a time").ends_with('Z'));
    assert_eq!(told((source(1), setup.plain), "/").0, 403);
    let list = with_file(&["mitigation", "list"]);
    let line = format!("{id}  www  refuse  source=127.0.5.0/24\n    by operator: a scraper\n");
    assert!(list.contains(&line), "{list}");
    let name = "seawall_mitigations{platform=\"www\",rung=\"refuse\"}";
    wait_for("the metric", SOON, || (metric(&setup, name) == Some(1.0)).then_some(()));
    let status = with_file(&["status"]);
    assert!(status.contains("measures: 1 (refuse 1)"), "{status}");
    assert_eq!(with_file(&["mitigation", "lift", id]), format!("{id} is lifted\n"));
    assert_eq!(told((source(1), setup.plain), "/").0, 200);
    assert_eq!(with_file(&["mitigation", "list"]), "no measure stands\n");
    let again = run(seawall().args(["mitigation", "lift", id, "-c", &file]), SOON);
    assert_eq!(again.code, Some(1), "{again:?}");
}

#[test]
fn faults_of_a_measure_are_told_at_once_and_nothing_stands() {
    let origin = origin();
    let setup = setup(&origin);
    let _shield = started(&setup);
    let file = file(&setup);
    let words = [
        "mitigation",
        "add",
        "--platform",
        "shop",
        "--signature",
        "path=/a or ua=b",
        "--rung",
        "ban",
        "--for",
        "10m",
        "--reason",
        "x",
        "-c",
        &file,
    ];
    let ran = run(seawall().args(words), SOON);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    for part in ["there are: www", "at character 9", "watch, lane, limit"] {
        assert!(ran.err.contains(part), "{part}: {}", ran.err);
    }
    let answer = ask(&setup, "POST", "/api/v1/mitigations", "{\"platform\": 7}");
    assert_eq!(answer.status, 400, "{}", answer.text());
    assert_eq!(json_of(&ask(&setup, "GET", "/api/v1/mitigations", "")), json!({"mitigations": []}));
}

#[test]
fn the_code_of_an_answer_tells_its_measure_while_it_stands_and_after_also_offline() {
    let origin = origin();
    let setup = setup(&origin);
    let shield = started(&setup);
    let id = add(&setup, &wanted(&json!({"path": "/shop"}), "refuse"));
    let mut client = Client::from_source(source(1), setup.plain);
    client.send(format!("GET /shop HTTP/1.1\r\nhost: {HOST}\r\nconnection: close\r\n\r\n"));
    let answer = client.answer();
    let code = answer.verdict().expect("ours").1.to_owned();
    assert!(code.starts_with("operator."), "{code}");
    let explained = say(&["explain", &code, "-c", &file(&setup)]);
    let line = format!("measure     {id}: refuse for path at or below /shop, by operator: a test");
    assert!(explained.contains(&line), "{explained}");
    wait_for("its count", SOON, || (known(&setup, &id)["stopped"] == 1).then_some(()));
    lift(&setup, &id);
    wait_for("its end", SOON, || (known(&setup, &id)["ended"] == "lifted").then_some(()));
    let explained = say(&["explain", &code, "-c", &file(&setup)]);
    assert!(explained.contains(&line), "{explained}");
    drop(shield_ended(shield));
    let state = setup.state().to_string_lossy().into_owned();
    let offline = say(&["explain", &code, "--state-dir", &state, "--json"]);
    let offline: Value = serde_json::from_str(&offline).expect("JSON");
    assert_eq!(offline["mitigation"], json!(id));
    let about = offline["mitigation_about"].as_str().expect("the evidence has it");
    assert!(about.contains("path at or below /shop"), "{about}");
    assert!(offline["evidence"].as_str().expect("a record").starts_with("record "), "{offline}");
}

/// Ends a shield in good order.
fn shield_ended(mut shield: crate::fixtures::Shield) -> crate::fixtures::Shield {
    shield.signal(rustix::process::Signal::TERM);
    shield.ended(SOON);
    shield
}

#[test]
fn live_readers_are_told_of_a_measure() {
    let origin = origin();
    let setup = setup(&origin);
    let _shield = started(&setup);
    let token = std::fs::read_to_string(setup.state().join("control.token")).expect("a token");
    let mut reader = Client::plain(setup.control);
    reader.send(format!(
        "GET /api/v1/live HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\n\r\n",
        setup.control,
        token.trim()
    ));
    let mut seen = String::new();
    read_until(&mut reader, &mut seen, "event: status");
    let id = add(&setup, &wanted(&json!({"path": "/shop"}), "refuse"));
    read_until(&mut reader, &mut seen, "\"event\":\"added\"");
    lift(&setup, &id);
    read_until(&mut reader, &mut seen, "\"event\":\"lifted\"");
    assert!(seen.contains("event: mitigation"), "{seen}");
}

#[track_caller]
fn read_until(reader: &mut Client<std::net::TcpStream>, seen: &mut String, part: &str) {
    use std::io::Read as _;
    let began = std::time::Instant::now();
    while !seen.contains(part) {
        assert!(began.elapsed() < Duration::from_secs(10), "{part} is not in {seen}");
        let mut bytes = [0; 4_096];
        let read = reader.stream.read(&mut bytes).expect("it is told");
        seen.push_str(&String::from_utf8_lossy(&bytes[..read]));
    }
}

#[test]
fn people_get_a_page_to_pass_and_programs_a_time_to_come_back() {
    let origin = origin();
    let setup = setup(&origin);
    let _shield = started(&setup);
    add(&setup, &wanted(&json!({"path": "/"}), "challenge"));
    let mut client = Client::from_source(source(1), setup.plain);
    client.send(format!(
        "GET / HTTP/1.1\r\nhost: {HOST}\r\nsec-fetch-mode: navigate\r\naccept: text/html\r\n\r\n"
    ));
    let page = client.answer();
    assert_eq!((page.status, page.header("content-type")), (503, Some("text/html; charset=utf-8")));
    let word = page.header("seawall-verdict").expect("a verdict");
    assert!(word.starts_with("challenge; code=operator."), "{word}");
    assert!(page.text().contains("One moment, please"), "{}", page.text());
    let program = client.ask("/");
    let seconds: u32 = program.header("retry-after").expect("when").parse().expect("a number");
    assert!((5..=15).contains(&seconds), "{seconds}");
    assert!(control(&setup, "/api/v1/openapi.json").text().contains("/api/v1/mitigations/{id}"));
}
