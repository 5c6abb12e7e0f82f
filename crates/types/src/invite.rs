//! Names of invitations into a lane.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

/// Names one invitation of a node; never given twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct InviteId(NonZeroU32);

impl InviteId {
    /// The id of a number; none for zero.
    pub const fn new(number: u32) -> Option<Self> {
        match NonZeroU32::new(number) {
            Some(number) => Some(Self(number)),
            None => None,
        }
    }

    /// As a number, as passes carry it.
    pub const fn number(self) -> u32 {
        self.0.get()
    }
}

impl fmt::Display for InviteId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "i{}", self.0)
    }
}

/// Why a text names no invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAnInvite;

impl fmt::Display for NotAnInvite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not the name of an invitation such as i3")
    }
}

impl std::error::Error for NotAnInvite {}

impl From<InviteId> for String {
    fn from(id: InviteId) -> Self {
        id.to_string()
    }
}

impl TryFrom<String> for InviteId {
    type Error = NotAnInvite;
    fn try_from(text: String) -> Result<Self, NotAnInvite> {
        text.parse()
    }
}

impl FromStr for InviteId {
    type Err = NotAnInvite;
    fn from_str(text: &str) -> Result<Self, NotAnInvite> {
        let digits = text.strip_prefix('i').filter(|rest| rest.bytes().all(|b| b.is_ascii_digit()));
        digits.and_then(|digits| Self::new(digits.parse().ok()?)).ok_or(NotAnInvite)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invitation_is_named_in_one_way() {
        let id = InviteId::new(3).unwrap();
        assert_eq!((id.to_string().as_str(), "i3".parse()), ("i3", Ok(id)));
        for text in ["3", "i0", "i", "i-1", "m3", "i3 "] {
            assert_eq!(text.parse::<InviteId>(), Err(NotAnInvite), "{text:?}");
        }
    }
}
