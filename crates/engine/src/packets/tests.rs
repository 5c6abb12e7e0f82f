use super::*;
use seawall_types::packet::{Piece, TCP, UDP};
use seawall_types::{Moment, PacketFields};
use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr};

fn address(number: u32) -> IpAddr {
    IpAddr::V4(Ipv4Addr::from(0xc612_0000 + number))
}

/// A number of its own for each, that looks like chance.
fn mixed(number: u32) -> u32 {
    number.wrapping_mul(0x9e37_79b9).rotate_left(13).wrapping_mul(0x85eb_ca6b)
}

#[expect(clippy::cast_possible_truncation, reason = "numbers that look like chance")]
fn packet(number: u32) -> PacketFields {
    let PacketFields { begin, .. } = honest(443)[0];
    PacketFields {
        source: address(number % 65_536),
        source_port: mixed(number) as u16 | 1024,
        id: mixed(number + 7) as u16,
        ttl: 40 + (number % 20) as u8,
        begin,
        ..honest(443)[0]
    }
}

fn told(vectors: &[Vector]) -> String {
    let mut text = String::new();
    for vector in vectors {
        let what = match &vector.verdict {
            Verdict::Described(found) => {
                let action = if found.is_rate { "rate" } else { "drop" };
                format!("{action} {}", found.signature)
            }
            Verdict::Undescribed(remedy) => remedy.sentence().to_owned(),
        };
        let _ = writeln!(text, "{} {:.2}: {what}", vector.kind.vector_name(), vector.share);
    }
    text
}

fn flood(of: impl Fn(u32, PacketFields) -> PacketFields) -> Vec<PacketFields> {
    (0..2_000).map(|number| of(number, packet(number))).collect()
}

#[test]
fn a_tool_that_opens_without_options_gets_a_signature() {
    let syns = flood(|_, plain| PacketFields {
        flags: 0xc2,
        offset: 5,
        window: 65_535,
        length: 40,
        target_port: 30_120,
        begin: [0; 16],
        ..plain
    });
    expect_test::expect![[r"
        tcp: syn 1.00: drop protocol=tcp and flags=0xc2 and target-port=30120 and window=65535 and piece=0 and header-words=5 and bytes0=0x0 and bytes4=0x0 and bytes8=0x0 and length=40..40
    "]]
    .assert_eq(&told(&describe(&syns, &[])));
}

#[test]
fn openings_like_those_of_honest_systems_get_no_signature() {
    let syns = flood(|_, plain| plain);
    expect_test::expect![[r"
        tcp: syn 1.00: honest senders open connections alike, so no signature is made: SYN cookies
    "]]
    .assert_eq(&told(&describe(&syns, &[])));
    let acks = flood(|_, plain| PacketFields {
        flags: 0x10,
        offset: 5,
        length: 40,
        begin: [0; 16],
        ..plain
    });
    assert!(told(&describe(&acks, &[])).contains("SYN cookies"));
}

#[test]
fn datagrams_like_those_of_http_3_get_no_signature_and_others_do() {
    let udp = |port| {
        flood(move |number, plain| PacketFields {
            protocol: UDP,
            flags: 0,
            offset: 0,
            window: 0,
            target_port: port,
            length: 60 + u16::try_from(number % 900).unwrap_or(0),
            begin: (u128::from(mixed(number)) * 0x1_0000_0001_0000_0001_0000_0001).to_le_bytes(),
            ..plain
        })
    };
    assert!(told(&describe(&udp(443), &[])).contains("no signature is made: budgets"));
    assert!(told(&describe(&udp(9), &[])).contains("drop protocol=udp and target-port=9"));
}

#[test]
fn what_fits_normal_traffic_is_given_up() {
    let syns = flood(|_, plain| PacketFields { offset: 5, length: 40, begin: [0; 16], ..plain });
    let found = describe(&syns, &[]);
    assert!(matches!(found[0].verdict, Verdict::Described(_)));
    let normal: Vec<_> =
        syns.iter().take(10).chain(flood(|_, p| p).iter().take(90)).copied().collect();
    let found = describe(&syns, &normal);
    assert_eq!(found[0].verdict, Verdict::Undescribed(Remedy::Cookies));
}

#[test]
fn each_vector_has_its_name() {
    let tcp = |flags: u8, begin: [u8; 16]| PacketFields { flags, begin, ..packet(1) };
    let none = [0; 16];
    let udp = PacketFields { protocol: UDP, flags: 0, ..packet(1) };
    for (fields, name) in [
        (tcp(0x02, none), "tcp: syn"),
        (tcp(0x12, none), "tcp: syn-ack reflection"),
        (tcp(0x10, none), "tcp: ack"),
        (tcp(0x04, none), "tcp: rst"),
        (tcp(0x14, none), "tcp: rst"),
        (tcp(0x11, none), "tcp: fin"),
        (tcp(0x29, none), "tcp: odd flags"),
        (tcp(0x18, *b"HTTP/1.1 403 For"), "tcp: middlebox reflection"),
        (udp, "udp: flood"),
        (PacketFields { source_port: 11_211, ..udp }, "udp: memcached reflection"),
        (PacketFields { piece: Piece::Later, protocol: TCP, ..packet(1) }, "ip: fragments"),
        (PacketFields { protocol: 1, source_port: 8, ..udp }, "icmp: flood"),
        (PacketFields { protocol: 1, source_port: 3, ..udp }, "icmp: errors"),
        (PacketFields { protocol: 47, ..udp }, "ip: protocol 47"),
    ] {
        assert_eq!(PacketKind::of(&fields).vector_name(), name);
    }
}

#[test]
fn a_flood_is_found_in_its_second_and_an_ordinary_second_is_not() {
    let mut watch = PacketWatch::new(Moment(0), 7);
    let at = |watch: &mut PacketWatch, second: u64, stands_for: u32| {
        for number in 0..5_000 {
            let fields = PacketFields { offset: 5, length: 40, begin: [0; 16], ..packet(number) };
            watch.observe(&Sampled { fields, stands_for });
        }
        watch.tick(Moment(second * 1_000_000_000))
    };
    assert_eq!(at(&mut watch, 1, 3), None, "15,000 a second are below the floor");
    let honest: Vec<_> = (0..5_000).map(packet).collect();
    for fields in honest {
        watch.observe(&Sampled { fields, stands_for: 3 });
    }
    assert_eq!(watch.tick(Moment(2_000_000_000)), None);
    let found = at(&mut watch, 3, 100).expect("half a million a second");
    assert_eq!((found.packets_per_s, found.targets), (500_000.0, 1));
    assert_eq!((found.spoofed, found.vectors[0].share), (Spoofed::OwnSources, 1.0));
    assert_eq!(watch.tick(Moment(3_500_000_000)), None, "the second is not over");
}
