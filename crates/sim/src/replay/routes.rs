//! Route classes: requests that should cost their origin about the same.
//!
//! A class is the method, what the record names, and the path without its query, in which a
//! segment that holds a digit or is long stands for any such segment.

use siphasher::sip::SipHasher13;
use std::collections::BTreeMap;
use std::hash::Hasher as _;

/// Route classes that are told apart; requests of further ones share one.
pub const ROUTES_MAX: usize = 4_096;

/// Segments that are looked at; what lies deeper is the same class.
const SEGMENTS_MAX: usize = 6;
/// A segment longer than this is a text, not a place.
const SEGMENT_BYTES_MAX: usize = 24;

/// All route classes of a replay, by a hash of what makes them.
///
/// The hash needs no secret: whoever made two classes one would change medians of a recording.
#[derive(Debug, Default)]
pub(super) struct Routes(BTreeMap<u64, u16>);

/// The class of whatever found no room.
const SHARED: u16 = 0;

impl Routes {
    /// The class of a request.
    pub(super) fn class(&mut self, named: u16, method: Option<&str>, path: &str) -> u16 {
        let hash = hash(named, method, path);
        if let Some(class) = self.0.get(&hash) {
            return *class;
        }
        let next = self.0.len() + 1;
        match u16::try_from(next) {
            Ok(class) if next < ROUTES_MAX => {
                self.0.insert(hash, class);
                class
            }
            _ => SHARED,
        }
    }
}

fn hash(named: u16, method: Option<&str>, path: &str) -> u64 {
    let mut hasher = SipHasher13::new();
    hasher.write_u16(named);
    hasher.write(method.unwrap_or_default().as_bytes());
    let end = path.find(['?', '#']).unwrap_or(path.len());
    for segment in path[..end].split('/').take(SEGMENTS_MAX + 1) {
        let is_place =
            segment.len() <= SEGMENT_BYTES_MAX && !segment.bytes().any(|b| b.is_ascii_digit());
        hasher.write_u8(b'/');
        hasher.write(if is_place { segment.as_bytes() } else { b"*" });
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_is_a_place_whatever_number_query_or_text_stands_in_it() {
        let mut routes = Routes::default();
        let mut class = |method, path| routes.class(1, Some(method), path);
        let item = class("GET", "/shop/item/17?colour=red");
        assert_eq!(class("GET", "/shop/item/18"), item);
        assert_eq!(class("GET", "/shop/item/a-text-of-more-than-two-dozen-letters"), item);
        assert_ne!(class("GET", "/shop/item/red"), item);
        assert_ne!(class("POST", "/shop/item/17"), item);
        assert_ne!(class("GET", "/shop/item"), item);
    }

    #[test]
    fn classes_beyond_the_bound_share_one() {
        let mut routes = Routes::default();
        let letters =
            |n: usize| n.to_string().bytes().map(|b| char::from(b + 48)).collect::<String>();
        let classes: Vec<_> =
            (0..ROUTES_MAX + 9).map(|n| routes.class(1, None, &letters(n))).collect();
        assert_eq!(classes[ROUTES_MAX - 2], 4_095);
        assert_eq!(&classes[ROUTES_MAX - 1..], [SHARED; 10]);
        assert_eq!(routes.class(1, None, &letters(7)), classes[7]);
    }
}
