//! The shield as its operator meets it: commands, exit codes, control plane, files.

use crate::fixtures::shield::control;
use crate::fixtures::{Client, Ran, SOON, Setup, Shield, Witness, run, seawall, wait_for};
use rustix::process::Signal;
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

fn say(words: &[&str]) -> Ran {
    run(seawall().args(words), SOON)
}

fn file(setup: &Setup) -> String {
    setup.file().to_string_lossy().into_owned()
}

#[test]
fn every_command_explains_itself_with_an_example() {
    let overview = say(&["--help"]).good();
    let listed = overview.split("Commands:").nth(1).expect("it lists commands");
    let listed = listed.split("Options:").next().expect("before the options");
    let commands: Vec<&str> = listed
        .lines()
        .filter_map(|line| line.strip_prefix("  ")?.split(' ').next())
        .filter(|word| !word.is_empty() && *word != "help")
        .collect();
    for command in ["demo", "run", "check", "check-origin", "config", "status", "reload", "explain"]
    {
        assert!(commands.contains(&command), "{command} is not in {commands:?}");
    }
    let nested = [
        vec!["config", "default"],
        vec!["config", "explain"],
        vec!["incident", "list"],
        vec!["incident", "show"],
        vec!["incident", "report"],
        vec!["incident", "bundle"],
        vec!["statement", "lint"],
        vec!["mitigation", "list"],
        vec!["mitigation", "add"],
        vec!["mitigation", "lift"],
        vec!["lane", "invite"],
        vec!["lane", "list"],
        vec!["lane", "revoke"],
        vec!["packet", "status"],
        vec!["packet", "arm"],
        vec!["packet", "off"],
    ];
    let groups = ["config", "incident", "lane", "mitigation", "packet", "statement"];
    let single = commands.into_iter().filter(|command| !groups.contains(command));
    for words in single.map(|command| vec![command]).chain(nested) {
        let help = say(&[&words[..], &["--help"]].concat()).good();
        let example = help.split("Example").nth(1).expect("it has an example");
        let command = format!("seawall {}", words.join(" "));
        assert!(example.contains(&command), "{command}: {help}");
    }
}

#[test]
fn a_wrong_command_line_exits_2_and_a_failure_1() {
    for words in [
        &["no-such-command"][..],
        &["run"],
        &["status"],
        &["explain"],
        &["config", "explain", "no.such_key"],
        &["run", "-c", "/nonexistent/seawall.toml"],
    ] {
        let ran = say(words);
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{words:?}: {ran:?}");
        assert!(!ran.err.is_empty(), "{words:?}");
    }
    let setup = Setup::before("127.0.0.1:9".parse().expect("an address"));
    setup.write();
    let nobody = say(&["status", "-c", &file(&setup)]);
    assert_eq!(nobody.code, Some(1), "{nobody:?}");
    assert!(nobody.err.contains("control.token"), "it says what is missing: {}", nobody.err);
}

#[test]
fn the_default_configuration_says_of_each_key_what_explain_says() {
    let default = say(&["config", "default"]).good();
    for key in ["limits.source_rps", "timeouts.header", "log.requests", "platform.mode"] {
        let name = key.rsplit('.').next().expect("a name");
        assert!(default.contains(&format!("#{name} = ")), "{key} is in the default file");
        let explained = say(&["config", "explain", key]).good();
        assert!(explained.contains(key), "{explained}");
        assert!(explained.to_lowercase().contains("default"), "{explained}");
    }
    let setup = Setup::before("127.0.0.1:9".parse().expect("an address"));
    let setup = setup.tables("[limits]\nsource_rps = \"7 rps\"");
    setup.write();
    let explained = say(&["config", "explain", "limits.source_rps", "-c", &file(&setup)]).good();
    let line =
        setup.text().lines().position(|line| line.contains("7 rps")).expect("it is there") + 1;
    assert!(explained.contains("7 rps"), "{explained}");
    assert!(explained.contains(&format!("seawall.toml:{line}")), "{explained}");
    let checked = say(&["check", "-c", &file(&setup)]).good();
    assert!(checked.contains("no fault"), "{checked}");
}

#[test]
fn reasons_are_a_closed_list_that_is_told_to_people_and_programs() {
    let told = say(&["explain", "--list"]).good();
    let json: Value =
        serde_json::from_str(&say(&["explain", "--list", "--json"]).good()).expect("JSON");
    let reasons = json["reasons"].as_array().expect("a list");
    assert_eq!(told.lines().count(), reasons.len());
    for (line, reason) in told.lines().zip(reasons) {
        let word = reason["reason"].as_str().expect("a word");
        let sentence = reason["sentence"].as_str().expect("a sentence");
        assert!(line.starts_with(word) && line.ends_with(sentence), "{line}");
    }
}

#[test]
fn ready_is_said_once_on_stdout_and_everything_else_on_stderr() {
    let origin = Witness::start(Duration::ZERO);
    let setup = Setup::before(origin.address);
    let mut shield = Shield::start(&setup);
    assert_eq!(Client::plain(setup.plain).ask("/").status, 200);
    say(&["reload", "-c", &file(&setup)]).good();
    shield.signal(Signal::TERM);
    assert!(shield.ended(SOON).success());
    assert_eq!(shield.out(), "ready\n");
    assert!(shield.err().contains("configuration applied"), "{}", shield.err());
}

#[test]
fn nobody_else_can_read_what_the_shield_keeps() {
    let origin = Witness::start(Duration::ZERO);
    let setup = Setup::before(origin.address).tables("[log]\nrequests = \"all\"");
    let _shield = Shield::start(&setup);
    let mode = |path: &Path| fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
    assert_eq!(mode(&setup.state()), 0o700);
    for name in ["control.token", "node.key"] {
        assert_eq!(mode(&setup.state().join(name)), 0o600, "{name}");
    }
    assert_eq!(Client::plain(setup.plain).ask("/").status, 200);
    let record = wait_for("file of records", SOON, || {
        fs::read_dir(setup.state().join("requests")).ok()?.next()?.ok()
    });
    assert_eq!(mode(&record.path()), 0o600);
    assert_eq!(mode(&setup.state().join("requests")), 0o700);
}

#[test]
fn status_is_told_to_people_and_to_programs() {
    let origin = Witness::start(Duration::ZERO);
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    let mut client = Client::plain(setup.plain);
    let status = wait_for("admitted requests in the status", SOON, || {
        assert_eq!(client.ask("/").status, 200);
        let told = say(&["status", "--json", "-c", &file(&setup)]).good();
        let status: Value = serde_json::from_str(&told).expect("JSON");
        let admitted = status["platforms"][0]["rps"]["admit"].as_f64()?;
        (admitted > 0.0).then_some(status)
    });
    assert_eq!(status["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(status["platforms"][0]["name"], "www");
    assert_eq!(status["platforms"][0]["state"], "calm");
    assert!(status["uptime_s"].is_u64() && status["node"].is_string());
    assert!(status["packet"].is_null(), "a part that is not built is null");
    let told = say(&["status", "-c", &file(&setup)]).good();
    assert!(told.contains("www") && told.contains("calm"), "{told}");
    let token = setup.state().join("control.token");
    let by_address = say(&[
        "status",
        "--control",
        &format!("http://{}", setup.control),
        "--token-file",
        &token.to_string_lossy(),
    ]);
    assert!(by_address.good().contains("www"));
    assert_eq!(control(&setup, "/api/v1/status").status, 200);
}

#[test]
fn status_tells_what_there_was_since_the_start_by_verdict() {
    let origin = Witness::start(Duration::ZERO);
    let setup = Setup::before(origin.address)
        .tables("[limits]\nsource_rps = \"0.02 rps\"\nsource_burst = 3");
    let _shield = Shield::start(&setup);
    let mut client = Client::plain(setup.plain);
    let statuses: Vec<u16> = (0..5).map(|_| client.ask("/").status).collect();
    assert_eq!(statuses, [200, 200, 200, 429, 429]);
    wait_for("totals in the status", SOON, || {
        let told = say(&["status", "-c", &file(&setup)]).good();
        told.contains("  since start: admit 3, limit 2\n").then_some(())
    });
    let told = say(&["status", "--json", "-c", &file(&setup)]).good();
    let status: Value = serde_json::from_str(&told).expect("JSON");
    assert_eq!(status["platforms"][0]["totals"]["admit"], 3);
    assert_eq!(status["platforms"][0]["totals"]["limit"], 2);
}

#[test]
fn one_is_counted_as_one_and_what_acts_as_off_is_told() {
    let setup = Setup::before("127.0.0.1:9".parse().expect("an address"));
    let closed = fs::Permissions::from_mode(0o600);
    fs::set_permissions(setup.folder.join("www.key"), closed).expect("it is ours");
    setup.write();
    let place = setup.file();
    let checked = say(&["check", "-c", &file(&setup)]).good();
    assert!(
        checked.starts_with("note: packet.mode acts as \"off\""),
        "a default is told too: {checked}"
    );
    let last = format!("{}: no fault; 2 listeners, 1 platform\n", place.display());
    assert!(checked.ends_with(&last), "{checked}");
}

#[test]
fn what_is_missing_or_too_little_is_told_with_its_remedy() {
    let origin = Witness::start(Duration::ZERO);
    let setup = Setup::before(origin.address);
    setup.write();
    let nobody = say(&["status", "-c", &file(&setup)]);
    assert_eq!(nobody.code, Some(1), "{nobody:?}");
    for part in ["control.token is missing", "seawall run", "control.token_file"] {
        assert!(nobody.err.contains(part), "{part} is not in {}", nobody.err);
    }
    let limited = format!("ulimit -n 300; exec {} run -c {}", program(), file(&setup));
    let mut shield = Shield::launch_as(Command::new("sh").args(["-c", &limited]));
    shield.ready();
    let told = shield.err();
    for part in ["may open 300 files", "fewer than 150 clients", "LimitNOFILE="] {
        assert!(told.contains(part), "{part} is not in {told}");
    }
}

fn program() -> String {
    seawall().get_program().to_string_lossy().into_owned()
}
