//! Browsers at the page of a check: on a slow processor, without scripts, in many tabs, as text.
//!
//! What a browser met is read from the records, so a browser that is slow to start costs it nothing.

use super::solver::{AGENT, NAVIGATION, Visitor, cookie_of};
use super::{VISITOR, always, word};
use crate::fixtures::chromium::{Slowed, chromium, quietly};
use crate::fixtures::program::Running;
use crate::fixtures::records::records;
use crate::fixtures::{
    Answer, Certificate, Client, Folder, HOST, Setup, Shield, Witness, figure, needs, wait_for,
};
use serde_json::Value;
use std::process::{Command, Stdio};
use std::time::Duration;

/// How long a browser may take to start and to come through on a busy machine.
const LOADED: Duration = Duration::from_mins(4);
/// Between the page of a check and what was asked for, on a sixth of a processor.
const SLOW_WITHIN_S: f64 = 8.0;
/// The same in the line, when there is room.
const LINE_WITHIN_S: f64 = 15.0;
const TABS: usize = 10;
const AT_ONCE: usize = 50;

fn recording(origin: &Witness) -> Setup {
    always(origin).tables("[log]\nrequests = \"all\"")
}

fn url(setup: &Setup, scheme: &str, target: &str) -> String {
    let port = if scheme == "http" { setup.plain.port() } else { setup.tls.port() };
    format!("{scheme}://{HOST}:{port}{target}")
}

/// When requests for a target were answered in some way.
fn times(records: &[Value], target: &str, verdict: &str) -> Vec<f64> {
    let those = records.iter().filter(|one| one["path"] == target && one["verdict"] == verdict);
    those.filter_map(|one| one["t"].as_f64()).collect()
}

/// Seconds from the one page that asked for a check to the answer of the origin.
#[track_caller]
fn passage(setup: &Setup, target: &str) -> f64 {
    let (asked, served) = wait_for(&format!("the origin's answer to {target}"), LOADED, || {
        let records = records(setup);
        let served = *times(&records, target, "admit").first()?;
        Some((times(&records, target, "challenge"), served))
    });
    assert_eq!(asked.len(), 1, "pages for {target}");
    served - asked[0]
}

#[test]
fn a_browser_on_a_sixth_of_a_processor_passes_within_eight_seconds() {
    let test = "challenge::browsers::a_browser_on_a_sixth_of_a_processor_passes";
    if !needs(test, &["chromium"]) {
        return;
    }
    let origin = Witness::start(Duration::ZERO);
    let setup = recording(&origin);
    let _shield = Shield::start(&setup);
    for scheme in ["http", "https"] {
        let profile = Folder::new();
        let target = format!("/slow?{scheme}");
        let running = quietly(chromium(profile.path()).arg(url(&setup, scheme, &target)));
        let _slowed = Slowed::start(running.pid(), 6);
        let took = passage(&setup, &target);
        figure("challenge.slow", format!("{took:.2}"), "s");
        assert!(took <= SLOW_WITHIN_S, "{scheme}: {took} s");
    }
}

#[test]
fn browsers_without_scripts_pass_by_the_line_within_fifteen_seconds() {
    let test = "challenge::browsers::browsers_without_scripts_pass_by_the_line";
    if !needs(test, &["chromium", "w3m", "script"]) {
        return;
    }
    let origin = Witness::start(Duration::ZERO);
    let setup = recording(&origin);
    // A browser of text asks the system where a host is.
    Certificate::write(&setup.folder, "local", &["localhost"]);
    let setup = setup.tables(&format!(
        "[[platform]]\nname = \"local\"\nhosts = [\"localhost\"]\norigins = [\"http://{}\"]\n\
         certificate = \"local.pem\"\nkey = \"local.key\"\nchallenge = \"always\"",
        origin.address
    ));
    let _shield = Shield::start(&setup);
    let profile = Folder::new();
    for scheme in ["http", "https"] {
        let target = format!("/scriptless?{scheme}");
        let mut command = chromium(&profile.join(scheme));
        command.args(["--blink-settings=scriptEnabled=false", &url(&setup, scheme, &target)]);
        let _running = quietly(&mut command);
        passed_the_line("chromium", &setup, &target);
    }
    let target = "/text?only";
    let _running = w3m(&profile, &format!("http://localhost:{}{target}", setup.plain.port()));
    passed_the_line("w3m", &setup, target);
    let heads = origin.heads();
    assert!(heads.last().is_some_and(|head| head.contains("w3m/")), "{heads:?}");
}

#[track_caller]
fn passed_the_line(name: &str, setup: &Setup, target: &str) {
    let took = passage(setup, target);
    figure(&format!("challenge.line.{name}"), format!("{took:.2}"), "s");
    assert!(took <= LINE_WITHIN_S, "{name}: {took} s");
    let answers = records(setup);
    let solved = answers.iter().any(|one| one["path"] == "/.well-known/seawall/answer");
    assert!(!solved, "nobody solves anything here");
}

/// w3m as a person sits before it: it goes where pages send it only on a terminal.
fn w3m(home: &Folder, url: &str) -> Running {
    let mut command = Command::new("script");
    let words = "exec w3m -no-mouse -cookie -o accept_cookie=1 -o meta_refresh=1";
    command.args(["--quiet", "--command", &format!("{words} {url}"), "/dev/null"]);
    command.env("HOME", home.path()).env("TERM", "xterm").env_remove("http_proxy");
    // Its keyboard stays open until it is killed.
    Running::start(command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()))
}

#[test]
fn ten_tabs_of_a_browser_see_one_page_each_at_most_and_one_of_them_solves() {
    let test = "challenge::browsers::ten_tabs_of_a_browser_see_one_page_each_at_most";
    if !needs(test, &["chromium"]) {
        return;
    }
    let origin = Witness::start(Duration::ZERO);
    let setup = recording(&origin);
    let _shield = Shield::start(&setup);
    let profile = Folder::new();
    let targets: Vec<_> = (0..TABS).map(|nth| format!("/tab?{nth}")).collect();
    // A browser without a screen opens one page by itself; that one opens the others.
    let opens = |target: &String| format!("window.open({:?});", url(&setup, "https", target));
    let opens: String = targets.iter().map(opens).collect();
    let opener =
        setup.folder.write("tabs.html", format!("<!doctype html><script>{opens}</script>"));
    let mut command = chromium(profile.path());
    command.args(["--disable-popup-blocking", &format!("file://{}", opener.display())]);
    let _running = quietly(&mut command);
    let all = wait_for("the origin's answer in every tab", LOADED, || {
        let records = records(&setup);
        let served = |target: &String| !times(&records, target, "admit").is_empty();
        targets.iter().all(served).then_some(records)
    });
    let pages: Vec<_> =
        targets.iter().map(|target| times(&all, target, "challenge").len()).collect();
    let solved = all.iter().filter(|one| one["method"] == "POST" && one["status"] == 204).count();
    figure("challenge.tabs.pages", pages.iter().max().expect("ten tabs"), "pages");
    figure("challenge.tabs.solved", solved, "puzzles");
    assert!(pages.iter().all(|pages| *pages <= 1) && pages.contains(&1), "{pages:?}");
    assert_eq!(solved, 1, "the others wait for it");
}

#[test]
fn fifty_requests_at_once_of_one_client_see_one_page_and_with_its_token_none() {
    let origin = Witness::start(Duration::ZERO);
    let setup = always(&origin);
    let _shield = Shield::start(&setup);
    let visitor = Visitor::new(VISITOR, setup.plain);
    let part = "sec-fetch-mode: no-cors\r\naccept: */*\r\n";
    let at_once = |cookie: &str| -> Vec<Answer> {
        let mut clients: Vec<Client<_>> = (0..AT_ONCE).map(|_| visitor.client()).collect();
        for (nth, client) in clients.iter_mut().enumerate() {
            let kind = if nth == 0 { NAVIGATION } else { part };
            client.send(format!(
                "GET /part?{nth} HTTP/1.1\r\nhost: {HOST}\r\nuser-agent: {AGENT}\r\n{kind}{cookie}\r\n"
            ));
        }
        clients.iter_mut().map(Client::answer).collect()
    };
    let told = at_once("");
    let pages = told.iter().filter(|answer| word(answer) == (503, "challenge")).count();
    let held = told.iter().filter(|answer| word(answer) == (503, "hold")).count();
    figure("challenge.parallel.pages", pages, "pages");
    assert_eq!((pages, held), (1, AT_ONCE - 1));
    let passed = visitor.post_answer(&super::solver::Puzzle::of(&told[0]).solved());
    let told = at_once(&format!("cookie: {}\r\n", cookie_of(&passed)));
    let served = told.iter().filter(|answer| answer.status == 200).count();
    figure("challenge.parallel.served", served, "requests");
    assert_eq!(served, AT_ONCE, "{told:?}");
    assert_eq!(origin.count(), AT_ONCE as u64);
}
