//! Recorded traffic through the shield: real logs, real captures, our own records.

mod bad;
mod data;
mod speed;

use crate::fixtures::{
    Client, Folder, Ran, SOON, Setup, Shield, Witness, program::find, records::records, run,
    seawall, wait_for,
};
use rustix::process::Signal;
use serde_json::{Value, json};
use std::ffi::OsStr;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

/// A file of the project's data.
fn data(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../data").join(name)
}

/// Runs `seawall replay` with these words.
fn replay(words: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Ran {
    run(seawall().arg("replay").args(words), SOON)
}

#[track_caller]
fn summary(ran: &Ran) -> Value {
    serde_json::from_str(&ran.out).unwrap_or_else(|cause| panic!("{cause}: {ran:?}"))
}

fn lines(path: &PathBuf) -> Vec<Value> {
    let text = fs::read_to_string(path).expect("the replay wrote it");
    text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
}

#[test]
fn what_the_shield_recorded_is_decided_again_as_it_was() {
    let origin = Witness::start(Duration::ZERO);
    let tables = "[log]\nrequests = \"all\"\n[limits]\nsource_rps = \"0.02 rps\"\nsource_burst = 3";
    let setup = Setup::before(origin.address).tables(tables);
    let mut shield = Shield::start(&setup);
    let mut client = Client::plain(setup.plain);
    let statuses: Vec<u16> =
        (0..5).map(|n| client.ask(&format!("/page/{n}?q=%C3%A9")).status).collect();
    shield.signal(Signal::TERM);
    assert!(shield.ended(SOON).success());
    let recorded = wait_for("every record", SOON, || {
        Some(records(&setup)).filter(|records| records.len() == 5)
    });
    let folder = fs::read_dir(setup.state().join("requests")).expect("the shield made it");
    let files: Vec<_> = folder.map(|entry| entry.expect("it can be read").path()).collect();
    let [file] = &files[..] else { panic!("one file holds five records: {files:?}") };
    let verdicts = setup.folder.join("verdicts.jsonl");
    let words = [file.as_os_str(), "-c".as_ref(), setup.file().as_os_str()].map(OsStr::to_owned);
    let ran = replay(words.into_iter().chain(
        ["--json", "--verdicts"].map(Into::into).into_iter().chain([verdicts.clone().into()]),
    ));
    let told = summary(&ran);
    assert_eq!((&told["records"], &told["unread"]), (&json!(5), &json!(0)), "{statuses:?}");
    assert_eq!(told["verdicts"]["www"]["limit"], json!(2), "{told}");
    let words = |lines: &[Value]| {
        lines
            .iter()
            .map(|line| (line["verdict"].clone(), line["reason"].clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(words(&lines(&verdicts)), words(&recorded));
}

#[test]
fn the_same_replay_gives_the_same_bytes_and_the_hash_is_that_of_the_verdicts() {
    let folder = Folder::new();
    let log = data("logs/apache-first-5000.log.gz");
    let out = ["a", "b"].map(|name| {
        let verdicts = folder.join(name);
        let ran = replay([
            log.as_os_str(),
            "--json".as_ref(),
            "--verdicts".as_ref(),
            verdicts.as_os_str(),
        ]);
        (ran.good(), fs::read(verdicts).expect("the replay wrote it"))
    });
    assert!(out[0] == out[1], "the same bytes");
    assert_eq!(out[0].1.split(|byte| *byte == b'\n').count(), 5_001, "each line has its end");
    if find("sha256sum").is_some() {
        let sum = run(Command::new("sha256sum").arg(folder.join("a")), SOON).good();
        let hash = format!("sha256:{}", sum.split(' ').next().expect("the sum comes first"));
        let told: Value = serde_json::from_str(&out[0].0).expect("a summary");
        assert_eq!(told["decisions_hash"], json!(hash));
    }
}

#[test]
fn bounds_that_do_not_hold_end_with_3_and_are_named() {
    let folder = Folder::new();
    let log = data("logs/apache-first-5000.log.gz");
    for (bounds, code, sentence) in [
        (r#"{"incidents": {"max": 0}, "not_admitted_share": {"max": 0.001}}"#, 0, ""),
        (r#"{"records": {"max": 10}}"#, 3, "does not hold: records is 5000; it must be at most 10"),
        (r#"{"recrods": {"max": 10}}"#, 2, "recrods is nothing that a summary holds"),
        ("nonsense", 2, "not a JSON object of bounds"),
    ] {
        let file = folder.write("bounds.json", bounds);
        let ran = replay([log.as_os_str(), "--expect".as_ref(), file.as_os_str()]);
        assert_eq!(ran.code, Some(code), "{bounds}: {ran:?}");
        assert!(ran.err.contains(sentence), "{bounds}: {ran:?}");
    }
}

#[test]
fn a_second_configuration_is_compared_on_the_real_log() {
    let folder = Folder::new();
    let file = |name: &str, rate: &str| {
        let text = format!(
            "state_dir = \"state\"\n[[listener]]\naddress = \"127.0.0.1:1\"\n[[platform]]\nname = \"blog\"\n\
             hosts = [\"blog.example.org\"]\norigins = [\"http://127.0.0.1:2\"]\n[limits]\nsource_rps = {rate:?}\n"
        );
        folder.write(name, text)
    };
    let (mild, strict) = (file("mild.toml", "10 rps"), file("strict.toml", "0.1 rps"));
    let log = data("logs/apache-first-5000.log.gz");
    let words = |json: &[&str]| {
        let files = [
            log.as_os_str(),
            "-c".as_ref(),
            mild.as_os_str(),
            "--compare".as_ref(),
            strict.as_os_str(),
        ];
        replay(files.into_iter().chain(json.iter().map(AsRef::as_ref)))
    };
    let told: Value = serde_json::from_str(&words(&["--json"]).good()).expect("a summary");
    let blog = &told["compare"]["platforms"]["blog"];
    assert_eq!(blog["not_admitted"][0], json!(told["verdicts"]["blog"]["limit"]));
    let only_first = blog["only_first_admits"].as_u64().expect("a count");
    assert!(only_first > 0 && blog["only_second_admits"] == json!(0), "{blog}");
    let text = words(&[]).good();
    assert!(text.contains("blog: requests not admitted (most that are harmed)"), "{text}");
}
