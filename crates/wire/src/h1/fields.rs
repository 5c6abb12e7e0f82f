//! What the header fields say about framing, routing and the connection.

use super::authority::Authority;
use super::class::{self, DIGIT, NAME, is_word, trimmed};
use super::request_line::{Content, RequestLine};
use super::{BodyFraming, Head, HeadFault, Version};

/// Most digits of a `Content-Length`: below 10^18, which every signed 64-bit counter holds.
const LENGTH_DIGITS_MAX: usize = 18;

/// Facts gathered field by field; a fault is given at the field that completes it.
#[derive(Debug, Default)]
pub(super) struct Fields<'a> {
    count: u16,
    host: Option<Authority<'a>>,
    length: Option<u64>,
    marks: u8,
}

/// `Transfer-Encoding: chunked` came.
const CHUNKED: u8 = 1;
/// `Connection` names `close`.
const CLOSE: u8 = 2;
/// `Connection` names `keep-alive`.
const KEEP_ALIVE: u8 = 4;
/// `Connection` names `upgrade`.
const UPGRADES: u8 = 8;
/// An `Upgrade` field came.
const PROTOCOL: u8 = 16;
/// `Expect: 100-continue` came.
const EXPECTS: u8 = 32;

impl<'a> Fields<'a> {
    /// Takes one field line without its CRLF; `most` is how many may come.
    #[inline]
    pub(super) fn take(&mut self, line: &'a [u8], most: usize) -> Result<(), HeadFault> {
        if usize::from(self.count) >= most || self.count == u16::MAX {
            return Err(HeadFault::TooManyFields);
        }
        self.count += 1;
        let (name, value) = split(line)?;
        // Nearly every field is passed by on its length alone.
        match name.len() {
            4 if is_word(name, b"host") => self.take_host(trimmed(value)),
            6 if is_word(name, b"expect") => self.take_expect(trimmed(value)),
            7 if is_word(name, b"upgrade") => {
                self.marks |= PROTOCOL;
                Ok(())
            }
            10 if is_word(name, b"connection") => self.take_connection(value),
            14 if is_word(name, b"content-length") => self.take_length(trimmed(value)),
            17 if is_word(name, b"transfer-encoding") => self.take_coding(trimmed(value)),
            _ => Ok(()),
        }
    }

    fn has(&self, mark: u8) -> bool {
        self.marks & mark != 0
    }

    fn take_host(&mut self, value: &'a [u8]) -> Result<(), HeadFault> {
        if self.host.is_some() {
            return Err(HeadFault::HostRepeated);
        }
        self.host = Some(Authority::parse(value).ok_or(HeadFault::HostInvalid)?);
        Ok(())
    }

    fn take_expect(&mut self, value: &[u8]) -> Result<(), HeadFault> {
        if self.has(EXPECTS) || !is_word(value, b"100-continue") {
            return Err(HeadFault::Expect);
        }
        self.marks |= EXPECTS;
        Ok(())
    }

    fn take_connection(&mut self, value: &[u8]) -> Result<(), HeadFault> {
        for option in value.split(|&byte| byte == b',').map(trimmed) {
            if is_word(option, b"keep-alive") {
                self.marks |= KEEP_ALIVE;
            } else if is_word(option, b"close") {
                self.marks |= CLOSE;
            } else if is_word(option, b"upgrade") {
                self.marks |= UPGRADES;
            } else if is_guarded(option) {
                return Err(HeadFault::ConnectionNames);
            }
        }
        Ok(())
    }

    fn take_length(&mut self, value: &[u8]) -> Result<(), HeadFault> {
        if self.length.is_some() {
            return Err(HeadFault::LengthRepeated);
        }
        let digits = class::run(value, DIGIT);
        if digits == 0 || digits != value.len() || digits > LENGTH_DIGITS_MAX {
            return Err(HeadFault::Length);
        }
        let number = |sum: u64, digit: &u8| sum * 10 + u64::from(digit - b'0');
        self.length = Some(value.iter().fold(0, number));
        Ok(())
    }

    fn take_coding(&mut self, value: &[u8]) -> Result<(), HeadFault> {
        if self.has(CHUNKED) {
            return Err(HeadFault::CodingRepeated);
        }
        if !is_word(value, b"chunked") {
            return Err(HeadFault::Coding);
        }
        self.marks |= CHUNKED;
        Ok(())
    }

    /// The head, once its blank line has come and made it `length` bytes.
    pub(super) fn conclude(
        &self,
        request: &RequestLine<'_>,
        length: usize,
    ) -> Result<Head, HeadFault> {
        let host = self.host.ok_or(HeadFault::HostMissing)?;
        if let Some((scheme, authority)) = request.authority
            && !authority.is_same(host, scheme)
        {
            return Err(HeadFault::HostDiffers);
        }
        let body = self.framing(request.version)?;
        let has_body = !matches!(body, BodyFraming::None | BodyFraming::Length(0));
        if has_body && request.content == Content::Barred {
            return Err(HeadFault::BodyUnexpected);
        }
        let current = request.version == Version::H11;
        let upgrade = current && self.has(UPGRADES) && self.has(PROTOCOL);
        if has_body && upgrade {
            return Err(HeadFault::UpgradeWithBody);
        }
        Ok(Head {
            length,
            body,
            version: request.version,
            fields: self.count,
            upgrade,
            expects_continue: current && has_body && self.has(EXPECTS),
            closes: self.has(CLOSE) || !(current || self.has(KEEP_ALIVE)),
        })
    }

    /// RFC 9112 §6.3, without any of its recoveries.
    fn framing(&self, version: Version) -> Result<BodyFraming, HeadFault> {
        match (self.has(CHUNKED), self.length) {
            (true, Some(_)) => Err(HeadFault::LengthAndCoding),
            (true, None) if version == Version::H10 => Err(HeadFault::CodingInOld),
            (true, None) => Ok(BodyFraming::Chunked),
            (false, Some(length)) => Ok(BodyFraming::Length(length)),
            (false, None) => Ok(BodyFraming::None),
        }
    }
}

/// Name and value of a field line (RFC 9112 §5); the value still has its white space.
#[inline]
fn split(line: &[u8]) -> Result<(&[u8], &[u8]), HeadFault> {
    let end = class::run(line, NAME);
    match line.split_at_checked(end) {
        Some((name, [b':', value @ ..])) if !name.is_empty() => Ok((name, value)),
        Some((name, rest)) => Err(name_fault(name, rest)),
        None => Err(HeadFault::FieldName),
    }
}

/// Why `rest` may not follow a `name`.
fn name_fault(name: &[u8], rest: &[u8]) -> HeadFault {
    match rest.first() {
        Some(b' ' | b'\t') if name.is_empty() => HeadFault::Folded,
        Some(b' ' | b'\t') => HeadFault::SpaceBeforeColon,
        Some(b'_') => HeadFault::Underscore,
        _ => HeadFault::FieldName,
    }
}

/// Names that decide framing, routing or identity, so nobody may drop or add them on the way.
///
/// Such a name in `Connection` would have a proxy remove it (RFC 9110 §7.6.1); in a trailer it
/// would come after the decision that it belongs to (§6.5.1).
pub(super) fn is_guarded(name: &[u8]) -> bool {
    const WHOLE: [&[u8]; 7] = [
        b"host",
        b"content-length",
        b"transfer-encoding",
        b"authorization",
        b"cookie",
        b"forwarded",
        b"x-real-ip",
    ];
    const FAMILY: &[u8] = b"x-forwarded-";
    WHOLE.iter().any(|word| name.eq_ignore_ascii_case(word))
        || name.get(..FAMILY.len()).is_some_and(|front| front.eq_ignore_ascii_case(FAMILY))
}
