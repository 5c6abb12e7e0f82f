//! Who is guarded is found while the shield runs: sessions of SSH on any port, origins of a reload.

use super::wire::{Reached, as_peer, inside, opened, reach};
use super::{Crowd, RATE, before, blocked, packet, wait_for_mode};
use crate::fixtures::program::Running;
use crate::fixtures::{Counting, SOON, Setup, Shield, figure, wait_for};
use rustix::net::connect;
use rustix::process::Signal;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};
use std::time::Instant;

/// Where sshd listens: not where it is looked for first.
const SSHD: &str = "203.0.113.2:2222";
/// Set for the process that is named after sshd.
const AS_SSHD: &str = "SEAWALL_TEST_SSHD";

#[test]
fn a_session_and_an_origin_that_come_later_are_guarded() {
    if !inside("packet::guarded::a_session_and_an_origin_that_come_later_are_guarded") {
        return;
    }
    let origin = Counting::start(super::COST);
    let setup = before(&origin, "mode = \"native\"");
    let _sshd = sshd(&setup);
    let shield = Shield::start(&setup);
    wait_for_mode(&setup, "native", false);
    let _session = wait_for("session", SOON, || as_peer(|| session(2)));
    packet(&setup, &["arm"]).good();
    packet(&setup, &["arm", "--confirm"]).good();
    let _crowd = Crowd::start(20, RATE);
    wait_for("block of every source", SOON, || (blocked(&setup) == 20).then_some(()));
    let is = |number, wanted| (reach(100, number) == wanted).then_some(());
    wait_for("drop of who has no session", SOON, || is(1, Reached::Dropped));
    assert_eq!(reach(100, 2), Reached::Answered, "who has a session is guarded");
    wait_for("drop of who is no origin yet", SOON, || is(3, Reached::Dropped));
    let began = Instant::now();
    let other = "[[platform]]\nname = \"other\"\nhosts = [\"other.example.org\"]\n\
                 origins = [\"http://198.18.100.3:9\"]\ncertificate = \"www.pem\"\nkey = \"www.key\"\n";
    setup.folder.write("seawall.toml", setup.text() + other);
    shield.signal(Signal::HUP);
    wait_for("the reload", SOON, || shield.err().contains("configuration applied").then_some(()));
    wait_for("answer to the origin", SOON, || is(3, Reached::Answered));
    figure("packet.guarded_s", format!("{:.2}", began.elapsed().as_secs_f64()), "s");
    wait_for("drop of who is still nobody", SOON, || is(1, Reached::Dropped));
}

/// This program under the name of sshd, which listens where no setting says so.
fn sshd(setup: &Setup) -> Running {
    let own = std::env::current_exe().expect("this program");
    let named = setup.folder.join("sshd");
    symlink(own, &named).expect("the folder is ours");
    let mut command = Command::new(named);
    command.args(["--exact", "packet::guarded::this_program_is_sshd_where_it_is_asked_to"]);
    command.env(AS_SSHD, SSHD).stdout(Stdio::null()).stderr(Stdio::null());
    let running = Running::start(&mut command);
    let address: SocketAddr = SSHD.parse().expect("an address");
    wait_for("sshd", SOON, || TcpStream::connect(address).ok());
    running
}

/// Takes connections and keeps them, until it is killed.
#[test]
fn this_program_is_sshd_where_it_is_asked_to() {
    let Ok(address) = std::env::var(AS_SSHD) else { return };
    let listener = TcpListener::bind(address).expect("the address is free");
    let mut held = Vec::new();
    for taken in listener.incoming() {
        held.push(taken.expect("it is taken"));
    }
}

/// A connection of a member of the crowd to sshd.
fn session(number: u8) -> Option<TcpStream> {
    let socket = opened(Ipv4Addr::new(198, 18, 100, number)).ok()?;
    let address: SocketAddr = SSHD.parse().ok()?;
    connect(&socket, &address).ok()?;
    Some(TcpStream::from(socket))
}
