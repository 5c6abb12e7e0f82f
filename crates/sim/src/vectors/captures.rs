//! The captures of real floods: what they are named, and that few signatures cover them.

use crate::recording::capture::Packets;
use crate::vectors::Tally;
use seawall_engine::packets::{PacketKind, Verdict, honest};
use seawall_types::PacketFields;
use seawall_wire::frame::FrameHeaders;
use std::fmt::Write as _;
use std::io::Cursor;
use std::path::Path;

/// Signatures that may be used.
const SIGNATURES_MAX: usize = 3;

#[expect(
    clippy::disallowed_methods,
    reason = "the captures of the project are read for these tests"
)]
fn bytes(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/pcap").join(name);
    std::fs::read(&path).unwrap_or_else(|cause| panic!("{}: {cause}", path.display()))
}

fn frames(name: &str) -> (Tally, Vec<PacketFields>) {
    let mut packets = Packets::new(Cursor::new(bytes(name)));
    let (mut tally, mut all) = (Tally::default(), Vec::new());
    while let Some(frame) = packets.next_frame() {
        tally.add(&frame.expect("it is whole"));
        let headers = packets.headers();
        tally.sample(&headers);
        if let FrameHeaders::Packet(fields) = headers {
            all.push(fields);
        }
    }
    (tally, all)
}

/// The vectors, the signatures, and the share of the flood's packets that they cover.
fn told(name: &str, is_flood: impl Fn(PacketKind) -> bool) -> String {
    let (tally, all) = frames(name);
    let summary = tally.conclude();
    let mut text = String::new();
    for vector in &summary.vectors {
        let _ = writeln!(text, "{}", vector.name);
    }
    let signatures: Vec<_> = summary
        .described
        .iter()
        .filter(|vector| is_flood(vector.kind))
        .filter_map(|vector| match &vector.verdict {
            Verdict::Described(found) => Some(found),
            Verdict::Undescribed(_) => None,
        })
        .take(SIGNATURES_MAX)
        .collect();
    for found in &signatures {
        let _ =
            writeln!(text, "  {} {}", if found.is_rate { "rate" } else { "drop" }, found.signature);
        let dropped = honest(443).iter().any(|shape| found.signature.matches(shape));
        assert!(found.is_rate || !dropped, "an honest shape would be dropped");
    }
    let flood: Vec<_> = all.iter().filter(|fields| is_flood(PacketKind::of(fields))).collect();
    let covers = |fields: &PacketFields| signatures.iter().any(|one| one.signature.matches(fields));
    let covered = flood.iter().filter(|fields| covers(fields)).count();
    let _ = writeln!(text, "covers {covered} of {}", flood.len());
    assert!(covered * 100 >= flood.len() * 99, "{text}");
    text
}

#[test]
fn a_reflection_of_syn_acks_is_covered_by_three_signatures() {
    let of_flood =
        |kind| matches!(kind, PacketKind::SynAck | PacketKind::Rst | PacketKind::Icmp(3));
    expect_test::expect![[r"
        tcp: syn-ack reflection
          drop protocol=tcp and flags=0x12 and piece=0 and header-words=6 and bytes0=0x0 and bytes4=0x0 and bytes8=0x0 and length=44..44
          rate protocol=tcp and flags&0x6=0x4 and window=0 and piece=0 and header-words=5 and bytes0=0x0 and bytes4=0x0 and bytes8=0x0 and length=40..40
          drop protocol=icmp and source-port=3 and piece=0
        covers 7821 of 7822
    "]].assert_eq(&told("amp.TCP.reflection.SYNACK.pcap", of_flood));
}

#[test]
fn a_reflection_of_snmp_is_covered_by_three() {
    expect_test::expect![[r"
        udp: snmp reflection
          drop protocol=udp and source-port=161 and piece=0
          drop protocol=icmp and source-port=3 and piece=0
          drop protocol=icmp and source-port=11 and target-port=0 and piece=0
        covers 4369 of 4373
    "]]
    .assert_eq(&told("amp.UDP.snmp.src161.pcapng", |_| true));
}

#[test]
fn a_flood_of_openings_is_covered_by_two() {
    expect_test::expect![[r"
        tcp: syn
          drop protocol=tcp and flags=0xc2 and target-port=30120 and window=65535 and piece=0 and header-words=5 and bytes0=0x0 and bytes4=0x0 and bytes8=0x0 and length=40..40
          rate protocol=tcp and flags&0x6=0x4 and target-port=30120 and piece=0 and header-words=5 and bytes0=0x0 and bytes4=0x0 and bytes8=0x0 and length=40..40
        covers 9876 of 9878
    "]].assert_eq(&told("pkt.TCP.DOMINATE.syn.ecn.cwr.pcapng", |_| true));
}
