//! A second shield takes over what is pinned, and what it does not name is let go.

use super::wire::{Reached, inside, ip, reach};
use super::{before, has_program, has_program_on, look, wait_for_mode};
use crate::fixtures::{Counting, SOON, Shield, wait_for};
use std::fs;
use std::time::Duration;

#[test]
fn what_a_successor_does_not_name_is_let_go_whatever_the_interface_is_called() {
    let name =
        "packet::handed::what_a_successor_does_not_name_is_let_go_whatever_the_interface_is_called";
    if !inside(name) {
        return;
    }
    ip(&["link", "add", "sw0.10", "type", "veth", "peer", "name", "sw2"]);
    ip(&["link", "set", "sw0.10", "up"]);
    let origin = Counting::start(Duration::ZERO);
    let both = "interfaces = [\"sw0.10\", \"sw0\"]";
    let setup = before(&origin, "armed = true\npin = true");
    let text = setup.text().replace("interfaces = [\"sw0\"]", both);
    setup.folder.write("seawall.toml", text);
    let file = setup.file();
    let launch = || {
        let mut command = crate::fixtures::seawall();
        let mut shield = Shield::launch_as(command.args(["run", "-c"]).arg(&file));
        shield.ready();
        shield
    };
    let mut first = launch();
    wait_for_mode(&setup, "native", true);
    assert_eq!(look(&setup)["notes"].to_string(), "[]");
    assert!(has_program_on("sw0.10") && has_program());
    assert!(pinned().iter().any(|pin| pin == "seawall-sw0:10-native"), "{:?}", pinned());
    setup.write();
    let second = launch();
    assert!(first.ended(SOON).success(), "{}", first.err());
    assert!(has_program(), "the second has it");
    assert!(!has_program_on("sw0.10"), "nobody names it any more");
    wait_for_mode(&setup, "native", true);
    let left = pinned().into_iter().filter(|pin| pin.contains(':')).collect::<Vec<_>>();
    assert_eq!(left, Vec::<String>::new());
    assert_eq!(reach(200, 1), Reached::Answered);
    drop(second);
    wait_for("end of nothing that is pinned", SOON, || has_program().then_some(()));
}

/// Names in the BPF file system.
fn pinned() -> Vec<String> {
    let entries = fs::read_dir("/sys/fs/bpf").expect("it is mounted").flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}
