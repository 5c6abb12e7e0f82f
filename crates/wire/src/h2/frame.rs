//! Frame headers and payload pieces of a byte stream (RFC 9113 §4.1).

pub(super) const DATA: u8 = 0;
pub(super) const HEADERS: u8 = 1;
pub(super) const PRIORITY: u8 = 2;
pub(super) const RST_STREAM: u8 = 3;
pub(super) const SETTINGS: u8 = 4;
pub(super) const WINDOW_UPDATE: u8 = 8;
pub(super) const CONTINUATION: u8 = 9;

/// On SETTINGS.
pub(super) const ACK: u8 = 0x1;
/// On DATA and HEADERS.
pub(super) const END_STREAM: u8 = 0x1;
/// On HEADERS and CONTINUATION.
pub(super) const END_HEADERS: u8 = 0x4;
/// On HEADERS.
pub(super) const PADDED: u8 = 0x8;
/// On HEADERS.
pub(super) const WITH_PRIORITY: u8 = 0x20;

const HEADER_BYTES: usize = 9;

/// The nine bytes in front of every payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FrameHeader {
    pub(super) length: u32,
    pub(super) kind: u8,
    pub(super) flags: u8,
    pub(super) stream: u32,
}

impl FrameHeader {
    fn read(bytes: [u8; HEADER_BYTES]) -> Self {
        let [high, middle, low, kind, flags, stream @ ..] = bytes;
        Self {
            length: u32::from_be_bytes([0, high, middle, low]),
            kind,
            flags,
            stream: u32::from_be_bytes(stream) & 0x7fff_ffff,
        }
    }

    pub(super) fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }
}

/// One step along the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part<'a> {
    Header(FrameHeader),
    /// A piece of the payload; `last` ends the frame, and comes for an empty payload too.
    Payload {
        piece: &'a [u8],
        last: bool,
    },
}

/// Where the stream stands between two calls; `left` is below 2^24.
#[derive(Debug, Clone, Copy)]
pub(super) enum FrameWalk {
    Header { bytes: [u8; HEADER_BYTES], filled: usize },
    Payload { left: usize },
}

impl FrameWalk {
    pub(super) const START: Self = Self::Header { bytes: [0; HEADER_BYTES], filled: 0 };

    /// Takes the next part from the front of `bytes`; `None` when they do not hold one.
    #[inline]
    pub(super) fn next<'a>(&mut self, bytes: &mut &'a [u8]) -> Option<Part<'a>> {
        match self {
            Self::Header { filled: 0, .. } if bytes.len() >= HEADER_BYTES => {
                let (header, rest) = bytes.split_first_chunk()?;
                *bytes = rest;
                Some(self.begin(*header))
            }
            Self::Header { bytes: header, filled } => {
                let open = header.get_mut(*filled..)?;
                let here = open.len().min(bytes.len());
                let (front, rest) = bytes.split_at_checked(here)?;
                open.get_mut(..here)?.copy_from_slice(front);
                *filled += here;
                *bytes = rest;
                let whole = (*filled == HEADER_BYTES).then_some(*header)?;
                Some(self.begin(whole))
            }
            Self::Payload { left } => {
                if *left > 0 && bytes.is_empty() {
                    return None;
                }
                let here = bytes.len().min(*left);
                let (piece, rest) = bytes.split_at_checked(here)?;
                *bytes = rest;
                *left -= here;
                let last = *left == 0;
                if last {
                    *self = Self::START;
                }
                Some(Part::Payload { piece, last })
            }
        }
    }

    fn begin<'a>(&mut self, bytes: [u8; HEADER_BYTES]) -> Part<'a> {
        let header = FrameHeader::read(bytes);
        *self = Self::Payload { left: header.length as usize };
        Part::Header(header)
    }
}
