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
    assert!(told(&describe(&udp(443), &[])).contains("datagrams pass to served ports alone"));
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
            let source = address(u32::try_from(second).unwrap() * 10_000 + number);
            let plain = PacketFields { source, ..packet(number) };
            let fields = PacketFields { offset: 5, length: 40, begin: [0; 16], ..plain };
            watch.observe(&Sampled { fields, stands_for, fate: Fate::Passed });
        }
        watch.tick(Moment(second * 1_000_000_000), Standing::Untouched)
    };
    assert_eq!(at(&mut watch, 1, 3), None, "15,000 a second are below the floor");
    let honest: Vec<_> = (0..5_000).map(packet).collect();
    for fields in honest {
        watch.observe(&Sampled { fields, stands_for: 3, fate: Fate::Passed });
    }
    assert_eq!(watch.tick(Moment(2_000_000_000), Standing::Untouched), None);
    for second in 3..=7 {
        assert_eq!(watch.tick(Moment(second * 1_000_000_000), Standing::Untouched), None);
    }
    let found = at(&mut watch, 8, 100).expect("half a million a second");
    assert_eq!((found.packets_per_s, found.vectors.len()), (500_000.0, 1));
    let vector = &found.vectors[0];
    assert_eq!((vector.spoofed, vector.share), (Spoofed::OwnSources, 1.0));
    assert_eq!(vector.aim.to_string(), "198.51.100.1 port 443");
    assert_eq!(
        watch.tick(Moment(8_500_000_000), Standing::Untouched),
        None,
        "the second is not over"
    );
}

/// A datagram of its own for each number.
#[expect(clippy::cast_possible_truncation, reason = "numbers that look like chance")]
fn datagram(number: u32) -> PacketFields {
    PacketFields {
        protocol: UDP,
        flags: 0,
        offset: 0,
        window: 0,
        target_port: mixed(number + 3) as u16,
        length: 60 + (number % 900) as u16,
        begin: (u128::from(mixed(number)) * 0x1_0000_0001_0000_0001_0000_0001).to_le_bytes(),
        ..packet(number)
    }
}

/// From a resolver, which answers in two lengths.
fn reflected(number: u32) -> PacketFields {
    PacketFields {
        source: address(number % 300),
        source_port: 53,
        length: if number.is_multiple_of(2) { 1_400 } else { 900 },
        ..datagram(number)
    }
}

/// First and later pieces in turns.
fn piece(number: u32) -> PacketFields {
    let first = PacketFields { piece: Piece::First, ..datagram(number) };
    let later = PacketFields { piece: Piece::Later, source_port: 0, target_port: 0, ..first };
    if number.is_multiple_of(2) { first } else { later }
}

fn many(of: impl Fn(u32) -> PacketFields) -> Vec<PacketFields> {
    (0..2_000).map(of).collect()
}

fn observe(watch: &mut PacketWatch, packets: &[PacketFields], stands_for: u32) {
    for fields in packets {
        watch.observe(&Sampled { fields: *fields, stands_for, fate: Fate::Passed });
    }
}

/// A second of these, a hundred each; what was usual before is as told.
fn second(calm: &[PacketFields], flood: &[PacketFields]) -> Option<PacketFinding> {
    let mut watch = PacketWatch::new(Moment(0), 7);
    let mut at = 0;
    if !calm.is_empty() {
        observe(&mut watch, calm, 1);
        at += 1_000_000_000;
        assert_eq!(watch.tick(Moment(at), Standing::Untouched), None, "it is calm");
        for _ in 0..5 {
            at += 1_000_000_000;
            assert_eq!(watch.tick(Moment(at), Standing::Untouched), None, "nothing comes");
        }
    }
    observe(&mut watch, flood, 100);
    watch.tick(Moment(at + 1_000_000_000), Standing::Untouched)
}

/// What a second calls for, in the order of the list.
fn called_for(calm: &[PacketFields], flood: &[PacketFields]) -> Vec<Remedy> {
    let found = second(calm, flood).expect("it is a flood");
    found.remedies.into_iter().collect()
}

#[test]
fn a_stage_is_called_for_by_what_it_meets_and_not_where_that_is_normal() {
    use Remedy::{Budgets, Cookies, Fragments, Frozen, Reflectors, Served};
    let calm = flood(|number, plain| PacketFields { source: address(90_000 + number), ..plain });
    assert_eq!(called_for(&calm, &many(piece)), [Fragments, Frozen]);
    let later = many(|number| piece(2 * number + 1));
    assert_eq!(called_for(&calm, &later), [Frozen], "they have a signature");
    assert_eq!(called_for(&calm, &many(reflected)), [Reflectors]);
    assert_eq!(called_for(&calm, &many(datagram)), [Served, Frozen]);
    let twice = |number| PacketFields { source: address(number % 1_000), ..datagram(number) };
    assert_eq!(called_for(&calm, &many(twice)), [Served], "sources repeat");
    assert_eq!(called_for(&calm, &flood(|_, plain| plain))[0], Cookies);
    // One of a hundred in calm times is enough: somebody lives on it.
    let with = |one: fn(u32) -> PacketFields| {
        let one = |number| PacketFields { source: address(99_999), ..one(number) };
        calm.iter().copied().chain((0..20).map(one)).collect::<Vec<_>>()
    };
    assert_eq!(called_for(&with(piece), &many(piece)), [Budgets, Frozen]);
    assert!(!called_for(&with(reflected), &many(reflected)).contains(&Reflectors));
}

#[test]
fn forged_senders_are_told_from_real_ones_with_the_reason() {
    let spoofed = |flood: &[PacketFields], calm: &[PacketFields]| describe(flood, calm)[0].spoofed;
    let from = |source: fn(u32) -> IpAddr, ttl: fn(u32) -> u8| {
        flood(move |number, plain| PacketFields {
            source: source(number),
            ttl: ttl(number),
            ..plain
        })
    };
    let far = |number: u32| 40 + (number % 20) as u8;
    let near = |_| 57;
    let few = |number| address(number % 50);
    let spread =
        |number: u32| IpAddr::V4(Ipv4Addr::from(((1 + number % 99) << 24) | (number % 500)));
    assert_eq!(spoofed(&from(address, far), &[]), Spoofed::OwnSources);
    assert_eq!(spoofed(&from(spread, near), &[]), Spoofed::OneDistance);
    assert_eq!(spoofed(&from(few, far), &[]), Spoofed::Repeating);
    assert_eq!(spoofed(&from(few, near), &[]), Spoofed::Repeating, "one network is one distance");
    assert_eq!(spoofed(&from(few, far), &from(few, far)), Spoofed::Known);
    assert_eq!(spoofed(&many(reflected), &[]), Spoofed::Reflection);
    assert_eq!(spoofed(&from(address, far)[..99], &[]), Spoofed::Unknown);
    let words = [Spoofed::OneDistance, Spoofed::Known, Spoofed::Repeating].map(Spoofed::word);
    assert_eq!(words, ["likely", "unlikely", "unknown"]);
}

#[test]
fn a_carpet_is_told_from_one_target_and_from_one_that_stands_out() {
    let aimed = |target: fn(u32) -> u32| {
        let of = flood(move |number, plain| PacketFields {
            target: IpAddr::V4(Ipv4Addr::from(0xcb00_7100 + target(number))),
            ..plain
        });
        describe(&of, &[])[0].aim.to_string()
    };
    assert_eq!(aimed(|_| 7), "203.0.113.7 port 443");
    assert_eq!(aimed(|n| n % 200), "203.0.113.0/24 (carpet bombing: 200 addresses) port 443");
    assert_eq!(aimed(|n| n % 7), "7 addresses port 443");
    assert_eq!(aimed(|n| if n % 4 == 0 { n % 200 } else { 1 }), "51 addresses port 443");
    let ports = describe(&many(datagram), &[])[0].aim;
    assert!(ports.is_over_ports && ports.port.is_none(), "{ports}");
    let six = |number: u32| PacketFields {
        target: IpAddr::V6((0x2001_0db8_u128 << 96 | u128::from(number % 64)).into()),
        ..packet(number)
    };
    let told = describe(&many(six), &[])[0].aim.to_string();
    assert_eq!(told, "2001:db8::/122 (carpet bombing: 64 addresses) port 443");
}

/// A shield that begins in the middle of a flood knows nothing that is usual.
#[test]
fn what_no_service_consists_of_is_a_flood_from_the_first_second_and_the_rest_is_not() {
    let begun = |flood: &[PacketFields]| {
        let found = second(&[], flood).expect("it is as much as a flood");
        found.vectors.iter().map(|vector| vector.kind.vector_name()).collect::<Vec<_>>()
    };
    let acks = |flags| flood(move |_, plain| PacketFields { flags, ..plain });
    assert_eq!(begun(&flood(|_, plain| plain)), ["tcp: syn"]);
    assert_eq!(begun(&many(reflected)), ["udp: dns reflection"]);
    assert_eq!(begun(&many(piece)), ["ip: fragments"]);
    assert_eq!(begun(&many(datagram)), ["udp: flood"]);
    for served in [
        acks(0x18),
        // A visit: it opens, acknowledges, asks and ends.
        flood(|number, plain| {
            let flags = [0x02, 0x10, 0x18, 0x11][(number % 4) as usize];
            PacketFields { flags, ..plain }
        }),
        many(|number| PacketFields { target_port: 51_820, ..datagram(number) }),
        many(|number| PacketFields { source: address(number % 5), ..piece(number) }),
    ] {
        assert_eq!(begun(&served), [""; 0]);
    }
    let few = many(|number| if number % 20 == 0 { datagram(number) } else { acks(0x18)[0] });
    assert_eq!(begun(&few), [""; 0], "10,000 of them a second are no flood by themselves");
}

#[test]
fn what_a_busy_machine_always_gets_is_usual_after_a_minute_and_a_flood_never() {
    let mut watch = PacketWatch::new(Moment(0), 7);
    let at = |watch: &mut PacketWatch, second: u64, of: &[PacketFields]| {
        observe(watch, of, 100);
        watch.tick(Moment(second * 1_000_000_000), Standing::Untouched)
    };
    let busy = flood(|_, plain| PacketFields { flags: 0x18, ..plain });
    for second in 1..=60 {
        let found = at(&mut watch, second, &busy).expect("nothing is usual yet");
        assert_eq!((found.vectors, watch.knows_usual()), (Vec::new(), second == 60));
    }
    assert_eq!(at(&mut watch, 61, &busy), None, "it is usual");
    let mut watch = PacketWatch::new(Moment(0), 7);
    let openings = flood(|_, plain| plain);
    for second in 1..=120 {
        assert_eq!(at(&mut watch, second, &openings).expect("a flood").vectors.len(), 1);
    }
}

/// Ticks to this second, in which nothing comes.
fn pass(watch: &mut PacketWatch, seconds: std::ops::RangeInclusive<u64>) {
    for second in seconds {
        assert_eq!(watch.tick(Moment(second * 1_000_000_000), Standing::Untouched), None);
    }
}

#[test]
fn how_a_flood_begins_is_not_learned_when_it_follows_within_five_seconds() {
    let calm = flood(|number, plain| PacketFields { source: address(90_000 + number), ..plain });
    let remedies = |pause: u64| {
        let mut watch = PacketWatch::new(Moment(0), 7);
        observe(&mut watch, &calm, 1);
        pass(&mut watch, 1..=6);
        // The rest of a second in which it began: 4,000 packets.
        observe(&mut watch, &many(piece), 2);
        pass(&mut watch, 7..=7 + pause);
        observe(&mut watch, &many(piece), 100);
        let found = watch.tick(Moment((8 + pause) * 1_000_000_000), Standing::Untouched);
        found.expect("a flood").remedies
    };
    for pause in 0..=4 {
        assert!(remedies(pause).contains(&Remedy::Fragments), "{pause} s");
    }
    assert!(!remedies(5).contains(&Remedy::Fragments), "pieces have become usual");
}

#[test]
fn nothing_is_learned_while_a_flood_is_answered_nor_what_an_answer_met() {
    let usual = |standing, fate| {
        let mut watch = PacketWatch::new(Moment(0), 7);
        for second in 1..=6 {
            observe(&mut watch, &flood(|_, plain| plain), 1);
            for fields in many(piece) {
                watch.observe(&Sampled { fields, stands_for: 1, fate });
            }
            watch.tick(Moment(second * 1_000_000_000), standing);
        }
        (watch.knows_usual(), !watch.is_strange(|fields| fields.piece != Piece::Whole))
    };
    assert!(!usual(Standing::Answered, Fate::Passed).0);
    assert_eq!(usual(Standing::Untouched, Fate::Passed), (true, true));
    let met = usual(Standing::Untouched, Fate::Met);
    assert_eq!(met, (true, false), "the second is calm, what was met in it is not normal");
}

#[test]
fn a_stage_waits_for_a_thousand_calm_samples() {
    let calm = |count: u32| (0..count).map(|number| packet(70_000 + number)).collect::<Vec<_>>();
    for (kind, remedy) in [(many(piece), Remedy::Fragments), (many(reflected), Remedy::Reflectors)]
    {
        assert!(!called_for(&calm(999), &kind).contains(&remedy), "{remedy:?}");
        assert!(called_for(&calm(1_000), &kind).contains(&remedy), "{remedy:?}");
        assert!(called_for(&[], &kind).contains(&remedy), "{remedy:?} from the start");
    }
    let is_strange = |calm: &[PacketFields]| {
        let mut watch = PacketWatch::new(Moment(0), 7);
        observe(&mut watch, calm, 1);
        pass(&mut watch, 1..=6);
        watch.is_strange(|fields| fields.protocol == UDP)
    };
    assert!(!is_strange(&[]) && !is_strange(&calm(999)) && is_strange(&calm(1_000)));
}

/// Fifteen thousand answers a second from the first second on.
#[test]
fn what_a_resolver_is_answered_becomes_usual() {
    let mut watch = PacketWatch::new(Moment(0), 7);
    let answers: Vec<_> = (0..150).map(reflected).collect();
    for second in 1..=15 {
        observe(&mut watch, &answers, 100);
        assert_eq!(watch.tick(Moment(second * 1_000_000_000), Standing::Untouched), None);
    }
    observe(&mut watch, &many(reflected), 100);
    let found = watch.tick(Moment(16_000_000_000), Standing::Untouched).expect("a flood");
    assert!(!found.remedies.contains(&Remedy::Reflectors));
}

#[test]
fn a_botnet_is_not_taken_for_forged_because_few_of_its_packets_are_sampled() {
    // Four hundred samples of 40,000 packets a second, as one of a hundred gives.
    let spoofed = |hosts: u32| {
        let of: Vec<_> = (0..400)
            .map(|number| PacketFields { source: address(mixed(number) % hosts), ..packet(number) })
            .collect();
        describe_of((&of, 40_000.0), &[])[0].spoofed
    };
    assert_eq!(spoofed(1_000), Spoofed::Repeating);
    assert_eq!(spoofed(3_000), Spoofed::Repeating, "nearly all samples have a source of their own");
    assert_eq!(spoofed(u32::MAX >> 8), Spoofed::OwnSources);
}
