//! What part a request may have in a cache.

use super::control::Control;
use super::fields::Fields;

/// A request, as a cache sees it.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a, F> {
    /// Its method.
    pub method: &'a str,
    /// Path and query as the origin gets them.
    pub target: &'a str,
    /// Its fields.
    pub fields: &'a F,
    /// Whether a body follows.
    pub has_body: bool,
}

/// What part a request may have in a cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// It is answered from it, and its answer may be kept.
    Fills,
    /// It is answered from it, and its answer is not kept.
    Reads,
    /// It goes by it.
    Passes,
}

/// What a plain `Connection` says: nothing that reaches an origin either way.
const HOP: [&[u8]; 4] = [b"close", b"keep-alive", b"te", b"upgrade"];
/// What a browser sends by itself, beside names that begin with `sec-`; none of them makes an origin
/// answer something else without telling so.
///
/// Those of proxies never reach the origin: the shield says them anew.
const PLAIN: [&str; 29] = [
    "accept",
    "accept-encoding",
    "accept-language",
    "cache-control",
    "cf-connecting-ip",
    "connection",
    "cookie",
    "dnt",
    "forwarded",
    "host",
    "if-modified-since",
    "if-none-match",
    "keep-alive",
    "origin",
    "pragma",
    "priority",
    "referer",
    "rtt",
    "save-data",
    "te",
    "upgrade-insecure-requests",
    "user-agent",
    "via",
    "viewport-width",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-proto",
    "x-real-ip",
];

/// Fields that pages may show without saying that they differ by them.
const SHOWN: [&str; 4] = ["user-agent", "referer", "accept-language", "accept"];

impl<F: Fields> Asked<'_, F> {
    /// What part it may have.
    ///
    /// What a client asks of caches (`no-cache`, `max-age`, `Pragma`) is not followed, which RFC 9111
    /// §5.2.1 leaves to us: a flood would ask for it.
    pub fn part(&self) -> Part {
        let is_known = matches!(self.method, "GET" | "HEAD");
        let by_origin = [
            // Who it is decides (§3.5).
            "authorization",
            "proxy-authorization",
            // A part of an answer, or one that is asked for on terms that the origin alone knows.
            "range",
            "if-range",
            "if-match",
            "if-unmodified-since",
            "expect",
            "upgrade",
        ];
        if !is_known || self.has_body || by_origin.iter().any(|name| self.fields.has(name)) {
            return Part::Passes;
        }
        // A request without body that speaks of one is read in two ways.
        let speaks_of_body = ["content-length", "transfer-encoding", "content-type"];
        let is_odd = speaks_of_body.iter().any(|name| self.fields.has(name));
        if is_odd {
            return Part::Passes;
        }
        let conditional = self.fields.has("if-none-match") || self.fields.has("if-modified-since");
        let keeps = self.method == "GET" && !conditional && self.is_plain();
        if keeps && !Control::of(self.fields).no_store() { Part::Fills } else { Part::Reads }
    }

    /// Whether it bears a cookie: then only what is for everyone is for it.
    pub fn bears_cookie(&self) -> bool {
        self.fields.has("cookie")
    }

    /// Whether it says nothing that could change an answer unseen.
    fn is_plain(&self) -> bool {
        let plain = |name: &str| name.starts_with("sec-") || PLAIN.binary_search(&name).is_ok();
        let markup = |byte: &u8| matches!(byte, b'<' | b'>' | b'"' | b'\'' | b'`' | b'\\' | b'{');
        let clean = |name: &&str| !self.fields.lines(name).flatten().any(markup);
        // A field that it names there never reaches the origin (RFC 9110 §7.6.1), and the key has it.
        let is_of_connection = |word: &[u8]| HOP.iter().any(|own| word.eq_ignore_ascii_case(own));
        self.fields.names().all(plain)
            && SHOWN.iter().all(clean)
            && self.fields.members("connection").all(is_of_connection)
    }
}
