//! What says that a visitor has passed: a text of 44 characters that only we can write.
//!
//! Takes keys, the time and whom it is for; gives a [`Token`] as text, and a text's token again.
//! It says how many clean days its bearer has had, each of which is a renewal: a token ages by being
//! brought back and behaving, never by lying about.
//! Never stored: one that was issued cannot be taken back, only rationed until it ends.

use super::bound::Bound;
use super::keys::{Keys, SPAN_SECS};
use super::mac::same;
use crate::admission::Class;
use data_encoding::BASE64URL_NOPAD;
use std::fmt;

/// A token is worth nothing this many days after it was last renewed.
pub const LIFE_DAYS: u32 = 7;
/// The same in seconds, as cookies say it.
pub const LIFE_SECS: u32 = LIFE_DAYS * SPAN_SECS;
/// Renewed when it is brought back so long after it was issued; less than a day, for those who come
/// at the same hour.
pub const RENEW_AFTER_SECS: u32 = 20 * 60 * 60;
/// Clean days after which a token goes first: it is older than any trouble of a day or two.
pub const OLD_DAYS: u8 = 2;
/// Characters of a token.
pub const TEXT_BYTES: usize = 44;

/// One byte of days, two times, a name.
const SAID: usize = 17;
/// Half of a tag: a guess holds once in 10^38.
const TAG: usize = 16;
const PACKED: usize = SAID + TAG;

/// What a bearer is known by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// The same over renewals; a puzzle that is answered twice gives it twice.
    pub id: u64,
    /// When its bearer passed: seconds since 1970.
    pub first_secs: u32,
    /// When it was last renewed.
    pub issued_secs: u32,
    /// Renewals, each after a day without being told to slow down.
    pub clean_days: u8,
}

/// Why a text is no token here and now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenFault {
    /// It does not look like one.
    Form,
    /// It was one, or will be one.
    Expired,
    /// We did not write it, or not for whoever brings it.
    Forged,
}

impl Token {
    /// The token of somebody who just passed.
    pub fn fresh(id: u64, now_secs: u32) -> Self {
        Self { id, first_secs: now_secs, issued_secs: now_secs, clean_days: 0 }
    }

    /// The token that replaces it after a clean day; none when there has been none yet.
    pub fn renewed(self, now_secs: u32) -> Option<Self> {
        let due = now_secs.checked_sub(self.issued_secs)? >= RENEW_AFTER_SECS;
        let clean_days = self.clean_days.saturating_add(1);
        due.then_some(Self { issued_secs: now_secs, clean_days, ..self })
    }

    /// Whether it is older than the trouble.
    pub fn is_old(self) -> bool {
        self.clean_days >= OLD_DAYS
    }

    /// How its bearer stands in the queue for an origin.
    ///
    /// Whoever just passed goes with strangers, before those that were put last: a program passes as
    /// well as a person, and must not take the place of somebody who was known before.
    pub fn class(self) -> Class {
        match self {
            _ if self.is_old() => Class::OldToken,
            _ if self.has_history() => Class::Proven,
            _ => Class::Unknown,
        }
    }

    /// Whether its bearer has ever come back after a clean day.
    pub fn has_history(self) -> bool {
        self.clean_days > 0
    }

    /// The token as text, worth something for `bound` alone.
    pub fn sealed(self, keys: &Keys, bound: &Bound) -> Option<TokenText> {
        let said = self.packed();
        let tag = keys.token(self.issued_secs)?.tag(&[&said, &bound.bytes()]);
        let mut packed = [0; PACKED];
        packed[..SAID].copy_from_slice(&said);
        packed[SAID..].copy_from_slice(&tag[..TAG]);
        let mut text = [0; TEXT_BYTES];
        BASE64URL_NOPAD.encode_mut(&packed, &mut text);
        Some(TokenText(text))
    }

    /// The token that a text is for `bound`.
    ///
    /// # Errors
    /// It is none.
    pub fn open(
        (keys, now_secs): (&Keys, u32),
        bound: &Bound,
        text: &[u8],
    ) -> Result<Self, TokenFault> {
        let text: &[u8; TEXT_BYTES] = text.try_into().map_err(|_| TokenFault::Form)?;
        let mut packed = [0; PACKED];
        BASE64URL_NOPAD.decode_mut(text, &mut packed).map_err(|_| TokenFault::Form)?;
        let mut said = [0; SAID];
        said.copy_from_slice(&packed[..SAID]);
        let token = Self::unpacked(&said);
        let age = now_secs.checked_sub(token.issued_secs).ok_or(TokenFault::Expired)?;
        if age > LIFE_SECS {
            return Err(TokenFault::Expired);
        }
        let key = keys.token(token.issued_secs).ok_or(TokenFault::Expired)?;
        let tag = key.tag(&[&said, &bound.bytes()]);
        if same(&packed[SAID..], &tag[..TAG]) { Ok(token) } else { Err(TokenFault::Forged) }
    }

    fn packed(self) -> [u8; SAID] {
        let mut said = [0; SAID];
        said[0] = self.clean_days;
        said[1..5].copy_from_slice(&self.first_secs.to_be_bytes());
        said[5..9].copy_from_slice(&self.issued_secs.to_be_bytes());
        said[9..].copy_from_slice(&self.id.to_be_bytes());
        said
    }

    fn unpacked(said: &[u8; SAID]) -> Self {
        let word =
            |at: usize| u32::from_be_bytes([said[at], said[at + 1], said[at + 2], said[at + 3]]);
        Self {
            clean_days: said[0],
            first_secs: word(1),
            issued_secs: word(5),
            id: u64::from(word(9)) << 32 | u64::from(word(13)),
        }
    }
}

/// A token as it stands in a cookie.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TokenText([u8; TEXT_BYTES]);

impl TokenText {
    /// Letters of base64url.
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// Whoever reads it bears it, so it is not shown.
impl fmt::Debug for TokenText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenText")
    }
}

#[cfg(test)]
mod tests;
