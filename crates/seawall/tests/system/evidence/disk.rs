//! Disks that take nothing: full, read-only, broken. No caller fails, and the loss is counted.

use super::made::{at, key, second};
use super::verify;
use crate::fixtures::program::skip;
use crate::fixtures::{Folder, figure, run};
use seawall_evidence::store::Item;
use seawall_evidence::{DirectoryStore, Limits, Log, Store};
use seawall_types::evidence::{Fact, GapReason};
use serde_json::Value;
use std::cell::Cell;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::rc::Rc;
use std::time::Duration;

const TEST: &str = "evidence::disk::no_disk_fails_a_caller_and_every_loss_is_counted";
/// Facts that find room while the disk takes nothing.
const WAITING: usize = 400;

/// A file system in memory, mounted for the test.
pub(super) struct Small(pub(super) PathBuf);

impl Small {
    pub(super) fn mount(path: &Path) -> Result<Self, String> {
        fs::create_dir(path).expect("a folder of our own");
        let size = ["-t", "tmpfs", "-o", "size=1m,mode=0700", "seawall-test"];
        mounted(Command::new("mount").args(size).arg(path)).map(|()| Self(path.to_owned()))
    }

    pub(super) fn remount(&self, how: &str) {
        let mut command = Command::new("mount");
        mounted(command.args(["-o", &format!("remount,{how}")]).arg(&self.0)).expect("it is ours");
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        // The machine takes it away with the test's end otherwise.
        let _ = mounted(Command::new("umount").arg("--lazy").arg(&self.0));
    }
}

fn mounted(command: &mut Command) -> Result<(), String> {
    let ran = run(command, Duration::from_secs(20));
    if ran.code == Some(0) { Ok(()) } else { Err(ran.err) }
}

/// Appends `facts` a millisecond apart, with the log's deadlines kept; no call may fail or wait.
fn feed<S: Store>(log: &mut Log<S>, (from, facts): (u64, u64)) {
    for number in from..from + facts {
        log.append(at(number), &second(number));
        while let Some(due) = log.next_deadline().filter(|due| *due <= at(number).moment) {
            log.on_deadline(at(due.0.div_ceil(1_000_000)));
        }
    }
}

/// Ends the log and checks that its one gap says what was lost.
fn end<S: Store>(mut log: Log<S>, (now, place): (u64, &Path), reason: &str) {
    let lost = log.status().lost;
    assert!(lost > 1_000, "{reason}: {lost} lost");
    log.append(at(now), &Fact::NodeStopped);
    log.finish(at(now));
    assert_eq!(log.status().failing, None, "{reason}");
    let (code, said) = verify(place, &[]);
    assert_eq!(code, Some(0), "{said}");
    let gaps = said["gaps"].as_array().expect("a list");
    assert_eq!(gaps.len(), 1, "{said}");
    assert_eq!(gaps[0]["reason"], reason, "{said}");
    assert_eq!(gaps[0]["lost"], Value::from(lost), "{said}");
}

fn limits() -> Limits {
    Limits { waiting_records: WAITING, ..Limits::default() }
}

/// Fills a file system of a mebibyte, then makes room.
fn full(small: &Small) {
    let place = small.0.join("evidence");
    fs::write(small.0.join("filler"), vec![0; 600 * 1024]).expect("it is empty");
    let mut log = Log::open(DirectoryStore::new(&place), key(), limits(), at(0));
    feed(&mut log, (0, 6_000));
    let failing = log.status().failing.expect("no room for six thousand");
    assert_eq!(failing.reason, GapReason::DiskFull, "{failing:?}");
    assert!(log.status().synced > 100, "it wrote while it could");
    fs::remove_file(small.0.join("filler")).expect("it was written");
    end(log, (10_000, &place), "disk_full");
    fs::remove_dir_all(place).expect("it is ours");
}

/// Starts on a file system that is read-only, and later is not.
fn read_only(small: &Small) {
    let place = small.0.join("evidence");
    small.remount("ro");
    let mut log = Log::open(DirectoryStore::new(&place), key(), limits(), at(0));
    feed(&mut log, (0, 3_000));
    let failing = log.status().failing.expect("nothing can be written");
    assert_eq!(failing.reason, GapReason::DiskReadOnly, "{failing:?}");
    small.remount("rw");
    end(log, (10_000, &place), "disk_read_only");
}

/// A folder whose writes and syncs fail with `EIO` while it is told to.
struct Broken(DirectoryStore, Rc<Cell<bool>>);

impl Broken {
    fn fault(&self) -> io::Result<()> {
        if self.1.get() { Err(io::Error::from_raw_os_error(5)) } else { Ok(()) }
    }
}

impl seawall_evidence::Folder for Broken {
    fn list(&mut self) -> io::Result<Vec<Item>> {
        self.0.list()
    }
    fn read(&mut self, name: &str) -> io::Result<Vec<u8>> {
        self.0.read(name)
    }
}

impl Store for Broken {
    fn claim(&mut self) -> io::Result<()> {
        self.0.claim()
    }
    fn append(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        // A disk that breaks takes some of it first.
        self.0.append(name, if self.1.get() { &bytes[..bytes.len() / 2] } else { bytes })?;
        self.fault()
    }
    fn sync(&mut self, name: &str) -> io::Result<()> {
        self.fault()?;
        self.0.sync(name)
    }
    fn cut(&mut self, name: &str, length: u64) -> io::Result<()> {
        self.fault()?;
        self.0.cut(name, length)
    }
    fn replace(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.fault()?;
        self.0.replace(name, bytes)
    }
    fn remove(&mut self, name: &str) -> io::Result<()> {
        self.fault()?;
        self.0.remove(name)
    }
}

fn broken(folder: &Folder) {
    let place = folder.join("broken");
    let is_broken = Rc::new(Cell::new(false));
    let store = Broken(DirectoryStore::new(&place), is_broken.clone());
    let mut log = Log::open(store, key(), limits(), at(0));
    feed(&mut log, (0, 2_000));
    is_broken.set(true);
    feed(&mut log, (2_000, 3_000));
    let failing = log.status().failing.expect("it is broken");
    assert_eq!(failing.reason, GapReason::DiskFault, "{failing:?}");
    is_broken.set(false);
    end(log, (10_000, &place), "disk_fault");
}

#[test]
fn no_disk_fails_a_caller_and_every_loss_is_counted() {
    let folder = Folder::new();
    broken(&folder);
    let small = match Small::mount(&folder.join("small")) {
        Ok(small) => small,
        Err(why) => return skip(TEST, &format!("no file system can be mounted: {why}")),
    };
    full(&small);
    read_only(&small);
    figure("evidence.disk", 3, "kinds");
}
