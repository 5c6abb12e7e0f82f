//! How fast evidence is checked, and what it costs to write.

use super::made::{at, key, second};
use super::verify;
use crate::fixtures::{Folder, figure};
use seawall_evidence::{DirectoryStore, Limits, Log};
use seawall_types::evidence::Fact;
use std::time::{Duration, Instant};

/// Bytes that are checked at least.
const BYTES: u64 = 256 * 1024 * 1024;
/// Facts between two deadlines: what a second of an incident on a hundred platforms brings.
const AT_ONCE: u64 = 100;

/// Writes at least [`BYTES`]; gives records, and the time that they took.
fn write(folder: &Folder) -> (u64, Duration) {
    let began = Instant::now();
    let limits = Limits { total_bytes: u64::MAX, ..Limits::default() };
    let mut log = Log::open(DirectoryStore::new(folder.join("evidence")), key(), limits, at(0));
    let mut number = 0;
    while log.status().bytes < BYTES {
        for _ in 0..AT_ONCE {
            log.append(at(number), &second(number));
            number += 1;
        }
        // One sync for so many, so that the disk of the machine is not what is measured.
        log.on_deadline(at(number));
    }
    log.append(at(number), &Fact::NodeStopped);
    log.finish(at(number));
    (log.status().records, began.elapsed())
}

#[test]
fn evidence_is_checked_faster_than_it_could_be_sent() {
    let folder = Folder::new();
    let (records, took) = write(&folder);
    println!("{} ns a record to write", took.as_nanos() / u128::from(records));
    for _ in 0..5 {
        let began = Instant::now();
        let (code, said) = verify(folder.path(), &[]);
        let took = began.elapsed();
        assert_eq!(code, Some(0), "{said}");
        assert_eq!(said["next_record"].as_u64(), Some(records));
        let bytes = said["bytes"].as_u64().expect("a number");
        assert!(bytes >= BYTES);
        println!("{} bytes a record", bytes / records);
        let bytes_per_ms = u128::from(bytes) * 1_000 / took.as_micros();
        figure("evidence.verify", bytes_per_ms / 1_000, "MB/s");
    }
}
