//! Lines of a head, each with its limit, and the sweep for bytes that no head may hold.

use super::class::{self, TEXT};
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

/// How long a line may be.
pub(super) struct LineLimit {
    /// Its bytes without CRLF.
    pub(super) bytes: usize,
    /// The fault of a longer one.
    pub(super) over: HeadFault,
}

/// Walks a head line by line; every answer depends on the bytes up to it alone.
///
/// So the same bytes bring the same fault, however they were split on their way.
pub(super) struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Lines given, and the empty one that was passed by.
    count: usize,
    head_bytes: usize,
}

impl<'a> Lines<'a> {
    /// Starts at the first byte, or behind the one empty line that RFC 9112 §2.2 asks to ignore.
    pub(super) fn new(bytes: &'a [u8], limits: &HeadLimits) -> Self {
        let skipped = usize::from(bytes.starts_with(b"\r\n"));
        let reach = limits.head_bytes.saturating_add(1).min(bytes.len());
        Self {
            bytes: bytes.get(..reach).unwrap_or(bytes),
            at: 2 * skipped,
            count: skipped,
            head_bytes: limits.head_bytes,
        }
    }

    /// The next line.
    #[inline]
    pub(super) fn next(&mut self, limit: &LineLimit) -> Result<Line<'a>, HeadFault> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let lf = memchr(b'\n', rest);
        // The last of these bytes may be the CR of a line that keeps its limit to the byte.
        let grown = lf.unwrap_or(rest.len());
        let end = self.at + grown + usize::from(lf.is_some());
        if grown > limit.bytes || end > self.head_bytes {
            self.keep_limits(grown, end, limit)?;
        }
        if lf.is_none() {
            let silent_until = self.breaks_at(limit).min(self.head_bytes.saturating_add(1));
            return Ok(Line::Partial { silent_until });
        }
        self.at = end;
        self.count += 1;
        match rest.get(..grown) {
            Some([line @ .., b'\r']) => Ok(Line::Whole(line)),
            _ => Err(HeadFault::BareLf),
        }
    }

    /// Which limit is broken first by a line that has `grown` without its LF and ends at `end`.
    #[cold]
    fn keep_limits(&self, grown: usize, end: usize, limit: &LineLimit) -> Result<(), HeadFault> {
        let line_breaks = self.at + grown >= self.breaks_at(limit);
        if line_breaks && self.breaks_at(limit) <= self.head_bytes.saturating_add(1) {
            return Err(limit.over);
        }
        if end > self.head_bytes {
            return Err(HeadFault::HeadTooLong);
        }
        Ok(())
    }

    /// How long the head is when its present line, still without LF, is too long for sure: then
    /// not even its last byte can be the CR.
    fn breaks_at(&self, limit: &LineLimit) -> usize {
        self.at.saturating_add(limit.bytes).saturating_add(2)
    }

    /// Judges the bytes of every line given so far, and says how many they are.
    pub(super) fn finish(&self) -> Result<usize, HeadFault> {
        sweep(self.bytes.get(..self.at).unwrap_or_default(), self.count)?;
        Ok(self.at)
    }
}

/// Refuses control bytes and bare CRs anywhere in a finished head (RFC 9110 §5.5).
///
/// Each of its `lines` ends in CRLF, and holds no other LF; so a head with twice as many control
/// bytes as lines, tabs aside, holds none but these.
fn sweep(head: &[u8], lines: usize) -> Result<(), HeadFault> {
    if control_bytes(head) == 2 * lines {
        return Ok(());
    }
    // An LF is always the end of a line here, so what else is too many must be a CR.
    let stray = |byte: &u8| !class::is(*byte, TEXT) && !matches!(byte, b'\r' | b'\n');
    if head.iter().any(stray) { Err(HeadFault::Control) } else { Err(HeadFault::BareCr) }
}

/// Bytes that are counted in one byte: below 256, and a multiple of every vector's length.
const STRETCH: usize = 240;

/// How many control bytes, without tabs, `bytes` hold.
///
/// Without branches and with a sum of one byte, so that the compiler takes 32 bytes at a time.
fn control_bytes(bytes: &[u8]) -> usize {
    let is_control = |byte: &u8| {
        let low = u8::from(*byte < b' ') & u8::from(*byte != b'\t');
        low | u8::from(*byte == 0x7f)
    };
    let in_stretch = |stretch: &[u8]| stretch.iter().map(is_control).sum::<u8>();
    bytes.chunks(STRETCH).map(|stretch| usize::from(in_stretch(stretch))).sum()
}
