//! One recorded request, as its line told it.

pub use super::shown::Shown;

use seawall_types::Reason;
use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};
use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;
use std::ops::Deref;

/// A request as a recording has it, version 1 of the record format; texts are borrowed from the
/// line where they stand there as they are.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordedRequest<'a> {
    /// Seconds since any epoch.
    pub t: f64,
    /// Who asked.
    pub source: IpAddr,
    /// Which platform.
    pub platform: Option<Text<'a>>,
    /// Which host was asked for.
    pub host: Option<Text<'a>>,
    /// Request method.
    pub method: Option<Text<'a>>,
    /// Path with query; what stood in its place where the request line could not be read.
    pub path: Text<'a>,
    /// Milliseconds at the origin; not negative.
    pub origin_ms: Option<f64>,
    /// What the cache did.
    pub cache: Option<CacheResult>,
    /// Why the strict gate would not let its request line through; none when it would.
    pub fault: Option<Reason>,
    /// What it showed of itself.
    pub shown: Shown<'a>,
    /// What is told of its sender.
    pub sender: Sender,
}

/// What is told of the sender of a request; the shield sees of it what comes of a challenge alone.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Sender {
    /// Whether it bore a token of a challenge that was passed before.
    pub has_passed: bool,
    /// After how many seconds it would pass a challenge; none when it would not.
    pub solves_s: Option<f64>,
}

/// What a cache did with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CacheResult {
    /// Answered it: the origin had no work.
    Hit,
    /// Asked the origin, and kept the answer.
    Miss,
    /// Asked the origin, and kept nothing.
    Pass,
}

/// A text, borrowed from the line unless escapes had to be undone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Text<'a>(pub Cow<'a, str>);

impl Deref for Text<'_> {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl<'a> From<&'a str> for Text<'a> {
    fn from(text: &'a str) -> Self {
        Self(Cow::Borrowed(text))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Borrowing;
        impl<'de> Visitor<'de> for Borrowing {
            type Value = Text<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Borrowing)
    }
}

impl CacheResult {
    /// The result of a word of the record format.
    pub fn of(word: &str) -> Option<Self> {
        match word {
            "hit" => Some(Self::Hit),
            "miss" => Some(Self::Miss),
            "pass" => Some(Self::Pass),
            _ => None,
        }
    }
}

impl<'de> Deserialize<'de> for CacheResult {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = Text::deserialize(deserializer)?;
        let known = Self::of(&word);
        known.ok_or_else(|| D::Error::invalid_value(Unexpected::Str(&word), &"hit, miss or pass"))
    }
}
