//! Resets that we send because a client broke the rules on a stream.
//!
//! A client that provokes them cancels its requests without a reset of its own (CVE-2025-8671).

use super::FrameFault;
use super::frame::{self, FrameWalk, Part};

/// Provoked resets of one connection: fewer than the origin would feel, more than a race between
/// an honest client and us brings about. Never decays.
pub const PROVOKED_RESETS_MAX: u32 = 20;

/// Watches the bytes that we send on one HTTP/2 connection.
#[derive(Debug, Clone)]
pub struct OutboundResets {
    walk: FrameWalk,
    most: u32,
    provoked: u32,
    sent: u32,
    code: Code,
}

/// The error code of a `RST_STREAM` frame, gathered from its payload.
#[derive(Debug, Clone, Copy)]
enum Code {
    Irrelevant,
    Awaited { value: u32 },
}

impl Default for OutboundResets {
    fn default() -> Self {
        Self::new(PROVOKED_RESETS_MAX)
    }
}

impl OutboundResets {
    /// In front of the first byte that we send; `most` provoked resets are borne.
    pub const fn new(most: u32) -> Self {
        Self { walk: FrameWalk::START, most, provoked: 0, sent: 0, code: Code::Irrelevant }
    }

    /// Takes the next bytes that we sent, in any pieces.
    ///
    /// # Errors
    /// [`FrameFault::ProvokedResets`] once there are more than the connection may provoke.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<(), FrameFault> {
        let mut rest = bytes;
        while let Some(part) = self.walk.next(&mut rest) {
            match (part, self.code) {
                (Part::Header(header), _) => {
                    self.code = match header.kind {
                        frame::RST_STREAM => Code::Awaited { value: 0 },
                        _ => Code::Irrelevant,
                    };
                }
                (Part::Payload { piece, last }, Code::Awaited { value }) => {
                    let value = piece.iter().fold(value, |sum, byte| sum << 8 | u32::from(*byte));
                    self.code = Code::Awaited { value };
                    if last {
                        self.count(value);
                    }
                }
                (Part::Payload { .. }, Code::Irrelevant) => {}
            }
        }
        if self.provoked > self.most {
            return Err(FrameFault::ProvokedResets);
        }
        Ok(())
    }

    /// `RST_STREAM` frames sent, whatever their cause.
    pub fn sent(&self) -> u32 {
        self.sent
    }

    /// `RST_STREAM` frames sent because the client broke a rule.
    pub fn provoked(&self) -> u32 {
        self.provoked
    }

    fn count(&mut self, code: u32) {
        self.sent = self.sent.saturating_add(1);
        if is_provoked(code) {
            self.provoked = self.provoked.saturating_add(1);
        }
    }
}

/// Error codes (RFC 9113 §7) that blame the other side: `PROTOCOL_ERROR`, `FLOW_CONTROL_ERROR`,
/// `STREAM_CLOSED`, `FRAME_SIZE_ERROR`, `COMPRESSION_ERROR`, `ENHANCE_YOUR_CALM`.
fn is_provoked(code: u32) -> bool {
    matches!(code, 0x1 | 0x3 | 0x5 | 0x6 | 0x9 | 0xb)
}
