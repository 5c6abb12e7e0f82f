//! What reached the end of a chain.

use std::hash::{DefaultHasher, Hasher as _};

/// Name, in lower case, and value of each field, in order.
pub(crate) type Fields = Vec<(String, String)>;

/// One request as an origin got it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) target: String,
    /// `Host`, or what HTTP/2 has for it.
    pub(crate) authority: Option<String>,
    /// Without `Host`.
    pub(crate) fields: Fields,
    pub(crate) body: Arrived,
    pub(crate) trailers: Fields,
}

/// What came of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arrived {
    /// All of it.
    Whole { length: usize, hash: u64 },
    /// It broke off, or nobody waited for its end.
    NotWhole,
}

impl Arrived {
    pub(crate) fn whole(body: &[u8]) -> Self {
        Self::Whole { length: body.len(), hash: hash(body) }
    }
}

/// The same for the same bytes.
pub(crate) fn hash(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(bytes);
    hasher.finish()
}

/// The fields of a map as text; bytes beyond ASCII become the characters of the same numbers.
pub(crate) fn fields_of(map: &http::HeaderMap) -> Fields {
    let text =
        |value: &http::HeaderValue| value.as_bytes().iter().map(|&b| char::from(b)).collect();
    map.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect()
}
