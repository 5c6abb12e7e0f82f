//! Captures of packets: `pcap` and `pcapng`, in either order of bytes.
//!
//! Takes bytes; gives packets one after another, or the fault that ends the capture.
//! Bounds: [`PACKET_BYTES_MAX`] a packet or block, [`INTERFACES_MAX`] interfaces a section.
//!
//! Sources: the drafts `draft-ietf-opsawg-pcap` and `draft-ietf-opsawg-pcapng`.

mod bytes;
mod pcap;
mod pcapng;

use bytes::Bytes;
use pcap::Pcap;
use pcapng::Pcapng;
use seawall_wire::frame::{self, FrameHeaders};
use seawall_wire::packet::{Link, Packet, UnknownLink};
use std::io::BufRead;
use thiserror::Error;

/// The largest packet or block that is read: what tcpdump captures at most, four times over.
pub const PACKET_BYTES_MAX: usize = 1 << 20;
/// Interfaces that one section of a pcapng may have.
pub const INTERFACES_MAX: usize = 256;

/// Why a capture ends before its end.
#[derive(Debug, Error)]
pub enum CaptureFault {
    /// It breaks off inside a header, a block or a packet.
    #[error("it ends inside a packet or block")]
    Truncated,
    /// It does not begin as a capture.
    #[error("it does not begin as a capture; write it as pcap or pcapng")]
    NotACapture,
    /// A length that cannot be.
    #[error("a block says that it has {0} bytes; at most {PACKET_BYTES_MAX} are read")]
    Length(u32),
    /// A packet of an interface that was not described.
    #[error("a packet names interface {0}, which is not described")]
    Interface(u32),
    /// The bytes cannot be read.
    #[error("it cannot be read on: {0}")]
    Unreadable(String),
    /// Packets of a link that is not understood.
    #[error(transparent)]
    Link(#[from] UnknownLink),
}

/// One captured frame: a packet of the Internet protocol, or none where it holds another.
pub type Frame = Option<Packet>;

/// The packets of a capture, one after another.
pub struct Packets<R> {
    bytes: Bytes<R>,
    form: Form,
    headers: FrameHeaders,
}

/// How a capture is written, once its beginning was read.
enum Form {
    Unread,
    Pcap(Pcap),
    Pcapng(Pcapng),
    Over,
}

impl<R: BufRead> Packets<R> {
    /// The packets of `input`.
    pub fn new(input: R) -> Self {
        Self { bytes: Bytes::new(input), form: Form::Unread, headers: FrameHeaders::Other }
    }

    /// The next frame; none at the end, or after a fault.
    pub fn next_frame(&mut self) -> Option<Result<Frame, CaptureFault>> {
        let next = self.frame().transpose();
        if !matches!(next, Some(Ok(_))) {
            self.form = Form::Over;
        }
        next
    }

    /// The headers of the last frame, as strictly as the kernel's program reads them.
    pub fn headers(&self) -> FrameHeaders {
        self.headers
    }

    fn frame(&mut self) -> Result<Option<Frame>, CaptureFault> {
        if matches!(self.form, Form::Unread) {
            self.form = self.begin()?;
        }
        let read = |(link, bytes): (Link, &[u8])| {
            (Packet::parse(link, bytes), frame::of_link(link, bytes))
        };
        let next = match &mut self.form {
            Form::Pcap(pcap) => pcap.next(&mut self.bytes)?.map(read),
            Form::Pcapng(pcapng) => pcapng.next(&mut self.bytes)?.map(read),
            Form::Unread | Form::Over => None,
        };
        let (frame, headers) = next.unzip();
        self.headers = headers.unwrap_or(FrameHeaders::Other);
        Ok(frame)
    }

    fn begin(&mut self) -> Result<Form, CaptureFault> {
        let magic = self.bytes.array::<4>()?.ok_or(CaptureFault::Truncated)?;
        if magic == pcapng::MAGIC {
            return Ok(Form::Pcapng(Pcapng::begin(&mut self.bytes)?));
        }
        let order = pcap::order(magic).ok_or(CaptureFault::NotACapture)?;
        Ok(Form::Pcap(Pcap::begin(order, &mut self.bytes)?))
    }
}

/// Whether these first bytes are those of a capture.
pub(super) fn begins_one(head: &[u8]) -> bool {
    let magic = head.first_chunk().copied();
    magic.is_some_and(|magic| magic == pcapng::MAGIC || pcap::order(magic).is_some())
}

/// Whether a file of that name should be a capture.
pub(super) fn is_named_one(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    [".pcap", ".pcapng", ".cap"].iter().any(|ending| name.ends_with(ending))
}

#[cfg(test)]
mod tests;
