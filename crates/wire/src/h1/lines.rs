//! Lines of a head, each with its limit, and the sweep for bytes that no head may hold.

use super::{HeadFault, HeadLimits};
use memchr::memchr;

/// What the front of the unread bytes is.
pub(super) enum Line<'a> {
    /// A line that ended in CRLF, without it.
    Whole(&'a [u8]),
    /// No LF yet; nothing more can be said before this many bytes of head have come, or an LF.
    Partial {
        /// Length of the head at which a limit is broken if no LF comes before.
        silent_until: usize,
    },
}

/// Walks a head line by line; every answer depends on the bytes up to it alone.
///
/// So the same bytes bring the same fault, however they were split on their way.
pub(super) struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
    head_bytes: usize,
}

impl<'a> Lines<'a> {
    /// Starts at the first byte, or behind the one empty line that RFC 9112 §2.2 asks to ignore.
    pub(super) fn new(bytes: &'a [u8], limits: &HeadLimits) -> Self {
        let reach = limits.head_bytes.saturating_add(1).min(bytes.len());
        Self {
            bytes: bytes.get(..reach).unwrap_or(bytes),
            at: if bytes.starts_with(b"\r\n") { 2 } else { 0 },
            head_bytes: limits.head_bytes,
        }
    }

    /// The next line; `limit` is for its bytes without CRLF, `over` the fault of a longer one.
    #[inline]
    pub(super) fn next(&mut self, limit: usize, over: HeadFault) -> Result<Line<'a>, HeadFault> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let lf = memchr(b'\n', rest);
        // The last of these bytes may be the CR of a line that keeps its limit to the byte.
        let grown = lf.unwrap_or(rest.len());
        let end = self.at + grown + usize::from(lf.is_some());
        let line_breaks_at = self.at.saturating_add(limit).saturating_add(2);
        if self.at + grown >= line_breaks_at && line_breaks_at <= self.head_bytes.saturating_add(1)
        {
            return Err(over);
        }
        if end > self.head_bytes {
            return Err(HeadFault::HeadTooLong);
        }
        if lf.is_none() {
            let silent_until = line_breaks_at.min(self.head_bytes.saturating_add(1));
            return Ok(Line::Partial { silent_until });
        }
        self.at = end;
        match rest.get(..grown) {
            Some([line @ .., b'\r']) => Ok(Line::Whole(line)),
            _ => Err(HeadFault::BareLf),
        }
    }

    /// The bytes of every line given so far, ends included.
    pub(super) fn consumed(&self) -> &'a [u8] {
        self.bytes.get(..self.at).unwrap_or_default()
    }
}

/// Refuses control bytes and bare CRs anywhere in a finished head (RFC 9110 §5.5).
///
/// One pass without branches, so that the compiler can take sixteen bytes at a time.
pub(super) fn sweep(head: &[u8]) -> Result<(), HeadFault> {
    let (mut control, mut bare) = (0_u8, 0_u8);
    for (&byte, &next) in head.iter().zip(head.get(1..).unwrap_or_default()) {
        let low = u8::from(byte < b' ') & u8::from(byte != b'\t') & u8::from(byte != b'\n');
        control |= (low & u8::from(byte != b'\r')) | u8::from(byte == 0x7f);
        bare |= u8::from(byte == b'\r') & u8::from(next != b'\n');
    }
    match (control, bare) {
        (0, 0) => Ok(()),
        (0, _) => Err(HeadFault::BareCr),
        _ => Err(HeadFault::Control),
    }
}
