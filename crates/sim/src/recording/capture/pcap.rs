//! The classic capture file: one header, then packets with 16 bytes before each.

use super::CaptureFault;
use super::bytes::{Bytes, Order};
use seawall_wire::packet::Link;
use std::io::BufRead;

/// Microseconds and nanoseconds, little end first.
const LITTLE: [[u8; 4]; 2] = [[0xd4, 0xc3, 0xb2, 0xa1], [0x4d, 0x3c, 0xb2, 0xa1]];
/// Microseconds and nanoseconds, big end first.
const BIG: [[u8; 4]; 2] = [[0xa1, 0xb2, 0xc3, 0xd4], [0xa1, 0xb2, 0x3c, 0x4d]];

/// The order of bytes that a file's first four tell; none when it is another file.
pub(super) fn order(magic: [u8; 4]) -> Option<Order> {
    if LITTLE.contains(&magic) {
        return Some(Order::Little);
    }
    BIG.contains(&magic).then_some(Order::Big)
}

/// A classic capture whose header was read.
#[derive(Debug)]
pub(super) struct Pcap {
    order: Order,
    link: Link,
}

impl Pcap {
    /// Reads the rest of the header.
    pub(super) fn begin<R: BufRead>(
        order: Order,
        bytes: &mut Bytes<R>,
    ) -> Result<Self, CaptureFault> {
        let header: [u8; 20] = bytes.array()?.ok_or(CaptureFault::Truncated)?;
        // The upper bits tell of check sequences behind frames, which do not matter here.
        let number = order.number(four(&header[16..])) & 0xffff;
        Ok(Self { order, link: Link::of(number)? })
    }

    pub(super) fn next<'b, R: BufRead>(
        &mut self,
        bytes: &'b mut Bytes<R>,
    ) -> Result<Option<(Link, &'b [u8])>, CaptureFault> {
        let Some(header) = bytes.array::<16>()? else { return Ok(None) };
        let length = self.order.number(four(&header[8..]));
        Ok(Some((self.link, bytes.piece(length)?)))
    }
}

fn four(bytes: &[u8]) -> [u8; 4] {
    *bytes.first_chunk().expect("invariant: callers leave four bytes")
}
