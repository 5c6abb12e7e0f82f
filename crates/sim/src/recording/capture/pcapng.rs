//! The newer capture file: blocks, of which some describe interfaces and some hold packets.

use super::bytes::{Bytes, Order};
use super::{CaptureFault, INTERFACES_MAX};
use seawall_wire::packet::{Link, UnknownLink};
use std::io::BufRead;

/// Type of the block that begins a section; reads the same in either order of bytes.
pub(super) const MAGIC: [u8; 4] = [0x0a, 0x0d, 0x0d, 0x0a];
const LITTLE: [u8; 4] = [0x4d, 0x3c, 0x2b, 0x1a];
const BIG: [u8; 4] = [0x1a, 0x2b, 0x3c, 0x4d];

const INTERFACE_DESCRIPTION: u32 = 1;
const PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
const ENHANCED_PACKET: u32 = 6;
/// Bytes of a block beside its body: type, and the length on both sides.
const FRAME_BYTES: u32 = 12;

/// A capture of blocks, of which the beginning of a section was read.
#[derive(Debug)]
pub(super) struct Pcapng {
    order: Order,
    /// By number; one that is not understood is a fault only when it has packets.
    links: Vec<Result<Link, UnknownLink>>,
}

impl Pcapng {
    /// Reads the rest of a section's first block, whose type was read.
    pub(super) fn begin<R: BufRead>(bytes: &mut Bytes<R>) -> Result<Self, CaptureFault> {
        let [length, magic] = [bytes.array()?, bytes.array()?];
        let order = match magic.ok_or(CaptureFault::Truncated)? {
            LITTLE => Order::Little,
            BIG => Order::Big,
            _ => return Err(CaptureFault::NotACapture),
        };
        let length = order.number(length.ok_or(CaptureFault::Truncated)?);
        // What was read of it: type, length and order.
        bytes.piece(length.checked_sub(FRAME_BYTES).ok_or(CaptureFault::Length(length))?)?;
        Ok(Self { order, links: Vec::new() })
    }

    pub(super) fn next<'b, R: BufRead>(
        &mut self,
        bytes: &'b mut Bytes<R>,
    ) -> Result<Option<(Link, &'b [u8])>, CaptureFault> {
        loop {
            let Some(kind) = bytes.array()? else { return Ok(None) };
            if kind == MAGIC {
                *self = Self::begin(bytes)?;
                continue;
            }
            let length = bytes.array()?.ok_or(CaptureFault::Truncated)?;
            let length = self.order.number(length);
            let body = length.checked_sub(FRAME_BYTES).ok_or(CaptureFault::Length(length))?;
            match self.order.number(kind) {
                INTERFACE_DESCRIPTION => self.describe(bytes.piece(body)?)?,
                PACKET | SIMPLE_PACKET | ENHANCED_PACKET => {
                    return self.packet(self.order.number(kind), body, bytes).map(Some);
                }
                _ => drop(bytes.piece(body)?),
            }
            bytes.array::<4>()?.ok_or(CaptureFault::Truncated)?;
        }
    }

    fn describe(&mut self, body: &[u8]) -> Result<(), CaptureFault> {
        let number = *body.first_chunk().ok_or(CaptureFault::Truncated)?;
        if self.links.len() < INTERFACES_MAX {
            self.links.push(Link::of(u32::from(self.order.short(number))));
        }
        Ok(())
    }

    /// Reads the body of a packet's block and the length behind it.
    fn packet<'b, R: BufRead>(
        &self,
        kind: u32,
        body: u32,
        bytes: &'b mut Bytes<R>,
    ) -> Result<(Link, &'b [u8]), CaptureFault> {
        let block = bytes.piece(body + 4)?;
        let body = &block[..block.len() - 4];
        let number = |at: usize| {
            let four = body.get(at..).and_then(|rest| rest.first_chunk().copied());
            four.map(|four| self.order.number(four)).ok_or(CaptureFault::Truncated)
        };
        let (interface, captured, header) = match kind {
            ENHANCED_PACKET => (number(0)?, number(12)?, 20),
            // The older form: a short for the interface, then a count of drops.
            PACKET => {
                let short = *body.first_chunk().ok_or(CaptureFault::Truncated)?;
                (u32::from(self.order.short(short)), number(12)?, 20)
            }
            // No captured length: what is there, less what fills up to four bytes.
            _ => (0, number(0)?.min(u32::try_from(body.len() - 4).unwrap_or(u32::MAX)), 4),
        };
        let link = usize::try_from(interface).ok().and_then(|at| self.links.get(at));
        let link = (*link.ok_or(CaptureFault::Interface(interface))?)?;
        let length = usize::try_from(captured).unwrap_or(usize::MAX);
        let frame = body.get(header..).and_then(|behind| behind.get(..length));
        Ok((link, frame.ok_or(CaptureFault::Truncated)?))
    }
}
