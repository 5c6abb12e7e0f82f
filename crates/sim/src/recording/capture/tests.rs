use super::*;
use proptest::prelude::*;
use seawall_wire::packet::{Carried, Ports};

/// An Ethernet frame with a UDP datagram from port `source`.
fn frame(source: u16) -> Vec<u8> {
    let mut bytes = vec![0; 12];
    bytes.extend([8, 0, 0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0]);
    bytes.extend([192, 0, 2, 1, 198, 51, 100, 7]);
    bytes.extend(source.to_be_bytes());
    bytes.extend([0, 53, 0, 8, 0, 0]);
    bytes
}

fn number(order: Order, value: usize) -> [u8; 4] {
    let value = u32::try_from(value).unwrap();
    match order {
        Order::Little => value.to_le_bytes(),
        Order::Big => value.to_be_bytes(),
    }
}

use super::bytes::Order;

fn pcap(order: Order, sources: &[u16]) -> Vec<u8> {
    let mut bytes = number(order, 0xa1b2_c3d4).to_vec();
    bytes.extend([0; 16]);
    bytes.extend(number(order, 1));
    for source in sources {
        let frame = frame(*source);
        bytes.extend([0; 8]);
        bytes.extend([number(order, frame.len()), number(order, frame.len())].concat());
        bytes.extend(frame);
    }
    bytes
}

fn block(order: Order, kind: usize, body: &[u8]) -> Vec<u8> {
    let filled = body.len().next_multiple_of(4);
    let length = number(order, filled + 12);
    let mut bytes = [number(order, kind), length].concat();
    bytes.extend(body);
    bytes.resize(8 + filled, 0);
    bytes.extend(length);
    bytes
}

fn pcapng(order: Order, sources: &[u16]) -> Vec<u8> {
    let mut section = number(order, 0x1a2b_3c4d).to_vec();
    section.extend([0; 12]);
    let mut bytes = block(order, 0x0a0d_0d0a, &section);
    let link = match order {
        Order::Little => [1, 0],
        Order::Big => [0, 1],
    };
    bytes.extend(block(order, 1, &[&link[..], &[0; 6]].concat()));
    // A block that nobody asked for.
    bytes.extend(block(order, 5, &[7; 9]));
    for source in sources {
        let frame = frame(*source);
        let mut body = [0; 12].to_vec();
        body.extend([number(order, frame.len()), number(order, frame.len())].concat());
        body.extend(&frame);
        bytes.extend(block(order, 6, &body));
        bytes.extend(block(order, 3, &[&number(order, frame.len())[..], &frame].concat()));
    }
    bytes
}

/// Source ports in order, and the fault that ended the capture.
fn read(bytes: &[u8]) -> (Vec<u16>, Option<String>) {
    let mut packets = Packets::new(bytes);
    let mut sources = Vec::new();
    while let Some(frame) = packets.next_frame() {
        match frame {
            Ok(Some(Packet { carried: Carried::Udp(Ports { source, .. }), .. })) => {
                sources.push(source);
            }
            Ok(other) => panic!("{other:?}"),
            Err(fault) => return (sources, Some(fault.to_string())),
        }
    }
    (sources, None)
}

#[test]
fn both_forms_are_read_in_both_orders_of_bytes() {
    for order in [Order::Little, Order::Big] {
        assert_eq!(read(&pcap(order, &[1, 2, 3])), (vec![1, 2, 3], None));
        assert_eq!(read(&pcapng(order, &[1, 2])), (vec![1, 1, 2, 2], None));
        let twice = [pcapng(order, &[1]), pcapng(Order::Little, &[2])].concat();
        assert_eq!(read(&twice), (vec![1, 1, 2, 2], None));
    }
}

#[test]
fn a_capture_that_breaks_off_gives_its_whole_packets_and_says_so() {
    let truncated = Some("it ends inside a packet or block".to_owned());
    let whole = pcap(Order::Little, &[1, 2, 3]);
    assert_eq!(read(&whole[..whole.len() - 1]), (vec![1, 2], truncated.clone()));
    assert_eq!(read(&whole[..30]), (vec![], truncated.clone()));
    let whole = pcapng(Order::Little, &[1]);
    assert_eq!(read(&whole[..whole.len() - 1]), (vec![1], truncated));
}

#[test]
fn what_cannot_be_is_told_and_reading_stops() {
    let huge = [&pcap(Order::Little, &[1])[..], &[0; 8], &[0xff; 8]].concat();
    let (sources, fault) = read(&huge);
    assert_eq!(sources, [1]);
    assert_eq!(
        fault.unwrap(),
        "a block says that it has 4294967295 bytes; at most 1048576 are read"
    );
    let mut wifi = pcap(Order::Little, &[1]);
    wifi[20] = 105;
    let fault = read(&wifi).1.unwrap();
    assert_eq!(fault, "link type 105 is not read; capture on Ethernet or as raw IP");
    let short = [&pcapng(Order::Big, &[])[..], &block(Order::Big, 6, &[0; 16])].concat();
    assert_eq!(read(&short).1.unwrap(), "it ends inside a packet or block");
    let fault = read(b"GIF89a").1.unwrap();
    assert_eq!(fault, "it does not begin as a capture; write it as pcap or pcapng");
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic_or_run_on(cut in 0_usize..300, noise in any::<Vec<u8>>()) {
        for whole in [pcap(Order::Big, &[1, 2]), pcapng(Order::Little, &[1, 2])] {
            let mut bytes = whole[..cut.min(whole.len())].to_vec();
            bytes.extend(&noise);
            let mut packets = Packets::new(&bytes[..]);
            let mut frames = 0;
            while packets.next_frame().is_some() {
                frames += 1;
                prop_assert!(frames <= bytes.len());
            }
        }
    }
}
