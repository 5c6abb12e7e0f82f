//! A value's text read back: the number that requests have which show it.
//!
//! What [`super::text`] writes is read as the value that it was written of, as long as nothing of it
//! was cut or replaced; what people write instead of it is read as a request with that text would be.
//! `#0000beef` is a value by its number, for those without a text that says all.

use super::query::Query;
use super::referer::Referer;
use super::{ABSENT, Cookie, HeaderOrder, Protocol, Wire};
use super::{country, hash, language, method, prefix, small};
use seawall_types::template::Template;
use seawall_types::traits::TRAIT_NAME_BYTES_MAX;
use seawall_types::{Attribute, SourceNetwork, Trait};
use std::net::IpAddr;

/// Why a text is no value of an attribute; what is allowed instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAValue(pub &'static str);

const CUT: NotAValue = NotAValue("this text may be cut; name the value by its number, #0000beef");

/// The value of an attribute that reads so.
///
/// # Errors
/// What such a value looks like.
pub fn read(attribute: Attribute, text: &str) -> Result<Trait, NotAValue> {
    if let Some(digits) = text.strip_prefix('#') {
        let number = (digits.len() == 8).then(|| u32::from_str_radix(digits, 16).ok()).flatten();
        let value = number.map(Trait::new).filter(|value| value.is_known());
        return value.ok_or(NotAValue("a number is # and eight hexadecimal digits, not all zero"));
    }
    if text.is_empty() {
        return Err(NotAValue("a value is missing behind ="));
    }
    if text.len() >= TRAIT_NAME_BYTES_MAX {
        return Err(CUT);
    }
    match attribute {
        Attribute::Method => Ok(method(text)),
        Attribute::Route if text.starts_with('/') => Ok(hash::value(Template::of(text).bytes())),
        Attribute::Route => Err(NotAValue("a path begins with /, such as /login or /user/*")),
        Attribute::Query => Query::of_word(text)
            .map(|class| small(class as u8))
            .ok_or(NotAValue("a kind of query is none, known, campaign or random")),
        Attribute::Referer => Referer::of_word(text)
            .map(|class| small(class as u8))
            .ok_or(NotAValue("a kind of referer is none, own, search or other")),
        Attribute::Language => Ok(or_absent(text, language(text.as_bytes()))),
        Attribute::Agent | Attribute::Ja4 | Attribute::H2 => Ok(or_absent(text, text.as_bytes())),
        Attribute::Headers => Ok(HeaderOrder::of_list(text).value()),
        Attribute::Protocol => Protocol::of_word(text)
            .map(|protocol| small(protocol as u8))
            .ok_or(NotAValue("a protocol is h1, h2 or h3")),
        Attribute::Cookie => Cookie::of_word(text)
            .map(|cookie| small(cookie as u8))
            .ok_or(NotAValue("a cookie is none, borne or own")),
        Attribute::Prefix => network(text),
        Attribute::Country => match *text.as_bytes() {
            [first, second] => Ok(country([first, second].map(|b| b.to_ascii_uppercase()))),
            _ => Err(NotAValue("a country is two letters, such as DE")),
        },
        Attribute::Network => text
            .strip_prefix("AS")
            .and_then(|number| number.parse().ok().map(Trait::new))
            .filter(|value| value.is_known())
            .ok_or(NotAValue("a network is its number, such as AS64496")),
        Attribute::Wire => Wire::of_word(text)
            .map(|wire| small(wire as u8))
            .ok_or(NotAValue("a connection is even or resets")),
    }
}

fn or_absent(text: &str, value: &[u8]) -> Trait {
    if text == "none" { ABSENT } else { hash::value(value) }
}

/// Requests know their prefix alone, so that no other network can be asked for.
fn network(text: &str) -> Result<Trait, NotAValue> {
    const FAULT: NotAValue =
        NotAValue("a prefix is a /24 or a /48; for another network use a measure by source");
    let network: SourceNetwork = text.parse().map_err(|_| FAULT)?;
    match (network.address(), network.prefix()) {
        (IpAddr::V4(_), 24) | (IpAddr::V6(_), 48) => Ok(prefix(network.address())),
        _ => Err(FAULT),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_is_the_value_of_a_request_that_shows_it() {
        let same = |attribute, one, other| {
            assert_eq!(read(attribute, one), read(attribute, other), "{one} and {other}");
        };
        same(Attribute::Route, "/user/5f3e9c1a/photo", "/user/*/photo");
        same(Attribute::Route, "/static/app.8f3a1c.js", "/static/*.js");
        same(Attribute::Language, "de-DE,de;q=0.9", "de-DE");
        same(Attribute::Country, "de", "DE");
        assert_eq!(read(Attribute::Ja4, "#0000beef"), Ok(Trait::new(0xbeef)));
        assert_ne!(read(Attribute::Agent, "none"), read(Attribute::Agent, "curl/8.5"));
    }

    #[test]
    fn what_is_no_value_says_what_one_looks_like() {
        for (attribute, text, part) in [
            (Attribute::Route, "login", "begins with /"),
            (Attribute::Query, "odd", "none, known, campaign or random"),
            (Attribute::Protocol, "h9", "h1, h2 or h3"),
            (Attribute::Prefix, "192.0.2.0/25", "a /24 or a /48"),
            (Attribute::Network, "AS0", "AS64496"),
            (Attribute::Country, "Germany", "two letters"),
            (Attribute::Ja4, "#beef", "eight hexadecimal digits"),
            (Attribute::Ja4, "#00000000", "not all zero"),
            (Attribute::Agent, "", "missing"),
            (Attribute::Agent, &"a".repeat(TRAIT_NAME_BYTES_MAX), "its number"),
        ] {
            let NotAValue(says) = read(attribute, text).unwrap_err();
            assert!(says.contains(part), "{attribute}={text}: {says}");
        }
    }
}
