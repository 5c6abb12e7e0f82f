//! What a request shows, as numbers that compare: one function for live, recorded and simulated ones.
//!
//! Takes a [`View`], which borrows the texts of a request; gives its [`Traits`], and on demand the
//! text of each.
//! Values follow from the texts alone, without a key, so that what was learned outlives a restart.
//! A sender who makes a text meet another's number has shown no more than by sending that text.
//! Never reads a clock, panics or allocates, but for a text that somebody asked for.
//! Bounds: [`HASHED_BYTES_MAX`] of a value, [`NAMES_MAX`] names of fields, [`PARAMETERS_MAX`]
//! parameters of a query.

mod fields;
mod hash;
mod query;
mod read;
mod referer;

pub use fields::{Fields, HeaderOrder, NAMES_MAX};
pub use hash::HASHED_BYTES_MAX;
pub use query::PARAMETERS_MAX;
pub use read::{NotAValue, read};

use seawall_types::template::Template;
use seawall_types::traits::TRAIT_NAME_BYTES_MAX;
use seawall_types::{Attribute, SourceNetwork, Trait, Traits};
use std::net::IpAddr;

/// A request as texts.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// The method.
    pub method: &'a str,
    /// Path and query.
    pub target: &'a str,
    /// Who asks.
    pub source: IpAddr,
    /// `User-Agent`.
    pub agent: Told<'a>,
    /// `Referer`.
    pub referer: Told<'a>,
    /// `Accept-Language`.
    pub language: Told<'a>,
    /// Names of the header fields in their order; none when nobody noted them.
    pub headers: Option<HeaderOrder>,
    /// Whether it bears a cookie.
    pub cookie: Option<Cookie>,
    /// The protocol that the client itself speaks.
    pub protocol: Option<Protocol>,
    /// TLS client fingerprint.
    pub ja4: Told<'a>,
    /// HTTP/2 fingerprint.
    pub h2: Told<'a>,
    /// Two letters, where a table places the address.
    pub country: Option<[u8; 2]>,
    /// Number of the autonomous system, likewise.
    pub network: Option<u32>,
    /// What its connection did.
    pub wire: Option<Wire>,
    /// Whether a host is one of its platform's; none when nobody knows these.
    pub is_own: Option<&'a dyn Fn(&str) -> bool>,
}

/// A text of a request, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told<'a> {
    /// Nobody noted it, or it is not the client's own.
    Unknown,
    /// There was none.
    Absent,
    /// It reads so.
    Text(&'a [u8]),
}

impl<'a> Told<'a> {
    /// A field that was looked for; an empty one is none.
    pub fn found(text: Option<&'a [u8]>) -> Self {
        match text {
            Some([]) | None => Self::Absent,
            Some(text) => Self::Text(text),
        }
    }
}

/// The protocol between client and shield.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// HTTP/1.0 and HTTP/1.1.
    H1,
    /// HTTP/2.
    H2,
    /// HTTP/3.
    H3,
}

impl Protocol {
    /// The word of the record format.
    pub const fn word(self) -> &'static str {
        match self {
            Self::H1 => "h1",
            Self::H2 => "h2",
            Self::H3 => "h3",
        }
    }

    /// The protocol of a word.
    pub fn of_word(word: &str) -> Option<Self> {
        [Self::H1, Self::H2, Self::H3].into_iter().find(|protocol| protocol.word() == word)
    }
}

/// What a request shows of cookies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cookie {
    /// None.
    None,
    /// One, of which nothing is known.
    Borne,
    /// One that the origin is known to have set.
    Own,
}

/// The most telling thing that a connection did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wire {
    /// Nothing out of the ordinary.
    Even,
    /// It took back most of what it asked for.
    Resets,
}

/// The value of a text that is known not to be there.
const ABSENT: Trait = Trait::new(1);

/// Methods that have small numbers, since nearly all requests use one of them.
const METHODS: [&str; 7] = ["GET", "POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"];

/// What a request shows.
pub fn traits(view: &View<'_>) -> Traits {
    traits_at(view, &Template::of(view.target))
}

/// The same for whoever has the template of the target already.
///
/// In one line and not attribute by attribute: every request goes through it.
pub fn traits_at(view: &View<'_>, template: &Template) -> Traits {
    let referer = referer::class(view).map(|class| class as u8);
    Traits::default()
        .with(Attribute::Method, method(view.method))
        .with(Attribute::Route, hash::value(template.bytes()))
        .with(Attribute::Query, small(query::class(view.target) as u8))
        .with(Attribute::Referer, closed(referer))
        .with(Attribute::Language, text_value(view.language, language))
        .with(Attribute::Agent, text_value(view.agent, |text| text))
        .with(Attribute::Headers, view.headers.map_or(Trait::UNKNOWN, HeaderOrder::value))
        .with(Attribute::Ja4, text_value(view.ja4, |text| text))
        .with(Attribute::H2, text_value(view.h2, |text| text))
        .with(Attribute::Protocol, closed(view.protocol.map(|protocol| protocol as u8)))
        .with(Attribute::Cookie, closed(view.cookie.map(|cookie| cookie as u8)))
        .with(Attribute::Prefix, prefix(view.source))
        .with(Attribute::Country, view.country.map_or(Trait::UNKNOWN, country))
        .with(Attribute::Network, view.network.map_or(Trait::UNKNOWN, Trait::new))
        .with(Attribute::Wire, closed(view.wire.map(|wire| wire as u8)))
}

/// What the value of an attribute reads; none where it is not known.
///
/// `names` are those of the header fields, in their order. Everything but visible ASCII is shown as
/// `?`, and at most [`TRAIT_NAME_BYTES_MAX`] bytes are.
pub fn text<'n>(
    view: &View<'_>,
    attribute: Attribute,
    names: impl Iterator<Item = &'n str>,
) -> Option<String> {
    if !traits(view).get(attribute).is_known() {
        return None;
    }
    let told = |told: Told<'_>, part: fn(&[u8]) -> &[u8]| match told {
        Told::Unknown => None,
        Told::Absent => Some("none".to_owned()),
        Told::Text(text) => Some(shown(part(text))),
    };
    match attribute {
        Attribute::Method => Some(shown(view.method.as_bytes())),
        Attribute::Route => Some(shown(Template::of(view.target).text().as_bytes())),
        Attribute::Query => Some(query::class(view.target).word().to_owned()),
        Attribute::Referer => referer::class(view).map(|class| class.word().to_owned()),
        Attribute::Language => told(view.language, language),
        Attribute::Agent => told(view.agent, |text| text),
        Attribute::Headers => Some(shown(fields::list(names).as_bytes())),
        Attribute::Ja4 => told(view.ja4, |text| text),
        Attribute::H2 => told(view.h2, |text| text),
        Attribute::Protocol => view.protocol.map(|protocol| protocol.word().to_owned()),
        Attribute::Cookie => view.cookie.map(|cookie| cookie.word().to_owned()),
        Attribute::Prefix => prefix_text(view.source),
        Attribute::Country => view.country.map(|letters| shown(&letters)),
        Attribute::Network => view.network.map(|number| format!("AS{number}")),
        Attribute::Wire => view.wire.map(|wire| wire.word().to_owned()),
    }
}

impl Cookie {
    fn of_word(word: &str) -> Option<Self> {
        [Self::None, Self::Borne, Self::Own].into_iter().find(|cookie| cookie.word() == word)
    }

    const fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Borne => "borne",
            Self::Own => "own",
        }
    }
}

impl Wire {
    fn of_word(word: &str) -> Option<Self> {
        [Self::Even, Self::Resets].into_iter().find(|wire| wire.word() == word)
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Even => "even",
            Self::Resets => "resets",
        }
    }
}

/// A member of a closed set.
fn small(number: u8) -> Trait {
    Trait::new(u32::from(number) + 1)
}

fn closed(number: Option<u8>) -> Trait {
    number.map_or(Trait::UNKNOWN, small)
}

fn text_value(told: Told<'_>, part: fn(&[u8]) -> &[u8]) -> Trait {
    match told {
        Told::Unknown => Trait::UNKNOWN,
        Told::Absent => ABSENT,
        Told::Text(text) => hash::value(part(text)),
    }
}

fn method(method: &str) -> Trait {
    let known = (0_u8..).zip(METHODS).find(|(_, known)| *known == method);
    known.map_or_else(|| hash::value(method.as_bytes()), |(number, _)| small(number))
}

/// The first language tag, without its weight.
fn language(text: &[u8]) -> &[u8] {
    let end = text.iter().position(|byte| b",;".contains(byte)).unwrap_or(text.len());
    text[..end].trim_ascii()
}

/// An IPv4 prefix is its own number, behind a mark that no hash and no closed set has.
fn prefix(source: IpAddr) -> Trait {
    match source.to_canonical() {
        IpAddr::V4(v4) => Trait::new(1 << 30 | u32::from(v4) >> 8),
        IpAddr::V6(v6) => hash::value(&v6.octets()[..6]),
    }
}

fn prefix_text(source: IpAddr) -> Option<String> {
    let source = source.to_canonical();
    let bits = if source.is_ipv4() { 24 } else { 48 };
    SourceNetwork::new(source, bits).map(|network| network.to_string())
}

fn country([first, second]: [u8; 2]) -> Trait {
    Trait::new(u32::from(first) << 8 | u32::from(second))
}

fn shown(bytes: &[u8]) -> String {
    let cut = bytes.iter().take(TRAIT_NAME_BYTES_MAX);
    let visible = |byte: &u8| byte.is_ascii_graphic() || *byte == b' ';
    cut.map(|byte| if visible(byte) { char::from(*byte) } else { '?' }).collect()
}

#[cfg(test)]
mod tests;
