//! Floods of packets that no signature tells apart: each is met by a stage of the program for as long as it
//! comes, and whoever sends something else is served.

use super::torrent::{FEW, Kind, Torrent};
use super::wire::{Reached, as_peer, inside, reach};
use super::{before, look, wait_for_mode};
use crate::fixtures::{Counting, SOON, Shield, figure, wait_for};
use serde_json::Value;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::thread::sleep;
use std::time::Duration;

/// For how long a stage is watched while it acts.
const ACTING: Duration = Duration::from_secs(4);
/// Where something takes datagrams; nothing does elsewhere.
const SERVED: &str = "203.0.113.2:9000";
/// Where calm datagrams go, sixty in one go: at most 6,000 a second, and of all of them 1,250 samples.
const CALM: &str = "203.0.113.2:9001";
const CALM_BATCHES: u32 = 2_083;
/// A resolver that the operator lets pass, and one that nobody knows.
const RESOLVER: Ipv4Addr = Ipv4Addr::new(198, 18, 250, 1);
const ELSEWHERE: Ipv4Addr = Ipv4Addr::new(198, 18, 200, 7);
/// Of a hundred packets of a flood so many are dropped once its stage acts.
const DROPPED_OF_100: u64 = 99;

#[test]
fn a_reflection_is_dropped_by_its_ports_while_it_comes() {
    let name = "packet::stages::a_reflection_is_dropped_by_its_ports_while_it_comes";
    // What an allowed resolver answers comes from the very port.
    meets(name, Kind::Reflected, ("udp: dns reflection", "reflector"), (RESOLVER, 53));
}

#[test]
fn pieces_of_packets_are_dropped_while_they_come() {
    let name = "packet::stages::pieces_of_packets_are_dropped_while_they_come";
    meets(name, Kind::Pieces, ("ip: fragments", "fragment"), (ELSEWHERE, 40_000));
}

#[test]
fn forged_datagrams_are_dropped_where_nothing_is_served_while_they_come() {
    let name =
        "packet::stages::forged_datagrams_are_dropped_where_nothing_is_served_while_they_come";
    meets(name, Kind::Datagrams, ("udp: flood", "unserved"), (ELSEWHERE, 40_000));
}

/// A flood is named and dropped for this reason, an honest sender of datagrams and a visitor are not
/// touched, and nothing is dropped for it any more once it is over.
fn meets(name: &str, kind: Kind, (vector, reason): (&str, &str), honest: (Ipv4Addr, u16)) {
    if !inside(name) {
        return;
    }
    let origin = Counting::start(Duration::ZERO);
    let setup = before(&origin, "mode = \"native\"\narmed = true")
        .tables(&format!("[allow]\nnetworks = [\"{RESOLVER}/32\"]"));
    let _shield = Shield::start(&setup);
    wait_for_mode(&setup, "native", true);
    let socket = UdpSocket::bind(SERVED).expect("the address is free");
    let honest = as_peer(|| UdpSocket::bind(honest)).expect("the address is the peer's");
    // What took calm datagrams goes on to be served, or they would count as normal ones that nobody takes.
    let _taken = (kind == Kind::Datagrams).then(learn_calm);
    let torrent = Torrent::start(kind);
    wait_for("flood that is named", SOON, || flood(&look(&setup), vector));
    wait_for("packets that are dropped", SOON, || {
        (counted(&look(&setup), reason) > 0).then_some(())
    });
    let told = flood(&look(&setup), vector).expect("it goes on");
    assert_eq!(
        told["forged"],
        if kind == Kind::Reflected { "unlikely" } else { "likely" },
        "{told}"
    );
    let before = fates(&look(&setup), reason);
    for number in 0..20 {
        assert!(arrives(&honest, &socket), "datagram {number}: {}", look(&setup));
        assert_eq!(reach(200, number), Reached::Answered, "{number}");
        sleep(ACTING / 20);
    }
    let after = fates(&look(&setup), reason);
    let (passed, dropped) = (after.0 - before.0, after.1 - before.1);
    let percent = dropped * 100 / (passed + dropped).max(1);
    figure(&format!("packet.{reason}_dropped"), percent, "%");
    assert!(percent >= DROPPED_OF_100, "{dropped} beside {passed}: {}", look(&setup));
    drop(torrent);
    let over = || flood(&look(&setup), vector).is_none().then_some(());
    wait_for("end of the answer", 4 * SOON, over);
    wait_for("end of the stage", SOON, || {
        let before = fates(&look(&setup), reason);
        Torrent::few(kind);
        // Counters are published now and then: nothing is said before they hold those few.
        let after = wait_for("counters of a few more", SOON, || {
            let now = fates(&look(&setup), reason);
            (now.0 + now.1 >= before.0 + before.1 + u64::from(FEW)).then_some(now)
        });
        (after.1 == before.1).then_some(())
    });
    assert_eq!(reach(200, 1), Reached::Answered);
}

/// Calm seconds whose samples are enough to tell what nobody sends, and the time until they are learned.
fn learn_calm() -> UdpSocket {
    let taken = UdpSocket::bind(CALM).expect("the address is free");
    let sender =
        as_peer(|| UdpSocket::bind((ELSEWHERE, 40_001))).expect("the address is the peer's");
    for _ in 0..CALM_BATCHES {
        for _ in 0..60 {
            sender.send_to(b"calm", CALM).expect("it is sent");
        }
        sleep(Duration::from_millis(10));
    }
    sleep(Duration::from_secs(7));
    taken
}

/// What is told of a flood, while it is met.
fn flood(look: &Value, vector: &str) -> Option<Value> {
    look["floods"].as_array()?.iter().find(|one| one["vector"] == vector).cloned()
}

/// Packets that passed and that were dropped for a reason so far: of one moment, since a look is not of now.
fn fates(look: &Value, reason: &str) -> (u64, u64) {
    (counted(look, "pass"), counted(look, reason))
}

/// Packets of a reason so far.
fn counted(look: &Value, reason: &str) -> u64 {
    let packets = look["packets"].as_array().expect("a list");
    let one = packets.iter().find(|one| one["reason"] == reason).expect("it is listed");
    one["packets"].as_u64().expect("a number")
}

/// Whether a datagram of the honest sender arrives; one that a full queue lost is sent again, once.
fn arrives(honest: &UdpSocket, socket: &UdpSocket) -> bool {
    let target: SocketAddr = SERVED.parse().expect("an address");
    let from = honest.local_addr().expect("it is bound");
    socket.set_read_timeout(Some(Duration::from_secs(1))).expect("it is a time");
    (0..2).any(|_| {
        honest.send_to(b"honest", target).expect("it is sent");
        let mut buffer = [0; 64];
        socket.recv_from(&mut buffer).is_ok_and(|(_, source)| source == from)
    })
}
