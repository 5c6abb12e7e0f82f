//! Signed notes: a text, an empty line, and lines of who signed it.
//!
//! Source: C2SP signed-note.
//! Bounds: [`NOTE_MAX`] bytes, [`SIGNATURES_MAX`] signatures.

#[cfg(test)]
mod tests;

use crate::key::{KeyId, KnownKey, is_key_name};
use data_encoding::BASE64;
use std::fmt;
use thiserror::Error;

/// Bytes of a note at most; a checkpoint with a hundred signatures has some 12 KiB.
pub const NOTE_MAX: usize = 64 * 1024;
/// Signatures of a note at most.
pub const SIGNATURES_MAX: usize = 100;
/// How a signature line begins: an em dash and a space.
const MARK: &str = "\u{2014} ";

/// A text and who signed it; whether the signatures hold is asked of a [`KnownKey`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// With its closing line feed; signed as it is.
    pub text: String,
    /// In their order.
    pub signatures: Vec<Signature>,
}

/// One line of who signed a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// Of the key.
    pub name: String,
    /// Of the key.
    pub id: KeyId,
    /// What the key's kind says.
    pub bytes: Vec<u8>,
}

impl Signature {
    /// Whether it says that it is of that key.
    pub fn is_of(&self, name: &str, id: KeyId) -> bool {
        self.name == name && self.id == id
    }
}

/// Why a text is no signed note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum BadNote {
    /// Longer than [`NOTE_MAX`].
    #[error("a note of more than {NOTE_MAX} bytes")]
    Long,
    /// A control character other than a line feed, or no UTF-8.
    #[error("a note with a control character")]
    Control,
    /// No empty line between text and signatures.
    #[error("a note without an empty line before its signatures")]
    NoSignatures,
    /// A line after the text that is no signature.
    #[error("a note with a line that is no signature")]
    BadSignature,
}

impl Note {
    /// Reads a whole note.
    ///
    /// # Errors
    /// Why the text is none.
    pub fn parse(note: &str) -> Result<Self, BadNote> {
        if note.len() > NOTE_MAX {
            return Err(BadNote::Long);
        }
        if note.contains(|c: char| c.is_control() && c != '\n') {
            return Err(BadNote::Control);
        }
        let split = note.rfind("\n\n").ok_or(BadNote::NoSignatures)?;
        let (text, lines) = (&note[..=split], &note[split + 2..]);
        let lines = lines.strip_suffix('\n').ok_or(BadNote::BadSignature)?;
        let signatures: Option<Vec<_>> = lines.split('\n').map(signature).collect();
        let signatures = signatures.ok_or(BadNote::BadSignature)?;
        if signatures.len() > SIGNATURES_MAX {
            return Err(BadNote::BadSignature);
        }
        Ok(Self { text: text.to_owned(), signatures })
    }

    /// Whether a signature of `key` is there, and holds.
    pub fn is_signed_by(&self, key: &KnownKey) -> bool {
        self.signatures.iter().any(|signature| key.vouches(&self.text, signature))
    }
}

fn signature(line: &str) -> Option<Signature> {
    let (name, base64) = line.strip_prefix(MARK)?.split_once(' ')?;
    let bytes = BASE64.decode(base64.as_bytes()).ok()?;
    let (id, bytes) = bytes.split_first_chunk::<4>()?;
    let is_whole = is_key_name(name) && !bytes.is_empty();
    is_whole.then(|| Signature { name: name.to_owned(), id: *id, bytes: bytes.to_vec() })
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|signature| writeln!(f, "{signature}"))
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = self.id.to_vec();
        bytes.extend_from_slice(&self.bytes);
        write!(f, "{MARK}{} {}", self.name, BASE64.encode(&bytes))
    }
}
