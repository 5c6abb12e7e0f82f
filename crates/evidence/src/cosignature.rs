//! Cosignatures: a witness outside of the node says that it saw a checkpoint, and when.
//!
//! Source: C2SP tlog-cosignature, version 1: key kind 4, the signature preceded by its time.

use crate::key::{KeyKind, KnownKey};
use crate::note::Note;

/// What a witness signs: a head line, the time, the text of the checkpoint.
pub fn message(text: &str, seconds: u64) -> String {
    format!("cosignature/v1\ntime {seconds}\n{text}")
}

/// How a note stands with a witness.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// The witness signed it at this time, in seconds since 1970.
    At(u64),
    /// It bears a signature of the witness's name and key that does not hold.
    Forged,
    /// It bears no signature of this witness.
    Never,
}

/// Whether and when `witness` signed `note`.
pub fn seen(note: &Note, witness: &KnownKey) -> Seen {
    if witness.kind() != KeyKind::Cosignature {
        return Seen::Never;
    }
    let id = witness.id();
    let own = |signature: &&crate::note::Signature| signature.is_of(witness.name(), id);
    let mut found = Seen::Never;
    for signature in note.signatures.iter().filter(own) {
        let Some((time, bytes)) = signature.bytes.split_first_chunk::<8>() else {
            return Seen::Forged;
        };
        let Ok(bytes) = <&[u8; 64]>::try_from(bytes) else {
            return Seen::Forged;
        };
        let seconds = u64::from_be_bytes(*time);
        if !witness.signed(message(&note.text, seconds).as_bytes(), bytes) {
            return Seen::Forged;
        }
        found = Seen::At(seconds);
    }
    found
}
