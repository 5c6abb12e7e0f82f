//! The layer on interfaces of network namespaces that the tests make, and that end with them.

use crate::frames::{Four, SOURCE, udp};
use crate::loaded;
use seawall_packet::Reason;
use seawall_packet::abi::{Config, flag};
use seawall_packet::guard::Guard;
use seawall_packet::kernel::{Kernel, Program};
use seawall_packet::layer::{Layer, Mode, Setup, Wanted};
use seawall_packet::model::{Network, Party};
use std::net::{IpAddr, UdpSocket};
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

const OURS: &str = "203.0.113.2";
const PEER: [u8; 4] = [203, 0, 113, 1];
const PORT: u16 = 9_000;

/// Runs a test of this program again in namespaces of its own, with a pair of interfaces: `sw0` here,
/// `sw1` in the namespace `peer`.
fn inside(test: &str) -> bool {
    const INSIDE: &str = "SEAWALL_TEST_INSIDE";
    if loaded(test).is_none() {
        return false;
    }
    if std::env::var_os(INSIDE).is_some() {
        return true;
    }
    let script = format!(
        "set -e\nip link set lo up\nmount -t tmpfs none /run\nmkdir -p /run/netns\n\
         ip netns add peer\nip link add sw0 type veth peer name sw1 netns peer\n\
         ip addr add {OURS}/24 dev sw0\nip link set sw0 up\n\
         ip -n peer addr add 203.0.113.1/24 dev sw1\nip -n peer link set sw1 up\n\
         mkdir /run/pins\nmount -t bpf bpf /run/pins\n\
         exec \"$0\" --exact {test} --nocapture"
    );
    let own = std::env::current_exe().unwrap();
    let ran = Command::new("unshare")
        .args(["--net", "--mount", "sh", "-c", &script])
        .arg(own)
        .env(INSIDE, "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ran.stderr);
    if said.contains("unshare failed") || said.contains("unshare: ") {
        eprintln!("skipped {test}: no namespaces here");
        return false;
    }
    assert!(ran.status.success(), "{said}{}", String::from_utf8_lossy(&ran.stdout));
    false
}

fn setup(wanted: Wanted) -> Setup {
    Setup {
        wanted,
        interfaces: vec!["sw0".to_owned()],
        armed: false,
        pins: PathBuf::from("/run/pins"),
        stays: false,
        allowed: Vec::new(),
        guard: Guard::default(),
        tcp_ports: Vec::new(),
    }
}

/// Whether a datagram of the peer arrives.
fn arrives(socket: &UdpSocket) -> bool {
    let script = format!("echo -n hello > /dev/udp/{OURS}/{PORT}");
    let sent = Command::new("ip").args(["netns", "exec", "peer", "bash", "-c", &script]).status();
    assert!(sent.unwrap().success());
    let mut buffer = [0; 16];
    socket.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    socket.recv(&mut buffer).is_ok()
}

/// Waits until a datagram of the peer arrives, or until none does: nft is told by a thread of its own.
#[track_caller]
fn until(socket: &UdpSocket, wanted: bool, why: &str) {
    let give_up = std::time::Instant::now() + Duration::from_secs(20);
    while arrives(socket) != wanted {
        assert!(std::time::Instant::now() < give_up, "{why}");
    }
}

fn socket() -> UdpSocket {
    UdpSocket::bind((OURS.parse::<IpAddr>().unwrap(), PORT)).unwrap()
}

fn peer() -> Party {
    Party::of(IpAddr::from(PEER))
}

#[test]
fn a_block_drops_in_each_mode_once_it_is_armed_and_not_before() {
    let name = "layer::a_block_drops_in_each_mode_once_it_is_armed_and_not_before";
    if !inside(name) {
        return;
    }
    let socket = socket();
    for (wanted, mode) in
        [(Wanted::Auto, Mode::Native), (Wanted::Generic, Mode::Generic), (Wanted::Nft, Mode::Nft)]
    {
        let mut layer = Layer::start(setup(wanted));
        assert_eq!(layer.standing()[0].mode, mode, "{:?}", layer.sentences());
        assert!(layer.sentences().is_empty(), "{:?}", layer.sentences());
        layer.block(&[(peer(), Duration::from_mins(1))]).unwrap();
        assert!(arrives(&socket), "{mode:?} is not armed");
        layer.arm();
        until(&socket, false, "it is armed");
        assert!(layer.confirm());
        layer.lift(&[peer()]).unwrap();
        until(&socket, true, "the block was lifted");
        layer.block(&[(peer(), Duration::from_secs(2))]).unwrap();
        until(&socket, false, "it is blocked again");
        until(&socket, true, "the block is over");
        layer.block(&[(peer(), Duration::from_mins(1))]).unwrap();
        until(&socket, false, "it is blocked for longer");
        layer.disarm();
        until(&socket, true, "it is not armed any more");
        assert_eq!(layer.troubles(), Vec::<String>::new());
        layer.end();
        assert!(arrives(&socket), "nothing is left behind");
    }
}

#[test]
fn who_is_guarded_passes_whatever_is_blocked() {
    let name = "layer::who_is_guarded_passes_whatever_is_blocked";
    if !inside(name) {
        return;
    }
    let socket = socket();
    for wanted in [Wanted::Native, Wanted::Nft] {
        let mut guard = Guard::default();
        guard.add_all("a gateway", [IpAddr::from(PEER)]);
        let mut layer = Layer::start(Setup { guard, armed: true, ..setup(wanted) });
        assert!(layer.always_passes(IpAddr::from(PEER)));
        layer.block(&[(peer(), Duration::from_mins(1))]).unwrap();
        assert!(arrives(&socket), "{wanted:?}: {:?}", layer.sentences());
        layer.guard(&Guard::default()).unwrap();
        assert!(!layer.always_passes(IpAddr::from(PEER)));
        until(&socket, false, "nobody is guarded any more");
        let mut guard = Guard::default();
        guard.add_all("an open SSH session", [IpAddr::from(PEER)]);
        layer.guard(&guard).unwrap();
        until(&socket, true, "it is guarded again");
        layer.end();
    }
}

#[test]
fn what_cannot_be_had_is_said_and_the_next_best_is_taken() {
    let name = "layer::what_cannot_be_had_is_said_and_the_next_best_is_taken";
    if !inside(name) {
        return;
    }
    let first = Layer::start(setup(Wanted::Native));
    let mut second = Layer::start(setup(Wanted::Auto));
    assert_eq!(second.standing()[0].mode, Mode::Nft);
    assert!(second.sentences()[0].contains("another XDP program"), "{:?}", second.sentences());
    second.end();
    drop(first);
    let on_loopback = Setup { interfaces: vec!["lo".to_owned()], ..setup(Wanted::Auto) };
    let mut layer = Layer::start(on_loopback);
    assert_eq!(layer.standing()[0].mode, Mode::Generic);
    assert!(layer.sentences()[0].contains("no native XDP"), "{:?}", layer.sentences());
    layer.end();
    // What a pair of interfaces may send is asked of the other end.
    for words in ["link set sw0 mtu 9000", "-n peer link set sw1 mtu 9000"] {
        Command::new("ip").args(words.split(' ')).status().unwrap();
    }
    let mut layer = Layer::start(setup(Wanted::Auto));
    assert_eq!(layer.standing()[0].mode, Mode::Generic);
    assert!(layer.sentences()[0].contains("MTU is too large"), "{:?}", layer.sentences());
    layer.end();
    let nowhere = Setup { interfaces: vec!["none7".to_owned()], ..setup(Wanted::Auto) };
    let layer = Layer::start(nowhere);
    assert_eq!(layer.standing()[0].mode, Mode::Off);
    assert!(layer.sentences()[0].contains("no such interface"), "{:?}", layer.sentences());
    let pins = PathBuf::from("/run/netns");
    let mut layer = Layer::start(Setup { pins, stays: true, ..setup(Wanted::Generic) });
    assert_eq!(layer.standing()[0].mode, Mode::Generic, "it is covered all the same");
    assert!(layer.sentences()[0].contains("no BPF file system"), "{:?}", layer.sentences());
    layer.end();
}

#[test]
fn a_pinned_program_outlives_its_process_and_is_adopted_without_a_gap() {
    let name = "layer::a_pinned_program_outlives_its_process_and_is_adopted_without_a_gap";
    if !inside(name) {
        return;
    }
    let socket = socket();
    let pinned = || Setup { stays: true, armed: true, ..setup(Wanted::Native) };
    let mut first = Layer::start(pinned());
    assert_eq!(first.standing()[0].mode, Mode::Native, "{:?}", first.sentences());
    first.block(&[(peer(), Duration::from_mins(1))]).unwrap();
    assert!(!arrives(&socket));
    // As a process that is killed: nobody says goodbye.
    drop(first);
    assert!(!arrives(&socket), "the program goes on");
    let began = std::time::Instant::now();
    let second = Layer::start(pinned());
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    assert_eq!(second.standing()[0].mode, Mode::Native, "{:?}", second.sentences());
    assert!(!arrives(&socket), "whom the first had blocked stays blocked");
    let counts = second.counts().unwrap();
    assert!(counts[Reason::Host as usize].packets > 0, "the new program counts");
    drop(second);
    // The next does not want to be pinned: it takes over all the same, and then nothing is left.
    let third = Layer::start(Setup { armed: true, ..setup(Wanted::Auto) });
    assert_eq!(third.standing()[0].mode, Mode::Native, "{:?}", third.sentences());
    drop(third);
    assert!(arrives(&socket), "nothing is left behind");
}

#[test]
fn what_another_program_kept_it_from_is_taken_once_that_is_gone() {
    let name = "layer::what_another_program_kept_it_from_is_taken_once_that_is_gone";
    if !inside(name) {
        return;
    }
    let socket = socket();
    let mut first = Layer::start(setup(Wanted::Native));
    let mut second = Layer::start(Setup { armed: true, ..setup(Wanted::Auto) });
    assert_eq!(second.standing()[0].mode, Mode::Nft);
    assert_eq!(second.reclaim(), Vec::<String>::new());
    second.block(&[(peer(), Duration::from_mins(1))]).unwrap();
    first.end();
    until(&socket, false, "nft drops");
    let said = second.reclaim();
    assert!(said.len() == 1 && said[0].contains("native XDP from now on"), "{said:?}");
    assert_eq!(second.standing()[0].mode, Mode::Native);
    assert!(!arrives(&socket), "who was blocked stays blocked");
    let tables = Command::new("nft").args(["list", "tables"]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&tables.stdout), "", "the rules are gone");
    second.end();
    assert!(arrives(&socket), "nothing is left behind");
}

/// With the budgets that act in a flood, too: it is named in three million packets, and serves itself on.
#[test]
fn packets_forged_in_the_name_of_a_visitor_change_nothing() {
    const EACH: u32 = 1_000_000;
    let name = "packets_forged_in_the_name_of_a_visitor_change_nothing";
    let Some(mut kernel) = loaded(name) else { return };
    let flags = flag::ARMED
        | flag::HOSTS
        | flag::NETS
        | flag::CLASSES
        | flag::SANITY
        | flag::SIGNATURES
        | flag::SOURCES;
    let budgets =
        Config { packet_ns: 100_000, packet_burst_ns: 1_000_000_000, ..Config::default() };
    kernel.configure(Config { flags, ..budgets }).unwrap();
    let tcp = |flags| Four::new(6, crate::frames::tcp(40_000, 443, flags)).frame();
    for forged in [tcp(0x02), tcp(0x10), Four::new(17, udp(40_000, 443, &[7; 64])).frame()] {
        kernel.run(Program::Seawall, &forged, EACH).unwrap();
    }
    let before = kernel.counts().unwrap();
    assert!(before[Reason::SourcePackets as usize].packets > 0, "the budgets act");
    assert!(before[Reason::Pass as usize].packets >= 2 * u64::from(EACH), "{before:?}");
    for (what, own) in [("opens", tcp(0x02)), ("goes on", tcp(0x18)), ("ends", tcp(0x11))] {
        let ran = kernel.run(Program::Seawall, &own, 1).unwrap();
        assert_eq!(ran.returned, 2, "the visitor {what}");
    }
}

#[test]
fn a_tunnel_whose_other_end_is_allowed_goes_on_however_much_is_forged_in_its_name() {
    const FORGED: u32 = 100_000;
    let name = "a_tunnel_whose_other_end_is_allowed_goes_on_however_much_is_forged_in_its_name";
    let Some(mut kernel) = loaded(name) else { return };
    // One packet an hour, and none at once: whoever has a budget is over it with his second.
    let hour = Config { packet_ns: 3_600_000_000_000, ..Config::default() };
    kernel.configure(Config { flags: flag::ARMED | flag::SOURCES, ..hour }).unwrap();
    assert_eq!(dropped_of_tunnels(&mut kernel, 2), 3, "whoever is not allowed has a budget");
    kernel.tables().allow(&[(Network::host(IpAddr::from(SOURCE)), 0)]).unwrap();
    assert_eq!(dropped_of_tunnels(&mut kernel, FORGED), 0);
}

/// How many of a tunnel's three protocols are dropped after so many packets of each.
fn dropped_of_tunnels(kernel: &mut Kernel, times: u32) -> usize {
    let wireguard = Four::new(17, udp(51_820, 51_820, &[7; 64]));
    let frames = [wireguard, Four::new(50, vec![7; 64]), Four::new(47, vec![7; 64])];
    let mut is_dropped =
        |frame: &Four| kernel.run(Program::Seawall, &frame.frame(), times).unwrap().returned == 1;
    frames.iter().filter(|frame| is_dropped(frame)).count()
}

/// Names the interfaces' ends to one another, then sends openings without options for three seconds.
#[test]
fn a_flood_is_made_where_it_is_asked_for() {
    use seawall_packet::kernel::{GENERATED_LEN, XdpKind};
    let Ok(target) = std::env::var("SEAWALL_TEST_FLOOD") else { return };
    let mac: Vec<u8> =
        target.split(':').map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect();
    let mut kernel = Kernel::load().unwrap();
    kernel.load_program(Program::Generate).unwrap();
    kernel.load_program(Program::PassAll).unwrap();
    let ifindex = std::fs::read_to_string("/sys/class/net/sw1/ifindex").unwrap();
    let attached = kernel.attach_program(Program::PassAll, "sw1", XdpKind::Native).unwrap();
    let mut frame = Four::new(6, crate::frames::tcp(40_000, 443, 2)).frame();
    frame[..6].copy_from_slice(&mac);
    frame.resize(GENERATED_LEN, 0);
    let to = (ifindex.trim().parse().unwrap(), 0x1ffff);
    kernel.generate_to(to, frame.as_slice().try_into().unwrap()).unwrap();
    for _ in 0..15 {
        let began = std::time::Instant::now();
        kernel.generate(30_000).unwrap();
        std::thread::sleep(Duration::from_millis(200).saturating_sub(began.elapsed()));
    }
    attached.detach();
}

#[test]
fn a_flood_that_looks_alike_is_described_and_dropped_by_itself() {
    let name = "layer::a_flood_that_looks_alike_is_described_and_dropped_by_itself";
    if !inside(name) {
        return;
    }
    let mut layer = Layer::start(Setup { armed: true, ..setup(Wanted::Native) });
    assert_eq!(layer.standing()[0].mode, Mode::Native, "{:?}", layer.sentences());
    // The first look begins the first second; nothing is described before one showed what is usual.
    assert_eq!(layer.tick(), Vec::<String>::new());
    std::thread::sleep(Duration::from_millis(1_100));
    assert_eq!(layer.tick(), Vec::<String>::new());
    let shown = Command::new("ip").args(["-br", "link", "show", "sw0"]).output().unwrap();
    let shown = String::from_utf8_lossy(&shown.stdout);
    let mac = shown.split_whitespace().nth(2).unwrap();
    let mut flood = Command::new("ip")
        .args(["netns", "exec", "peer"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "layer::a_flood_is_made_where_it_is_asked_for"])
        .env("SEAWALL_TEST_FLOOD", mac)
        .spawn()
        .unwrap();
    let began = std::time::Instant::now();
    let mut said = Vec::new();
    while began.elapsed() < Duration::from_secs(5) {
        let _ = layer.tick();
        said.extend(layer.take_flood_sentences());
        std::thread::sleep(Duration::from_millis(100));
    }
    assert!(flood.wait().unwrap().success());
    let counts = layer.counts().unwrap();
    let dropped = counts[Reason::Signature as usize].packets;
    assert!(
        said.iter().any(|text| text.starts_with("tcp: syn at 203.0.113.2 port 443")),
        "{said:?}"
    );
    assert!(dropped > 100_000, "{dropped} {said:?} {counts:?}");
    let socket = socket();
    assert!(arrives(&socket), "what does not look like it goes on");
    layer.end();
}
