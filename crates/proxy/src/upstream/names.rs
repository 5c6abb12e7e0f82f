//! Names of fields as an origin writes them: most of its answers have the same ones in the same
//! order, and comparing bytes costs a fraction of reading a name.
//!
//! Takes a name's bytes and its place in the head; gives the name, and what becomes of its field.
//! Never believes a place: a name that differs from the last one there is read anew.
//! Bounds: [`PLACES_MAX`] names of [`BYTES_MAX`] bytes each connection; all others are read anew.

use http::HeaderName;
use http::header::InvalidHeaderName;

/// More fields than most answers have.
const PLACES_MAX: usize = 16;
/// Longer than most names: `access-control-allow-credentials` has 32.
const BYTES_MAX: usize = 32;

/// What becomes of an answer's field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// It goes to the client.
    Passes,
    /// It passes, and says how long the body is.
    Length,
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

    fn remember(&mut self, nth: usize, bytes: &[u8], (name, means): (&HeaderName, Use)) {
        let mut known =
            Known { bytes: [0; BYTES_MAX], length: bytes.len(), name: name.clone(), means };
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
