use super::*;
use proptest::prelude::*;

/// A UDP datagram in IPv4 on Ethernet.
fn datagram() -> Vec<u8> {
    let mut frame = vec![2; 12];
    frame.extend([0x08, 0x00, 0x45, 0, 0, 44, 0x12, 0x34, 0x40, 0, 64, 17, 0, 0]);
    frame.extend([192, 0, 2, 1, 198, 51, 100, 7]);
    frame.extend([0x9c, 0x40, 0x01, 0xbb, 0, 24, 0, 0]);
    frame.extend(*b"0123456789abcdef");
    frame
}

fn fields(frame: &[u8]) -> PacketFields {
    match ethernet(frame) {
        FrameHeaders::Packet(fields) => fields,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_datagram_gives_its_fields_with_or_without_tags() {
    let plain = fields(&datagram());
    assert_eq!((plain.protocol, plain.ttl, plain.id, plain.length), (17, 64, 0x1234, 44));
    assert_eq!((plain.source_port, plain.target_port), (40_000, 443));
    assert_eq!(&plain.begin, b"0123456789abcdef");
    let mut tagged = datagram();
    tagged.splice(12..12, [0x88, 0xa8, 0, 5, 0x81, 0, 0, 6]);
    assert_eq!(fields(&tagged), plain);
    tagged.splice(12..12, [0x81, 0, 0, 7]);
    assert_eq!(ethernet(&tagged), FrameHeaders::Other, "a third tag is not followed");
}

#[test]
fn a_length_that_does_not_fit_is_malformed_and_names_its_sender_where_it_can() {
    let mut beyond = datagram();
    beyond[17] = 45;
    assert_eq!(ethernet(&beyond), FrameHeaders::Malformed(None));
    let mut short = datagram();
    short[39] = 7;
    let sender = Some("192.0.2.1".parse().unwrap());
    assert_eq!(ethernet(&short), FrameHeaders::Malformed(sender));
}

#[test]
fn fewer_than_sixteen_carried_bytes_count_by_eights() {
    let mut frame = datagram();
    frame.truncate(frame.len() - 3);
    frame[17] = 41;
    frame[39] = 21;
    assert_eq!(&fields(&frame).begin, b"01234567\0\0\0\0\0\0\0\0");
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(frame in proptest::collection::vec(any::<u8>(), 0..128), kind in 0..4) {
        let mut frame = frame;
        if frame.len() > 15 && kind > 0 {
            let head: &[u8] = match kind { 1 => &[8, 0, 0x45], 2 => &[0x86, 0xdd, 0x60], _ => &[0x81, 0] };
            frame[12..12 + head.len()].copy_from_slice(head);
        }
        ethernet(&frame);
    }
}
