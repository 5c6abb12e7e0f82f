//! A process that writes evidence is killed a hundred times, at any moment.

use super::made::{Chance, key, second};
use super::verify;
use crate::fixtures::program::Running;
use crate::fixtures::{Folder, figure};
use rustix::process::Signal;
use seawall_evidence::{DirectoryStore, Limits, Log};
use seawall_types::evidence::{Fact, Stamp};
use seawall_types::{Moment, WallTime};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

const TEST: &str = "evidence::crash::a_log_killed_at_a_hundred_moments_holds_up_to_its_last_sync";
/// Tells the test, started as a process of its own, to write evidence into this folder.
const WRITER: &str = "SEAWALL_TEST_EVIDENCE_WRITER";
/// Kills.
const KILLS: u64 = 100;
/// How long a writer lives at most when nobody kills it.
const LIFE: Duration = Duration::from_secs(20);

/// Writes facts as fast as it may and prints how many records are synced, until it is killed.
fn write_until_killed(folder: &Path) {
    let began = Instant::now();
    let now = || {
        let epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let wall = epoch.expect("after 1970").as_millis();
        let moment = began.elapsed().as_nanos();
        Stamp {
            wall: WallTime(u64::try_from(wall).expect("before the year 500,000,000")),
            moment: Moment(u64::try_from(moment).expect("a short life")),
        }
    };
    let limits = Limits {
        segment_bytes: 64 * 1024,
        write_within: Duration::from_millis(1),
        sync_within: Duration::from_millis(5),
        checkpoint_within: Duration::from_millis(40),
        ..Limits::default()
    };
    let mut log = Log::open(DirectoryStore::new(folder), key(), limits, now());
    let mut out = std::io::stdout();
    let mut synced = 0;
    for number in 0.. {
        if began.elapsed() > LIFE {
            return;
        }
        log.append(now(), &second(number));
        if log.next_deadline().is_some_and(|due| now().moment >= due) {
            log.on_deadline(now());
        }
        let status = log.status();
        assert_eq!(status.failing, None);
        if status.synced > synced {
            synced = status.synced;
            // A parent that is gone will kill us soon.
            let _ = writeln!(out, "synced {synced}").and_then(|()| out.flush());
        }
    }
}

/// Starts a writer and kills it a while after its first sync; gives how many records it had synced.
fn a_life(folder: &Path, chance: &mut Chance) -> u64 {
    let itself = std::env::current_exe().expect("we run");
    let mut command = Command::new(itself);
    command.args(["--exact", TEST, "--nocapture"]).env(WRITER, folder);
    let mut writer = Running::start(command.stdout(Stdio::piped()).stderr(Stdio::null()));
    let out = writer.child().stdout.take().expect("piped");
    let mut lines = BufReader::new(out).lines().map_while(Result::ok);
    let synced = |line: String| line.strip_prefix("synced ").and_then(|n| n.parse::<u64>().ok());
    let first = lines.by_ref().find_map(synced).expect("a writer syncs soon");
    thread::sleep(Duration::from_micros(chance.below(40_000) as u64));
    writer.signal(Signal::KILL);
    let last = lines.filter_map(synced).last().unwrap_or(first);
    drop(writer);
    last
}

#[test]
fn a_log_killed_at_a_hundred_moments_holds_up_to_its_last_sync() {
    if let Some(folder) = std::env::var_os(WRITER) {
        return write_until_killed(Path::new(&folder));
    }
    let folder = Folder::new();
    let place = folder.join("evidence");
    let mut chance = Chance(1);
    for kill in 0..KILLS {
        let synced = a_life(&place, &mut chance);
        let (code, said) = verify(&place, &[]);
        assert_eq!(code, Some(0), "kill {kill}: {said}");
        assert_eq!(said["ended"], false, "kill {kill}: {said}");
        let records = said["next_record"].as_u64().expect("a number");
        assert!(records >= synced, "kill {kill}: {records} of {synced} records");
        let told = said["gaps"].as_array().expect("a list");
        let unclean = told.iter().filter(|gap| gap["reason"] == "unclean_end").count();
        assert_eq!(unclean as u64, kill, "each life names the end of the one before: {said}");
    }
    let now = Stamp { wall: WallTime(4_000_000_000_000), moment: Moment(0) };
    let mut log = Log::open(DirectoryStore::new(&place), key(), Limits::default(), now);
    log.append(now, &Fact::NodeStopped);
    log.finish(now);
    let (code, said) = verify(&place, &[]);
    assert_eq!((code, &said["ended"]), (Some(0), &true.into()), "{said}");
    figure("evidence.crash", KILLS, "kills");
}
