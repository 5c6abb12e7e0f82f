//! The first frames of a connection, as far as they tell client stacks apart.

use super::frame::{self, FrameHeader};
use super::hpack::first_block;
use std::fmt::Write;

/// Bytes of the first header block that are kept and read; what is beyond goes unread.
pub const BLOCK_BYTES_MAX: usize = 4 * 1024;
/// Settings of the first SETTINGS frame that are kept.
pub const SETTINGS_MAX: usize = 32;
/// PRIORITY frames before the first request that are kept.
pub const PRIORITIES_MAX: usize = 16;

const SETTING_BYTES: usize = 6;

/// What the first frames say.
#[derive(Debug)]
pub(super) struct Traits {
    pub(super) fingerprint: Box<str>,
    pub(super) names: Box<str>,
}

/// Gathers [`Traits`]; freed as soon as it has given them.
#[derive(Debug, Default)]
pub(super) struct Capture {
    settings: Option<String>,
    window_update: u32,
    priorities: Vec<String>,
    header: Option<FrameHeader>,
    /// Payload of the frame under way, behind what is kept of the header block before it.
    buffer: Vec<u8>,
}

impl Capture {
    /// A frame begins.
    pub(super) fn begin(&mut self, header: FrameHeader) {
        if header.kind != frame::CONTINUATION {
            self.buffer.clear();
        }
        self.header = Some(header);
    }

    /// A piece of its payload; gives the traits when that ends the first header block.
    pub(super) fn take(&mut self, piece: &[u8], last: bool) -> Option<Traits> {
        let header = self.header?;
        let most = match header.kind {
            frame::SETTINGS => SETTINGS_MAX * SETTING_BYTES,
            frame::WINDOW_UPDATE | frame::PRIORITY => 8,
            frame::HEADERS | frame::CONTINUATION => BLOCK_BYTES_MAX,
            _ => 0,
        };
        let open = most.saturating_sub(self.buffer.len()).min(piece.len());
        self.buffer.extend_from_slice(piece.get(..open).unwrap_or_default());
        if last { self.end(header) } else { None }
    }

    fn end(&mut self, header: FrameHeader) -> Option<Traits> {
        match header.kind {
            frame::SETTINGS if !header.has(frame::ACK) && self.settings.is_none() => {
                self.settings = Some(settings_text(&self.buffer));
            }
            frame::WINDOW_UPDATE if header.stream == 0 && self.window_update == 0 => {
                if let [a, b, c, d] = self.buffer[..] {
                    self.window_update = u32::from_be_bytes([a, b, c, d]) & 0x7fff_ffff;
                }
            }
            frame::PRIORITY if self.priorities.len() < PRIORITIES_MAX => {
                self.priorities.extend(priority_text(header.stream, &self.buffer));
            }
            frame::HEADERS => keep_fragment(&mut self.buffer, header),
            _ => {}
        }
        let block_ends = matches!(header.kind, frame::HEADERS | frame::CONTINUATION)
            && header.has(frame::END_HEADERS);
        block_ends.then(|| self.traits())
    }

    fn traits(&self) -> Traits {
        let block = first_block(&self.buffer);
        let priorities = match self.priorities.as_slice() {
            [] => "0".to_owned(),
            listed => listed.join(","),
        };
        let fingerprint = format!(
            "{}|{}|{priorities}|{}",
            self.settings.as_deref().unwrap_or_default(),
            self.window_update,
            block.pseudo_order,
        );
        Traits { fingerprint: fingerprint.into_boxed_str(), names: block.names.into_boxed_str() }
    }
}

/// `id:value` in order (RFC 9113 §6.5.1).
fn settings_text(payload: &[u8]) -> String {
    let mut text = String::new();
    for [i, d, a, b, c, e] in payload.as_chunks::<SETTING_BYTES>().0 {
        let id = u16::from_be_bytes([*i, *d]);
        let value = u32::from_be_bytes([*a, *b, *c, *e]);
        let separator = if text.is_empty() { "" } else { ";" };
        write!(text, "{separator}{id}:{value}").expect("invariant: a String takes every write");
    }
    text
}

/// `stream:exclusive:depends on:weight` (RFC 7540 §6.3).
fn priority_text(stream: u32, payload: &[u8]) -> Option<String> {
    let &[a, b, c, d, weight] = payload else {
        return None;
    };
    let dependency = u32::from_be_bytes([a, b, c, d]);
    let (exclusive, parent) = (dependency >> 31, dependency & 0x7fff_ffff);
    Some(format!("{stream}:{exclusive}:{parent}:{}", u16::from(weight) + 1))
}

/// Leaves of a HEADERS payload what belongs to the header block (RFC 9113 §6.2).
fn keep_fragment(payload: &mut Vec<u8>, header: FrameHeader) {
    let (mut front, mut padding) = (0, 0);
    if header.has(frame::PADDED) {
        front += 1;
        padding = payload.first().copied().map_or(0, usize::from);
    }
    if header.has(frame::WITH_PRIORITY) {
        front += 5;
    }
    payload.truncate((header.length as usize).saturating_sub(padding));
    payload.drain(..front.min(payload.len()));
}
