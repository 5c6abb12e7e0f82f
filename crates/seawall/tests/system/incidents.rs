//! One incident, told alike by everyone who can be asked: the API, its live stream, the status page,
//! the command line with and without the shield, and the evidence.

use crate::fixtures::shield::{control, metric};
use crate::fixtures::{
    Client, Folder, HOST, SOON, Setup, Shield, Witness, figure, run, seawall, wait_for,
};
use rustix::process::Signal;
use serde_json::Value;
use std::fs;
use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

/// What a request costs the origin.
const COST: Duration = Duration::from_millis(100);
/// How long the flood lasts.
const FLOOD: Duration = Duration::from_secs(4);
/// A case closes half a minute after its last traffic.
const CLOSED_AFTER: Duration = Duration::from_secs(50);

/// Two bounded platforms.
fn setup(origin: &Witness) -> Setup {
    let donate = format!(
        "[[platform]]\nname = \"donate\"\nhosts = [\"donate.example.org\"]\n\
         origins = [\"http://localhost:{}\"]\ncapacity = \"4 concurrent\"\n",
        origin.address.port()
    );
    Setup::before(origin.address).platform("capacity = \"4 concurrent\"").tables(&donate)
}

fn api(setup: &Setup, path: &str) -> Value {
    let text = control(setup, path).text();
    serde_json::from_str(&text).unwrap_or_else(|cause| panic!("{cause}: {text}"))
}

/// What a command says for programs.
fn say(words: &[&str]) -> Value {
    let said = run(seawall().args(words), SOON).good();
    serde_json::from_str(&said).unwrap_or_else(|cause| panic!("{cause}: {said}"))
}

/// Clients that ask without a pause between.
fn flood(target: SocketAddr, host: &'static str, clients: usize) {
    let ask = move || {
        let until = Instant::now() + FLOOD;
        let mut client = Client::plain(target);
        while Instant::now() < until {
            client.send(format!("GET / HTTP/1.1\r\nhost: {host}\r\n\r\n"));
            client.answer();
            thread::sleep(Duration::from_millis(2));
        }
    };
    let asking: Vec<_> = (0..clients).map(|_| thread::spawn(ask)).collect();
    for client in asking {
        client.join().expect("a client");
    }
}

/// Reads the live stream until an incident closes.
fn listen(setup: &Setup) -> thread::JoinHandle<Vec<Value>> {
    let token = fs::read_to_string(setup.state().join("control.token")).expect("it was made");
    let mut client = Client::plain(setup.control);
    client.send(format!(
        "GET /api/v1/live HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\n\r\n",
        setup.control,
        token.trim()
    ));
    thread::spawn(move || {
        client.head().expect("a head");
        let mut told = Vec::new();
        while let Ok(event) = client.until(b"\n\n") {
            let event = String::from_utf8_lossy(&event).into_owned();
            if !event.contains("event: incident\n") {
                continue;
            }
            let data = event.split("data: ").nth(1).expect("data");
            let data = data.lines().next().expect("a line");
            told.push(serde_json::from_str::<Value>(data).expect("JSON"));
            if told.last().is_some_and(|event| event["event"] == "closed") {
                break;
            }
        }
        told
    })
}

/// The last record of a kind.
fn recorded(setup: &Setup, word: &str) -> Value {
    let mut found = Value::Null;
    for entry in fs::read_dir(setup.state().join("evidence")).expect("it was written") {
        let path = entry.expect("it can be listed").path();
        if path.extension().is_none_or(|end| end != "jsonl") {
            continue;
        }
        let text = fs::read_to_string(path).expect("ASCII");
        let mut records =
            text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
        found = records.rfind(|record| record["record"] == word).unwrap_or(found);
    }
    found
}

/// Asks the other platform now and then while the flood lasts; what it got.
fn be_polite(target: SocketAddr) -> thread::JoinHandle<Vec<u16>> {
    thread::spawn(move || {
        let until = Instant::now() + FLOOD;
        let mut client = Client::plain(target);
        let mut statuses = Vec::new();
        while Instant::now() < until {
            client.send("GET / HTTP/1.1\r\nhost: donate.example.org\r\n\r\n");
            statuses.push(client.answer().status);
            thread::sleep(Duration::from_millis(200));
        }
        statuses
    })
}

/// Floods one platform until its incident is over; gives the incident's name.
fn flooded(setup: &Setup) -> String {
    let polite = be_polite(setup.plain);
    let target = setup.plain;
    let flooding = thread::spawn(move || flood(target, HOST, 96));
    let open = r#"seawall_incidents_open{platform="www"}"#;
    wait_for("an open incident", SOON, || (metric(setup, open)? > 0.0).then_some(()));
    assert_eq!(metric(setup, r#"seawall_incidents_open{platform="donate"}"#), Some(0.0));
    let id = wait_for("an incident in the API", SOON, || {
        let told = api(setup, "/api/v1/incidents");
        told["incidents"][0]["id"].as_str().map(str::to_owned)
    });
    assert!(control(setup, "/").text().contains(&id), "the status page shows it");
    flooding.join().expect("the flood");
    assert!(polite.join().expect("a client").iter().all(|status| *status == 200));
    wait_for("the end of it", CLOSED_AFTER, || {
        (api(setup, &format!("/api/v1/incidents/{id}"))["state"] == "closed").then_some(())
    });
    wait_for("the record of its end", SOON, || {
        (!recorded(setup, "incident_closed").is_null()).then_some(())
    });
    id
}

/// What the command line says with the shield and without it is what the API says.
fn commands_agree(setup: &Setup, id: &str, told: &Value) {
    let incident = &told["incidents"][0];
    let (file, state) = (setup.file(), setup.state());
    let (file, state) = (file.to_string_lossy(), state.to_string_lossy());
    for place in [["-c", &file], ["--state-dir", &state]] {
        let [by, path] = place;
        assert_eq!(&say(&["incident", "list", "--json", by, path]), told, "{by}");
        assert_eq!(&say(&["incident", "show", id, "--json", by, path]), incident, "{by}");
        let report = say(&["incident", "report", id, "--as", "json", by, path]);
        assert_eq!(report["id"], incident["id"], "{by}");
        for verdict in ["admit", "hold"] {
            let told = incident["requests"][verdict].as_u64().unwrap_or(0);
            assert_eq!(report["requests"][verdict].as_u64(), Some(told), "{by} {verdict}");
        }
        assert_eq!(report["evidence"]["check"]["word"], "holds", "{by}");
        let seconds = report["window"]["seconds"]["value"].as_u64().expect("a number");
        let lasted = FLOOD.as_secs()..=FLOOD.as_secs() + 4;
        assert!(lasted.contains(&seconds), "{seconds} seconds from its onset to its end");
        let unknown = run(seawall().args(["incident", "show", "www-1", by, path]), SOON);
        assert_eq!(unknown.code, Some(1), "{by}: {unknown:?}");
    }
}

#[test]
fn a_flood_is_told_alike_by_everyone_who_is_asked_and_the_other_platform_has_no_incident() {
    let origin = Witness::start(COST);
    let setup = setup(&origin);
    let mut shield = Shield::start(&setup);
    assert_eq!(api(&setup, "/api/v1/incidents"), serde_json::json!({"incidents": [], "older": 0}));
    let live = listen(&setup);
    let id = flooded(&setup);
    let told = api(&setup, "/api/v1/incidents");
    assert_eq!(told["incidents"].as_array().map(Vec::len), Some(1), "{told}");
    let incident = told["incidents"][0].clone();
    assert_eq!(incident["platform"], "www");
    for clock in ["onset_at", "detected_at", "mitigated_at", "relieved_at", "ended_at"] {
        let is_told = incident[clock].as_str().is_some_and(|at| at.ends_with('Z'));
        assert!(is_told, "{clock}: {incident}");
    }
    assert!(incident["requests"]["hold"].as_u64() > Some(100), "{incident}");
    commands_agree(&setup, &id, &told);
    let record = recorded(&setup, "incident_closed");
    for fact in ["id", "requests", "visitors_harmed", "measured", "kind"] {
        assert_eq!(record[fact], incident[fact], "{fact}");
    }
    let events = live.join().expect("a reader");
    assert_eq!(events[0]["event"], "opened");
    let mut last = events.last().expect("it closed").clone();
    last.as_object_mut().expect("an object").remove("event");
    assert_eq!(last, incident);
    figure("incidents.told_alike", 7, "ways");

    // Another run knows of it, and has none of its own.
    shield.signal(Signal::TERM);
    assert!(shield.ended(SOON).success());
    let _again = Shield::start(&setup);
    wait_for("what was before", SOON, || (api(&setup, "/api/v1/incidents") == told).then_some(()));
}

#[test]
fn an_incident_whose_shield_was_killed_is_interrupted_and_neither_open_nor_over() {
    let origin = Witness::start(COST);
    let setup = setup(&origin);
    let shield = Shield::start(&setup);
    let target = setup.plain;
    let flooding = thread::spawn(move || {
        let ask = move || {
            // Whoever floods a shield that is killed gets no answers.
            let until = Instant::now() + FLOOD;
            while Instant::now() < until {
                let Ok(stream) = std::net::TcpStream::connect(target) else { break };
                let mut client = Client::over(stream);
                let request = format!("GET / HTTP/1.1\r\nhost: {HOST}\r\n\r\n");
                let _ = client.try_send(request).and_then(|()| client.try_answer());
            }
        };
        let asking: Vec<_> = (0..96).map(|_| thread::spawn(ask)).collect();
        for client in asking {
            client.join().expect("a client");
        }
    });
    wait_for("the record of it", SOON, || {
        let is_there = setup.state().join("evidence").is_dir();
        (is_there && !recorded(&setup, "incident_opened").is_null()).then_some(())
    });
    shield.signal(Signal::KILL);
    drop(shield);
    flooding.join().expect("the flood");
    let _again = Shield::start(&setup);
    let told = wait_for("what was before", SOON, || {
        let told = api(&setup, "/api/v1/incidents");
        (told["incidents"][0]["state"] == "interrupted").then_some(told)
    });
    let state = setup.state();
    wait_for("the same from the evidence", SOON, || {
        let state = state.to_string_lossy();
        let offline = say(&["incident", "list", "--json", "--state-dir", &state]);
        (offline == told).then_some(())
    });
}

#[test]
fn a_folder_that_is_no_state_folder_is_named_and_left_as_it_is() {
    let folder = Folder::new();
    folder.write("index.html", "a page");
    let mut command = seawall();
    command.args(["incident", "list", "--state-dir"]).arg(folder.path());
    let ran = run(&mut command, SOON);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.err.contains("holds no evidence; is it a state_dir?"), "{}", ran.err);
    let left = fs::read_dir(folder.path()).expect("the folder is ours").count();
    assert_eq!(left, 1, "nothing is written there");
}
