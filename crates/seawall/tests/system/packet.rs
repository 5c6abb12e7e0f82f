//! The packet layer as its operator meets it: the shield on an interface of a network namespace.

mod crowd;
mod guarded;
mod handed;
mod honest;
mod missing;
mod price;
mod rights;
mod stages;
mod stuck;
mod torrent;
mod wire;

use crate::fixtures::shield::control;
use crate::fixtures::{Counting, Ran, SOON, Setup, Shield, figure, run, seawall, wait_for};
use crowd::Crowd;
use rustix::process::Signal;
use serde_json::Value;
use std::net::SocketAddr;
use std::process::Command;
use std::time::{Duration, Instant};
use wire::{Reached, inside, reach};

/// Where clients reach the shield.
const TARGET: &str = "203.0.113.2:8080";
/// Sources of the flood.
const SOURCES: u16 = 1_000;
/// Requests a second of each of them.
const RATE: u32 = 12;
/// What a request takes of the origin: what a few sources are let through is more than it can carry.
const COST: Duration = Duration::from_millis(25);
/// Sources beyond this share of them may be late: a core's list of requests is a sample at times.
const MOST: u64 = 950;

/// A shield on `sw0` that refuses sources over two requests a second.
fn before(origin: &Counting, packet: &str) -> Setup {
    before_on("sw0", origin, packet)
}

/// The same on another interface.
fn before_on(interface: &str, origin: &Counting, packet: &str) -> Setup {
    let mut setup = Setup::before(origin.address)
        .platform("capacity = \"800 ms/s\"")
        .tables("[limits]\nsource_rps = \"2 rps\"\nsource_burst = 4")
        .tables(&format!("[packet]\ninterfaces = [{interface:?}]\n{packet}"));
    setup.plain = target();
    setup
}

fn target() -> SocketAddr {
    TARGET.parse().expect("an address")
}

fn packet(setup: &Setup, words: &[&str]) -> Ran {
    let mut command = seawall();
    run(command.arg("packet").args(words).arg("-c").arg(setup.file()), SOON)
}

/// What the control plane says of the packet layer.
fn look(setup: &Setup) -> Value {
    serde_json::from_slice(&control(setup, "/api/v1/packet").body).expect("it is JSON")
}

/// Mode of the one interface and whether it drops; nothing before the layer has started.
fn stands(look: &Value) -> Option<(String, bool)> {
    let one = &look["interfaces"][0];
    Some((one["mode"].as_str()?.to_owned(), one["armed"].as_bool()?))
}

#[track_caller]
fn wait_for_mode(setup: &Setup, mode: &str, armed: bool) {
    let wanted = Some((mode.to_owned(), armed));
    wait_for("mode of the packet layer", SOON, || {
        let look = look(setup);
        (stands(&look) == wanted).then_some(())
    });
}

fn blocked(setup: &Setup) -> u64 {
    look(setup)["blocked"].as_u64().expect("a number")
}

fn notes(setup: &Setup) -> String {
    look(setup)["notes"].to_string()
}

/// Requests that got a 429 so far.
fn limited(setup: &Setup) -> f64 {
    let text = crate::fixtures::shield::open_control(setup, "/metrics").text();
    let lines = text.lines().filter(|line| line.starts_with("seawall_requests_total{"));
    let of = lines.filter(|line| line.contains("verdict=\"limit\""));
    of.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum()
}

#[test]
fn a_flood_of_refused_sources_is_in_the_kernel_within_a_second() {
    if !inside("packet::a_flood_of_refused_sources_is_in_the_kernel_within_a_second") {
        return;
    }
    let origin = Counting::start(COST);
    let setup = before(&origin, "mode = \"native\"\narmed = true");
    let _shield = Shield::start(&setup);
    wait_for_mode(&setup, "native", true);
    assert_eq!(reach(200, 1), Reached::Answered);
    let crowd = Crowd::start(SOURCES, RATE);
    wait_for("refusal", SOON, || (limited(&setup) > 0.0).then_some(()));
    let began = Instant::now();
    let took = wait_for("block of nearly every source", SOON, || {
        (blocked(&setup) >= MOST).then(|| began.elapsed())
    });
    figure("packet.hot_s", format!("{:.2}", took.as_secs_f64()), "s");
    let drops = |look: &Value| {
        let packets = look["packets"].as_array().expect("a list");
        let host = packets.iter().find(|one| one["reason"] == "host").expect("it is listed");
        host["packets"].as_u64().expect("a number")
    };
    wait_for("packets that are dropped", SOON, || (drops(&look(&setup)) > 0).then_some(()));
    // Who is none of them is served, and not by chance.
    for number in 0..20 {
        assert_eq!(reach(200, number), Reached::Answered, "{number}");
    }
    drop(crowd);
    // Nobody is blocked for longer than his block, and it lasts ten seconds at first.
    wait_for("end of the blocks", 5 * SOON, || (blocked(&setup) == 0).then_some(()));
    assert_eq!(reach(100, 1), Reached::Answered);
}

#[test]
fn a_killed_shield_leaves_drops_until_they_end_and_its_successor_takes_over() {
    if !inside("packet::a_killed_shield_leaves_drops_until_they_end_and_its_successor_takes_over") {
        return;
    }
    let origin = Counting::start(COST);
    let setup = before(&origin, "mode = \"auto\"\narmed = true\npin = true");
    let mut shield = Shield::start(&setup);
    wait_for_mode(&setup, "native", true);
    let crowd = Crowd::start(20, RATE);
    wait_for("block of every source", SOON, || (blocked(&setup) == 20).then_some(()));
    shield.signal(Signal::KILL);
    shield.ended(SOON);
    drop(crowd);
    // A port without a shield refuses; a packet that is dropped is not even refused.
    assert_eq!(reach(100, 1), Reached::Dropped);
    assert_eq!(reach(200, 1), Reached::Refused);
    let began = Instant::now();
    let next = Shield::start(&setup);
    wait_for_mode(&setup, "native", true);
    figure("packet.adopted_s", format!("{:.2}", began.elapsed().as_secs_f64()), "s");
    assert_eq!(reach(100, 1), Reached::Dropped, "the blocks of the first still stand");
    assert_eq!(reach(200, 1), Reached::Answered);
    let ends = || (reach(100, 1) == Reached::Answered).then_some(());
    wait_for("end of a block", 4 * SOON, ends);
    next.signal(Signal::KILL);
    drop(next);
    assert!(has_program(), "what is pinned stays");
    let ran = packet(&setup, &["off"]).good();
    assert!(ran.contains("is taken off"), "{ran}");
    assert!(!has_program());
}

/// Whether a program is on the interface.
fn has_program() -> bool {
    has_program_on("sw0")
}

fn has_program_on(interface: &str) -> bool {
    run(Command::new("ip").args(["link", "show", interface]), SOON).good().contains("xdp")
}

#[test]
fn without_a_pin_nothing_is_left_of_a_killed_shield() {
    if !inside("packet::without_a_pin_nothing_is_left_of_a_killed_shield") {
        return;
    }
    let origin = Counting::start(COST);
    let setup = before(&origin, "armed = true");
    let mut shield = Shield::start(&setup);
    wait_for_mode(&setup, "native", true);
    let crowd = Crowd::start(20, RATE);
    wait_for("block of every source", SOON, || (blocked(&setup) == 20).then_some(()));
    assert!(has_program());
    shield.signal(Signal::KILL);
    shield.ended(SOON);
    drop(crowd);
    wait_for("end of the program", SOON, || (!has_program()).then_some(()));
    figure("packet.left_behind", u8::from(has_program()), "programs");
    assert_eq!(reach(100, 1), Reached::Refused);
}

#[test]
fn an_arming_that_nobody_confirms_is_undone_after_a_minute() {
    if !inside("packet::an_arming_that_nobody_confirms_is_undone_after_a_minute") {
        return;
    }
    let origin = Counting::start(COST);
    let setup = before(&origin, "mode = \"auto\"");
    let shield = Shield::start(&setup);
    wait_for_mode(&setup, "native", false);
    let early = packet(&setup, &["arm", "--confirm"]);
    assert_eq!(early.code, Some(1), "{early:?}");
    assert!(early.err.contains("Nothing is armed"), "{}", early.err);
    let told = packet(&setup, &["arm"]).good();
    assert!(told.contains("sw0: native, drops\n"), "{told}");
    assert!(told.contains("seawall packet arm --confirm"), "{told}");
    let began = Instant::now();
    // While it is on trial, floods are dropped as ever after.
    let crowd = Crowd::start(20, RATE);
    wait_for("block of every source", SOON, || (blocked(&setup) == 20).then_some(()));
    assert_eq!(reach(100, 1), Reached::Dropped);
    drop(crowd);
    let undone = || (stands(&look(&setup)) == Some(("native".to_owned(), false))).then_some(());
    wait_for("end of the trial", 6 * SOON, undone);
    figure("packet.rollback_s", format!("{:.1}", began.elapsed().as_secs_f64()), "s");
    assert!(notes(&setup).contains("nobody confirmed"), "{}", notes(&setup));
    assert_eq!(reach(100, 1), Reached::Answered);
    packet(&setup, &["arm"]).good();
    packet(&setup, &["arm", "--confirm"]).good();
    let status = packet(&setup, &["status"]).good();
    assert!(status.starts_with("sw0: native, drops\n"), "{status}");
    let off = packet(&setup, &["off"]).good();
    assert!(off.starts_with("no interface is covered\n"), "{off}");
    assert_eq!(blocked(&setup), 0);
    assert!(!has_program());
    assert_eq!(reach(200, 1), Reached::Answered);
    drop(shield);
}

#[test]
fn behind_trusted_proxies_and_on_the_allow_list_nobody_is_blocked() {
    if !inside("packet::behind_trusted_proxies_and_on_the_allow_list_nobody_is_blocked") {
        return;
    }
    let origin = Counting::start(COST);
    let trusted = "[trusted]\nnetworks = [\"198.18.0.0/15\"]\nheader = \"X-Forwarded-For\"";
    let allowed = "[allow]\nnetworks = [\"198.18.0.0/15\"]";
    for exempt in [trusted, allowed] {
        let setup = before(&origin, "mode = \"native\"\narmed = true").tables(exempt);
        let mut shield = Shield::start(&setup);
        wait_for_mode(&setup, "native", true);
        let crowd = Crowd::start(20, RATE);
        let asked = || crowd.asked() > u64::from(20 * RATE * 4);
        wait_for("four seconds of requests", SOON, || asked().then_some(()));
        assert_eq!(blocked(&setup), 0, "{exempt}");
        assert_eq!(reach(100, 1), Reached::Answered, "{exempt}");
        drop(crowd);
        shield.signal(Signal::TERM);
        shield.ended(SOON);
    }
}
