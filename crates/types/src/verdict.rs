//! What happens to one packet or request, and the ladder of standing measures.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What happens to one request, from mildest to strictest; `Error` stands outside the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The origin answers.
    Admit,
    /// 429 with `Retry-After`.
    Limit,
    /// 503 page that a person's browser can pass.
    Challenge,
    /// 503 with a waiting page, or `Retry-After` for programs.
    Hold,
    /// 403.
    Refuse,
    /// Connection reset: nothing is sent.
    Drop,
    /// An answer of ours that judges the message or the origin, not the sender.
    Error,
}

impl Verdict {
    /// How many verdicts there are.
    pub const COUNT: usize = 7;
    /// Every verdict, mildest first.
    pub const ALL: [Self; Self::COUNT] = [
        Self::Admit,
        Self::Limit,
        Self::Challenge,
        Self::Hold,
        Self::Refuse,
        Self::Drop,
        Self::Error,
    ];

    /// The word of the contract.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Admit => "admit",
            Self::Limit => "limit",
            Self::Challenge => "challenge",
            Self::Hold => "hold",
            Self::Refuse => "refuse",
            Self::Drop => "drop",
            Self::Error => "error",
        }
    }

    /// Position in [`Self::ALL`], for tables.
    pub const fn index(self) -> usize {
        self as usize
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A step of the ladder of standing measures, mildest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Rung {
    /// Looked at, nothing done.
    Watch,
    /// Served after others.
    Lane,
    /// Served up to a rate.
    Limit,
    /// Served after a challenge.
    Challenge,
    /// Answered 403.
    Refuse,
    /// Not answered.
    Drop,
}

impl Rung {
    /// Every rung, mildest first.
    pub const ALL: [Self; 6] =
        [Self::Watch, Self::Lane, Self::Limit, Self::Challenge, Self::Refuse, Self::Drop];

    /// The word of the contract.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Watch => "watch",
            Self::Lane => "lane",
            Self::Limit => "limit",
            Self::Challenge => "challenge",
            Self::Refuse => "refuse",
            Self::Drop => "drop",
        }
    }
}
