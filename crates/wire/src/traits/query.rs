//! What kind of query follows a path, by rules that remember nothing.
//!
//! A query is random when one of its parameters looks drawn by chance: its name, or its value where
//! the name is none that usually carries identifiers.
//! Bounds: [`PARAMETERS_MAX`] parameters, of which [`TEXT_BYTES_MAX`] bytes each are looked at.

/// Parameters of a query that are looked at.
pub const PARAMETERS_MAX: usize = 16;
/// Bytes of a name and of a value that are looked at.
const TEXT_BYTES_MAX: usize = 64;

/// A kind of query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Query {
    None,
    Known,
    Campaign,
    Random,
}

impl Query {
    pub(super) fn of_word(word: &str) -> Option<Self> {
        let all = [Self::None, Self::Known, Self::Campaign, Self::Random];
        all.into_iter().find(|class| class.word() == word)
    }

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Known => "known",
            Self::Campaign => "campaign",
            Self::Random => "random",
        }
    }
}

/// Names that advertisers and mailers append to links.
const CAMPAIGN: [&[u8]; 18] = [
    b"gclid",
    b"gclsrc",
    b"gbraid",
    b"wbraid",
    b"dclid",
    b"gad_source",
    b"fbclid",
    b"msclkid",
    b"yclid",
    b"twclid",
    b"ttclid",
    b"igshid",
    b"igsh",
    b"mc_cid",
    b"mc_eid",
    b"li_fat_id",
    b"srsltid",
    b"_gl",
];

/// Names that usually carry identifiers, numbers of versions or times, whatever the site.
const CARRIERS: [&[u8]; 30] = [
    b"_",
    b"id",
    b"uid",
    b"sid",
    b"pid",
    b"v",
    b"ver",
    b"version",
    b"t",
    b"ts",
    b"time",
    b"timestamp",
    b"token",
    b"session",
    b"state",
    b"code",
    b"nonce",
    b"hash",
    b"key",
    b"sig",
    b"signature",
    b"cb",
    b"callback",
    b"next",
    b"cursor",
    b"after",
    b"before",
    b"ref",
    b"return",
    b"redirect",
];

/// A digits-only value of this many bytes is no page, year or quantity.
const LONG_NUMBER: usize = 8;
/// A shorter text is a word or an abbreviation.
const DRAWN_BYTES_MIN: usize = 8;

/// The kind of query in a target.
pub(super) fn class(target: &str) -> Query {
    let Some(at) = target.bytes().position(|byte| byte == b'?') else { return Query::None };
    let query = &target.as_bytes()[at + 1..];
    let mut class = Query::None;
    let parameters = query.split(|byte| *byte == b'&').filter(|parameter| !parameter.is_empty());
    for parameter in parameters.take(PARAMETERS_MAX) {
        let (name, value) = match parameter.iter().position(|byte| *byte == b'=') {
            Some(at) => (&parameter[..at], &parameter[at + 1..]),
            None => (parameter, &[][..]),
        };
        match kind(cut(name), cut(value)) {
            Query::Random => return Query::Random,
            Query::Campaign => class = Query::Campaign,
            Query::Known | Query::None if class == Query::None => class = Query::Known,
            Query::Known | Query::None => {}
        }
    }
    class
}

fn cut(text: &[u8]) -> &[u8] {
    &text[..text.len().min(TEXT_BYTES_MAX)]
}

fn kind(name: &[u8], value: &[u8]) -> Query {
    if name.starts_with(b"utm_") || CAMPAIGN.contains(&name) {
        return Query::Campaign;
    }
    if is_drawn(name) || is_long_number(name) {
        return Query::Random;
    }
    let looks_drawn = is_drawn(value) || is_long_number(value);
    if looks_drawn && !CARRIERS.contains(&name) { Query::Random } else { Query::Known }
}

fn is_long_number(text: &[u8]) -> bool {
    let is_digit = |byte: &u8| byte.is_ascii_digit() || *byte == b'.';
    text.len() >= LONG_NUMBER && text.iter().all(is_digit)
}

/// Whether a text changes between kinds of characters as chance does and words do not.
fn is_drawn(text: &[u8]) -> bool {
    if text.len() < DRAWN_BYTES_MIN {
        return false;
    }
    let mut changes = 0_usize;
    let (mut letters, mut vowels) = (0_usize, 0_usize);
    let mut last = Kind::Other;
    for byte in text {
        let kind = Kind::of(*byte);
        // From a capital to small letters goes every name; all other changes are rare in words.
        let is_name = last == Kind::Upper && kind == Kind::Lower;
        let touches = kind != Kind::Other && last != Kind::Other;
        changes += usize::from(touches && kind != last && !is_name);
        letters += usize::from(matches!(kind, Kind::Lower | Kind::Upper));
        vowels += usize::from(b"aeiouyAEIOUY".contains(byte));
        last = kind;
    }
    let unspeakable = letters >= DRAWN_BYTES_MIN && vowels * 8 < letters;
    changes >= 3 || unspeakable
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Lower,
    Upper,
    Digit,
    Other,
}

impl Kind {
    fn of(byte: u8) -> Self {
        match byte {
            b'a'..=b'z' => Self::Lower,
            b'A'..=b'Z' => Self::Upper,
            b'0'..=b'9' => Self::Digit,
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_query_is_told_by_its_form() {
        for (target, expected) in [
            ("/", Query::None),
            ("/a?", Query::None),
            ("/search?q=winter+coats", Query::Known),
            ("/search?q=17", Query::Known),
            ("/list?page=2&sort=price&year=2026", Query::Known),
            ("/list?category=Householdgoods", Query::Known),
            ("/a.js?v=8f3a1c9d7e", Query::Known),
            ("/api?_=1699999999123", Query::Known),
            ("/item?id=9f8e7d6c5b4a", Query::Known),
            ("/?utm_source=mail&utm_campaign=c4", Query::Campaign),
            ("/?page=2&gclid=Cj0KCQjw3ZayBhDRARIsAPWzx8oL", Query::Campaign),
            ("/?9f8e7d6c5b4a3f21", Query::Random),
            ("/?x=9f8e7d6c5b4a3f21", Query::Random),
            ("/?r=0.8374638211", Query::Random),
            ("/?12345678", Query::Random),
            ("/?q=aK9xQ2mZ", Query::Random),
            ("/?x=xkqjzvbnwtr", Query::Random),
            ("/?utm_source=mail&z=9f8e7d6c5b4a3f21", Query::Random),
        ] {
            assert_eq!(class(target), expected, "{target}");
        }
    }

    #[test]
    fn what_lies_beyond_the_parameters_that_are_looked_at_changes_nothing() {
        let usual = "a=1&".repeat(PARAMETERS_MAX);
        assert_eq!(class(&format!("/?{usual}x=9f8e7d6c5b4a3f21")), Query::Known);
        let last = "a=1&".repeat(PARAMETERS_MAX - 1);
        assert_eq!(class(&format!("/?{last}x=9f8e7d6c5b4a3f21")), Query::Random);
    }
}
