//! Evidence as a stranger checks it: with the program alone, on files that somebody changed, that a
//! kill or a disk broke off, that a running shield wrote, and with another implementation beside.

mod bundle;
mod crash;
mod disk;
mod go;
mod made;
mod recording;
mod reports;
mod running;
mod speed;
mod tamper;

use crate::fixtures::{Folder, Ran, run, seawall};
use made::{Made, Shape};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
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
fn the_key_of_the_node_beside_the_evidence_is_the_only_one_that_may_have_signed_it() {
    let folder = Folder::new();
    Made::write(&folder.join("evidence"), &Shape::default());
    let key = |secret: [u8; 32], mode| {
        let path = folder.write("node.key", secret);
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("it is ours");
    };
    key([7; 32], 0o600);
    let (code, said) = verify(folder.path(), &[]);
    assert_eq!((code, &said["holds"]), (Some(0), &Value::Bool(true)), "{said}");
    key([8; 32], 0o600);
    for path in [folder.path().to_owned(), folder.join("evidence")] {
        let (code, said) = verify(&path, &[]);
        assert_eq!(code, Some(3), "{said}");
        let what = said["first_break"]["what"].as_str().expect("a sentence");
        assert!(what.starts_with("signed by seawall/a/"), "{what}");
    }
    key([8; 32], 0o644);
    let (code, said) = verify(folder.path(), &[]);
    assert_eq!(code, Some(0), "a key that others can read says nothing: {said}");
    assert!(said["unchecked"][0].as_str().is_some_and(|what| what.contains("node.key")), "{said}");
}

#[test]
fn a_report_on_evidence_that_was_changed_says_so_itself() {
    let folder = Folder::new();
    let place = folder.join("evidence");
    Made::write(&place, &Shape::default());
    let state = folder.path().to_string_lossy().into_owned();
    let report = || ran(&["incident", "report", "www-0", "--state-dir", &state]).good();
    assert!(report().contains("\nThe evidence holds: "));
    let held = || {
        let shown = ran(&["incident", "show", "www-0", "--state-dir", &state, "--json"]).good();
        let shown: Value = serde_json::from_str(&shown).expect("JSON");
        shown["requests"]["hold"].as_u64()
    };
    assert_eq!(held(), Some(47_000));
    for entry in fs::read_dir(&place).expect("it was written") {
        let path = entry.expect("it can be listed").path();
        let text = fs::read_to_string(&path).expect("ASCII");
        fs::write(path, text.replace("\"hold\":47000", "\"hold\":17000")).expect("it is ours");
    }
    assert_eq!(held(), Some(17_000), "an edit of the same length makes the index anew");
    let said = report();
    assert!(said.contains("\nTHE EVIDENCE DOES NOT HOLD ("), "{said}");
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
    assert!(report["window"]["seconds"]["value"].as_u64() > Some(10), "{report}");
    let text = ran(&["incident", "show", id, "--state-dir", &state]).good();
    assert!(text.starts_with(&format!("incident {id} on www\n")), "{text}");
    assert!(folder.join("index.sqlite").is_file());
    fs::remove_file(folder.join("index.sqlite")).expect("it was made");
    assert_eq!(ran(&["incident", "show", id, "--state-dir", &state]).good(), text, "made anew");
    let unknown = ran(&["incident", "show", "www-99", "--state-dir", &state]);
    assert_eq!(unknown.code, Some(1), "{unknown:?}");
    assert!(unknown.err.contains("`incident list` lists them"), "{}", unknown.err);
}
