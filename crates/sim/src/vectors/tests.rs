use super::*;
use seawall_wire::packet::{Packet, Ports, Quoted, TcpFlags};
use std::net::Ipv4Addr;

const TARGET: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 7);

/// A source of its own for each number below 65,536.
fn source(number: u32) -> IpAddr {
    IpAddr::V4(Ipv4Addr::from(0xc000_0200 + number))
}

fn packet(from: u32, carried: Carried) -> Packet {
    Packet { source: source(from), target: TARGET.into(), carried }
}

fn answer(to: u32, carried: Carried) -> Packet {
    Packet { source: TARGET.into(), target: source(to), carried }
}

fn tcp(source: u16, target: u16, flags: u8) -> Carried {
    Carried::Tcp { ports: Ports { source, target }, flags: TcpFlags(flags), payload_bytes: 0 }
}

fn udp(source: u16, target: u16) -> Carried {
    Carried::Udp(Ports { source, target })
}

/// `covered: vectors; spoofed`.
fn told(packets: impl IntoIterator<Item = Packet>) -> String {
    let mut tally = Tally::default();
    for packet in packets {
        tally.add(&Some(packet));
    }
    let summary = tally.conclude();
    let names: Vec<_> = summary.vectors.iter().map(|vector| vector.name.as_str()).collect();
    format!("{:.3}: {}; {}", summary.covered, names.join(", "), summary.spoofed.word())
}

#[test]
fn a_flood_of_syns_from_everywhere_is_named_and_its_resets_are_explained() {
    let syns = (0..950).map(|n| packet(n, tcp(1024, 443, 0xc2)));
    let resets = (0..50).map(|n| packet(n, tcp(1024, 443, 0x04)));
    assert_eq!(told(syns.chain(resets)), "1.000: tcp: syn; likely");
}

#[test]
fn syns_that_the_target_answers_are_a_flood_all_the_same_until_somebody_goes_on() {
    let opening = |n| [packet(n, tcp(1024, 443, 0x02)), answer(n, tcp(443, 1024, 0x12))];
    let half_open = told((0..500).flat_map(opening));
    assert_eq!(half_open, "1.000: tcp: syn; likely");
    let going_on = |n| [&opening(n)[..], &[packet(n, tcp(1024, 443, 0x10))]].concat();
    assert_eq!(told((0..500).flat_map(going_on)), "0.000: ; unknown");
}

#[test]
fn reflectors_are_named_by_their_port_and_are_who_they_say() {
    for (port, name) in [(161, "snmp"), (53, "dns"), (11211, "memcached")] {
        let answers = (0..900).map(|n| packet(n, udp(port, 40_000)));
        let quoted = Some(Quoted { protocol: 17, target_port: Some(port) });
        let errors = (900..1000).map(|n| packet(n, Carried::Icmp { kind: 3, quoted }));
        let expected = format!("1.000: udp: {name} reflection; unlikely");
        assert_eq!(told(answers.chain(errors)), expected);
    }
    let synacks = (0..800).map(|n| packet(n, tcp(443, 2000, 0x12)));
    let refused = (800..1000).map(|n| packet(n, tcp(443, 2000, 0x14)));
    assert_eq!(told(synacks.chain(refused)), "1.000: tcp: syn-ack reflection; unlikely");
}

#[test]
fn each_kind_of_flood_has_its_name() {
    for (carried, name) in [
        (tcp(1024, 443, 0x10), "tcp: ack"),
        (tcp(1024, 443, 0x04), "tcp: rst"),
        (tcp(1024, 443, 0x11), "tcp: fin"),
        (tcp(1024, 443, 0x00), "tcp: odd flags"),
        (tcp(1024, 443, 0x29), "tcp: odd flags"),
        (udp(1024, 443), "udp: flood"),
        (Carried::Icmp { kind: 8, quoted: None }, "icmp: flood"),
        (Carried::Fragment, "ip: fragments"),
        (Carried::Other(47), "ip: protocol 47"),
    ] {
        let few = told((0..1000).map(|n| packet(n % 10, carried)));
        assert_eq!(few, format!("1.000: {name}; unknown"));
        let many = told((0..1000).map(|n| packet(n, carried)));
        assert_eq!(many, format!("1.000: {name}; likely"));
    }
}

#[test]
fn what_two_say_to_each_other_is_no_vector_seen_from_one_side_or_both() {
    let both = (0..100).flat_map(|n| [packet(n, udp(5000, 53)), answer(n, udp(53, 5000))]);
    assert_eq!(told(both), "0.000: ; unknown");
    let one_side = (0..100)
        .flat_map(|n| [0x02, 0x10, 0x18, 0x11].map(|flags| packet(n, tcp(1024, 443, flags))));
    assert_eq!(told(one_side), "0.000: ; unknown");
}

#[test]
fn a_kind_is_a_vector_from_its_share_on_and_not_below() {
    let mixed = |datagrams: u32| {
        let syns = (0..1000 - datagrams).map(|n| packet(n, tcp(1024, 443, 0x02)));
        told(syns.chain((0..datagrams).map(|n| packet(n, udp(9, 443)))))
    };
    assert_eq!(mixed(49), "0.951: tcp: syn; likely");
    assert_eq!(mixed(50), "1.000: tcp: syn, udp: flood; likely");
    let few = (0..19).map(|n| packet(n, udp(9, 443)));
    assert_eq!(told(few), "0.000: ; unknown");
    assert_eq!(told([]), "0.000: ; unknown");
}

#[test]
fn flows_beyond_the_bound_count_by_their_kind_and_are_told() {
    let mut tally = Tally::default();
    let flows = u32::try_from(FLOWS_MAX).unwrap() + 5;
    for number in 0..flows {
        tally.add(&Some(packet(number, udp(9, 443))));
    }
    let summary = tally.conclude();
    assert_eq!((summary.packets, summary.untracked), (u64::from(flows), 5));
    assert_eq!((summary.covered, summary.vectors[0].packets), (1.0, u64::from(flows)));
}
