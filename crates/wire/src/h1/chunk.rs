//! The strict scanner for chunked bodies: says where the body ends and keeps nothing of it.
//!
//! Takes the bytes behind the head in any pieces; refuses every shape that a laxer parser might
//! end elsewhere (RFC 9112 §7.1).

use super::HeadFault;
use super::class::{self, NAME, PLAIN, TEXT};
use super::fields::is_guarded;

/// Bytes of chunk extensions in one body; hardly any client sends one.
pub const EXTENSION_BYTES_MAX: u16 = 4 * 1024;
/// Bytes of all trailers of one body, line ends included.
pub const TRAILER_BYTES_MAX: u16 = 8 * 1024;
/// Number of trailers of one body.
pub const TRAILER_FIELDS_MAX: u8 = 32;
/// Digits of a chunk size: a `u64` holds every number of them.
const SIZE_DIGITS_MAX: u8 = 16;
/// Bytes of a trailer's name that are kept: one more than the longest name that is refused.
const NAME_KEPT: usize = 18;

/// How far a body has been scanned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChunkStep {
    /// All bytes given belong to the body; more will come.
    More,
    /// The body ended behind this many of the bytes given.
    Done {
        /// Bytes of the last piece that belong to the body.
        consumed: usize,
    },
}

/// Scans one chunked body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChunkScanner {
    state: State,
    extension_bytes: u16,
    trailer_bytes: u16,
    trailer_fields: u8,
    name_bytes: u8,
    name: [u8; NAME_KEPT],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Size { digits: u8, size: u64 },
    Extension { size: u64 },
    SizeEnd { size: u64 },
    Data { left: u64 },
    DataEnd,
    DataEndLf,
    TrailerStart,
    TrailerName,
    TrailerValue,
    TrailerEnd,
    BodyEnd,
    Done,
}

/// Before the first digit of a size.
const NEXT_SIZE: State = State::Size { digits: 0, size: 0 };

impl Default for ChunkScanner {
    fn default() -> Self {
        Self::new()
    }
}

impl ChunkScanner {
    /// Ready for the first byte of a body.
    pub const fn new() -> Self {
        Self {
            state: NEXT_SIZE,
            extension_bytes: 0,
            trailer_bytes: 0,
            trailer_fields: 0,
            name_bytes: 0,
            name: [0; NAME_KEPT],
        }
    }

    /// Takes the next bytes; once done it takes none.
    ///
    /// # Errors
    /// The first [`HeadFault`]; the scanner is of no use from then on.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<ChunkStep, HeadFault> {
        let mut at = 0;
        while self.state != State::Done {
            let Some(&byte) = bytes.get(at) else {
                return Ok(ChunkStep::More);
            };
            if let State::Data { left } = self.state {
                let here = (bytes.len() - at).min(usize::try_from(left).unwrap_or(usize::MAX));
                at += here;
                self.state = after_data(left - here as u64);
            } else {
                at += 1;
                self.state = self.step(byte)?;
            }
        }
        Ok(ChunkStep::Done { consumed: at })
    }

    fn step(&mut self, byte: u8) -> Result<State, HeadFault> {
        match (self.state, byte) {
            (State::Size { digits, size }, _) => after_size(digits, size, byte),
            (State::Extension { size }, b'\r') => Ok(State::SizeEnd { size }),
            (State::Extension { size }, _) => self.extension(size, byte),
            (State::SizeEnd { size: 0 }, b'\n') => Ok(State::TrailerStart),
            (State::SizeEnd { size }, b'\n') => Ok(State::Data { left: size }),
            (State::DataEnd, b'\r') => Ok(State::DataEndLf),
            (State::DataEndLf, b'\n') => Ok(NEXT_SIZE),
            (State::TrailerStart, b'\r') => Ok(State::BodyEnd),
            (State::BodyEnd, b'\n') | (State::Done, _) => Ok(State::Done),
            (State::SizeEnd { .. } | State::BodyEnd, _) => Err(HeadFault::BareCr),
            (State::DataEnd | State::DataEndLf | State::Data { .. }, _) => Err(HeadFault::ChunkEnd),
            (
                State::TrailerStart | State::TrailerName | State::TrailerValue | State::TrailerEnd,
                _,
            ) => self.trailer(byte),
        }
    }

    /// A byte of an extension (RFC 9112 §7.1.1): read past, bounded, never understood.
    fn extension(&mut self, size: u64, byte: u8) -> Result<State, HeadFault> {
        if !class::is(byte, PLAIN) {
            return Err(line_fault(byte));
        }
        self.extension_bytes += 1;
        if self.extension_bytes > EXTENSION_BYTES_MAX {
            return Err(HeadFault::ExtensionsTooLong);
        }
        Ok(State::Extension { size })
    }

    /// A byte of the trailers (RFC 9112 §7.1.2).
    fn trailer(&mut self, byte: u8) -> Result<State, HeadFault> {
        self.trailer_bytes += 1;
        if self.trailer_bytes > TRAILER_BYTES_MAX {
            return Err(HeadFault::TrailersTooLong);
        }
        match (self.state, byte) {
            (State::TrailerEnd, b'\n') => Ok(State::TrailerStart),
            (State::TrailerEnd, _) => Err(HeadFault::BareCr),
            (State::TrailerValue, b'\r') => Ok(State::TrailerEnd),
            (State::TrailerValue, _) if class::is(byte, TEXT) => Ok(State::TrailerValue),
            (State::TrailerValue, _) => Err(line_fault(byte)),
            (State::TrailerName, b':') => self.name_ends(),
            (State::TrailerStart, _) => {
                if self.trailer_fields == TRAILER_FIELDS_MAX {
                    return Err(HeadFault::TrailersTooLong);
                }
                self.trailer_fields += 1;
                self.name_bytes = 0;
                self.name_grows(byte)
            }
            _ => self.name_grows(byte),
        }
    }

    fn name_grows(&mut self, byte: u8) -> Result<State, HeadFault> {
        if !class::is(byte, NAME) {
            return Err(match byte {
                b' ' | b'\t' if self.name_bytes == 0 => HeadFault::Folded,
                b' ' | b'\t' => HeadFault::SpaceBeforeColon,
                b'_' => HeadFault::Underscore,
                b'\n' => HeadFault::BareLf,
                _ => HeadFault::FieldName,
            });
        }
        if let Some(slot) = self.name.get_mut(usize::from(self.name_bytes)) {
            *slot = byte;
            self.name_bytes += 1;
        }
        Ok(State::TrailerName)
    }

    fn name_ends(&self) -> Result<State, HeadFault> {
        let name = self.name.get(..usize::from(self.name_bytes)).unwrap_or_default();
        if is_guarded(name) || belongs_in_head(name) {
            return Err(HeadFault::TrailerName);
        }
        Ok(State::TrailerValue)
    }
}

fn after_data(left: u64) -> State {
    match left {
        0 => State::DataEnd,
        left => State::Data { left },
    }
}

fn after_size(digits: u8, size: u64, byte: u8) -> Result<State, HeadFault> {
    match (byte, char::from(byte).to_digit(16)) {
        (_, Some(digit)) if digits < SIZE_DIGITS_MAX => {
            Ok(State::Size { digits: digits + 1, size: size << 4 | u64::from(digit) })
        }
        (b'\r', _) if digits > 0 => Ok(State::SizeEnd { size }),
        (b';', _) if digits > 0 => Ok(State::Extension { size }),
        (b'\n', _) => Err(HeadFault::BareLf),
        _ => Err(HeadFault::ChunkSize),
    }
}

fn line_fault(byte: u8) -> HeadFault {
    match byte {
        b'\n' => HeadFault::BareLf,
        b'\r' => HeadFault::BareCr,
        _ => HeadFault::Control,
    }
}

/// Names that are understood before the body or not at all, beside those that are guarded.
fn belongs_in_head(name: &[u8]) -> bool {
    const NAMES: [&[u8]; 11] = [
        b"connection",
        b"content-encoding",
        b"content-range",
        b"content-type",
        b"expect",
        b"keep-alive",
        b"max-forwards",
        b"range",
        b"te",
        b"trailer",
        b"upgrade",
    ];
    NAMES.iter().any(|word| name.eq_ignore_ascii_case(word))
}
