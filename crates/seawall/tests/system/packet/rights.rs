//! Who holds which right: the shield none, its helper those of the packet layer; and what becomes of
//! either when the other is gone.

use super::wire::{Reached, inside, reach};
use super::{Crowd, RATE, before, blocked, has_program, notes, packet, stands, wait_for_mode};
use crate::fixtures::{Counting, SOON, Shield, figure, wait_for};
use rustix::process::{Pid, Signal, kill_process};
use std::fs;
use std::path::Path;
use std::time::Duration;

/// Those of the network, of measuring and of programs in the kernel, as the kernel writes them.
const OF_HELPER: &str = "000000c000001000";
const NONE: &str = "0000000000000000";

#[test]
fn the_shield_holds_no_right_and_its_helper_those_of_the_packet_layer() {
    let name = "packet::rights::the_shield_holds_no_right_and_its_helper_those_of_the_packet_layer";
    if !inside(name) {
        return;
    }
    let origin = Counting::start(Duration::ZERO);
    for mode in ["native", "nft", "off"] {
        let setup = before(&origin, &format!("mode = {mode:?}\narmed = true"));
        let mut shield = Shield::start(&setup);
        assert_eq!(reach(200, 1), Reached::Answered);
        let tasks = format!("/proc/{}/task", shield.pid());
        let threads = fs::read_dir(tasks).expect("it lives").flatten().map(|entry| entry.path());
        let rights: Vec<_> = threads.map(|thread| rights(&thread)).collect();
        assert!(rights.len() > 3, "{}", rights.len());
        assert!(rights.iter().all(|rights| *rights == [NONE, NONE, NONE, "1"]), "{rights:?}");
        if mode == "off" {
            assert_eq!(helper(shield.pid()), None, "nobody needs one");
            continue;
        }
        wait_for_mode(&setup, mode, true);
        let helper = helper(shield.pid()).expect("it has one");
        let own = rights_of(helper);
        assert_eq!(own, [OF_HELPER, OF_HELPER, OF_HELPER, "1"]);
        shield.signal(Signal::TERM);
        assert!(shield.ended(SOON).success(), "{}", shield.err());
        wait_for("end of the helper", SOON, || (!lives(helper)).then_some(()));
    }
    figure("packet.rights_of_the_shield", 0, "capabilities");
}

#[test]
fn a_helper_that_dies_stops_the_layer_and_nothing_else() {
    let name = "packet::rights::a_helper_that_dies_stops_the_layer_and_nothing_else";
    if !inside(name) {
        return;
    }
    let origin = Counting::start(super::COST);
    for packet_table in ["armed = true", "armed = true\npin = true"] {
        let setup = before(&origin, packet_table);
        let mut shield = Shield::start(&setup);
        wait_for_mode(&setup, "native", true);
        let crowd = Crowd::start(20, RATE);
        wait_for("block of every source", SOON, || (blocked(&setup) == 20).then_some(()));
        let helper = helper(shield.pid()).expect("it has one");
        kill_process(helper, Signal::KILL).expect("it is there");
        let off =
            || (stands(&super::look(&setup)) == Some(("off".to_owned(), false))).then_some(());
        wait_for("end of the layer", SOON, off);
        assert!(
            notes(&setup).contains("the helper that holds the rights is gone"),
            "{}",
            notes(&setup)
        );
        assert_eq!(reach(100, 1), Reached::Answered, "nobody is dropped any more");
        assert_eq!(reach(200, 1), Reached::Answered);
        let armed = packet(&setup, &["arm"]);
        assert!(armed.err.contains("the helper that holds the rights is gone"), "{armed:?}");
        drop(crowd);
        shield.signal(Signal::TERM);
        assert!(shield.ended(SOON).success(), "{}", shield.err());
        // What is pinned passes everything, until the next shield or `packet off`.
        assert_eq!(has_program(), packet_table.contains("pin"), "{packet_table}");
    }
}

/// Capabilities that are effective, permitted and inheritable, and whether more can be gained.
fn rights(process: &Path) -> [String; 4] {
    let status = fs::read_to_string(process.join("status")).expect("it lives");
    ["CapEff:", "CapPrm:", "CapInh:", "NoNewPrivs:"].map(|name| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        line.expect("the kernel tells it").trim().to_owned()
    })
}

fn rights_of(process: Pid) -> [String; 4] {
    rights(Path::new(&format!("/proc/{process}")))
}

/// The process that a shield has started.
fn helper(shield: Pid) -> Option<Pid> {
    let wanted = format!("PPid:\t{shield}");
    let all = fs::read_dir("/proc").expect("it is mounted").flatten();
    let child = all.filter(|entry| {
        let status = fs::read_to_string(entry.path().join("status")).unwrap_or_default();
        status.lines().any(|line| line == wanted)
    });
    let number = |entry: fs::DirEntry| entry.file_name().to_str()?.parse().ok();
    child.filter_map(number).find_map(Pid::from_raw)
}

fn lives(process: Pid) -> bool {
    Path::new(&format!("/proc/{process}")).exists()
}
