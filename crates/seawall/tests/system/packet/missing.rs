//! A shield that cannot have what it wants takes the next best, says why, and serves.

use super::wire::{Reached, inside, ip, reach};
use super::{before_on, has_program_on, look, notes, stands, wait_for_mode};
use crate::fixtures::{Counting, SOON, Setup, Shield, figure, run, seawall, wait_for};
use rustix::process::Signal;
use std::process::Command;
use std::time::Duration;

/// One thing that is not as wanted.
struct Case {
    missing: Missing,
    /// The rest of the table `packet`.
    says: &'static str,
    interface: &'static str,
    /// How the interface is covered then.
    mode: &'static str,
    /// What the sentence holds.
    why: &'static str,
}

#[derive(Clone, Copy)]
enum Missing {
    /// Capabilities, as `setpriv` names what it takes away.
    Rights(&'static str),
    /// Another shield's program is in the place.
    Place,
    /// Native mode: the interface has none.
    Native,
    /// A file system for pins.
    Pins,
    /// An MTU that native mode takes.
    Mtu,
}

/// What XDP needs, but not what nft needs.
const NO_BPF: Missing = Missing::Rights("-bpf,-sys_admin,-perfmon");
const NO_RIGHTS: &str = "CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON";

/// In this order: pins and MTU are gone for good.
const CASES: [Case; 7] = [
    case(NO_BPF, "armed = true", ("sw0", "nft"), NO_RIGHTS),
    case(Missing::Rights("-all"), "armed = true", ("sw0", "off"), NO_RIGHTS),
    case(NO_BPF, "mode = \"native\"", ("sw0", "off"), NO_RIGHTS),
    case(Missing::Place, "armed = true", ("sw0", "nft"), "another XDP program"),
    case(Missing::Native, "", ("lo", "generic"), "no native XDP on lo"),
    case(Missing::Pins, "mode = \"native\"\npin = true", ("sw0", "native"), "no BPF file system"),
    case(Missing::Mtu, "armed = true", ("sw0", "generic"), "MTU is too large"),
];

const fn case(
    missing: Missing,
    says: &'static str,
    (interface, mode): (&'static str, &'static str),
    why: &'static str,
) -> Case {
    Case { missing, says, interface, mode, why }
}

#[test]
fn each_thing_that_is_missing_is_one_sentence_and_traffic_goes_on() {
    let name = "packet::missing::each_thing_that_is_missing_is_one_sentence_and_traffic_goes_on";
    if !inside(name) {
        return;
    }
    let origin = Counting::start(Duration::ZERO);
    for one in &CASES {
        holds(one, &origin);
    }
    figure("packet.fallbacks", CASES.len(), "fallbacks");
}

fn holds(one: &Case, origin: &Counting) {
    let Case { missing, says, interface, mode, why } = *one;
    let other = matches!(missing, Missing::Place).then(|| other_shield(origin));
    let setup = before_on(interface, origin, says);
    setup.write();
    let mut shield = Shield::launch_as(&mut command(missing, &setup));
    shield.ready();
    wait_for("mode of the packet layer", SOON, || (stands(&look(&setup))?.0 == mode).then_some(()));
    let notes = notes(&setup);
    assert!(notes.contains(why), "{why}: {notes}");
    assert_eq!(reach(200, 1), Reached::Answered, "{why}: traffic goes on");
    shield.signal(Signal::TERM);
    shield.ended(SOON);
    drop(other);
    wait_for("end of every program", SOON, || (!has_program_on(interface)).then_some(()));
}

/// The shield of a file, without what is missing.
fn command(missing: Missing, setup: &Setup) -> Command {
    let mut command = Command::new("setpriv");
    match missing {
        Missing::Rights(which) => {
            command.arg(format!("--bounding-set={which}")).arg(format!("--inh-caps={which}"));
        }
        Missing::Place | Missing::Native => {}
        Missing::Pins => {
            run(Command::new("umount").arg("/sys/fs/bpf"), SOON).good();
        }
        Missing::Mtu => {
            ip(&["link", "set", "sw0", "mtu", "9000"]);
            ip(&["-n", "peer", "link", "set", "sw1", "mtu", "9000"]);
        }
    }
    command.arg(seawall().get_program()).args(["run", "-c"]).arg(setup.file());
    command
}

/// A shield with a state of its own is as strange to another as any program.
fn other_shield(origin: &Counting) -> (Shield, Setup) {
    let mut setup = before_on("sw0", origin, "mode = \"native\"");
    setup.plain = "203.0.113.2:8081".parse().expect("an address");
    let shield = Shield::start(&setup);
    wait_for_mode(&setup, "native", false);
    (shield, setup)
}
