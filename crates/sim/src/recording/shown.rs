//! What a recorded request shows of itself, as far as its recorder noted it.

use super::RecordedRequest;
use super::request::Text;
use seawall_wire::traits::{Cookie, HeaderOrder, Protocol, Told, View};

/// Texts of the record format that traits are made of; what was not noted is none.
///
/// An empty text says that there was none.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Shown<'a> {
    /// `h1`, `h2` or `h3`.
    pub proto: Option<Text<'a>>,
    /// `User-Agent`.
    pub ua: Option<Text<'a>>,
    /// `Referer`.
    pub referer: Option<Text<'a>>,
    /// `Accept-Language`.
    pub lang: Option<Text<'a>>,
    /// Names of header fields in order, comma separated.
    pub headers: Option<Text<'a>>,
    /// TLS client fingerprint.
    pub ja4: Option<Text<'a>>,
    /// HTTP/2 fingerprint.
    pub h2: Option<Text<'a>>,
    /// Two letters.
    pub country: Option<Text<'a>>,
    /// Number of the autonomous system.
    pub asn: Option<u32>,
    /// Whether it bore a cookie that the origin had set.
    pub cookie: Option<bool>,
}

impl Shown<'_> {
    /// Whoever noted the names of all fields would have noted a field that was there.
    fn field<'t>(&self, text: Option<&'t Text<'_>>) -> Told<'t> {
        match text {
            None if self.headers.is_none() => Told::Unknown,
            None => Told::Absent,
            Some(text) => Told::found(Some(text.as_bytes())),
        }
    }

    fn protocol(&self) -> Option<Protocol> {
        self.proto.as_deref().and_then(Protocol::of_word)
    }

    fn cookie(&self) -> Option<Cookie> {
        let has_field = |names: &Text<'_>| {
            names.split(',').any(|name| name.trim().eq_ignore_ascii_case("cookie"))
        };
        match (self.cookie, &self.headers) {
            (Some(true), _) => Some(Cookie::Own),
            (None, Some(names)) if has_field(names) => Some(Cookie::Borne),
            (Some(false), _) | (None, Some(_)) => Some(Cookie::None),
            (None, None) => None,
        }
    }
}

impl RecordedRequest<'_> {
    /// The request as traits are made of it; `is_own` tells the hosts of its platform, where known.
    pub fn view<'v>(&'v self, is_own: Option<&'v dyn Fn(&str) -> bool>) -> View<'v> {
        let shown = &self.shown;
        let noted = |text: &'v Option<Text<'_>>| match text {
            None => Told::Unknown,
            Some(text) => Told::found(Some(text.as_bytes())),
        };
        let protocol = shown.protocol();
        View {
            method: self.method.as_deref().unwrap_or("GET"),
            target: &self.path,
            source: self.source,
            agent: shown.field(shown.ua.as_ref()),
            referer: shown.field(shown.referer.as_ref()),
            language: shown.field(shown.lang.as_ref()),
            headers: shown.headers.as_deref().map(HeaderOrder::of_list),
            cookie: shown.cookie(),
            protocol,
            ja4: noted(&shown.ja4),
            h2: match noted(&shown.h2) {
                Told::Unknown if protocol == Some(Protocol::H1) => Told::Absent,
                told => told,
            },
            country: shown.country.as_deref().and_then(letters),
            network: shown.asn,
            // No recorder notes it yet.
            wire: None,
            is_own,
        }
    }
}

/// Two capital letters.
fn letters(text: &str) -> Option<[u8; 2]> {
    let letters: [u8; 2] = text.as_bytes().try_into().ok()?;
    letters.iter().all(u8::is_ascii_uppercase).then_some(letters)
}
