//! Conditional requests that are answered from what is kept, and answers that renew it
//! (RFC 9111 §4.3).

use super::fields::{Fields, date};

/// Whether a client has what is kept already (RFC 9111 §4.3.2, RFC 9110 §13.2.2).
///
/// A condition on entity tags goes before one on dates.
/// Without a `Last-Modified` of the origin nobody knows since when it has not changed.
pub fn is_unchanged(request: &impl Fields, kept: &impl Fields) -> bool {
    if request.has("if-none-match") {
        let any = request.members("if-none-match").any(|tag| tag == b"*");
        let own = kept.first("etag");
        return any || own.is_some_and(|own| tags(request).any(|tag| is_same(tag, own)));
    }
    let mut since = request.lines("if-modified-since");
    let (Some(line), None) = (since.next(), since.next()) else { return false };
    let changed = kept.first("last-modified").and_then(date);
    matches!((date(line), changed), (Some(since), Some(changed)) if changed <= since)
}

/// The tags of `If-None-Match`: a comma inside one ends none (RFC 9110 §8.8.3).
fn tags(request: &impl Fields) -> impl Iterator<Item = &[u8]> {
    request.lines("if-none-match").flat_map(|line| Tags { rest: line })
}

struct Tags<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Tags<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let begin = self.rest.iter().position(|byte| *byte == b'"')?;
        let length = self.rest[begin + 1..].iter().position(|byte| *byte == b'"')?;
        let is_weak = begin >= 2 && &self.rest[begin - 2..begin] == b"W/";
        let from = if is_weak { begin - 2 } else { begin };
        let tag = &self.rest[from..begin + length + 2];
        self.rest = &self.rest[begin + length + 2..];
        Some(tag)
    }
}

/// Weak comparison: what differs in that it is weak is the same (RFC 9110 §8.8.3.2).
fn is_same(one: &[u8], other: &[u8]) -> bool {
    bare(one) == bare(other)
}

fn bare(tag: &[u8]) -> &[u8] {
    tag.strip_prefix(b"W/").unwrap_or(tag)
}

/// Whether a 304 speaks of another answer than the one that is kept (RFC 9111 §4.3.4).
///
/// It is believed to, where it bears a tag and that differs.
pub fn is_of_another(renewal: &impl Fields, kept: &impl Fields) -> bool {
    match (renewal.first("etag"), kept.first("etag")) {
        (Some(told), Some(known)) => !is_same(told, known),
        (Some(_), None) => true,
        (None, _) => false,
    }
}

/// Whether a field of a 304 takes the place of the one that is kept (RFC 9111 §3.2).
///
/// What describes the bytes that are kept stays as it came with them.
pub fn renews(name: &str) -> bool {
    !matches!(
        name,
        "content-length"
            | "content-encoding"
            | "content-type"
            | "content-range"
            | "content-location"
            | "transfer-encoding"
            | "connection"
            | "keep-alive"
            | "trailer"
            | "upgrade"
            | "set-cookie"
            | "age"
    )
}
