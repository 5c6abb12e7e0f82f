//! A place in the line of those who wait instead of solving: for browsers that run no scripts.
//!
//! A [`Line`] gives turns at a pace, one behind the other; a [`Place`] says in a text that only we
//! can write when its bearer's turn is, so that the line itself is one number.
//! Takes keys, the time and whom it is for; gives places, and says of a text whether its turn has
//! come.
//! Never stores who waits, nor lets anyone in: what a turn gives is a token, rationed like any other.
//! Bounds: [`WAIT_MAX_SECS`] of waiting; a line that is longer takes nobody.

use super::bound::{Bound, first_of};
use super::keys::Keys;
use super::mac::same;
use data_encoding::BASE64URL_NOPAD;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// The longest wait that anyone is asked for.
pub const WAIT_MAX_SECS: u32 = 600;
/// How long a turn holds once it has come: a page that is looked at now and then comes in time.
pub const GRACE_SECS: u32 = 120;
/// Characters of a place.
pub const TEXT_BYTES: usize = 32;

const SAID: usize = 8;
const TAG: usize = 16;

/// Turns of one platform; all cores share it without a lock.
#[derive(Debug, Default)]
pub struct Line {
    /// When the next turn is, in milliseconds since 1970.
    next_ms: AtomicU64,
}

impl Line {
    /// Takes the next turn, one `interval_ms` after the one before; none when the wait is too long.
    ///
    /// Times are of the wall, since a successor of this process honours them.
    pub fn join(&self, now_ms: u64, interval_ms: u64) -> Option<u64> {
        let take = |next: u64| {
            let turn = next.max(now_ms);
            // A clock that was set back must not leave a line that never moves.
            (turn - now_ms <= u64::from(WAIT_MAX_SECS) * 1_000)
                .then(|| turn.saturating_add(interval_ms))
        };
        self.next_ms.fetch_update(Relaxed, Relaxed, take).ok().map(|next| next.max(now_ms))
    }
}

/// When somebody's turn is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// When it was taken: seconds since 1970.
    pub joined_secs: u32,
    /// When its turn is.
    pub turn_secs: u32,
}

/// Why a text is no place whose turn has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlaceFault {
    /// It does not look like one.
    Form,
    /// Its turn is not yet.
    Early(Place),
    /// Its turn was, and nobody came.
    Missed,
    /// We did not give it, or not to whoever brings it.
    Forged,
}

impl Place {
    /// The place as text, worth something for `bound` alone.
    pub fn sealed(self, keys: &Keys, bound: &Bound) -> Option<PlaceText> {
        let said = self.packed();
        let tag = keys.place(self.joined_secs)?.tag(&[&said, &bound.bytes()]);
        let mut packed = [0; SAID + TAG];
        packed[..SAID].copy_from_slice(&said);
        packed[SAID..].copy_from_slice(&tag[..TAG]);
        let mut text = [0; TEXT_BYTES];
        BASE64URL_NOPAD.encode_mut(&packed, &mut text);
        Some(PlaceText(text))
    }

    /// Opens a place whose turn has come, and gives the name of the token that it is worth.
    ///
    /// # Errors
    /// Its turn has not come or is over, or it is none.
    pub fn open(
        (keys, now_secs): (&Keys, u32),
        bound: &Bound,
        text: &[u8],
    ) -> Result<u64, PlaceFault> {
        let text: &[u8; TEXT_BYTES] = text.try_into().map_err(|_| PlaceFault::Form)?;
        let mut packed = [0; SAID + TAG];
        BASE64URL_NOPAD.decode_mut(text, &mut packed).map_err(|_| PlaceFault::Form)?;
        let mut said = [0; SAID];
        said.copy_from_slice(&packed[..SAID]);
        let place = Self::unpacked(said);
        let key = keys.place(place.joined_secs).ok_or(PlaceFault::Missed)?;
        let tag = key.tag(&[&said, &bound.bytes()]);
        if !same(&packed[SAID..], &tag[..TAG]) {
            return Err(PlaceFault::Forged);
        }
        if now_secs < place.turn_secs {
            return Err(PlaceFault::Early(place));
        }
        if now_secs - place.turn_secs > GRACE_SECS {
            return Err(PlaceFault::Missed);
        }
        Ok(first_of(&tag))
    }

    fn packed(self) -> [u8; SAID] {
        (u64::from(self.joined_secs) << 32 | u64::from(self.turn_secs)).to_be_bytes()
    }

    fn unpacked(said: [u8; SAID]) -> Self {
        let both = u64::from_be_bytes(said);
        let half = |bits: u64| u32::try_from(bits & u64::from(u32::MAX)).unwrap_or(u32::MAX);
        Self { joined_secs: half(both >> 32), turn_secs: half(both) }
    }
}

/// A place as it stands in an address.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PlaceText([u8; TEXT_BYTES]);

impl PlaceText {
    /// Letters of base64url.
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// Whoever reads it bears it, so it is not shown.
impl fmt::Debug for PlaceText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PlaceText")
    }
}

#[cfg(test)]
mod tests;
