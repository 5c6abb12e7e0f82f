//! The first line of a request: method, target, version.

use super::authority::{Authority, Scheme};
use super::class::{self, METHOD, TARGET};
use super::{HeadFault, HeadLimits, Version};

/// Longest method, in bytes; the longest registered one has 17.
pub const METHOD_BYTES_MAX: usize = 24;
/// A space and the version behind the target.
const TAIL_BYTES: usize = " HTTP/1.1".len();

/// Bytes of a request line beside its target, at most.
pub(super) const FRAME_BYTES_MAX: usize = METHOD_BYTES_MAX + 1 + TAIL_BYTES;

/// Whether the method's body has a meaning that all parties share (RFC 9110 §9.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    /// GET, HEAD, TRACE: none may come.
    Barred,
    /// Every other method.
    Possible,
}

/// What the first line says that the fields must agree with.
#[derive(Debug, Clone, Copy)]
pub(super) struct RequestLine<'a> {
    pub(super) version: Version,
    pub(super) content: Content,
    /// From a target in absolute form.
    pub(super) authority: Option<(Scheme, Authority<'a>)>,
}

impl<'a> RequestLine<'a> {
    /// Reads a line without its CRLF.
    pub(super) fn parse(line: &'a [u8], target_bytes: usize) -> Result<Self, HeadFault> {
        let (line, version) = if let Some(rest) = line.strip_suffix(b" HTTP/1.1") {
            (rest, Version::H11)
        } else if let Some(rest) = line.strip_suffix(b" HTTP/1.0") {
            (rest, Version::H10)
        } else {
            return Err(unversioned(line));
        };
        let (method, target) = match line.split_at_checked(class::run(line, METHOD)) {
            Some((method, [b' ', target @ ..])) => (method, target),
            Some((_, [])) => return Err(HeadFault::RequestLine),
            _ => return Err(HeadFault::Method),
        };
        if method.is_empty() || method.len() > METHOD_BYTES_MAX {
            return Err(HeadFault::Method);
        }
        if target.len() > target_bytes {
            return Err(HeadFault::TargetTooLong);
        }
        Ok(Self {
            version,
            content: match method {
                b"GET" | b"HEAD" | b"TRACE" => Content::Barred,
                b"CONNECT" => return Err(HeadFault::Connect),
                _ => Content::Possible,
            },
            authority: authority_of(method, target)?,
        })
    }
}

/// What the gate refuses a request line for, as a log kept it: without the line's end.
///
/// # Errors
/// The same fault that the line has at the front of a head.
pub fn check_request_line(line: &[u8]) -> Result<(), HeadFault> {
    RequestLine::parse(line, HeadLimits::TARGET_BYTES).map(drop)
}

/// An empty line is none too many to skip; anything else lacks a version that we speak.
fn unversioned(line: &[u8]) -> HeadFault {
    if line.is_empty() { HeadFault::RequestLine } else { HeadFault::Version }
}

/// Checks the target's bytes and form; gives its authority when it has one (RFC 9112 §3.2).
fn authority_of<'a>(
    method: &[u8],
    target: &'a [u8],
) -> Result<Option<(Scheme, Authority<'a>)>, HeadFault> {
    let known = class::run(target, TARGET);
    match target.get(known) {
        None => {}
        Some(b'#') => return Err(HeadFault::Fragment),
        Some(_) => return Err(HeadFault::Target),
    }
    match target {
        [] => Err(HeadFault::RequestLine),
        [b'/', ..] => Ok(None),
        b"*" if method == b"OPTIONS" => Ok(None),
        _ => absolute(target).map(Some),
    }
}

fn absolute(target: &[u8]) -> Result<(Scheme, Authority<'_>), HeadFault> {
    let (scheme, rest) = if let Some(rest) = strip_word(target, b"http://") {
        (Scheme::Http, rest)
    } else if let Some(rest) = strip_word(target, b"https://") {
        (Scheme::Https, rest)
    } else {
        return Err(HeadFault::TargetForm);
    };
    let end = rest.iter().position(|byte| matches!(byte, b'/' | b'?')).unwrap_or(rest.len());
    rest.get(..end)
        .and_then(Authority::parse)
        .map(|authority| (scheme, authority))
        .ok_or(HeadFault::HostInvalid)
}

/// What follows `word`, upper or lower case, at the front of `bytes`.
fn strip_word<'a>(bytes: &'a [u8], word: &[u8]) -> Option<&'a [u8]> {
    let (front, rest) = bytes.split_at_checked(word.len())?;
    front.eq_ignore_ascii_case(word).then_some(rest)
}
