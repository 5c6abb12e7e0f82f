//! What a shield and its helper say to one another, and how it goes over a pair of sockets.
//!
//! A message is its length in four bytes, then JSON; descriptors go with the length.
//! Bounds: [`MESSAGE_MAX`] bytes, [`DESCRIPTORS_MAX`] descriptors.

use crate::layer::Mode;
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recv, recvmsg, sendmsg,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::io::{self, IoSlice, IoSliceMut, Read as _, Write as _};
use std::mem::MaybeUninit;
use std::net::IpAddr;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;

/// Bytes of a message: a full allow list of the longest networks.
pub(super) const MESSAGE_MAX: usize = 4 * 1024 * 1024;
/// Descriptors that go with a message: those of the tables, and some.
const DESCRIPTORS_MAX: usize = 24;

/// A network: an address and the bits that count.
pub(crate) type Net = (IpAddr, u8);

/// Everything that a helper does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Request {
    /// Loads the program, with who always passes; its tables come back as descriptors.
    Load { passes: Vec<Net>, tcp_ports: Vec<u16> },
    /// Covers every interface as well as it can be done.
    Cover,
    /// Takes back what another program kept it from.
    Reclaim,
    /// Tells how everything stands.
    Look,
    /// Has rules of nft drop, or only count.
    Arm(bool),
    /// Has rules of nft let these pass.
    Pass(Vec<Net>),
    /// Has rules of nft drop these hosts until the moments beside them, by the kernel's clock.
    Block(Vec<(IpAddr, u64)>),
    /// Has rules of nft drop these hosts no more.
    Lift(Vec<IpAddr>),
    /// Leaves to a successor what it has taken over, and takes everything else off.
    Leave,
    /// Leaves every interface as it was.
    End,
}

/// What came of a request, and how everything stands after it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Told {
    /// Each interface and how it is covered.
    pub(crate) modes: Vec<(String, Mode)>,
    /// What is not as wanted, each a sentence that was not said before.
    pub(crate) said: Vec<String>,
    /// What is not as it should be right now, each a sentence.
    pub(crate) troubles: Vec<String>,
    /// Hosts that found no room.
    pub(crate) full: usize,
    /// Whether the program outlives its process.
    pub(crate) stays: bool,
    /// Whether a successor runs its own program wherever this one's was pinned.
    pub(crate) is_succeeded: bool,
}

/// What came over a pair of sockets.
pub(crate) enum Heard<T> {
    /// A message with its descriptors.
    Said(T, Vec<OwnedFd>),
    /// The other end is closed.
    Ended,
}

/// Says something.
///
/// # Errors
/// The other end is gone, or the message is too long.
pub(super) fn say(
    stream: &UnixStream,
    message: &impl Serialize,
    descriptors: &[BorrowedFd<'_>],
) -> io::Result<()> {
    let body = serde_json::to_vec(message)?;
    let too_long = || io::Error::new(io::ErrorKind::InvalidInput, "the message is too long");
    if body.len() > MESSAGE_MAX {
        return Err(too_long());
    }
    let length = u32::try_from(body.len()).map_err(|_| too_long())?.to_le_bytes();
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(DESCRIPTORS_MAX))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    if !descriptors.is_empty() && !ancillary.push(SendAncillaryMessage::ScmRights(descriptors)) {
        return Err(io::Error::other("too many descriptors for one message"));
    }
    let flags = SendFlags::NOSIGNAL;
    if sendmsg(stream, &[IoSlice::new(&length)], &mut ancillary, flags)? != length.len() {
        return Err(io::ErrorKind::WriteZero.into());
    }
    let mut stream = stream;
    stream.write_all(&body)
}

/// Waits for what the other end says.
///
/// # Errors
/// It says nothing for as long as `stream` waits, too much, or nothing that has a meaning.
pub(super) fn hear<T: DeserializeOwned>(stream: &UnixStream) -> io::Result<Heard<T>> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(DESCRIPTORS_MAX))];
    let mut ancillary = RecvAncillaryBuffer::new(&mut space);
    let mut length = [0_u8; 4];
    let flags = RecvFlags::CMSG_CLOEXEC;
    let received = loop {
        let mut room = [IoSliceMut::new(&mut length)];
        match recvmsg(stream, &mut room, &mut ancillary, flags) {
            Err(rustix::io::Errno::INTR) => {}
            Err(rustix::io::Errno::CONNRESET) => return Ok(Heard::Ended),
            other => break other?,
        }
    };
    let mut descriptors = Vec::new();
    for message in ancillary.drain() {
        if let RecvAncillaryMessage::ScmRights(handed_over) = message {
            descriptors.extend(handed_over);
        }
    }
    if received.bytes == 0 {
        return Ok(Heard::Ended);
    }
    let mut stream = stream;
    stream.read_exact(length.get_mut(received.bytes..).unwrap_or_default())?;
    let length = u32::from_le_bytes(length) as usize;
    if length > MESSAGE_MAX {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "the message is too long"));
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    Ok(Heard::Said(serde_json::from_slice(&body)?, descriptors))
}

/// Whether the other end is open; waits for nothing.
pub(super) fn is_open(stream: &UnixStream) -> bool {
    let flags = RecvFlags::PEEK | RecvFlags::DONTWAIT;
    match recv(stream, &mut [0_u8; 1][..], flags) {
        Ok((_, length)) => length > 0,
        Err(cause) => cause == rustix::io::Errno::AGAIN || cause == rustix::io::Errno::INTR,
    }
}
