//! The text form of a code.

use super::capsule::{Capsule, CodeKey, PACKED_BYTES, TAG_BYTES};
use data_encoding::BASE32_NOPAD;
use seawall_types::Reason;
use std::fmt;

/// Bytes of a capsule with its tag.
const SEALED_BYTES: usize = PACKED_BYTES + TAG_BYTES;
/// Characters of these in base32 (RFC 4648 §6, without padding).
const SEALED_CHARS: usize = (SEALED_BYTES * 8).div_ceil(5);
/// Longest code: the longest word, a dot, the capsule.
pub const CODE_BYTES_MAX: usize = REASON_BYTES_MAX + 1 + SEALED_CHARS;
const REASON_BYTES_MAX: usize = {
    let (mut longest, mut index) = (0, 0);
    while index < Reason::COUNT {
        let length = Reason::ALL[index].word().len();
        longest = if length > longest { length } else { longest };
        index += 1;
    }
    longest
};
const _: () = assert!(SEALED_CHARS == 26, "the contract promises 26 characters");

/// A code as text, in place.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct AnswerCode {
    text: [u8; CODE_BYTES_MAX],
    length: usize,
}

impl AnswerCode {
    /// The text.
    ///
    /// # Panics
    /// Never: [`seal`] writes nothing but ASCII.
    pub fn as_str(&self) -> &str {
        let text = self.text.get(..self.length).unwrap_or_default();
        str::from_utf8(text).expect("invariant: a word of ours, a dot and base32 are ASCII")
    }
}

impl fmt::Display for AnswerCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for AnswerCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AnswerCode").field(&self.as_str()).finish()
    }
}

/// Why a text does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeFault {
    /// Not a word, a dot and 26 base32 characters.
    Shape,
    /// The word is none of the closed list.
    Reason,
    /// The bits that 26 characters have to spare are not zero.
    SpareBits,
    /// It was changed, or sealed under another key.
    Tag,
}

impl fmt::Display for CodeFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Shape => "a code is a reason, a dot and 26 letters or digits 2 to 7; `seawall explain --list` says the reasons",
            Self::Reason => "the word before the dot is not a reason of the closed list",
            Self::SpareBits => "the last character is none that a code ends with",
            Self::Tag => "the code was changed, or another shield made it",
        })
    }
}

impl std::error::Error for CodeFault {}

/// The code for `reason` and `capsule`.
pub fn seal(key: &CodeKey, reason: Reason, capsule: &Capsule) -> AnswerCode {
    let packed = capsule.packed();
    let mut sealed = [0; SEALED_BYTES];
    sealed[..PACKED_BYTES].copy_from_slice(&packed);
    sealed[PACKED_BYTES..].copy_from_slice(&key.tag(reason, &packed));
    let word = reason.word().as_bytes();
    let mut text = [0; CODE_BYTES_MAX];
    text[..word.len()].copy_from_slice(word);
    text[word.len()] = b'.';
    let length = word.len() + 1 + SEALED_CHARS;
    BASE32_NOPAD.encode_mut(&sealed, &mut text[word.len() + 1..length]);
    AnswerCode { text, length }
}

/// What a code says, if it was sealed under `key`.
///
/// Takes the capsule in lower case as well; the reason only as it is written.
///
/// # Errors
/// [`CodeFault`], which says what is wrong with the text.
pub fn open(key: &CodeKey, text: &str) -> Result<(Reason, Capsule), CodeFault> {
    let (word, capsule) = text.split_once('.').ok_or(CodeFault::Shape)?;
    let mut chars: [u8; SEALED_CHARS] =
        capsule.as_bytes().try_into().map_err(|_| CodeFault::Shape)?;
    let reason: Reason = word.parse().map_err(|_| CodeFault::Reason)?;
    chars.make_ascii_uppercase();
    let mut sealed = [0; SEALED_BYTES];
    BASE32_NOPAD.decode_mut(&chars, &mut sealed).map_err(|partial| match partial.error.kind {
        data_encoding::DecodeKind::Trailing => CodeFault::SpareBits,
        _ => CodeFault::Shape,
    })?;
    let mut packed = [0; PACKED_BYTES];
    packed.copy_from_slice(&sealed[..PACKED_BYTES]);
    if !is_same(&sealed[PACKED_BYTES..], &key.tag(reason, &packed)) {
        return Err(CodeFault::Tag);
    }
    Ok((reason, Capsule::unpacked(&packed)))
}

/// Compares without stopping at the first difference, so that time tells nothing of the tag.
fn is_same(left: &[u8], right: &[u8]) -> bool {
    left.len() == right.len() && left.iter().zip(right).fold(0, |all, (a, b)| all | (a ^ b)) == 0
}
