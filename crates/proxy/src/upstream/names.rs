//! Fields as an origin writes them: most of its answers have the same names in the same order, some
//! with the same values, and comparing bytes costs a fraction of reading them.
//!
//! Takes a name's or a value's bytes and its place in the head; gives the name, what becomes of its
//! field, and the value.
//! Never believes a place: what differs from the last one there is read anew.
//! Bounds: [`PLACES_MAX`] names of [`BYTES_MAX`] bytes and values of [`VALUE_BYTES_MAX`] each
//! connection; all others are read anew.

use http::header::InvalidHeaderName;
use http::{HeaderName, HeaderValue};

/// More fields than most answers have.
const PLACES_MAX: usize = 16;
/// Longer than most names: `access-control-allow-credentials` has 32.
const BYTES_MAX: usize = 32;
/// Longer than the values that come again: of software, of a type, of a rule for caches, of a second.
const VALUE_BYTES_MAX: usize = 64;
/// Values that differ in a row before one of them is kept instead: keeping takes a piece of memory,
/// which is lost on what is never the same twice.
const OTHERS_MAX: u8 = 16;

/// What becomes of an answer's field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// It goes to the client.
    Passes,
    /// It passes, and says how long the body is.
    Length,
    /// It passes, and says what the body is.
    Type,
    /// It passes, and sets a cookie.
    Cookie,
    /// It says how the body is framed towards us.
    Coding,
    /// It says what concerns our connection alone.
    Connection,
    /// It passes where the origin agrees to another protocol.
    Upgrade,
    /// It is for us alone, or ours alone to say.
    Ends,
}

/// The names of the last heads of one connection, by place.
#[derive(Debug, Default)]
pub(super) struct Names(Vec<Known>);

#[derive(Debug)]
struct Known {
    bytes: [u8; BYTES_MAX],
    length: usize,
    name: HeaderName,
    means: Use,
    value: Option<HeaderValue>,
    /// Values since then that were others.
    others: u8,
}

impl Names {
    /// The name at a place of a head.
    ///
    /// # Errors
    /// It is none.
    pub(super) fn read(
        &mut self,
        nth: usize,
        bytes: &[u8],
    ) -> Result<(HeaderName, Use), InvalidHeaderName> {
        if let Some(known) = self.0.get(nth)
            && known.bytes.get(..known.length) == Some(bytes)
        {
            return Ok((known.name.clone(), known.means));
        }
        let name = HeaderName::from_bytes(bytes)?;
        let means = Use::of(&name);
        self.remember(nth, bytes, (&name, means));
        Ok((name, means))
    }

    /// The value at a place of a head, where the last one there was the same.
    pub(super) fn value(&mut self, nth: usize, bytes: &[u8]) -> Option<HeaderValue> {
        let known = self.0.get_mut(nth)?;
        if let Some(value) = known.value.as_ref().filter(|value| value.as_bytes() == bytes) {
            known.others = 0;
            return Some(value.clone());
        }
        if known.others < OTHERS_MAX {
            known.others += 1;
            return None;
        }
        known.others = 0;
        // In memory of its own: a slice would keep all that was read with it.
        let fits = bytes.len() <= VALUE_BYTES_MAX;
        known.value = fits.then(|| HeaderValue::from_bytes(bytes).ok()).flatten();
        known.value.clone()
    }

    fn remember(&mut self, nth: usize, bytes: &[u8], (name, means): (&HeaderName, Use)) {
        // Its second value is kept: where heads of several kinds take turns, no place is anybody's.
        let (length, others) = (bytes.len(), OTHERS_MAX - 1);
        let mut known =
            Known { bytes: [0; BYTES_MAX], length, name: name.clone(), means, value: None, others };
        let Some(room) = known.bytes.get_mut(..bytes.len()) else { return };
        room.copy_from_slice(bytes);
        if let Some(last) = self.0.get_mut(nth) {
            *last = known;
        } else if nth == self.0.len() && nth < PLACES_MAX {
            self.0.push(known);
        }
    }
}

impl Use {
    fn of(name: &HeaderName) -> Self {
        match name.as_str() {
            "content-length" => Self::Length,
            "content-type" => Self::Type,
            "set-cookie" => Self::Cookie,
            "transfer-encoding" => Self::Coding,
            "connection" => Self::Connection,
            "upgrade" => Self::Upgrade,
            "keep-alive" | "proxy-connection" | "proxy-authenticate" | "seawall-verdict" => {
                Self::Ends
            }
            _ => Self::Passes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_was_read_before_changes_no_name(
            heads in prop::collection::vec(
                prop::collection::vec("[aA][bB]?|Connection|content-LENGTH|x{31,34}|[a ]{1,3}", 0..20),
                1..6,
            )
        ) {
            let mut names = Names::default();
            for head in heads {
                for (nth, name) in head.iter().enumerate() {
                    let fresh = Names::default().read(nth, name.as_bytes()).ok();
                    prop_assert_eq!(names.read(nth, name.as_bytes()).ok(), fresh);
                    prop_assert!(names.0.len() <= PLACES_MAX);
                }
            }
        }
    }

    #[test]
    fn a_value_is_kept_once_it_has_come_again_and_gives_way_to_what_comes_more_often() {
        let mut names = Names::default();
        names.read(0, b"Server").unwrap();
        let mut known = |value: &str| {
            let found = names.value(0, value.as_bytes());
            assert!(found.as_ref().is_none_or(|found| found == value), "{found:?} for {value}");
            found.is_some()
        };
        assert_eq!(["a", "a", "a"].map(&mut known), [false, true, true]);
        assert!(!(0..OTHERS_MAX).any(|nth| known(&format!("b{nth}"))));
        assert_eq!(["c", "c", "a", "c"].map(&mut known), [true, true, false, true]);
        let long = "d".repeat(VALUE_BYTES_MAX + 1);
        assert!(!(0..100).any(|_| known(&long)));
        assert!(names.value(7, b"c").is_none());
    }

    #[test]
    fn a_name_is_known_at_its_place_until_another_stands_there() {
        let mut names = Names::default();
        let known = |names: &Names| {
            names.0.iter().map(|known| known.name.as_str().to_owned()).collect::<Vec<_>>()
        };
        for (nth, name) in ["Date", "ETag", "Age"].iter().enumerate() {
            names.read(nth, name.as_bytes()).unwrap();
        }
        names.read(1, b"Vary").unwrap();
        names.read(9, b"Via").unwrap();
        assert_eq!(known(&names), ["date", "vary", "age"]);
    }
}
