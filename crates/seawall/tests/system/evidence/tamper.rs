//! A thousand changes to evidence, each found by the program from the files alone, or with what a
//! witness kept where the node's own key was used.

use super::made::{Chance, Made, Shape};
use super::verify;
use crate::fixtures::{Folder, figure};
use seawall_evidence::segment::SegmentName;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Files by name.
type Files = BTreeMap<String, Vec<u8>>;

/// Where a change must show, when it must show at a record.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Shows {
    /// At this record or the one behind it.
    At(u64),
    Anywhere,
}

/// What is done to the evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    Edit,
    Drop,
    Reorder,
    Truncate,
    DeleteAnHour,
    /// The whole chain again with the node's own key, one second told otherwise.
    WriteAnew,
    /// The end cut off, and an older checkpoint of the log's own put back.
    Rewind,
}

const CHANGES: [Change; 7] = [
    Change::Edit,
    Change::Drop,
    Change::Reorder,
    Change::Truncate,
    Change::DeleteAnHour,
    Change::WriteAnew,
    Change::Rewind,
];

fn read(folder: &Path) -> Files {
    let entries = fs::read_dir(folder).expect("evidence was written");
    let file = |entry: fs::DirEntry| {
        let name = entry.file_name().into_string().expect("ASCII");
        (name, fs::read(entry.path()).expect("it can be read"))
    };
    entries.map(|entry| file(entry.expect("it can be listed"))).collect()
}

fn write(folder: &Path, files: &Files) {
    let _ = fs::remove_dir_all(folder);
    fs::create_dir(folder).expect("it was removed");
    for (name, bytes) in files {
        fs::write(folder.join(name), bytes).expect("a folder of our own");
    }
}

fn segments(files: &Files) -> Vec<String> {
    files.keys().filter(|name| SegmentName::parse(name).is_some()).cloned().collect()
}

/// Lines of a segment, each with its line feed.
fn lines(bytes: &[u8]) -> Vec<Vec<u8>> {
    bytes.split_inclusive(|b| *b == b'\n').map(<[u8]>::to_vec).collect()
}

/// The number of the first record of a segment.
fn first_record(bytes: &[u8]) -> u64 {
    let text = String::from_utf8_lossy(bytes);
    let number = text.strip_prefix("{\"n\":").and_then(|rest| rest.split(',').next());
    number.and_then(|number| number.parse().ok()).expect("a whole segment")
}

/// The log written anew with the node's own key, each time with another lie.
fn written_anew() -> Vec<Files> {
    let anew = |lie| {
        let folder = Folder::new();
        let place = folder.join("evidence");
        Made::write(&place, &Shape { lie: Some(lie), ..Shape::default() });
        read(&place)
    };
    [0, 1, 30, 58, 59, 60, 61, 90, 118, 119].map(anew).into()
}

fn change(kind: Change, files: &mut Files, (chance, anew): (&mut Chance, &[Files])) -> Shows {
    let names = segments(files);
    let name = names[chance.below(names.len())].clone();
    let content = files.get_mut(&name).expect("just listed");
    let first = first_record(content);
    match kind {
        Change::Edit => {
            let at = chance.below(content.len());
            let record = content[..at].split(|b| *b == b'\n').count() as u64 - 1;
            content[at] ^= 1 << chance.below(8);
            return Shows::At(first + record);
        }
        Change::Drop => {
            let mut all = lines(content);
            let at = chance.below(all.len());
            all.remove(at);
            *content = all.concat();
        }
        Change::Reorder => {
            let mut all = lines(content);
            let at = chance.below(all.len() - 1);
            let other = at + 1 + chance.below(all.len() - at - 1);
            all.swap(at, other);
            *content = all.concat();
            return Shows::At(first + at as u64);
        }
        Change::Truncate => content.truncate(chance.below(content.len())),
        Change::DeleteAnHour => {
            let hour = name.split('-').next_back().expect("a name of two parts").to_owned();
            files.retain(|name, _| !name.ends_with(&hour));
        }
        Change::WriteAnew => files.clone_from(&anew[chance.below(anew.len())]),
        Change::Rewind => rewind(files, chance),
    }
    Shows::Anywhere
}

/// Leaves the log as it was at one of its own checkpoints.
fn rewind(files: &mut Files, chance: &mut Chance) {
    let names = segments(files);
    let is_checkpoint =
        |line: &Vec<u8>| String::from_utf8_lossy(line).contains("\"record\":\"checkpoint\"");
    // A witness saw the end of each run: what was signed before the last of them can be cut off.
    let places: Vec<(usize, usize)> = names
        .iter()
        .enumerate()
        .flat_map(|(segment, name)| {
            let all = lines(&files[name]);
            let marks: Vec<_> =
                all.iter().enumerate().filter(|(_, line)| is_checkpoint(line)).collect();
            marks.into_iter().map(|(at, _)| (segment, at)).collect::<Vec<_>>()
        })
        .collect();
    let (segment, at) = places[chance.below(places.len() - 1)];
    let kept = lines(&files[&names[segment]])[..=at].concat();
    let line = String::from_utf8(lines(&files[&names[segment]])[at].clone()).expect("JSON");
    let record: serde_json::Value = serde_json::from_str(&line).expect("JSON");
    let note = record["note"].as_str().expect("a note").as_bytes().to_vec();
    files.insert(names[segment].clone(), kept);
    names[segment + 1..].iter().for_each(|later| drop(files.remove(later)));
    files.insert("checkpoint".to_owned(), note);
}

#[test]
fn a_thousand_changes_to_evidence_are_all_found() {
    let folder = Folder::new();
    let place = folder.join("evidence");
    let made = Made::write(&place, &Shape::default());
    let whole = read(&place);
    assert!(segments(&whole).len() >= 5, "hours and a restart");
    let witnesses = folder.write("witnesses.txt", &made.witnesses);
    let witnesses = witnesses.to_string_lossy().into_owned();
    let anew = written_anew();
    let mut found = 0;
    for seed in 0..1_000 {
        let mut chance = Chance(seed);
        let kind = CHANGES[usize::try_from(seed).expect("small") % CHANGES.len()];
        let mut files = whole.clone();
        let shows = change(kind, &mut files, (&mut chance, &anew));
        write(&place, &files);
        let outside: &[&str] = match kind {
            Change::WriteAnew | Change::Rewind => &["--witnesses", &witnesses],
            _ => &[],
        };
        let (code, said) = verify(&place, outside);
        assert_eq!(code, Some(3), "seed {seed}, {kind:?}: {said}");
        let record = said["first_break"]["record"].as_u64().expect("a place");
        if let Shows::At(changed) = shows {
            assert!((changed..=changed + 1).contains(&record), "seed {seed}, {kind:?}: {said}");
        }
        found += 1;
    }
    figure("evidence.tamper", found, "changes");
    write(&place, &whole);
    assert_eq!(verify(&place, &["--witnesses", &witnesses]).0, Some(0), "and nothing else");
}
