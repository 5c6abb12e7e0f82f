//! One request head: its limits, what is learned from it, and the reading of it.

use super::HeadFault;
use super::fields::Fields;
use super::lines::{Line, LineLimit, Lines};
use super::request_line::{FRAME_BYTES_MAX, RequestLine};

/// How large a head may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeadLimits {
    /// Bytes of the whole head, blank line included.
    pub head_bytes: usize,
    /// Bytes of one field line without its CRLF.
    pub line_bytes: usize,
    /// Bytes of the target.
    pub target_bytes: usize,
    /// Number of fields; never more than 65,535.
    pub fields: usize,
}

impl HeadLimits {
    /// Four times what browsers with large cookies send.
    pub const HEAD_BYTES: usize = 32 * 1024;
    /// The longest cookie that browsers keep is 4 KiB; a line may hold two.
    pub const LINE_BYTES: usize = 8 * 1024;
    /// RFC 9112 §3 asks for 8,000 bytes at least.
    pub const TARGET_BYTES: usize = 8 * 1024;
    /// As many as the HTTP engine keeps.
    pub const FIELDS: usize = 100;
}

impl Default for HeadLimits {
    fn default() -> Self {
        Self {
            head_bytes: Self::HEAD_BYTES,
            line_bytes: Self::LINE_BYTES,
            target_bytes: Self::TARGET_BYTES,
            fields: Self::FIELDS,
        }
    }
}

/// The version on the request line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// HTTP/1.0
    H10,
    /// HTTP/1.1
    H11,
}

/// How the end of the body is found (RFC 9112 §6.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyFraming {
    /// No body.
    None,
    /// As many bytes as `Content-Length` says, which may be none.
    Length(u64),
    /// Chunks up to an empty one and its trailers.
    Chunked,
}

/// What a good head says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Bytes of the head, from the first byte given to the end of the blank line.
    pub length: usize,
    /// How its body ends.
    pub body: BodyFraming,
    /// Its version.
    pub version: Version,
    /// How many fields it has.
    pub fields: u16,
    /// An HTTP/1.1 request with an `Upgrade` field that its `Connection` field names.
    pub upgrade: bool,
    /// The client waits for `100 Continue` before it sends the body.
    pub expects_continue: bool,
    /// The client wants the connection closed behind the answer.
    pub closes: bool,
}

/// What [`parse_head`] found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeadStep {
    /// Good as far as it goes; the blank line has not come.
    Partial,
    /// A good head.
    Complete(Head),
}

/// The same with what a caller needs so as not to read an unfinished head again in vain.
pub(super) enum Progress {
    Partial { silent_until: usize },
    Complete(Head),
}

/// Reads the request head at the front of `bytes`.
///
/// A fault is given as soon as the line that holds it is complete, or a limit is passed; control
/// bytes and what fields say together are judged once the blank line has come.
/// The answer does not depend on how the bytes were split on their way.
///
/// Source: RFC 9112 §2 to §6, RFC 9110 §5, §7.2.
///
/// # Errors
/// The first [`HeadFault`]; the connection cannot be read on.
pub fn parse_head(bytes: &[u8], limits: &HeadLimits) -> Result<HeadStep, HeadFault> {
    match read(bytes, limits)? {
        Progress::Partial { .. } => Ok(HeadStep::Partial),
        Progress::Complete(head) => Ok(HeadStep::Complete(head)),
    }
}

pub(super) fn read(bytes: &[u8], limits: &HeadLimits) -> Result<Progress, HeadFault> {
    let mut lines = Lines::new(bytes, limits);
    let first_line = LineLimit {
        bytes: limits.target_bytes.saturating_add(FRAME_BYTES_MAX),
        over: HeadFault::TargetTooLong,
    };
    let request = match lines.next(&first_line)? {
        Line::Whole(line) => RequestLine::parse(line, limits.target_bytes)?,
        Line::Partial { silent_until } => return Ok(Progress::Partial { silent_until }),
    };
    let field_line = LineLimit { bytes: limits.line_bytes, over: HeadFault::LineTooLong };
    let mut fields = Fields::default();
    loop {
        match lines.next(&field_line)? {
            Line::Whole([]) => break,
            Line::Whole(line) => fields.take(line, limits.fields)?,
            Line::Partial { silent_until } => return Ok(Progress::Partial { silent_until }),
        }
    }
    let length = lines.finish()?;
    fields.conclude(&request, length).map(Progress::Complete)
}
