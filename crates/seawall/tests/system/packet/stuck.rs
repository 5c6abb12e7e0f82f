//! An nft that hangs or refuses: it is told, tried again, and holds up neither orders nor a stop.

use super::wire::{Reached, inside, reach};
use super::{Crowd, RATE, before, blocked, notes, packet, wait_for_mode};
use crate::fixtures::{Counting, SOON, Setup, Shield, figure, run, seawall, wait_for};
use rustix::process::Signal;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;
use std::time::{Duration, Instant};

/// What an order or a stop may take while nft hangs: less than a run of nft, which is killed then.
const PROMPT: Duration = Duration::from_secs(5);

#[test]
fn an_nft_that_hangs_is_told_and_tried_again_and_holds_nothing_up() {
    let name = "packet::stuck::an_nft_that_hangs_is_told_and_tried_again_and_holds_nothing_up";
    if !inside(name) {
        return;
    }
    let origin = Counting::start(super::COST);
    let setup = before(&origin, "mode = \"nft\"\narmed = true").top("drain = \"1s\"");
    setup.write();
    let stuck = setup.folder.join("stuck");
    let mut command = seawall();
    command.args(["run", "-c"]).arg(setup.file()).env("PATH", path(&setup));
    let mut shield = Shield::launch_as(&mut command);
    shield.ready();
    wait_for_mode(&setup, "nft", true);
    fs::write(&stuck, "").expect("the folder is ours");
    let crowd = Crowd::start(20, RATE);
    wait_for("block of every source", SOON, || (blocked(&setup) == 20).then_some(()));
    let began = Instant::now();
    packet(&setup, &["arm", "--confirm"]).good();
    let took = began.elapsed();
    assert!(took < PROMPT, "{took:?}");
    wait_for("trouble", SOON, || notes(&setup).contains("was killed").then_some(()));
    let status = packet(&setup, &["status"]).good();
    assert!(status.contains("note: nft on sw0 is tried again: nft took longer"), "{status}");
    assert_eq!(reach(200, 1), Reached::Answered, "traffic goes on");
    fs::remove_file(&stuck).expect("it is there");
    wait_for("end of the trouble", 2 * SOON, || (!notes(&setup).contains("nft")).then_some(()));
    wait_for("drop of a source", SOON, || (reach(100, 1) == Reached::Dropped).then_some(()));
    assert_eq!(reach(200, 1), Reached::Answered);
    fs::write(&stuck, "").expect("the folder is ours");
    drop(crowd);
    let began = Instant::now();
    shield.signal(Signal::TERM);
    shield.ended(SOON);
    let took = began.elapsed();
    figure("packet.stop_while_nft_hangs_s", format!("{:.2}", took.as_secs_f64()), "s");
    assert!(took < PROMPT, "{took:?}");
    fs::remove_file(&stuck).expect("it is there");
    let tables = || run(Command::new("nft").args(["list", "tables"]), SOON).good();
    wait_for("end of the table", SOON, || tables().is_empty().then_some(()));
}

#[test]
fn an_nft_that_hangs_at_the_start_is_tried_again_until_it_drops() {
    let name = "packet::stuck::an_nft_that_hangs_at_the_start_is_tried_again_until_it_drops";
    if !inside(name) {
        return;
    }
    let origin = Counting::start(super::COST);
    let setup = before(&origin, "mode = \"nft\"\narmed = true");
    setup.write();
    let path = path(&setup);
    let stuck = setup.folder.join("stuck");
    fs::write(&stuck, "").expect("the folder is ours");
    let mut command = seawall();
    command.args(["run", "-c"]).arg(setup.file()).env("PATH", path);
    let mut shield = Shield::launch_as(&mut command);
    shield.ready();
    wait_for_mode(&setup, "off", false);
    assert!(notes(&setup).contains("nft took longer than"), "{}", notes(&setup));
    assert_eq!(reach(200, 1), Reached::Answered, "traffic goes on");
    fs::remove_file(&stuck).expect("it is there");
    let began = Instant::now();
    wait_for("nft that works", 3 * SOON, || {
        (super::stands(&super::look(&setup)) == Some(("nft".to_owned(), true))).then_some(())
    });
    figure("packet.nft_tried_again_s", format!("{:.1}", began.elapsed().as_secs_f64()), "s");
    let crowd = Crowd::start(20, RATE);
    wait_for("drop of a source", SOON, || (reach(100, 1) == Reached::Dropped).then_some(()));
    assert_eq!(reach(200, 1), Reached::Answered);
    drop(crowd);
}

/// A folder with an nft that hangs as long as there is a file `stuck`, before all others.
fn path(setup: &Setup) -> String {
    let real = run(Command::new("sh").args(["-c", "command -v nft"]), SOON).good();
    let folder = setup.folder.join("bin");
    fs::create_dir(&folder).expect("the folder is ours");
    let (nft, stuck) = (folder.join("nft"), setup.folder.join("stuck"));
    let stuck = stuck.display();
    let script = format!(
        "#!/bin/sh\nif [ -e {stuck} ]; then exec sleep 60; fi\nexec {} \"$@\"\n",
        real.trim()
    );
    fs::write(&nft, script).expect("the folder is ours");
    fs::set_permissions(&nft, fs::Permissions::from_mode(0o755)).expect("the file is ours");
    let before = std::env::var("PATH").unwrap_or_default();
    format!("{}:{before}", folder.display())
}
