//! The shield itself writes evidence: killed under load, before a disk that takes nothing, and while
//! another takes over.

use super::disk::Small;
use super::made::Chance;
use super::verify;
use crate::fixtures::program::{find, skip};
use crate::fixtures::shield::{control, metric};
use crate::fixtures::{Client, SOON, Setup, Shield, Witness, figure, run, seawall, wait_for};
use rustix::process::Signal;
use serde_json::Value;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Kills.
const KILLS: u64 = 8;
/// What a request costs the origin.
const COST: Duration = Duration::from_millis(100);

/// Clients that ask for more than the origin carries until they are stopped.
struct Crowd {
    over: Arc<AtomicBool>,
    clients: Vec<JoinHandle<Vec<u16>>>,
}

impl Crowd {
    fn start(target: SocketAddr, clients: usize) -> Self {
        let over = Arc::<AtomicBool>::default();
        let ask = |over: Arc<AtomicBool>| {
            move || {
                let mut statuses = Vec::new();
                while !over.load(Relaxed) {
                    statuses.push(asked(target));
                    thread::sleep(Duration::from_millis(10));
                }
                statuses
            }
        };
        let clients = (0..clients).map(|_| thread::spawn(ask(over.clone()))).collect();
        Self { over, clients }
    }

    /// What everyone got; 0 where nobody answered.
    fn end(self) -> Vec<u16> {
        self.over.store(true, Relaxed);
        self.clients.into_iter().flat_map(|client| client.join().expect("a client")).collect()
    }
}

/// The status of one request on a connection of its own; 0 when there was no answer.
fn asked(target: SocketAddr) -> u16 {
    let Ok(stream) = std::net::TcpStream::connect(target) else { return 0 };
    stream.set_read_timeout(Some(SOON)).expect("not zero");
    let mut client = Client::over(stream);
    let request = "GET / HTTP/1.1\r\nhost: www.example.org\r\nconnection: close\r\n\r\n";
    let answered = client.try_send(request).and_then(|()| client.try_answer());
    answered.map_or(0, |answer| answer.status)
}

fn bounded(origin: &Witness) -> Setup {
    Setup::before(origin.address).platform("capacity = \"4 concurrent\"").top("drain = \"5s\"")
}

/// What the status says of the evidence.
fn evidence(setup: &Setup) -> Value {
    let text = control(setup, "/api/v1/status").text();
    let status: Value = serde_json::from_str(&text).expect("JSON");
    status["evidence"].clone()
}

/// The words of all records, in their order.
fn words(state: &Path) -> Vec<String> {
    let mut files: Vec<_> = fs::read_dir(state.join("evidence"))
        .expect("it was written")
        .map(|entry| entry.expect("it can be listed").path())
        .filter(|path| path.extension().is_some_and(|end| end == "jsonl"))
        .collect();
    files.sort();
    let text: String = files.iter().map(|path| fs::read_to_string(path).expect("ASCII")).collect();
    let word = |line: &str| {
        let record: Value = serde_json::from_str(line).expect("JSON");
        record["record"].as_str().expect("a word").to_owned()
    };
    text.lines().map(word).collect()
}

#[test]
fn a_shield_that_is_killed_at_any_moment_under_load_leaves_a_gap_and_nothing_else() {
    let origin = Witness::start(COST);
    let setup = bounded(&origin);
    let mut chance = Chance(1);
    for kill in 0..KILLS {
        let shield = Shield::start(&setup);
        let crowd = Crowd::start(setup.plain, 64);
        wait_for("evidence", SOON, || (evidence(&setup)["synced"].as_u64()? > 0).then_some(()));
        thread::sleep(Duration::from_micros(chance.below(3_000_000) as u64));
        shield.signal(Signal::KILL);
        drop(shield);
        crowd.end();
        let (code, said) = verify(&setup.state(), &[]);
        assert_eq!((code, &said["ended"]), (Some(0), &Value::Bool(false)), "kill {kill}: {said}");
        for gap in said["gaps"].as_array().expect("a list") {
            let reason = gap["reason"].as_str().expect("a word");
            assert!(["unclean_end", "torn"].contains(&reason), "kill {kill}: {said}");
        }
    }
    let mut shield = Shield::start(&setup);
    wait_for("evidence", SOON, || (evidence(&setup)["synced"].as_u64()? > 0).then_some(()));
    shield.signal(Signal::TERM);
    assert!(shield.ended(SOON).success());
    let (code, said) = verify(&setup.state(), &[]);
    assert_eq!((code, &said["ended"]), (Some(0), &Value::Bool(true)), "{said}");
    let gaps = said["gaps"].as_array().expect("a list");
    let unclean = gaps.iter().filter(|gap| gap["reason"] == "unclean_end").count();
    assert_eq!(unclean as u64, KILLS, "each life names the end of the one before: {said}");
    let told = words(&setup.state());
    assert!(told.contains(&"incident_opened".to_owned()), "there was load: {told:?}");
    let last = told.iter().rposition(|word| word == "node_stopped").expect("it left by itself");
    assert!(told[last + 1..].iter().all(|word| word == "checkpoint"), "{told:?}");
    figure("evidence.shield_kills", KILLS, "kills");
}

/// Waits until the status, the metrics and the command say that nothing can be written.
fn is_told(setup: &Setup, reason: &str) {
    wait_for(reason, SOON, || {
        // Something to write, which a page of a file may still take.
        reload(setup);
        (evidence(setup)["failing"]["reason"] == reason).then_some(())
    });
    assert_eq!(metric(setup, "seawall_evidence_writing"), Some(0.0));
    let told = run(seawall().args(["status", "-c"]).arg(setup.file()), SOON).good();
    assert!(told.contains("\nEVIDENCE IS NOT BEING WRITTEN since "), "{reason}: {told}");
}

/// Ends the crowd, of whom everybody was served.
fn all_were_served(crowd: Crowd) {
    let statuses = crowd.end();
    let failed = statuses.iter().filter(|status| **status != 200).count();
    figure("evidence.disk_failed_requests", failed, "requests");
    assert!(statuses.len() > 100, "{} requests", statuses.len());
    assert_eq!(failed, 0, "of {}", statuses.len());
}

#[test]
fn a_disk_that_is_full_under_load_fails_no_request_and_loses_nothing_once_there_is_room() {
    const TEST: &str = "evidence::running::a_disk_that_is_full_under_load_fails_no_request_and_loses_nothing_once_there_is_room";
    let origin = Witness::start(Duration::ZERO);
    let setup = Setup::before(origin.address);
    fs::create_dir(setup.state()).expect("a folder of our own");
    let small = match Small::mount(&setup.state().join("evidence")) {
        Ok(small) => small,
        Err(why) => return skip(TEST, &format!("no file system can be mounted: {why}")),
    };
    let shield = Shield::start(&setup);
    let crowd = Crowd::start(setup.plain, 8);
    wait_for("evidence", SOON, || (evidence(&setup)["synced"].as_u64()? > 0).then_some(()));
    let filler = small.0.join("filler");
    fill(&filler);
    is_told(&setup, "disk_full");
    fs::remove_file(&filler).expect("it was written");
    wait_for("evidence again", SOON, || {
        let told = evidence(&setup);
        (told["failing"].is_null() && told["waiting"] == 0).then_some(())
    });
    assert_eq!(metric(&setup, "seawall_evidence_writing"), Some(1.0));
    assert_eq!(metric(&setup, "seawall_evidence_dropped_total"), Some(0.0), "it all found room");
    all_were_served(crowd);
    let said = shield.err();
    assert_eq!(said.matches("evidence is not being written").count(), 1, "{said}");
    let (code, said) = verify(&setup.state(), &[]);
    assert_eq!((code, said["gaps"].as_array().map(Vec::len)), (Some(0), Some(0)), "{said}");
}

/// A file system on a file, whose kernel makes it read-only when it finds a fault.
struct Faulty {
    place: PathBuf,
    device: String,
}

impl Faulty {
    fn mount(folder: &Path, place: PathBuf) -> Result<Self, String> {
        let image = folder.join("image");
        let file = fs::File::create(&image).map_err(|cause| cause.to_string())?;
        file.set_len(8 * 1024 * 1024).map_err(|cause| cause.to_string())?;
        done(Command::new("mkfs.ext4").args(["-q", "-F"]).arg(&image))?;
        fs::create_dir(&place).map_err(|cause| cause.to_string())?;
        let options = ["-o", "loop,errors=remount-ro"];
        done(Command::new("mount").args(options).arg(&image).arg(&place))?;
        let device = done(Command::new("findmnt").args(["-no", "SOURCE"]).arg(&place))?;
        let device = device.trim().trim_start_matches("/dev/").to_owned();
        Ok(Self { place, device })
    }

    fn fail(&self) -> Result<(), String> {
        let switch = format!("/sys/fs/ext4/{}/trigger_fs_error", self.device);
        fs::write(&switch, "a test").map_err(|cause| format!("{switch}: {cause}"))
    }
}

impl Drop for Faulty {
    fn drop(&mut self) {
        // The machine takes it away with the test's end otherwise.
        let _ = done(Command::new("umount").arg("--lazy").arg(&self.place));
    }
}

/// What a program says, or why it failed.
fn done(command: &mut Command) -> Result<String, String> {
    if find(&command.get_program().to_string_lossy()).is_none() {
        return Err(format!("not installed: {command:?}"));
    }
    let ran = run(command, SOON);
    if ran.code == Some(0) { Ok(ran.out) } else { Err(ran.err) }
}

#[test]
fn a_disk_that_becomes_read_only_under_load_fails_no_request_and_what_was_written_holds() {
    const TEST: &str = "evidence::running::a_disk_that_becomes_read_only_under_load_fails_no_request_and_what_was_written_holds";
    let origin = Witness::start(Duration::ZERO);
    let setup = Setup::before(origin.address);
    fs::create_dir(setup.state()).expect("a folder of our own");
    let faulty = match Faulty::mount(setup.folder.path(), setup.state().join("evidence")) {
        Ok(faulty) => faulty,
        Err(why) => return skip(TEST, &format!("no file system can be mounted: {why}")),
    };
    let mut shield = Shield::start(&setup);
    let crowd = Crowd::start(setup.plain, 8);
    wait_for("evidence", SOON, || (evidence(&setup)["synced"].as_u64()? > 0).then_some(()));
    if let Err(why) = faulty.fail() {
        return skip(TEST, &why);
    }
    is_told(&setup, "disk_read_only");
    all_were_served(crowd);
    // It leaves in its time all the same.
    shield.signal(Signal::TERM);
    assert!(shield.ended(SOON).success());
    let (code, said) = verify(&setup.state(), &[]);
    assert_eq!((code, &said["ended"]), (Some(0), &Value::Bool(false)), "{said}");
}

/// Writes until there is no room for another page.
pub(super) fn fill(path: &Path) {
    use std::io::Write as _;
    let mut file = fs::File::create(path).expect("there is room for a name");
    while file.write_all(&[b'x'; 4096]).is_ok() {}
}

fn reload(setup: &Setup) {
    let mut command = seawall();
    run(command.args(["reload", "-c"]).arg(setup.file()), SOON).good();
}

#[test]
fn a_shield_that_takes_over_writes_nothing_before_the_first_has_ended_its_evidence() {
    let origin = Witness::start(Duration::from_secs(3));
    let setup = Setup::before(origin.address).top("drain = \"8s\"");
    let mut first = Shield::start(&setup);
    wait_for("evidence", SOON, || (evidence(&setup)["synced"].as_u64()? > 0).then_some(()));
    // Keeps the first from leaving at once.
    let target = setup.plain;
    let slow = thread::spawn(move || asked(target));
    wait_for("the request at the origin", SOON, || (origin.count() == 1).then_some(()));
    let second = Shield::start(&setup);
    wait_for("waiting evidence", SOON, || {
        (evidence(&setup)["failing"]["reason"] == "occupied").then_some(())
    });
    // Told while it waits, and kept.
    reload(&setup);
    assert!(first.lives(), "it drains");
    assert_eq!(slow.join().expect("a client"), 200);
    assert!(first.ended(SOON).success());
    wait_for("evidence of the second", SOON, || {
        (evidence(&setup)["failing"].is_null() && evidence(&setup)["waiting"] == 0).then_some(())
    });
    second.signal(Signal::TERM);
    let mut second = second;
    assert!(second.ended(SOON).success());
    let (code, said) = verify(&setup.state(), &[]);
    assert_eq!((code, said["gaps"].as_array().map(Vec::len)), (Some(0), Some(0)), "{said}");
    let mut told = words(&setup.state());
    // How often is looked at what nobody should change depends on how long all this took.
    told.retain(|word| word != "checkpoint" && word != "integrity_look");
    let expected = [
        "segment_opened",
        "node_started",
        "node_stopped",
        "segment_opened",
        "node_started",
        "configuration_applied",
        "node_stopped",
    ];
    assert_eq!(told, expected);
}

#[test]
fn a_configuration_that_was_refused_is_told_as_well() {
    let origin = Witness::start(Duration::ZERO);
    let setup = Setup::before(origin.address);
    let mut shield = Shield::start(&setup);
    setup.folder.write("seawall.toml", setup.text().replace("[control]", "[control]\nlisen = 1"));
    let mut command = seawall();
    let refused = run(command.args(["reload", "-c"]).arg(setup.file()), SOON);
    assert_ne!(refused.code, Some(0));
    shield.signal(Signal::HUP);
    wait_for("the refusal", SOON, || {
        shield.err().contains("the configuration in force stays").then_some(())
    });
    shield.signal(Signal::TERM);
    assert!(shield.ended(SOON).success());
    let told = words(&setup.state());
    assert!(told.contains(&"configuration_refused".to_owned()), "{told:?}");
    let key = fs::metadata(setup.state().join("node.key")).expect("it was made");
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&key.permissions()) & 0o777, 0o600);
}
