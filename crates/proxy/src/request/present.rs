//! Which fields of a request need a closer look, found in one walk over their names.
//!
//! Most requests have none of them, and one walk costs less than two look-ups.

use http::HeaderMap;

/// The fields that are there, of those that decide what becomes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Present(u8);

const FORM: u8 = 1;
const UPGRADE: u8 = 1 << 1;
const EXPECT: u8 = 1 << 2;
const LENGTH: u8 = 1 << 3;
const HOPS: u8 = 1 << 4;
const MAX_FORWARDS: u8 = 1 << 5;
const COOKIES: u8 = 1 << 6;
const SIGNED: u8 = 1 << 7;

impl Present {
    /// Looks at every name once.
    pub(crate) fn among(headers: &HeaderMap) -> Self {
        let found = headers.keys().map(|name| bit_of(name.as_str()));
        Self(found.fold(0, |all, bit| all | bit))
    }

    /// Whether it says in which form it likes to be answered.
    pub(crate) fn form(self) -> bool {
        self.0 & FORM != 0
    }

    /// Whether it asks for another protocol.
    pub(crate) fn upgrade(self) -> bool {
        self.0 & UPGRADE != 0
    }

    /// Whether it expects something.
    pub(crate) fn expect(self) -> bool {
        self.0 & EXPECT != 0
    }

    /// Whether it says how long its body is.
    pub(crate) fn length(self) -> bool {
        self.0 & LENGTH != 0
    }

    /// Whether it says where it has been.
    pub(crate) fn hops(self) -> bool {
        self.0 & HOPS != 0
    }

    /// Whether it says how far it may go.
    pub(crate) fn max_forwards(self) -> bool {
        self.0 & MAX_FORWARDS != 0
    }

    /// Whether it says that it is signed.
    pub(crate) fn signed(self) -> bool {
        self.0 & SIGNED != 0
    }

    /// Whether it brings cookies.
    pub(crate) fn cookie(self) -> bool {
        self.0 & COOKIES != 0
    }
}

fn bit_of(name: &str) -> u8 {
    match name.len() {
        3 if name == "via" => HOPS,
        6 if name == "accept" => FORM,
        6 if name == "cookie" => COOKIES,
        6 if name == "expect" => EXPECT,
        7 if name == "upgrade" => UPGRADE,
        9 if name == "forwarded" => HOPS,
        12 if name == "max-forwards" => MAX_FORWARDS,
        14 if name == "content-length" => LENGTH,
        14 if name == "sec-fetch-mode" => FORM,
        15 if name == "signature-input" => SIGNED,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderName, HeaderValue};

    #[test]
    fn every_field_is_found_among_others_and_no_other_is_taken_for_it() {
        let among = |names: &[&'static str]| {
            let fields = names
                .iter()
                .map(|name| (HeaderName::from_static(name), HeaderValue::from_static("")));
            Present::among(&fields.collect())
        };
        let nothing = among(&["host", "user-agent", "x", "expire", "referer", "if-match"]);
        assert_eq!(nothing, Present(0));
        for (name, look) in [
            ("accept", Present::form as fn(Present) -> bool),
            ("sec-fetch-mode", Present::form),
            ("cookie", Present::cookie),
            ("upgrade", Present::upgrade),
            ("expect", Present::expect),
            ("content-length", Present::length),
            ("via", Present::hops),
            ("forwarded", Present::hops),
            ("max-forwards", Present::max_forwards),
            ("signature-input", Present::signed),
        ] {
            let present = among(&["host", name, "cooked"]);
            assert!(look(present) && present.0.is_power_of_two(), "{name}");
        }
    }
}
