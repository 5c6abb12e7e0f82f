//! The record of requests before a disk that is full.

use super::disk::Small;
use super::running::fill;
use crate::fixtures::program::skip;
use crate::fixtures::records::records;
use crate::fixtures::{Client, SOON, Setup, Shield, Witness, wait_for};
use std::fs;
use std::thread;
use std::time::Duration;

/// How often lines are handed over while nothing can be written, and longer than they wait for it.
const TRIES: usize = 10;
const HANDED_OVER: Duration = Duration::from_millis(150);

#[test]
fn a_disk_that_is_full_gets_no_file_for_each_try_and_whole_lines_once_there_is_room() {
    const TEST: &str = "evidence::recording::a_disk_that_is_full_gets_no_file_for_each_try_and_whole_lines_once_there_is_room";
    let origin = Witness::start(Duration::ZERO);
    let setup = Setup::before(origin.address).tables("[log]\nrequests = \"all\"\n");
    fs::create_dir(setup.state()).expect("a folder of our own");
    let small = match Small::mount(&setup.state().join("requests")) {
        Ok(small) => small,
        Err(why) => return skip(TEST, &format!("no file system can be mounted: {why}")),
    };
    let shield = Shield::start(&setup);
    let mut client = Client::plain(setup.plain);
    let mut ask = |path: &str| assert_eq!(client.ask(path).status, 200);
    let is_told = |path: &str| records(&setup).iter().any(|record| record["path"] == path);
    ask("/before");
    wait_for("a record", SOON, || is_told("/before").then_some(()));
    let filler = small.0.join("filler");
    fill(&filler);
    // The last page of the file that is written takes a few lines more.
    wait_for("a full disk to be told", SOON, || {
        ask("/lost");
        shield.err().contains("requests are not recorded").then_some(())
    });
    for _ in 0..TRIES {
        ask("/lost");
        thread::sleep(HANDED_OVER);
    }
    fs::remove_file(&filler).expect("it was written");
    wait_for("records again", SOON, || {
        ask("/again");
        is_told("/again").then_some(())
    });
    let files = fs::read_dir(&small.0).expect("it is mounted").count();
    assert_eq!(files, 1, "what could not be written made no file");
    let texts = fs::read_dir(&small.0)
        .expect("it is mounted")
        .map(|file| fs::read_to_string(file.expect("it can be listed").path()).expect("text"));
    for line in texts.collect::<String>().lines() {
        let told: Result<serde_json::Value, _> = serde_json::from_str(line);
        assert!(told.is_ok(), "half a line: {line}");
    }
}
