//! What honest senders send to a server, whatever their system: the least that no signature may fit.
//!
//! Shapes, not recordings: a system's first segment, a request, acknowledgements, an end, a reset, and
//! the datagrams of HTTP/3.

use seawall_types::PacketFields;
use seawall_types::packet::{ICMP, Piece, TCP, UDP};
use std::net::{IpAddr, Ipv4Addr};

/// Options of first segments: Linux and Android, Windows, macOS and iOS, and a segment size alone.
const OPENINGS: [(u16, u8, [u8; 16]); 4] = [
    (64_240, 10, *b"\x02\x04\x05\xb4\x04\x02\x08\x0a\x01\x02\x03\x04\0\0\0\0"),
    (64_240, 8, *b"\x02\x04\x05\xb4\x01\x03\x03\x08\x01\x01\x04\x02\0\0\0\0"),
    (65_535, 11, *b"\x02\x04\x05\xb4\x01\x03\x03\x06\x01\x01\x08\x0a\x01\x02\x03\x04"),
    (65_535, 6, *b"\x02\x04\x05\xb4\0\0\0\0\0\0\0\0\0\0\0\0"),
];
/// Flags of what follows: acknowledgement, data, end, reset.
const FOLLOWING: [u8; 6] = [0x10, 0x18, 0x11, 0x19, 0x04, 0x14];
/// Begins of what is carried: nothing, a record of TLS, a request.
const CARRIED: [(u16, [u8; 16]); 3] = [
    (0, [0; 16]),
    (517, *b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\x61\x62\x63\x64\x65"),
    (300, *b"GET / HTTP/1.1\r\n"),
];

/// What honest senders send to `target_port` over TCP, UDP and ICMP.
pub fn honest(target_port: u16) -> Vec<PacketFields> {
    let plain = PacketFields {
        source: IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)),
        target: IpAddr::V4(Ipv4Addr::new(198, 51, 100, 1)),
        protocol: TCP,
        flags: 0x02,
        ttl: 54,
        tos: 0,
        source_port: 50_123,
        target_port,
        id: 0x1f2e,
        window: 64_240,
        piece: Piece::Whole,
        offset: 5,
        ihl: 5,
        length: 40,
        begin: [0; 16],
    };
    let mut shapes = Vec::new();
    for (window, offset, begin) in OPENINGS {
        for flags in [0x02, 0xc2] {
            let length = 20 + 4 * u16::from(offset);
            shapes.push(PacketFields { window, offset, begin, flags, length, ..plain });
        }
    }
    for flags in FOLLOWING {
        for (offset, window) in [(5, 501), (8, 501), (8, 65_535), (5, 0)] {
            for (carried, begin) in CARRIED {
                let length = 20 + 4 * u16::from(offset) + carried;
                shapes.push(PacketFields { flags, offset, window, length, begin, ..plain });
            }
        }
    }
    let datagram = PacketFields { protocol: UDP, flags: 0, offset: 0, window: 0, ..plain };
    for (length, first) in [(1_278, 0xc3), (1_228, 0xe1), (80, 0x45), (1_400, 0x52)] {
        let mut begin = [0x5a; 16];
        begin[0] = first;
        shapes.push(PacketFields { length, begin, ..datagram });
    }
    let echo = PacketFields { protocol: ICMP, source_port: 8, target_port: 0, ..datagram };
    shapes.push(PacketFields { length: 84, ..echo });
    shapes
}
