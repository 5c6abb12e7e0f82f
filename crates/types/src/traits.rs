//! What one request shows of itself, as numbers that compare.
//!
//! A signature is a conjunction of such traits.
//! They are made in one place for live traffic, recordings and simulations alike, so that what is
//! learned and what is looked at can never be of two kinds.
//! Bounds: [`Attribute::COUNT`] numbers a request; texts stand beside them only for people.

use std::fmt;

/// A thing about a request that a signature may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Attribute {
    /// The method.
    Method,
    /// The path with what varies taken out.
    Route,
    /// What kind of query follows the path: none, keys that are usual here, a campaign's, random.
    Query,
    /// Whose page it says it came from: none, this platform's, a search engine's, another's.
    Referer,
    /// The first language of `Accept-Language`.
    Language,
    /// `User-Agent`.
    Agent,
    /// Names of the header fields, in their order.
    Headers,
    /// TLS client fingerprint.
    Ja4,
    /// HTTP/2 fingerprint.
    H2,
    /// The protocol version.
    Protocol,
    /// Whether it bears a cookie, and whether the origin is known to have set it.
    Cookie,
    /// The prefix of its source: /24, or /48.
    Prefix,
    /// The country that a table says its address is in.
    Country,
    /// The network (AS number) that a table says its address is in.
    Network,
    /// The most telling fact of the wire about its connection: resets, slowness, odd frames.
    Wire,
}

impl Attribute {
    /// How many there are.
    pub const COUNT: usize = 15;
    /// All of them.
    pub const ALL: [Self; Self::COUNT] = [
        Self::Method,
        Self::Route,
        Self::Query,
        Self::Referer,
        Self::Language,
        Self::Agent,
        Self::Headers,
        Self::Ja4,
        Self::H2,
        Self::Protocol,
        Self::Cookie,
        Self::Prefix,
        Self::Country,
        Self::Network,
        Self::Wire,
    ];

    /// Position in [`Self::ALL`].
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The word that stands before `=` in a signature.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Method => "method",
            Self::Route => "path",
            Self::Query => "query",
            Self::Referer => "referer",
            Self::Language => "lang",
            Self::Agent => "ua",
            Self::Headers => "headers",
            Self::Ja4 => "ja4",
            Self::H2 => "h2",
            Self::Protocol => "proto",
            Self::Cookie => "cookie",
            Self::Prefix => "prefix",
            Self::Country => "country",
            Self::Network => "asn",
            Self::Wire => "wire",
        }
    }

    /// The attribute of a word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|attribute| attribute.word() == word)
    }
}

impl fmt::Display for Attribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// The value of one attribute; equal values are equal numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Trait(u32);

impl Trait {
    /// Left out: not known, or not this client's own (behind a proxy the connection is the proxy's).
    pub const UNKNOWN: Self = Self(0);

    /// A value by its number; 0 is [`Self::UNKNOWN`].
    pub const fn new(bits: u32) -> Self {
        Self(bits)
    }

    /// As a number.
    pub const fn to_bits(self) -> u32 {
        self.0
    }

    /// Whether there is a value.
    pub const fn is_known(self) -> bool {
        self.0 != 0
    }
}

/// Everything that one request shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Traits([Trait; Attribute::COUNT]);

impl Traits {
    /// The value of an attribute.
    pub const fn get(&self, attribute: Attribute) -> Trait {
        self.0[attribute.index()]
    }

    /// Sets the value of an attribute.
    pub const fn set(&mut self, attribute: Attribute, value: Trait) {
        self.0[attribute.index()] = value;
    }

    /// The same with a value set.
    #[must_use]
    pub const fn with(mut self, attribute: Attribute, value: Trait) -> Self {
        self.set(attribute, value);
        self
    }
}

/// A value's text, told once in a while by whoever saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraitName {
    /// Of which attribute.
    pub attribute: Attribute,
    /// Which value.
    pub value: Trait,
    /// What it reads, at most [`TRAIT_NAME_BYTES_MAX`] bytes.
    pub text: Box<str>,
}

/// Longer texts are cut.
pub const TRAIT_NAME_BYTES_MAX: usize = 160;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_attribute_has_its_own_place_and_word() {
        for (at, attribute) in Attribute::ALL.into_iter().enumerate() {
            assert_eq!(attribute.index(), at);
            assert_eq!(Attribute::of_word(attribute.word()), Some(attribute));
        }
    }

    #[test]
    fn a_trait_that_was_not_set_is_unknown() {
        let traits = Traits::default().with(Attribute::Ja4, Trait::new(7));
        assert_eq!(traits.get(Attribute::Ja4), Trait::new(7));
        assert!(!traits.get(Attribute::H2).is_known());
    }
}
