//! Which of several answers of one target a request gets (`Vary`, RFC 9111 §4.1).
//!
//! Beside what an origin names, its answer is taken to differ by `Accept-Encoding` where it is coded,
//! and by `Origin` where it allows a single one: that is what forgetful origins forget.
//! Bounds: [`NAMES_MAX`] names, [`BYTES_MAX`] bytes of values.

use super::fields::Fields;
use super::store::NotKept;

/// Names that one answer may differ by.
pub const NAMES_MAX: usize = 8;
/// Bytes of what a request said of them.
pub const BYTES_MAX: usize = 2 * 1024;

/// What a request must say to get an answer that is kept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Selecting(Vec<Said>);

/// A name, and what a request said there.
type Said = (Box<str>, Option<Box<[u8]>>);

impl Selecting {
    /// What an answer to `request` differs by, and what that said.
    ///
    /// # Errors
    /// It differs by what cannot be told again, by a credential, or by too much.
    pub fn of(answer: &impl Fields, request: &impl Fields) -> Result<Self, NotKept> {
        let mut selecting = Self::default();
        for name in answer.members("vary") {
            let name = std::str::from_utf8(name).map_err(|_| NotKept::Varies)?;
            selecting.add(&name.to_ascii_lowercase(), request)?;
        }
        if answer.has("content-encoding") {
            selecting.add("accept-encoding", request)?;
        }
        if answer.first("access-control-allow-origin").is_some_and(|origin| origin != b"*") {
            selecting.add("origin", request)?;
        }
        let values = selecting.0.iter().map(|(_, value)| value.as_deref().map_or(0, <[u8]>::len));
        if selecting.0.len() > NAMES_MAX || values.sum::<usize>() > BYTES_MAX {
            return Err(NotKept::Varies);
        }
        Ok(selecting)
    }

    fn add(&mut self, name: &str, request: &impl Fields) -> Result<(), NotKept> {
        let is_credential = matches!(name, "authorization" | "proxy-authorization");
        let bears_cookie = name == "cookie" && request.has("cookie");
        if name == "*" || is_credential || bears_cookie || self.0.len() > NAMES_MAX {
            return Err(NotKept::Varies);
        }
        if !self.0.iter().any(|(known, _)| **known == *name) {
            self.0.push((name.into(), said(request, name)));
        }
        Ok(())
    }

    /// Whether a request said the same.
    pub fn selects(&self, request: &impl Fields) -> bool {
        self.0.iter().all(|(name, value)| said(request, name) == *value)
    }

    /// Names and values, for whoever asks the same again.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Option<&[u8]>)> {
        self.0.iter().map(|(name, value)| (&**name, value.as_deref()))
    }

    /// Bytes that it takes.
    pub fn bytes(&self) -> usize {
        let one = |(name, value): &Said| name.len() + value.as_deref().map_or(0, <[u8]>::len) + 48;
        self.0.iter().map(one).sum()
    }
}

/// What a request says in one field, so that what means the same is the same (RFC 9111 §4.1).
fn said(request: &impl Fields, name: &str) -> Option<Box<[u8]>> {
    if name == "accept-encoding" {
        return codings(request);
    }
    if !request.has(name) {
        return None;
    }
    let members: Vec<_> = request.members(name).collect();
    Some(members.join(&b","[..]).into())
}

/// The codings that are worth telling apart, of those that a request takes.
///
/// An answer in one of them is good for whoever takes it, whatever it would like best.
fn codings(request: &impl Fields) -> Option<Box<[u8]>> {
    let mut taken = Vec::new();
    for known in ["br", "deflate", "gzip", "zstd"] {
        if request.members("accept-encoding").any(|member| takes(member, known)) {
            taken.extend_from_slice(known.as_bytes());
            taken.push(b',');
        }
    }
    // Who takes nothing uncoded is rare, and must not share with who takes nothing coded.
    let odd = |member: &[u8]| member.starts_with(b"*") || member.starts_with(b"identity");
    if request.members("accept-encoding").any(odd) {
        taken.push(b'*');
    }
    (!taken.is_empty()).then(|| taken.into())
}

fn takes(member: &[u8], coding: &str) -> bool {
    let mut parts = member.split(|byte| *byte == b';').map(<[u8]>::trim_ascii);
    let names = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(coding.as_bytes()));
    let refuses = parts.any(|weight| {
        let zero = weight.strip_prefix(b"q=").or_else(|| weight.strip_prefix(b"Q="));
        zero.is_some_and(|zero| zero.iter().all(|byte| matches!(byte, b'0' | b'.')))
    });
    names && !refuses
}
