//! Evidence as a stranger checks it: with the program alone, on files that somebody changed, that a
//! kill or a disk broke off, and with another implementation beside.

mod crash;
mod disk;
mod go;
mod made;
mod speed;
mod tamper;

use crate::fixtures::{Folder, Ran, run, seawall};
use made::{Made, Shape};
use serde_json::Value;
use std::path::Path;
use std::time::Duration;

/// How long a check may take: generous, because the machine may be busy.
const LONG: Duration = Duration::from_mins(2);

/// What `seawall verify PATH …` says, and its exit status.
fn verify(path: &Path, more: &[&str]) -> (Option<i32>, Value) {
    let ran = ran(&[&["verify", &path.to_string_lossy(), "--json"], more].concat());
    let said = serde_json::from_str(&ran.out);
    (ran.code, said.unwrap_or_else(|cause| panic!("{cause}: {} {}", ran.out, ran.err)))
}

fn ran(arguments: &[&str]) -> Ran {
    let mut command = seawall();
    command.args(arguments);
    run(&mut command, LONG)
}

#[test]
fn evidence_that_nobody_touched_raises_no_alarm() {
    for seed in 0..20 {
        let folder = Folder::new();
        let made = Made::write(&folder.join("evidence"), &Shape { seed, ..Shape::default() });
        let witnesses = folder.write("witnesses.txt", &made.witnesses);
        let (code, said) = verify(folder.path(), &["--witnesses", &witnesses.to_string_lossy()]);
        assert_eq!((code, &said["holds"]), (Some(0), &Value::Bool(true)), "seed {seed}: {said}");
        assert_eq!(said["gaps"].as_array().map(Vec::len), Some(0), "seed {seed}: {said}");
        assert!(said["witnessed"].as_array().is_some_and(|all| all.len() >= 2), "{said}");
    }
}

#[test]
fn a_person_reads_what_was_checked_and_what_was_not() {
    let folder = Folder::new();
    let made = Made::write(&folder.join("evidence"), &Shape::default());
    let keys: String = made.witnesses.lines().take(1).collect();
    let keys = folder.write("keys.txt", keys);
    let said =
        ran(&["verify", &folder.path().to_string_lossy(), "--witnesses", &keys.to_string_lossy()]);
    let said = said.good();
    for part in
        ["evidence of a\n", "checkpoints", "not checked no checkpoint that a trusted witness"]
    {
        assert!(said.contains(part), "{part:?} is not in\n{said}");
    }
    assert!(said.ends_with("\nholds\n"), "{said}");
}

#[test]
fn what_cannot_be_read_is_a_failure_and_not_a_break() {
    let folder = Folder::new();
    let (nothing, file) = (folder.join("nothing"), folder.write("file", "x"));
    let empty = Folder::new();
    for path in [nothing, file, empty.path().to_owned()] {
        let ran = ran(&["verify", &path.to_string_lossy()]);
        assert_eq!(ran.code, Some(1), "{}: {} {}", path.display(), ran.out, ran.err);
    }
}

#[test]
fn incidents_are_read_from_the_evidence_of_a_shield_that_is_not_there() {
    let folder = Folder::new();
    Made::write(&folder.join("evidence"), &Shape::default());
    let state = folder.path().to_string_lossy().into_owned();
    let list = ran(&["incident", "list", "--state-dir", &state, "--json"]).good();
    let list: Value = serde_json::from_str(&list).expect("JSON");
    let incidents = list["incidents"].as_array().expect("a list");
    assert_eq!(incidents.len(), 2, "{list}");
    let id = incidents[0]["id"].as_str().expect("an identifier");
    assert_eq!(incidents[0]["kind"], "unknown");
    assert_eq!(incidents[0]["vectors"], Value::Null, "not known is null");
    assert!(incidents[0]["detected_at"].as_str().is_some_and(|at| at.ends_with('Z')));
    let report = ran(&["incident", "report", id, "--as", "json", "--state-dir", &state]).good();
    let report: Value = serde_json::from_str(&report).expect("JSON");
    assert!(report["seconds"].as_array().is_some_and(|seconds| seconds.len() > 10), "{report}");
    let text = ran(&["incident", "show", id, "--state-dir", &state]).good();
    assert!(text.starts_with(&format!("incident {id} on www\n")), "{text}");
    assert!(folder.join("index.sqlite").is_file());
    std::fs::remove_file(folder.join("index.sqlite")).expect("it was made");
    assert_eq!(ran(&["incident", "show", id, "--state-dir", &state]).good(), text, "made anew");
    let unknown = ran(&["incident", "show", "www-99", "--state-dir", &state]);
    assert_eq!(unknown.code, Some(1), "{unknown:?}");
    assert!(unknown.err.contains("`incident list` lists them"), "{}", unknown.err);
}
