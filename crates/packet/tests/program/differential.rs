//! The program against the model, on frames at random and frames that were changed at random.
//!
//! `SEAWALL_FRAMES` says how many, where a million take too long.

use crate::frames::{Four, SOURCE6, TARGET6, icmp, segment, six, udp};
use crate::loaded;
use seawall_packet::abi::{Config, Ports, flag};
use seawall_packet::kernel::{Kernel, PortSet, Program};
use seawall_packet::model::{Model, Network, Party};
use seawall_packet::reason::PacketVerdict;
use seawall_packet::signatures::{Action, Rule, compile};
use seawall_types::PacketSignature;
use seawall_types::packet::Field;
use std::net::IpAddr;

/// Two seconds of an optimised build.
const FRAMES: u64 = 1_000_000;
const SEED: u64 = 0x5ea_3a11;

/// Numbers that look like chance and are the same each time.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        // The generator of Steele, Lea and Flood (2014).
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    #[expect(clippy::cast_possible_truncation, reason = "the lowest byte is as good as any")]
    fn byte(&mut self) -> u8 {
        self.next() as u8
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[usize::try_from(self.below(of.len() as u64)).unwrap()]
    }
}

fn frame(chance: &mut Chance) -> Vec<u8> {
    let mut frame = whole(chance);
    for _ in 0..chance.pick(&[0, 0, 0, 1, 1, 2, 5]) {
        let at = usize::try_from(chance.below(frame.len() as u64)).unwrap();
        frame[at] = chance.byte();
    }
    if chance.below(8) == 0 {
        let least = 14;
        let longer = frame.len() - least + 1;
        frame.truncate(least + usize::try_from(chance.below(longer as u64)).unwrap());
    }
    frame
}

fn whole(chance: &mut Chance) -> Vec<u8> {
    if chance.below(50) == 0 {
        return (0..14 + chance.below(100)).map(|_| chance.byte()).collect();
    }
    if chance.below(12) == 0 {
        return of_addresses(chance);
    }
    let ports = [53, 80, 123, 443, 0, 7777, 40_000, 1];
    let (from, to) = (chance.pick(&ports), chance.pick(&ports));
    let data: Vec<u8> = (0..chance.below(40)).map(|_| chance.byte()).collect();
    let carried = match chance.below(5) {
        0 | 1 => {
            let options = &[2, 4, 5, 0xb4, 1, 3, 3, 7][..chance.pick(&[0, 4, 8])];
            let flags = chance.pick(&[2, 0x10, 0x12, 4, 0x14, 0x18, 0, 1, 3, 0x29, 0xc2]);
            (6, [segment((from, to), (1, 2), flags, options), data].concat())
        }
        2 | 3 => (17, udp(from, to, &data)),
        _ => {
            (chance.pick(&[1, 58]), icmp(chance.pick(&[0, 3, 2, 8, 135]), chance.pick(&[0, 1, 4])))
        }
    };
    let tags: &[u16] = chance.pick(&[&[][..], &[0x8100], &[0x88a8, 0x8100]]);
    if chance.below(3) == 0 {
        return with_extensions(chance, carried);
    }
    let sources = [[198, 18, 0, 1], [192, 0, 2, 66], [192, 88, 99, 1], [198, 51, 100, 2]];
    let others = [[203, 0, 113, 2], [127, 0, 0, 1], [224, 0, 0, 1], [10, 0, 0, 1]];
    let source = chance.pick(&[&sources[..], &others[..]].concat());
    let piece = chance.pick(&[0x4000, 0x4000, 0, 0x2000, 0x0010, 0x1fff]);
    let ttl = chance.pick(&[64, 64, 0, 3, 255]);
    Four::new(carried.0, carried.1).from(source).piece(piece).ttl(ttl).tagged(tags)
}

/// What looks like the protocols that addresses and groups depend on, or nearly so.
fn of_addresses(chance: &mut Chance) -> Vec<u8> {
    let ports = chance.pick(&[(68, 67), (67, 68), (67, 67), (68, 68), (40_000, 68)]);
    let mut message = vec![0; chance.pick(&[240, 240, 239, 300, 12, 4])];
    message[0] = chance.pick(&[0, 1, 1, 2, 2]);
    if chance.below(3) == 0 {
        let ports = (chance.pick(&[546, 547, 40_000]), chance.pick(&[546, 547, 548]));
        let mut ends = [SOURCE6, TARGET6];
        for end in &mut ends {
            let first = chance.pick(&[[0x20, 1], [0xfe, 0x80], [0xfe, 0xbf], [0xfe, 0xc0]]);
            end[..2].copy_from_slice(&first);
        }
        return six(ends[0], ends[1], 17, &udp(ports.0, ports.1, &message));
    }
    let (protocol, carried) = chance.pick(&[(17, true), (17, true), (2, false)]);
    let carried = if carried { udp(ports.0, ports.1, &message) } else { message };
    let source = chance.pick(&[[0; 4], [192, 0, 2, 66], [10, 0, 0, 1]]);
    let target = chance.pick(&[[255; 4], [224, 0, 0, 1], [203, 0, 113, 2]]);
    let piece = chance.pick(&[0x4000, 0, 0, 0x2000]);
    Four { target, ..Four::new(protocol, carried).from(source).piece(piece) }.frame()
}

fn with_extensions(chance: &mut Chance, (protocol, carried): (u8, Vec<u8>)) -> Vec<u8> {
    let kinds: Vec<u8> =
        (0..chance.pick(&[0, 0, 1, 2, 4, 5])).map(|_| chance.pick(&[0, 43, 44, 60, 60])).collect();
    let mut headers = Vec::new();
    for (at, kind) in kinds.iter().enumerate() {
        let next = kinds.get(at + 1).copied().unwrap_or(protocol);
        let piece = chance.pick(&[[0, 0], [0, 1], [1, 0], [0, 6]]);
        let second = if *kind == 44 { piece } else { [chance.pick(&[0, 1, 4]), 0] };
        headers.extend([next, 0, second[0], second[1], 0, 0, 0, 0]);
    }
    let mut source = SOURCE6;
    source[5] = chance.pick(&[1, 0x66, 0xad]);
    let source = if chance.below(9) == 0 { TARGET6 } else { source };
    six(source, TARGET6, kinds.first().copied().unwrap_or(protocol), &[headers, carried].concat())
}

fn tables(kernel: &mut Kernel) -> Model {
    let mut model = Model::default();
    let host = |text: &str| text.parse::<IpAddr>().unwrap();
    for address in ["192.0.2.66", "2001:db8:66::"] {
        model.hosts.insert(Party::of(host(address)), 0);
    }
    model.nets.push((Network { address: host("192.88.99.0"), bits: 24 }, 0));
    model.nets.push((Network { address: host("2001:db8:ad::"), bits: 48 }, 0));
    model.allowed.push((Network { address: host("198.51.100.0"), bits: 28 }, 0));
    model.reflectors = Ports::of([53, 123]);
    model.served = Ports::of([443, 7777]);
    let any = PacketSignature::ANY;
    let signatures = [
        any.with(Field::Protocol, 6).with_bits(Field::Flags, 0x12, 0x12),
        any.with(Field::Protocol, 17).with(Field::TargetPort, 7777),
        any.with(Field::Protocol, 6).with(Field::SourcePort, 80).with(Field::Window, 64_240),
        PacketSignature { length: (30, 50), ttl: (3, 64), ..any.with(Field::Protocol, 1) },
        any.with(Field::Family, 6).with(Field::Ttl, 64).with(Field::TargetPort, 80),
    ];
    let rules = signatures.map(|signature| Rule {
        id: 1,
        signature,
        action: Action::Drop,
        expires_ns: None,
    });
    model.signatures[1] = compile(&rules).unwrap();
    kernel.put_signatures(&model.signatures[1]).unwrap();
    let written = kernel.tables();
    let hosts: Vec<_> = model.hosts.iter().map(|(host, ends)| (*host, *ends)).collect();
    written.block_hosts(&hosts).unwrap();
    written.block_nets(&model.nets).unwrap();
    written.allow(&model.allowed).unwrap();
    written.put_ports(PortSet::Reflectors, &model.reflectors).unwrap();
    written.put_ports(PortSet::ServedUdp, &model.served).unwrap();
    model
}

/// Every stage that needs no socket, and each of them alone.
const STAGES: [u32; 8] = [
    flag::SANITY
        | flag::FRAGMENTS
        | flag::HOSTS
        | flag::NETS
        | flag::REFLECTORS
        | flag::SIGNATURES
        | flag::SERVED,
    flag::SIGNATURES,
    flag::SANITY,
    flag::HOSTS,
    flag::NETS,
    flag::REFLECTORS | flag::SIGNATURES,
    flag::FRAGMENTS,
    flag::SERVED | flag::SIGNATURES,
];

#[test]
fn the_program_decides_a_million_frames_as_its_model_does() {
    let told = std::env::var("SEAWALL_FRAMES").ok().and_then(|text| text.parse().ok());
    let frames = told.unwrap_or(FRAMES);
    compare("the_program_decides_a_million_frames_as_its_model_does", frames);
    println!("{frames} frames compared");
}

fn compare(test: &str, frames: u64) {
    let Some(mut kernel) = loaded(test) else { return };
    let mut model = tables(&mut kernel);
    let mut chance = Chance(SEED);
    let mut before = kernel.counts().unwrap();
    let mut seen = [0_u64; seawall_packet::Reason::COUNT];
    for number in 0..frames {
        if number % 64 == 0 {
            let flags = flag::ARMED | STAGES[usize::try_from(number / 64 % 8).unwrap()];
            let config = Config { flags, half: 1, ..Config::default() };
            kernel.configure(config).unwrap();
            model.config = config;
        }
        let frame = frame(&mut chance);
        let ran = kernel.run(Program::Seawall, &frame, 1).unwrap();
        let (verdict, reason) = model.decide(&frame, 1);
        let dropped = verdict == PacketVerdict::Drop;
        assert_eq!(ran.returned == 1, dropped, "{number}: {reason:?} of {frame:02x?}");
        seen[reason as usize] += 1;
        if number % 256 == 255 {
            let after = kernel.counts().unwrap();
            let counted: Vec<_> =
                after.iter().zip(&before).map(|(new, old)| new.packets - old.packets).collect();
            assert_eq!(counted, seen, "reasons of the frames up to {number}");
            before = after;
            seen = [0; seawall_packet::Reason::COUNT];
        }
    }
}
