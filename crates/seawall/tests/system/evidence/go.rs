//! Another implementation reads the evidence: Go's `sumdb/note` the signatures, its `sumdb/tlog`
//! the tree.

use super::made::{Made, Shape, key};
use crate::fixtures::program::skip;
use crate::fixtures::{Folder, Ran, figure, needs, run};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const TEST: &str = "evidence::go::checkpoints_hold_for_another_implementation";
/// Where Debian puts the sources of Go's packages.
const GOPATH: &str = "/usr/share/gocode";

const PROGRAM: &str = r#"package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func main() {
	verifier, err := note.NewVerifier(os.Args[1])
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	text, _ := os.ReadFile(os.Args[2])
	opened, err := note.Open(text, note.VerifierList(verifier))
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	lines := strings.Split(opened.Text, "\n")
	var size int64
	fmt.Sscan(lines[1], &size)
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		var hashes []tlog.Hash
		for _, index := range indexes {
			hashes = append(hashes, stored[index])
		}
		return hashes, nil
	})
	var record int64
	for _, file := range os.Args[3:] {
		data, _ := os.ReadFile(file)
		for _, line := range bytes.SplitAfter(data, []byte("\n")) {
			if len(line) == 0 || record == size {
				continue
			}
			hashes, err := tlog.StoredHashes(record, line[:len(line)-1], reader)
			if err != nil {
				fmt.Println(err)
				os.Exit(1)
			}
			stored = append(stored, hashes...)
			record++
		}
	}
	root, err := tlog.TreeHash(size, reader)
	if err != nil || root.String() != lines[2] {
		fmt.Println("root", root, "instead of", lines[2], err)
		os.Exit(1)
	}
	fmt.Println("verified", size)
}
"#;

fn verified(program: &Path, checkpoint: &Path, segments: &[String]) -> Ran {
    let mut command = Command::new(program);
    command.arg(key().known().to_string()).arg(checkpoint).args(segments);
    run(&mut command, Duration::from_mins(1))
}

#[test]
fn checkpoints_hold_for_another_implementation() {
    if !needs(TEST, &["go"]) {
        return;
    }
    if !Path::new(GOPATH).join("src/golang.org/x/mod/sumdb/note").is_dir() {
        return skip(TEST, "not installed: golang-golang-x-mod-dev");
    }
    let folder = Folder::new();
    let place = folder.join("evidence");
    Made::write(&place, &Shape::default());
    let source = folder.write("check.go", PROGRAM);
    let program = folder.join("check");
    let mut build = Command::new("go");
    build.env("GO111MODULE", "off").env("GOPATH", GOPATH).env("GOFLAGS", "");
    build.env("GOCACHE", folder.join("cache")).env("HOME", folder.path());
    build.args(["build", "-o"]).arg(&program).arg(source);
    run(&mut build, Duration::from_mins(5)).good();

    let mut segments: Vec<String> = fs::read_dir(&place)
        .expect("it was written")
        .map(|entry| entry.expect("listed").path().to_string_lossy().into_owned())
        .filter(|path| path.split('.').next_back() == Some("jsonl"))
        .collect();
    segments.sort();
    let mut notes = vec![fs::read_to_string(place.join("checkpoint")).expect("it is signed")];
    for segment in &segments {
        for line in fs::read_to_string(segment).expect("text").lines() {
            let record: serde_json::Value = serde_json::from_str(line).expect("JSON");
            notes.extend(record["note"].as_str().map(str::to_owned));
        }
    }
    let mut held = 0;
    for note in &notes {
        let size = note.lines().nth(1).expect("a size").to_owned();
        let file = folder.write("note", note);
        let said = verified(&program, &file, &segments).good();
        assert_eq!(said.trim(), format!("verified {size}"));
        held += 1;
    }
    let changed = notes[0].replacen("seawall", "seewall", 1);
    assert_eq!(verified(&program, &folder.write("note", changed), &segments).code, Some(1));
    let size: u64 = notes[0].lines().nth(1).and_then(|size| size.parse().ok()).expect("a size");
    let changed = notes[0].replacen(&size.to_string(), &(size - 1).to_string(), 1);
    assert_eq!(verified(&program, &folder.write("note", changed), &segments).code, Some(1));
    figure("evidence.note", held, "checkpoints");
}
