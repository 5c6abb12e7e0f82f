//! One record as a line of JSON, in one form only.
//!
//! `{"n":7,"node":"a","wall_ms":…,"mono_ns":…,"prev":"…","record":"…",…}` and a line feed.
//! The line without its line feed is the leaf of the tree; `prev` is the beginning of the hash of
//! the leaf before, so that a check can name the record that was changed.
//! Never allocates for what it only looks at.
//! Bounds: [`LINE_MAX`] bytes of a line.

use crate::merkle::Hash;
use data_encoding::BASE64;
use seawall_types::evidence::{Bookkeeping, Fact, Stamp};
use seawall_types::{Moment, WallTime};
use serde::Serialize;
use std::fmt;

/// Bytes of a line at most, its line feed included.
pub const LINE_MAX: usize = 64 * 1024;
/// Characters of `prev`: twelve bytes in base64.
const LINK_CHARS: usize = 16;

/// The beginning of the hash of a leaf; before the first record, zeros.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Link([u8; LINK_CHARS]);

impl Link {
    /// To the record with that leaf.
    pub fn to(leaf: &Hash) -> Self {
        let mut text = [0; LINK_CHARS];
        BASE64.encode_mut(&leaf.0[..12], &mut text);
        Self(text)
    }

    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("invariant: base64 is ASCII")
    }
}

impl Default for Link {
    fn default() -> Self {
        Self([b'A'; LINK_CHARS])
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a record states, encoded: everything of its line from `"record"` on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body(String);

impl Body {
    /// Of a fact.
    pub fn of_fact(fact: &Fact) -> Self {
        Self::of(fact)
    }

    /// Of what the log says about itself.
    pub fn of_bookkeeping(own: &Bookkeeping) -> Self {
        Self::of(own)
    }

    fn of(record: &impl Serialize) -> Self {
        let text = serde_json::to_string(record);
        let mut text = text.expect("invariant: records hold texts, whole numbers and string keys");
        text.remove(0);
        Self(text)
    }

    /// Bytes.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Never: a record has a name at least.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Where a record stands: everything of its line before `"record"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// Counts records from 0.
    pub number: u64,
    /// Of the node.
    pub node: &'a str,
    /// When.
    pub stamp: Stamp,
    /// To the record before.
    pub previous: Link,
}

/// The line of a record, without its line feed.
pub fn write(place: &Place<'_>, body: &Body) -> String {
    let Place { number, node, stamp, previous } = place;
    let (wall, mono, link) = (stamp.wall.0, stamp.moment.0, previous.as_str());
    format!(
        "{{\"n\":{number},\"node\":\"{node}\",\"wall_ms\":{wall},\"mono_ns\":{mono},\
         \"prev\":\"{link}\",{}",
        body.0
    )
}

/// A line, as far as a check needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line<'a> {
    /// Where it stands.
    pub place: Place<'a>,
    /// The name of what it states.
    pub word: &'a str,
    /// All of it, without its line feed.
    text: &'a str,
}

impl<'a> Line<'a> {
    /// Reads a line without its line feed; `None` when it has another form.
    pub fn read(line: &'a [u8]) -> Option<Self> {
        let text = std::str::from_utf8(line).ok().filter(|text| text.len() < LINE_MAX)?;
        let rest = text.strip_prefix("{\"n\":")?;
        let (number, rest) = digits(rest)?;
        let rest = rest.strip_prefix(",\"node\":\"")?;
        let (node, rest) = rest.split_once('"')?;
        let (wall, rest) = digits(rest.strip_prefix(",\"wall_ms\":")?)?;
        let (mono, rest) = digits(rest.strip_prefix(",\"mono_ns\":")?)?;
        let rest = rest.strip_prefix(",\"prev\":\"")?;
        let (prev, rest) = rest.split_at_checked(LINK_CHARS)?;
        let rest = rest.strip_prefix("\",\"record\":\"")?;
        let (word, _) = rest.split_once('"')?;
        let previous = Link(prev.as_bytes().try_into().ok()?);
        let stamp = Stamp { wall: WallTime(wall), moment: Moment(mono) };
        let place = Place { number, node, stamp, previous };
        text.ends_with('}').then_some(Self { place, word, text })
    }

    /// Whether a text stands in it as a whole JSON string: cheap to ask before it is parsed.
    pub(crate) fn names(&self, text: &str) -> bool {
        self.text.match_indices(text).any(|(at, _)| {
            let end = at + text.len();
            self.text[..at].ends_with('"') && self.text[end..].starts_with('"')
        })
    }

    /// What the log says about itself here; `None` when the record is a fact, or unreadable.
    pub fn bookkeeping(&self) -> Option<Bookkeeping> {
        serde_json::from_str(self.text).ok()
    }

    /// What the shield states here; `None` when it is the log's own record, or unreadable.
    pub fn fact(&self) -> Option<Fact> {
        serde_json::from_str(self.text).ok()
    }
}

fn digits(text: &str) -> Option<(u64, &str)> {
    let end = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = text.split_at(end);
    let is_plain = number == "0" || !number.starts_with('0');
    is_plain.then(|| number.parse().ok()).flatten().map(|number| (number, rest))
}
