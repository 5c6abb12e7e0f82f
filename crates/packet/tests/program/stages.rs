//! One case for each reason and way through the program, against the model as well.

use crate::frames::{
    Four, SOURCE, SOURCE6, TARGET, TARGET6, ethernet, icmp, segment, six, six_ttl, tcp, udp,
};
use crate::{loaded, verdict};
use seawall_packet::Reason;
use seawall_packet::abi::{Beat, Config, Page, Ports, flag};
use seawall_packet::kernel::{Kernel, PortSet, Program};
use seawall_packet::model::{Model, Network, Party};
use seawall_packet::reason::PacketVerdict;
use seawall_packet::signatures::{Action, Rule, compile};
use seawall_types::PacketSignature;
use seawall_types::packet::Field;
use std::net::IpAddr;

const ALL: u32 = flag::ARMED
    | flag::SANITY
    | flag::FRAGMENTS
    | flag::HOSTS
    | flag::NETS
    | flag::CLASSES
    | flag::REFLECTORS
    | flag::SIGNATURES
    | flag::SOURCES
    | flag::SERVED;
/// So slow that no test waits for it.
const HOUR_NS: u64 = 3_600_000_000_000;
const FAR_NS: u64 = 1 << 61;

/// The same tables in the kernel and in the model.
struct Both {
    kernel: Kernel,
    model: Model,
}

fn rule(id: u32, signature: PacketSignature, action: Action) -> Rule {
    Rule { id, signature, action, expires_ns: None }
}

fn network(text: &str) -> Network {
    let (address, bits) = text.split_once('/').unwrap();
    Network { address: address.parse().unwrap(), bits: bits.parse().unwrap() }
}

fn rules() -> Vec<Rule> {
    let any = PacketSignature::ANY;
    let on = |protocol, port| any.with(Field::Protocol, protocol).with(Field::TargetPort, port);
    let word = |text: &[u8; 4]| u64::from(u32::from_le_bytes(*text));
    let ranged = PacketSignature { length: (100, 200), ttl: (60, 64), ..on(17, 5555) };
    let slow = Action::Rate { per_second: 1, burst: 0 };
    vec![
        rule(1, on(17, 7777).with(Field::Begin, word(b"ATTA")), Action::Drop),
        rule(2, any.with(Field::Protocol, 6).with(Field::Window, 0xdead), Action::Drop),
        rule(3, ranged, Action::Drop),
        rule(4, on(17, 6666), slow),
        rule(5, on(17, 6667), Action::Count),
        rule(6, any.with(Field::Ttl, 3), Action::Drop),
        rule(7, any.with(Field::Protocol, 17).with(Field::SourcePort, 4444), Action::Drop),
        rule(8, any.with(Field::Protocol, 6).with(Field::Begin, word(&[2, 4, 9, 9])), Action::Drop),
        Rule { expires_ns: Some(1), ..rule(9, on(17, 6668), Action::Drop) },
        rule(10, any.with(Field::Protocol, 1).with(Field::SourcePort, 13), Action::Drop),
    ]
}

fn both(kernel: Kernel) -> Both {
    let mut both = Both { kernel, model: Model::default() };
    let tables = both.kernel.tables();
    let allowed = ["198.51.100.0/28", "2001:db8:a::/48"].map(network);
    let nets = ["192.88.99.0/24", "2001:db8:bad::/48"].map(network);
    let hosts = [IpAddr::from([192, 0, 2, 66]), "2001:db8:66::1".parse().unwrap()].map(Party::of);
    for net in allowed {
        both.model.allowed.push((net, 0));
    }
    tables.allow(&both.model.allowed).unwrap();
    for net in nets {
        both.model.nets.push((net, FAR_NS));
    }
    // A block inside the allow list, which is asked first.
    both.model.nets.push((network("198.51.100.4/32"), 0));
    tables.block_nets(&both.model.nets).unwrap();
    both.model.hosts = hosts.into_iter().map(|host| (host, 0)).collect();
    both.model.hosts.insert(Party::of(IpAddr::from([192, 0, 2, 67])), 1);
    let all: Vec<_> = both.model.hosts.iter().map(|(host, ends)| (*host, *ends)).collect();
    tables.block_hosts(&all).unwrap();
    both.model.classes.insert(0x00c0_0003, 7);
    let mut page = Page { class: [0; 4096] };
    page.class[3] = 7;
    tables.put_classes(0xc00, &page).unwrap();
    both.model.class_until[7] = FAR_NS;
    tables.block_class(7, FAR_NS).unwrap();
    both.model.reflectors = Ports::of([53, 123, 11211]);
    tables.put_ports(PortSet::Reflectors, &both.model.reflectors).unwrap();
    both.model.served = Ports::of([443, 5555, 6666, 6667, 6668, 7777]);
    tables.put_ports(PortSet::ServedUdp, &both.model.served).unwrap();
    let signatures = compile(&rules()).unwrap();
    both.kernel.put_signatures(&signatures).unwrap();
    both.model.signatures[1] = signatures;
    both.configure(ALL);
    both
}

impl Both {
    fn configure(&mut self, flags: u32) {
        let config = Config {
            flags,
            packet_ns: 1_000,
            packet_burst_ns: HOUR_NS,
            syn_ns: HOUR_NS,
            syn_burst_ns: 5 * HOUR_NS,
            half: 1,
            ..Config::default()
        };
        self.kernel.configure(config).unwrap();
        self.model.config = config;
    }

    /// The reason in the kernel, which must be the model's.
    fn reason(&mut self, name: &str, frame: &[u8]) -> (bool, Reason) {
        let (returned, reason) = verdict(&mut self.kernel, frame);
        let (modelled, why) = self.model.decide(frame, HOUR_NS);
        assert_eq!((reason, returned == 1), (why, modelled == PacketVerdict::Drop), "{name}");
        (returned == 1, reason)
    }

    fn check(&mut self, cases: &[(&str, Vec<u8>, Reason)]) {
        for (name, frame, expected) in cases {
            let dropped = expected.verdict() == PacketVerdict::Drop;
            assert_eq!(self.reason(name, frame), (dropped, *expected), "{name}");
        }
    }
}

fn datagram(port: u16, data: &[u8]) -> Four {
    Four::new(17, udp(40_000, port, data))
}

fn changed(mut frame: Vec<u8>, at: usize, byte: u8) -> Vec<u8> {
    frame[at] = byte;
    frame
}

fn headers(first: u8, extensions: &[u8], carried: &[u8]) -> Vec<u8> {
    six(SOURCE6, TARGET6, first, &[extensions, carried].concat())
}

#[test]
fn what_is_read_passes_or_is_malformed() {
    let Some(kernel) = loaded("what_is_read_passes_or_is_malformed") else { return };
    let ok = datagram(443, &[7; 64]).frame();
    let ack = Four::new(6, tcp(40_000, 443, 0x10)).frame();
    both(kernel).check(&[
        ("a datagram", ok.clone(), Reason::Pass),
        ("a segment", ack.clone(), Reason::Pass),
        (
            "a datagram of IPv6",
            six(SOURCE6, TARGET6, 17, &udp(40_000, 443, &[7; 64])),
            Reason::Pass,
        ),
        ("a segment of IPv6", six(SOURCE6, TARGET6, 6, &tcp(40_000, 443, 0x10)), Reason::Pass),
        ("one tag", datagram(443, &[7; 64]).tagged(&[0x8100]), Reason::Pass),
        ("two tags", datagram(443, &[7; 64]).tagged(&[0x88a8, 0x8100]), Reason::Pass),
        ("three tags", datagram(443, &[7; 64]).tagged(&[0x88a8, 0x8100, 0x8100]), Reason::Control),
        ("GRE", Four::new(47, vec![0; 64]).frame(), Reason::Pass),
        ("as large as a test takes", datagram(443, &[7; 3_400]).frame(), Reason::Pass),
        (
            "a segment as GRO joins it",
            Four::new(6, [tcp(40_000, 443, 0x10), vec![7; 3_400]].concat()).frame(),
            Reason::Pass,
        ),
        ("nothing behind the header", ethernet(&[], 0x0800, &[]), Reason::Malformed),
        ("a tag cut off", ethernet(&[], 0x8100, &[0]), Reason::Malformed),
        ("a header shorter than one", changed(ok.clone(), 14, 0x44), Reason::Malformed),
        ("another version", changed(ok.clone(), 14, 0x55), Reason::Malformed),
        ("longer than its frame", changed(ok.clone(), 16, 9), Reason::Malformed),
        (
            "a datagram shorter than its header",
            changed(changed(ok.clone(), 38, 0), 39, 5),
            Reason::Malformed,
        ),
        ("a datagram longer than its packet", changed(ok, 38, 5), Reason::Malformed),
        ("a segment's header beyond it", changed(ack.clone(), 46, 0xf0), Reason::Malformed),
        ("a segment's header shorter than one", changed(ack, 46, 0x40), Reason::Malformed),
        ("half a segment", Four::new(6, vec![1; 12]).frame(), Reason::Malformed),
        ("half a datagram", Four::new(17, vec![1; 5]).frame(), Reason::Malformed),
        ("half an ICMP", Four::new(1, vec![1; 5]).frame(), Reason::Malformed),
        (
            "IPv6 longer than its frame",
            changed(six(SOURCE6, TARGET6, 17, &udp(1, 443, &[7; 64])), 18, 9),
            Reason::Malformed,
        ),
        ("a hop limit of zero", datagram(443, &[7; 64]).ttl(0).frame(), Reason::Malformed),
        ("port zero", Four::new(6, tcp(0, 443, 0x10)).frame(), Reason::Malformed),
    ]);
}

#[test]
fn what_must_always_pass_passes() {
    let Some(kernel) = loaded("what_must_always_pass_passes") else { return };
    let solicit = |ttl| six_ttl((SOURCE6, TARGET6), 58, ttl, &icmp(135, 0));
    let mut blocked = SOURCE6;
    blocked[..6].copy_from_slice(&[0x20, 1, 0xd, 0xb8, 0xb, 0xad]);
    let mut allowed6 = SOURCE6;
    allowed6[..6].copy_from_slice(&[0x20, 1, 0xd, 0xb8, 0, 0xa]);
    let odd = Four::new(6, tcp(1, 443, 0)).from([198, 51, 100, 2]);
    both(kernel).check(&[
        ("ARP", ethernet(&[], 0x0806, &[0; 46]), Reason::Control),
        ("LLDP", ethernet(&[], 0x88cc, &[0; 46]), Reason::Control),
        ("the MTU of a path", Four::new(1, icmp(3, 4)).frame(), Reason::Control),
        (
            "of a blocked host",
            Four::new(1, icmp(3, 4)).from([192, 0, 2, 66]).frame(),
            Reason::Control,
        ),
        ("another unreachable", Four::new(1, icmp(3, 1)).frame(), Reason::Pass),
        ("packet too big", six(SOURCE6, TARGET6, 58, &icmp(2, 0)), Reason::Control),
        ("too big of a blocked network", six(blocked, TARGET6, 58, &icmp(2, 0)), Reason::Control),
        ("neighbour discovery", solicit(255), Reason::Control),
        ("neighbour discovery from afar", solicit(254), Reason::Pass),
        ("who is allowed", datagram(9, &[0; 9]).from([198, 51, 100, 1]).frame(), Reason::Allowed),
        ("and blocked too", datagram(9, &[0; 9]).from([198, 51, 100, 4]).frame(), Reason::Allowed),
        ("and sends odd flags", odd.frame(), Reason::Allowed),
        ("and is malformed", changed(odd.frame(), 46, 0xf0), Reason::Allowed),
        (
            "beside who is allowed",
            datagram(443, &[0; 9]).from([198, 51, 100, 16]).frame(),
            Reason::Pass,
        ),
        ("allowed by IPv6", six(allowed6, TARGET6, 17, &udp(53, 9, &[0; 9])), Reason::Allowed),
    ]);
}

/// A message of DHCP, or what is `cut` bytes shorter than one.
fn dhcp(ports: (u16, u16), direction: u8, cut: usize) -> Four {
    let mut message = vec![0; 240 - cut];
    message[..4].copy_from_slice(&[direction, 1, 6, 0]);
    Four::new(17, udp(ports.0, ports.1, &message))
}

#[test]
fn what_an_address_depends_on_passes() {
    let Some(kernel) = loaded("what_an_address_depends_on_passes") else { return };
    let (asks, answers) = ((68, 67), (67, 68));
    let discover =
        |direction| Four { target: [255; 4], ..dhcp(asks, direction, 0).from([0, 0, 0, 0]) };
    let mut link = [0; 16];
    (link[0], link[1], link[15]) = (0xfe, 0x80, 9);
    let by_six = |source, target, port| six(source, target, 17, &udp(40_000, port, &[2; 80]));
    let groups = |target| Four { target, ..Four::new(2, vec![0x11; 8]).from([0, 0, 0, 0]) };
    both(kernel).check(&[
        ("who has no address asks", discover(1).frame(), Reason::Control),
        ("with a tag", discover(1).tagged(&[0x8100]), Reason::Control),
        ("and says that he answers", discover(2).frame(), Reason::Bogon),
        ("an answer", dhcp(answers, 2, 0).frame(), Reason::Control),
        ("of a blocked host", dhcp(answers, 2, 0).from([192, 0, 2, 66]).frame(), Reason::Control),
        ("one byte short", dhcp(answers, 2, 1).frame(), Reason::Unserved),
        ("that says that it asks", dhcp(answers, 1, 0).frame(), Reason::Unserved),
        ("to another port", dhcp((67, 69), 2, 0).frame(), Reason::Unserved),
        ("in pieces", dhcp(answers, 2, 0).piece(0x2000).frame(), Reason::Fragment),
        ("an answer of this link", by_six(link, TARGET6, 546), Reason::Control),
        ("to an address of this link", by_six(SOURCE6, link, 546), Reason::Control),
        ("somebody of this link asks", by_six(link, link, 547), Reason::Control),
        ("an answer from afar", by_six(SOURCE6, TARGET6, 546), Reason::Unserved),
        ("another port of this link", by_six(link, TARGET6, 548), Reason::Unserved),
        ("who asks for groups", groups([224, 0, 0, 1]).frame(), Reason::Control),
        ("not to many", groups(TARGET).frame(), Reason::Bogon),
    ]);
}

#[test]
fn pieces_are_dropped_only_where_that_is_switched_on() {
    let Some(kernel) = loaded("pieces_are_dropped_only_where_that_is_switched_on") else { return };
    let first = |flags| Four::new(6, tcp(40_000, 443, flags)).piece(0x2000).frame();
    let ping = |piece| Four::new(1, icmp(8, 0)).piece(piece).frame();
    let segment6 = |end| headers(44, &[6, 0, end, 1, 0, 0, 0, 0], &tcp(40_000, 443, 0x10));
    let mut both = both(kernel);
    both.check(&[
        ("a segment", first(0x10), Reason::Fragment),
        ("a ping", ping(0x2000), Reason::Fragment),
    ]);
    both.configure(ALL & !flag::FRAGMENTS);
    both.check(&[
        ("the first of a segment", first(0x10), Reason::Pass),
        ("the first of one by IPv6", segment6(0), Reason::Pass),
        ("a later one by IPv6", segment6(1), Reason::Pass),
        ("with odd flags", first(0x29), Reason::TcpFlags),
        ("the first of a ping", ping(0x2000), Reason::Pass),
        ("a later one", ping(0x2010), Reason::Pass),
        ("beyond the end of a packet", ping(0x1fff), Reason::Malformed),
    ]);
}

#[test]
fn sources_are_blocked_one_by_one_by_network_and_by_class() {
    let name = "sources_are_blocked_one_by_one_by_network_and_by_class";
    let Some(kernel) = loaded(name) else { return };
    let of = |source| datagram(443, &[7; 64]).from(source).frame();
    let six_of = |third: [u8; 2], last: u8| {
        let mut source = SOURCE6;
        source[4..6].copy_from_slice(&third);
        source[15] = last;
        six(source, TARGET6, 17, &udp(40_000, 443, &[7; 64]))
    };
    let mut both = both(kernel);
    both.check(&[
        ("a host", of([192, 0, 2, 66]), Reason::Host),
        ("its neighbour", of([192, 0, 2, 65]), Reason::Pass),
        ("a host whose time is over", of([192, 0, 2, 67]), Reason::Pass),
        ("a host of IPv6", six_of([0, 0x66], 1), Reason::Host),
        ("another of its /64", six_of([0, 0x66], 9), Reason::Host),
        ("a network", of([192, 88, 99, 200]), Reason::Net),
        ("beside it", of([192, 88, 98, 200]), Reason::Pass),
        ("a network of IPv6", six_of([0xb, 0xad], 1), Reason::Net),
        ("a class", of([192, 0, 3, 1]), Reason::Class),
        ("beside it", of([192, 0, 4, 1]), Reason::Pass),
    ]);
    both.kernel.tables().block_class(7, 0).unwrap();
    both.model.class_until[7] = 0;
    both.kernel.tables().lift_hosts(&[Party::of(IpAddr::from([192, 0, 2, 66]))]).unwrap();
    both.model.hosts.remove(&Party::of(IpAddr::from([192, 0, 2, 66])));
    both.kernel.tables().lift_net(network("192.88.99.0/24")).unwrap();
    both.model.nets.retain(|(net, _)| *net != network("192.88.99.0/24"));
    both.check(&[
        ("a class that was lifted", of([192, 0, 3, 1]), Reason::Pass),
        ("a host that was lifted", of([192, 0, 2, 66]), Reason::Pass),
        ("a network that was lifted", of([192, 88, 99, 200]), Reason::Pass),
    ]);
}

#[test]
fn what_nobody_sends_is_dropped() {
    let Some(kernel) = loaded("what_nobody_sends_is_dropped") else { return };
    let flags = |flags| Four::new(6, tcp(40_000, 443, flags)).frame();
    let from = |source| datagram(443, &[7; 64]).from(source).frame();
    let mut loopback = [0; 16];
    loopback[15] = 1;
    let mut multicast = SOURCE6;
    multicast[0] = 0xff;
    let data = udp(11_211, 443, &[7; 64]);
    let hop = [60, 0, 1, 4, 0, 0, 0, 0];
    let options = [17, 0, 1, 4, 0, 0, 0, 0];
    both(kernel).check(&[
        ("from its target", from(TARGET), Reason::Land),
        ("from its target by IPv6", six(TARGET6, TARGET6, 17, &udp(1, 443, &[7; 9])), Reason::Land),
        ("from loopback", from([127, 0, 0, 1]), Reason::Bogon),
        ("from nowhere", from([0, 1, 2, 3]), Reason::Bogon),
        ("from many", from([239, 1, 2, 3]), Reason::Bogon),
        ("from everybody", from([255, 255, 255, 255]), Reason::Bogon),
        ("from loopback by IPv6", six(loopback, TARGET6, 17, &udp(1, 443, &[7; 9])), Reason::Bogon),
        ("from many by IPv6", six(multicast, TARGET6, 17, &udp(1, 443, &[7; 9])), Reason::Bogon),
        ("no flags", flags(0), Reason::TcpFlags),
        ("all lights on", flags(0x29), Reason::TcpFlags),
        ("SYN and FIN", flags(3), Reason::TcpFlags),
        ("SYN and RST", flags(6), Reason::TcpFlags),
        ("FIN alone", flags(1), Reason::TcpFlags),
        ("FIN, PSH and URG", flags(0x39), Reason::TcpFlags),
        ("SYN with ECN", flags(0xc2), Reason::Pass),
        ("RST", flags(4), Reason::Pass),
        ("a first piece", datagram(443, &[7; 64]).piece(0x2000).frame(), Reason::Fragment),
        ("a later piece", Four::new(17, vec![1; 64]).piece(0x0010).frame(), Reason::Fragment),
        (
            "beyond the end of a packet",
            Four::new(17, vec![1; 64]).piece(0x1fff).frame(),
            Reason::Malformed,
        ),
        (
            "a first piece by IPv6",
            headers(44, &[17, 0, 0, 1, 0, 0, 0, 0], &udp(1, 443, &[7; 64])),
            Reason::Fragment,
        ),
        (
            "a later piece by IPv6",
            headers(44, &[17, 0, 1, 0, 0, 0, 0, 0], &[7; 64]),
            Reason::Fragment,
        ),
        (
            "a whole one in a fragment header",
            headers(44, &[17, 0, 0, 0, 0, 0, 0, 0], &udp(1, 443, &[7; 64])),
            Reason::Pass,
        ),
        (
            "options, then a reflector",
            headers(0, &[hop, options].concat(), &data),
            Reason::Reflector,
        ),
        ("routing of type 0", headers(43, &[17, 0, 0, 0, 0, 0, 0, 0], &data), Reason::Extensions),
        (
            "five headers",
            headers(60, &[hop, hop, hop, hop, options].concat(), &data),
            Reason::Extensions,
        ),
        (
            "a header beyond the packet",
            headers(0, &[17, 9, 1, 4, 0, 0, 0, 0], &[]),
            Reason::Malformed,
        ),
    ]);
}

#[test]
fn ports_and_signatures_decide_about_shapes() {
    let Some(kernel) = loaded("ports_and_signatures_decide_about_shapes") else { return };
    let answer = |port| Four::new(17, udp(port, 443, &[7; 640]));
    let window = changed(changed(Four::new(6, tcp(1, 443, 0x10)).frame(), 48, 0xde), 49, 0xad);
    let options = segment((1, 443), (7, 0), 2, &[2, 4, 9, 9, 1, 1, 1, 1]);
    let mut both = both(kernel);
    both.check(&[
        ("from DNS", answer(53).frame(), Reason::Reflector),
        ("from NTP with a tag", answer(123).tagged(&[0x8100]), Reason::Reflector),
        ("from memcached with two", answer(11_211).tagged(&[0x88a8, 0x8100]), Reason::Reflector),
        ("from another port", answer(54).frame(), Reason::Pass),
        ("to a port that is not served", datagram(444, &[7; 64]).frame(), Reason::Unserved),
        (
            "payload that fits",
            datagram(7777, b"ATTACK!! and more of it").frame(),
            Reason::Signature,
        ),
        ("payload that does not", datagram(7777, b"ATTUCK!! and more of it").frame(), Reason::Pass),
        ("a window", window, Reason::Signature),
        (
            "options of a SYN",
            Four::new(6, options).from([198, 18, 9, 9]).frame(),
            Reason::Signature,
        ),
        ("a length within", datagram(5555, &[0; 100]).frame(), Reason::Signature),
        ("the shortest within", datagram(5555, &[0; 72]).frame(), Reason::Signature),
        ("one byte shorter", datagram(5555, &[0; 71]).frame(), Reason::Pass),
        ("the longest within", datagram(5555, &[0; 172]).frame(), Reason::Signature),
        ("one byte longer", datagram(5555, &[0; 173]).frame(), Reason::Pass),
        ("a hop limit without", datagram(5555, &[0; 100]).ttl(59).frame(), Reason::Pass),
        (
            "a hop limit of any protocol",
            Four::new(47, vec![0; 64]).ttl(3).frame(),
            Reason::Signature,
        ),
        ("a source port", Four::new(17, udp(4444, 443, &[0; 9])).frame(), Reason::Signature),
        ("a kind of ICMP", Four::new(1, icmp(13, 0)).frame(), Reason::Signature),
        ("within a rate", datagram(6666, &[0; 9]).frame(), Reason::Pass),
        ("over it", datagram(6666, &[0; 9]).frame(), Reason::SignatureRate),
        ("only counted", datagram(6667, &[0; 9]).frame(), Reason::Pass),
        ("over its time", datagram(6668, &[0; 9]).frame(), Reason::Pass),
    ]);
    let hits = both.kernel.signature_hits().unwrap();
    let counted = |id| {
        let at = both.model.signatures[1].list.iter().position(|own| own.id == id).unwrap();
        (hits[at].packets, both.model.signature_hits[1][at])
    };
    assert_eq!([counted(1), counted(4), counted(5), counted(9)], [(1, 1), (2, 2), (1, 1), (0, 0)]);
}

#[test]
fn dhcp_over_its_rate_is_a_datagram_as_others_and_what_else_is_control_passes() {
    let name = "dhcp_over_its_rate_is_a_datagram_as_others_and_what_else_is_control_passes";
    let Some(kernel) = loaded(name) else { return };
    let mut both = both(kernel);
    let config = Config { dhcp_ns: HOUR_NS, dhcp_burst_ns: HOUR_NS / 2, ..both.model.config };
    both.kernel.configure(config).unwrap();
    both.model.config = config;
    let answer = dhcp((67, 68), 2, 0);
    let one = answer.frame();
    assert_eq!(both.reason("the first", &one), (false, Reason::Control));
    assert_eq!(both.reason("the next", &one), (true, Reason::Unserved));
    let blocked = answer.from([192, 0, 2, 66]).frame();
    assert_eq!(both.reason("of a blocked host", &blocked), (true, Reason::Host));
    let mtu = Four::new(1, icmp(3, 4)).frame();
    assert_eq!(both.reason("path MTU", &mtu), (false, Reason::Control));
}

#[test]
fn a_source_has_its_budgets_and_none_is_learned_while_they_are_frozen() {
    let name = "a_source_has_its_budgets_and_none_is_learned_while_they_are_frozen";
    let Some(kernel) = loaded(name) else { return };
    let syn = |last| Four::new(6, tcp(40_000, 443, 2)).from([198, 18, 1, last]).frame();
    let mut both = both(kernel);
    let reasons: Vec<_> = (0..8).map(|_| both.reason("a SYN", &syn(1)).1).collect();
    let passed = reasons.iter().filter(|reason| **reason == Reason::Pass).count();
    assert_eq!((passed, reasons[7]), (6, Reason::SourceSyns));
    let ack = Four::new(6, tcp(40_000, 443, 0x10)).from([198, 18, 1, 1]).frame();
    assert_eq!(both.reason("no SYN", &ack), (false, Reason::Pass));
    both.configure(ALL | flag::SOURCES_FROZEN);
    for _ in 0..9 {
        assert_eq!(both.reason("a new source", &syn(2)).1, Reason::Pass);
    }
    assert_eq!(both.reason("a known one", &syn(1)).1, Reason::SourceSyns);
    let slow = Config { packet_burst_ns: HOUR_NS / 2, ..both.model.config };
    let config = Config { packet_ns: HOUR_NS, ..slow };
    both.kernel.configure(config).unwrap();
    both.model.config = config;
    let plain = datagram(443, &[7; 64]).from([198, 18, 1, 1]).frame();
    let reasons: Vec<_> = (0..3).map(|_| both.reason("a datagram", &plain).1).collect();
    assert_eq!(reasons[2], Reason::SourcePackets);
    assert_eq!(both.reason("what belongs to a connection", &ack), (false, Reason::Pass));
    let config = Config { flags: config.flags & !flag::FRAGMENTS, ..config };
    both.kernel.configure(config).unwrap();
    both.model.config = config;
    let piece = Four::new(6, tcp(40_000, 443, 0x10)).from([198, 18, 1, 1]).piece(0x2000).frame();
    assert_eq!(both.reason("a piece belongs to none", &piece), (true, Reason::SourcePackets));
}

#[test]
fn nothing_is_dropped_before_it_is_armed_or_after_the_last_sign_of_life() {
    let name = "nothing_is_dropped_before_it_is_armed_or_after_the_last_sign_of_life";
    let Some(kernel) = loaded(name) else { return };
    let mut both = both(kernel);
    let land = datagram(443, &[7; 64]).from(TARGET).frame();
    both.configure(ALL & !flag::ARMED);
    assert_eq!(both.reason("not armed", &land), (false, Reason::Land));
    both.configure(ALL);
    assert_eq!(both.reason("armed", &land), (true, Reason::Land));
    let old = Beat { at_ns: 1, stale_ns: 2 };
    both.kernel.tables().beat(old).unwrap();
    both.model.beat = old;
    assert_eq!(both.reason("nobody is alive", &land), (false, Reason::Land));
    let fresh = Beat { at_ns: FAR_NS, stale_ns: 60_000_000_000 };
    both.kernel.tables().beat(fresh).unwrap();
    both.model.beat = fresh;
    assert_eq!(both.reason("somebody is", &land), (true, Reason::Land));
    both.configure(flag::ARMED);
    assert_eq!(both.reason("no stage acts", &land), (false, Reason::Pass));
    let short = changed(land, 16, 9);
    assert_eq!(both.reason("nor for what is malformed", &short), (false, Reason::Pass));
}

#[test]
fn one_packet_in_so_many_is_sampled() {
    let Some(mut kernel) = loaded("one_packet_in_so_many_is_sampled") else { return };
    let flags = flag::SAMPLES | flag::SANITY;
    kernel.configure(Config { flags, sample_every: 10, ..Config::default() }).unwrap();
    let frame = datagram(443, &[7; 300]).frame();
    kernel.run(Program::Seawall, &frame, 100).unwrap();
    let mut samples = Vec::new();
    kernel.samples(1_000, |sample| samples.push(*sample));
    assert_eq!(samples.len(), 10);
    let one = &samples[0];
    assert_eq!((usize::from(one.len), one.captured, one.verdict), (frame.len(), 128, 2));
    assert_eq!(one.head[..], frame[..128]);
    assert_eq!(SOURCE.as_slice(), &one.head[26..30]);
}
