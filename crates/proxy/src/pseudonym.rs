//! The name under which this shield stands in `Forwarded` and `Via`, and by which it knows its own
//! requests again (RFC 7239 §5.1, RFC 9110 §7.6.3).
//!
//! Drawn at start, so that two shields in a row are not taken for a loop, and so that nothing is
//! told of the machine.

use http::Version;
use http::header::{FORWARDED, HeaderMap, VIA};
use siphasher::sip::SipHasher13;
use std::hash::Hasher as _;

/// `seawall-` and eight hexadecimal digits.
const NAME_BYTES: usize = 16;
/// `;by=_` and the name.
const BY_BYTES: usize = 5 + NAME_BYTES;
/// `via: 1.1 `, the name, CRLF.
const LINE_BYTES: usize = 9 + NAME_BYTES + 2;

/// Where the value begins in that.
const VALUE_AT: usize = 5;

/// A name with the lines that it stands in, ready to be copied.
#[derive(Debug)]
pub(crate) struct Pseudonym {
    name: [u8; NAME_BYTES],
    by: [u8; BY_BYTES],
    h10: [u8; LINE_BYTES],
    h11: [u8; LINE_BYTES],
    h2: [u8; LINE_BYTES],
}

impl Pseudonym {
    /// Draws a name from a seed that is random; the name tells nothing of it.
    pub(crate) fn drawn_from(seed: [u64; 2]) -> Self {
        let mut hasher = SipHasher13::new_with_keys(seed[0], seed[1]);
        hasher.write(b"via");
        let digits = format!("{:016x}", hasher.finish());
        let mut name = *b"seawall-00000000";
        name[8..].copy_from_slice(&digits.as_bytes()[..8]);
        let line = |version: &[u8; 3]| {
            let mut line = *b"via: 0.0 seawall-00000000\r\n";
            line[5..8].copy_from_slice(version);
            line[9..9 + NAME_BYTES].copy_from_slice(&name);
            line
        };
        let mut by = *b";by=_seawall-00000000";
        by[BY_BYTES - NAME_BYTES..].copy_from_slice(&name);
        Self { name, by, h10: line(b"1.0"), h11: line(b"1.1"), h2: line(b"2.0") }
    }

    /// How `Forwarded` ends: an identifier that tells nothing but that it is this one (RFC 7239 §6.3).
    pub(crate) fn by(&self) -> &[u8] {
        &self.by
    }

    /// The field line that tells of a request that came by `version`.
    pub(crate) fn via(&self, version: Version) -> &[u8] {
        match version {
            Version::HTTP_10 => &self.h10,
            Version::HTTP_2 => &self.h2,
            _ => &self.h11,
        }
    }

    /// The value in that line.
    pub(crate) fn via_value(&self, version: Version) -> &[u8] {
        &self.via(version)[VALUE_AT..LINE_BYTES - 2]
    }

    /// Whether a request has been here before.
    pub(crate) fn stands_in(&self, headers: &HeaderMap) -> bool {
        let names_us = |value: &[u8]| value.windows(NAME_BYTES).any(|name| name == self.name);
        let mut values = headers.get_all(FORWARDED).iter().chain(headers.get_all(VIA));
        values.any(|value| names_us(value.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn a_name_is_drawn_and_stands_in_its_lines() {
        let [one, other] = [[1, 2], [1, 3]].map(Pseudonym::drawn_from);
        assert_ne!(one.name, other.name);
        for (version, digits) in
            [(Version::HTTP_10, "1.0"), (Version::HTTP_11, "1.1"), (Version::HTTP_2, "2.0")]
        {
            let line = std::str::from_utf8(one.via(version)).unwrap();
            let value = line.strip_prefix("via: ").and_then(|line| line.strip_suffix("\r\n"));
            let (protocol, name) = value.unwrap().split_once(' ').unwrap();
            assert_eq!((protocol, name.as_bytes()), (digits, &one.name[..]));
            let drawn = name.strip_prefix("seawall-").unwrap();
            assert!(drawn.len() == 8 && drawn.bytes().all(|byte| byte.is_ascii_hexdigit()));
        }
    }

    #[test]
    fn a_request_that_names_us_has_been_here_and_one_that_names_others_has_not() {
        let [us, other] = [[1, 2], [1, 3]].map(Pseudonym::drawn_from);
        let headers = |lines: &[&[u8]]| {
            let values = lines.iter().map(|line| HeaderValue::from_bytes(line).unwrap());
            values.map(|value| (VIA, value)).collect::<HeaderMap>()
        };
        let named = [b"1.1 proxy, 2.0 ", &us.name[..], b" (shield)"].concat();
        assert!(us.stands_in(&headers(&[b"1.1 proxy", &named])));
        assert!(!other.stands_in(&headers(&[&named])));
        assert!(!us.stands_in(&headers(&[b"1.1 seawall-", b"", b"1.1 \xff"])));
        assert!(!us.stands_in(&HeaderMap::new()));
    }
}
