//! A second shield takes over what is pinned, and what it does not name is let go.

use super::wire::{Reached, as_peer, inside, ip, reach};
use super::{Crowd, RATE, before, blocked, has_program, has_program_on, look, wait_for_mode};
use crate::fixtures::{Counting, SOON, Shield, figure, run, wait_for};
use std::fs;
use std::net::UdpSocket;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long a first block lasts, and a little more.
const FIRST_BLOCK: Duration = Duration::from_secs(11);

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

/// Whoever follows has a name among its origins that a resolver is asked for in vain.
#[test]
fn a_successor_that_waits_for_names_takes_over_and_drops_whom_the_first_had_blocked() {
    let name = "packet::handed::a_successor_that_waits_for_names_takes_over_and_drops_whom_the_first_had_blocked";
    if !inside(name) {
        return;
    }
    let origin = Counting::start(super::COST);
    let setup = before(&origin, "mode = \"native\"\narmed = true\npin = true");
    let _silent = mute_resolver(&setup.folder.write("resolv.conf", "nameserver 198.18.9.9\n"));
    let mut first = Shield::start(&setup);
    wait_for_mode(&setup, "native", true);
    let crowd = Crowd::start(20, RATE);
    wait_for("block of every source", SOON, || (blocked(&setup) == 20).then_some(()));
    // Second blocks are twice as long, so that they outlast what comes.
    sleep(FIRST_BLOCK);
    wait_for("block of every source again", SOON, || (blocked(&setup) == 20).then_some(()));
    drop(crowd);
    let other = "[[platform]]\nname = \"other\"\nhosts = [\"other.example.org\"]\n\
                 origins = [\"http://origin.example.org:9\"]\ncertificate = \"www.pem\"\nkey = \"www.key\"\n";
    setup.folder.write("seawall.toml", setup.text() + other);
    let began = Instant::now();
    let mut command = crate::fixtures::seawall();
    let mut second = Shield::launch_as(command.args(["run", "-c"]).arg(setup.file()));
    second.ready();
    assert!(first.ended(3 * SOON).success(), "{}", first.err());
    assert!(second.err().contains("names of origins are not found yet"), "{}", second.err());
    figure("packet.handed_s", format!("{:.1}", began.elapsed().as_secs_f64()), "s");
    assert_eq!(reach(100, 1), Reached::Dropped, "the blocks of the first still stand");
    assert_eq!(reach(200, 1), Reached::Answered);
    wait_for_mode(&setup, "native", true);
}

/// A resolver that takes every question and answers none.
fn mute_resolver(settings: &std::path::Path) -> UdpSocket {
    let mut bound = Command::new("mount");
    run(bound.arg("--bind").arg(settings).arg("/etc/resolv.conf"), SOON).good();
    as_peer(|| UdpSocket::bind("198.18.9.9:53")).expect("the address is the peer's")
}

/// Names in the BPF file system.
fn pinned() -> Vec<String> {
    let entries = fs::read_dir("/sys/fs/bpf").expect("it is mounted").flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}
