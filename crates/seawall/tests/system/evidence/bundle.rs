//! The archive of an incident, as it is handed over and checked by somebody who has nothing else.

use super::made::{Made, Shape};
use super::{ran, verify};
use crate::fixtures::Folder;
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Evidence with its node's key, and the archive of `www-0`.
fn bundled(folder: &Folder) -> (Made, PathBuf) {
    let made = Made::write(&folder.join("evidence"), &Shape::default());
    let key = folder.write("node.key", [7; 32]);
    fs::set_permissions(key, fs::Permissions::from_mode(0o600)).expect("it is ours");
    (made, again(folder, "bundle.tar"))
}

fn again(folder: &Folder, name: &str) -> PathBuf {
    let file = folder.join(name);
    let (state, to) = (folder.path().to_string_lossy(), file.to_string_lossy());
    ran(&["incident", "bundle", "www-0", "-o", &to, "--state-dir", &state]).good();
    file
}

#[test]
fn an_archive_is_checked_without_the_folder_that_it_came_from() {
    let folder = Folder::new();
    let (made, archive) = bundled(&folder);
    let twice = fs::read(again(&folder, "twice.tar")).expect("it was written");
    assert_eq!(fs::read(&archive).expect("it was written"), twice, "the same bytes");
    let rights = fs::metadata(&archive).expect("it is there").permissions().mode();
    assert_eq!(rights & 0o777, 0o600, "for its owner alone");
    let elsewhere = Folder::new();
    let taken = elsewhere.join("from-somebody.tar");
    fs::copy(&archive, &taken).expect("it can be copied");
    let (code, said) = verify(&taken, &[]);
    assert_eq!((code, &said["holds"], &said["incident"]), (Some(0), &true.into(), &"www-0".into()));
    assert!(said["unchecked"].as_array().is_some_and(|all| all.len() == 2), "{said}");
    let witnesses = elsewhere.write("witnesses.txt", made.witnesses);
    let (code, said) = verify(&taken, &["--witnesses", &witnesses.to_string_lossy()]);
    assert_eq!(code, Some(0), "{said}");
    let text = ran(&["verify", &taken.to_string_lossy()]).good();
    assert!(text.starts_with("bundle of   incident www-0\n") && text.ends_with("\nholds\n"));
}

#[test]
fn bytes_that_were_changed_anywhere_are_found() {
    let folder = Folder::new();
    let (_, file) = bundled(&folder);
    let bytes = fs::read(&file).expect("it was written");
    let spoilt = folder.join("spoilt.tar");
    for at in (0..bytes.len()).step_by(bytes.len() / 60) {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        fs::write(&spoilt, changed).expect("a folder of our own");
        let (code, said) = verify(&spoilt, &[]);
        assert_eq!((code, &said["holds"]), (Some(3), &Value::Bool(false)), "byte {at}: {said}");
    }
}

#[test]
fn any_tar_unpacks_it() {
    let folder = Folder::new();
    let (_, file) = bundled(&folder);
    let Some(listed) = tar(&["-tf"], &file) else { return };
    assert_eq!(listed, "manifest\ncustody.txt\nrecords.jsonl\nproof.txt\ncheckpoint\n");
    let records = tar(&["-xOf"], &file).expect("it listed before");
    assert!(records.contains("\"record\":\"incident_closed\""));
}

/// What `tar` prints; none where there is no `tar`.
fn tar(how: &[&str], file: &Path) -> Option<String> {
    let output = Command::new("tar").args(how).arg(file).output().ok()?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn an_incident_that_is_not_there_has_no_archive() {
    let folder = Folder::new();
    Made::write(&folder.join("evidence"), &Shape::default());
    let (state, to) = (folder.path().to_string_lossy().into_owned(), folder.join("x.tar"));
    let to = to.to_string_lossy();
    let ran = ran(&["incident", "bundle", "www-9", "-o", &to, "--state-dir", &state]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.err.contains("`incident list` lists them"), "{}", ran.err);
    assert!(!folder.join("x.tar").exists());
}
