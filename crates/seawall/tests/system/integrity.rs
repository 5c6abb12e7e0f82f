//! A flood with something behind it: what is planted while everyone looks at the flood is told, and a
//! report says so, with where tables place the sources.

mod site;

use crate::fixtures::client::dial;
use crate::fixtures::shield::open_control;
use crate::fixtures::{
    Client, HOST, SOON, Setup, Shield, countries, figure, run, seawall, wait_for,
};
use seawall_types::evidence::{Aspect, Seen};
use serde_json::Value;
use site::Site;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

/// How long the quiet time may take in which the shield learns what is usual.
const QUIET: Duration = Duration::from_secs(110);
/// In which time what was planted must show.
const SHOWN_WITHIN: Duration = Duration::from_mins(1);
/// Sources of the flood by the third byte of their address: 60 % in one country.
const SOURCES: [(u8, u8); 2] = [(2, 30), (3, 20)];
/// Where a table places them.
const COUNTRIES: [(&str, &str); 2] = [("127.0.2.0/24", "QM"), ("127.0.3.0/24", "AA")];
/// Nobody keeps these from the origin.
const OFFICE: Ipv4Addr = Ipv4Addr::LOCALHOST;
const ELSEWHERE: Ipv4Addr = Ipv4Addr::new(127, 9, 9, 9);

/// Every look of an aspect, newest last.
fn looks(setup: &Setup, aspect: Aspect) -> Vec<Value> {
    let mut found = Vec::new();
    let folder = setup.state().join("evidence");
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.expect("it can be listed").path();
        let text = fs::read_to_string(path).unwrap_or_default();
        let records = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let is_wanted = |record: &Value| {
            record["record"] == "integrity_look" && record["aspect"] == aspect.word()
        };
        found.extend(records.filter(is_wanted));
    }
    found
}

fn shows(setup: &Setup, aspect: Aspect, seen: Seen) -> Option<()> {
    let all = looks(setup, aspect);
    all.iter().any(|look| look["seen"] == seen.word()).then_some(())
}

fn get(source: Ipv4Addr, target: SocketAddr, path: &str) -> u16 {
    let mut client = Client::from_source(source, target);
    client.send(format!("GET {path} HTTP/1.1\r\nhost: {HOST}\r\nconnection: close\r\n\r\n"));
    client.answer().status
}

/// Clients from many addresses that ask until they are told to end.
fn flood(target: SocketAddr, ends: &Arc<AtomicBool>) -> Vec<thread::JoinHandle<()>> {
    let sources = SOURCES
        .into_iter()
        .flat_map(|(net, hosts)| (1..=hosts).map(move |host| Ipv4Addr::new(127, 0, net, host)));
    let ask = |source: Ipv4Addr| {
        let ends = ends.clone();
        thread::spawn(move || {
            while !ends.load(Relaxed) {
                let Ok(stream) = dial(source, target) else { continue };
                let mut client = Client::over(stream);
                let request = format!("GET /work HTTP/1.1\r\nhost: {HOST}\r\n\r\n");
                while !ends.load(Relaxed) {
                    let asked = client.try_send(&request).and_then(|()| client.try_answer());
                    if asked.is_err() {
                        break;
                    }
                    thread::sleep(Duration::from_millis(20));
                }
            }
        })
    };
    sources.map(ask).collect()
}

#[test]
fn what_is_planted_behind_a_flood_turns_the_statement_within_a_minute() {
    let site = Site::start();
    let mut setup = Setup::before(site.address)
        .platform("capacity = \"4 concurrent\"\nadmin = [\"/admin\"]\ncanaries = [\"/page\"]");
    let table = setup.folder.write("country.mmdb", countries(&COUNTRIES));
    setup = setup.tables(&format!(
        "[allow]\nnetworks = [\"{OFFICE}/32\", \"{ELSEWHERE}/32\"]\n[geo]\ncountry = {table:?}\n"
    ));
    let shield = Shield::start(&setup);
    let target = setup.plain;
    // An office that administers, and visitors that read.
    for _ in 0..25 {
        assert_eq!(get(OFFICE, target, "/admin/pages"), 200);
        assert_eq!(get(OFFICE, target, "/page"), 200);
    }
    for aspect in [Aspect::Content, Aspect::Shield, Aspect::Egress] {
        wait_for("what is usual", QUIET, || {
            get(OFFICE, target, "/admin/pages");
            shows(&setup, aspect, Seen::AsBefore)
        });
    }
    let plain = Aspect::ALL.map(|aspect| shows(&setup, aspect, Seen::Departs));
    assert_eq!(plain, [None; 6], "nothing departs before anything is planted");

    let ends = Arc::<AtomicBool>::default();
    let flooding = flood(target, &ends);
    let id = wait_for("an incident", SOON, || {
        let said =
            run(seawall().args(["incident", "list", "--json", "-c"]).arg(setup.file()), SOON);
        let told: Value = serde_json::from_str(&said.good()).ok()?;
        told["incidents"][0]["id"].as_str().map(str::to_owned)
    });
    let planted = Instant::now();
    site.deface();
    assert_eq!(get(ELSEWHERE, target, "/admin/users"), 200);
    let mut putting = Client::from_source(OFFICE, target);
    putting.send(format!(
        "PUT /files/shell.php HTTP/1.1\r\nhost: {HOST}\r\ncontent-length: 0\r\n\
         connection: close\r\n\r\n"
    ));
    assert_eq!(putting.answer().status, 201);
    let mut thief = Client::from_source(OFFICE, target);
    thief.send(format!("GET /dump HTTP/1.1\r\nhost: {HOST}\r\nconnection: close\r\n\r\n"));
    assert_eq!(thief.answer().body.len(), site::DUMP);
    for aspect in [Aspect::Content, Aspect::Admin, Aspect::Egress, Aspect::Upload] {
        let left = SHOWN_WITHIN.saturating_sub(planted.elapsed());
        wait_for("what was planted", left, || shows(&setup, aspect, Seen::Departs));
        let took = planted.elapsed().as_secs_f64();
        figure(&format!("report.planted.{}", aspect.word()), format!("{took:.1}"), "s");
    }
    assert!(shield.err().contains("not as before"), "it is told during the flood");
    told_in_the_flood(&setup);
    // Sources are told every ten seconds.
    let document = wait_for("sources in the record", SOON, || {
        let state = setup.state();
        let said = run(
            seawall()
                .args(["incident", "report", &id, "--as", "html", "-o"])
                .arg(setup.folder.join("report.html"))
                .arg("--state-dir")
                .arg(&state),
            SOON,
        );
        said.good();
        let page = fs::read_to_string(setup.folder.join("report.html")).ok()?;
        page.contains("Test-Country").then_some(page)
    });
    ends.store(true, Relaxed);
    for client in flooding {
        client.join().expect("a client");
    }
    check_page(&document);
}

/// What departs stands where people look during a flood: in the status and in the metrics.
fn told_in_the_flood(setup: &Setup) {
    let said = run(seawall().args(["status", "-c"]).arg(setup.file()), SOON).good();
    let told = ["content", "admin", "egress", "upload"];
    for aspect in told {
        let line = said.lines().find(|line| line.contains(&format!("{aspect} of www")));
        let line = line.unwrap_or_else(|| panic!("{aspect} is not in {said}"));
        assert!(line.to_lowercase().starts_with("not as before") || line.starts_with("was not"));
    }
    let scraped = open_control(setup, "/metrics").text();
    for kind in told {
        let name = format!("seawall_integrity_departures_total{{kind=\"{kind}\"}} ");
        let count = scraped.lines().find_map(|line| line.strip_prefix(name.as_str()));
        assert!(count.is_some_and(|count| count != "0"), "{kind} is not counted: {scraped}");
    }
}

fn check_page(document: &str) {
    assert!(document.contains("A statement about integrity is not supported."), "{document}");
    assert!(document.contains("a measure met, or did not admit, 50 sources (measured)"));
    assert!(document.contains("QM 60 %"), "30 of 50 sources");
    for (net, hosts) in SOURCES {
        for host in 1..=hosts {
            let address = format!("127.0.{net}.{host}");
            assert!(!document.contains(&format!("{address}<")), "{address} stands in the page");
        }
    }
}
