//! Bytes of a capture, read in pieces of a known length.

use super::{CaptureFault, PACKET_BYTES_MAX};
use std::io::{BufRead, ErrorKind};

/// The order of bytes in which a capture's numbers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Little,
    Big,
}

impl Order {
    pub(super) fn number(self, bytes: [u8; 4]) -> u32 {
        match self {
            Self::Little => u32::from_le_bytes(bytes),
            Self::Big => u32::from_be_bytes(bytes),
        }
    }

    pub(super) fn short(self, bytes: [u8; 2]) -> u16 {
        match self {
            Self::Little => u16::from_le_bytes(bytes),
            Self::Big => u16::from_be_bytes(bytes),
        }
    }
}

/// An input and the piece that was read last.
pub(super) struct Bytes<R> {
    input: R,
    piece: Vec<u8>,
}

impl<R: BufRead> Bytes<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input, piece: Vec::new() }
    }

    /// The next `N` bytes; none when the input is over exactly here.
    pub(super) fn array<const N: usize>(&mut self) -> Result<Option<[u8; N]>, CaptureFault> {
        let mut array = [0; N];
        match self.fill(&mut array)? {
            0 => Ok(None),
            read if read == N => Ok(Some(array)),
            _ => Err(CaptureFault::Truncated),
        }
    }

    /// The next `length` bytes.
    pub(super) fn piece(&mut self, length: u32) -> Result<&[u8], CaptureFault> {
        let bytes = usize::try_from(length).unwrap_or(usize::MAX);
        if bytes > PACKET_BYTES_MAX {
            return Err(CaptureFault::Length(length));
        }
        let mut piece = std::mem::take(&mut self.piece);
        piece.resize(bytes, 0);
        let read = self.fill(&mut piece);
        self.piece = piece;
        if read? < bytes { Err(CaptureFault::Truncated) } else { Ok(&self.piece) }
    }

    /// Bytes that could be read into `target` before the input was over.
    fn fill(&mut self, target: &mut [u8]) -> Result<usize, CaptureFault> {
        let mut filled = 0;
        while filled < target.len() {
            match self.input.read(&mut target[filled..]) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(cause) if cause.kind() == ErrorKind::Interrupted => {}
                Err(cause) => return Err(CaptureFault::Unreadable(cause.to_string())),
            }
        }
        Ok(filled)
    }
}
