use super::*;
use proptest::prelude::*;

/// An IPv4 header without options around `behind`.
fn v4(protocol: u8, piece: u16, behind: &[u8]) -> Vec<u8> {
    let length = u16::try_from(20 + behind.len()).unwrap().to_be_bytes();
    let piece = piece.to_be_bytes();
    let mut bytes =
        vec![0x45, 0, length[0], length[1], 0, 0, piece[0], piece[1], 64, protocol, 0, 0];
    bytes.extend([192, 0, 2, 1, 198, 51, 100, 7]);
    bytes.extend(behind);
    bytes
}

fn segment(flags: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0x10, 0x00, 0x01, 0xbb, 0, 0, 0, 0, 0, 0, 0, 0, 0x50, flags];
    bytes.extend([0; 6]);
    bytes.extend(payload);
    bytes
}

const PORTS: Ports = Ports { source: 4096, target: 443 };

fn carried(packet: &[u8]) -> Option<Carried> {
    Packet::parse(Link::Raw, packet).map(|packet| packet.carried)
}

#[test]
fn a_segment_gives_its_ports_flags_and_the_length_of_what_it_carries() {
    let packet = Packet::parse(Link::Raw, &v4(6, 0x4000, &segment(0x18, b"GET /"))).unwrap();
    assert_eq!(packet.source.to_string(), "192.0.2.1");
    assert_eq!(packet.target.to_string(), "198.51.100.7");
    let flags = TcpFlags(0x18);
    assert_eq!(packet.carried, Carried::Tcp { ports: PORTS, flags, payload_bytes: 5 });
    assert!(TcpFlags(0xc2).are(TcpFlags::SYN), "flags of ECN do not hide a SYN");
    assert!(!TcpFlags(0x12).are(TcpFlags::SYN));
}

#[test]
fn a_piece_of_a_packet_has_no_ports() {
    for piece in [0x2000, 0x00b3] {
        assert_eq!(carried(&v4(17, piece, &[0; 8])), Some(Carried::Fragment));
    }
}

#[test]
fn an_error_tells_what_it_quotes_and_an_echo_quotes_nothing() {
    let quoted = v4(17, 0, &[0x10, 0x00, 0x00, 0xa1, 0, 8, 0, 0]);
    let error = [&[3, 3, 0, 0, 0, 0, 0, 0][..], &quoted].concat();
    let quoted = Some(Quoted { protocol: 17, target_port: Some(161) });
    assert_eq!(carried(&v4(1, 0, &error)), Some(Carried::Icmp { kind: 3, quoted }));
    let echo = carried(&v4(1, 0, &[8, 0, 0, 0, 0, 1, 0, 1]));
    assert_eq!(echo, Some(Carried::Icmp { kind: 8, quoted: None }));
}

#[test]
fn ipv6_is_read_behind_its_extension_headers() {
    let mut bytes = vec![0x60, 0, 0, 0, 0, 28, 0, 64];
    bytes.extend("2001:db8::1".parse::<std::net::Ipv6Addr>().unwrap().octets());
    bytes.extend("2001:db8::2".parse::<std::net::Ipv6Addr>().unwrap().octets());
    bytes.extend([6, 0, 1, 4, 0, 0, 0, 0]);
    bytes.extend(segment(0x02, &[]));
    let packet = Packet::parse(Link::Raw, &bytes).unwrap();
    assert_eq!(packet.source.to_string(), "2001:db8::1");
    let flags = TcpFlags(0x02);
    assert_eq!(packet.carried, Carried::Tcp { ports: PORTS, flags, payload_bytes: 0 });
}

#[test]
fn every_kind_of_link_leads_to_the_same_packet() {
    let packet = v4(17, 0, &[0x10, 0x00, 0x01, 0xbb, 0, 8, 0, 0]);
    let framed = |front: &[u8]| [front, &packet].concat();
    let addresses = [0_u8; 12];
    for (number, frame) in [
        (1, framed(&[&addresses[..], &[8, 0]].concat())),
        (1, framed(&[&addresses[..], &[0x88, 0xa8, 0, 1, 0x81, 0, 0, 2, 8, 0]].concat())),
        (101, packet.clone()),
        (0, framed(&[2, 0, 0, 0])),
        (113, framed(&[&[0; 14][..], &[8, 0]].concat())),
        (276, framed(&[&[8, 0][..], &[0; 18]].concat())),
    ] {
        let read = Packet::parse(Link::of(number).unwrap(), &frame);
        assert_eq!(read.map(|packet| packet.carried), Some(Carried::Udp(PORTS)), "{number}");
    }
    let arp = [&addresses[..], &[8, 6, 0, 1]].concat();
    assert_eq!(Packet::parse(Link::Ethernet, &arp), None);
    assert_eq!(Link::of(147), Err(UnknownLink(147)));
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(link in 0_u32..300, bytes in any::<Vec<u8>>()) {
        if let Ok(link) = Link::of(link) {
            let _ = Packet::parse(link, &bytes);
        }
        let _ = carried(&v4(6, 0, &bytes));
        let _ = carried(&v4(1, 0, &bytes));
    }
}
