//! The closed list of reasons for a verdict.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Why a request got its verdict: one word, of a list that is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reason {
    /// Nothing spoke against it.
    Clear,
    /// Its source is on `allow.networks`.
    Allowed,
    /// Its source asked more often than `limits.source_rps` allows.
    Rate,
    /// Its source holds more connections than `limits.source_connections` allows.
    Connections,
    /// The message breaks the grammar of its protocol.
    Malformed,
    /// The message could be read in two ways, so a proxy and an origin might disagree.
    Ambiguous,
    /// Head, target or body is larger than this shield takes.
    Oversize,
    /// Head or body came slower than the deadline.
    Slow,
    /// No platform serves the host that was asked for.
    Host,
    /// Frames, resets or settings came in numbers that no client needs.
    Frames,
    /// No origin could be reached, or it broke off before its answer.
    Unreachable,
    /// The origin did not answer in time.
    Timeout,
    /// The shield itself is at a limit of its own.
    Capacity,
    /// The request has passed this shield before.
    Loop,
    /// Requests of this method do not pass a shield.
    Method,
    /// The operator has taken the platform out of service for a while.
    Maintenance,
    /// The origins are asked for more than they can carry.
    Overload,
    /// It shows what a flood that goes on has in common.
    Flood,
    /// The operator has decided so.
    Operator,
    /// Its sender is asked for a check first, or did not pass it.
    Challenge,
    /// Its pass, or the passes of its network, were used more often than they may be.
    Pass,
    /// Its sender is in an identity lane, or asks for more than that lane may.
    Lane,
}

impl Reason {
    /// How many reasons there are.
    pub const COUNT: usize = 22;
    /// The whole list.
    pub const ALL: [Self; Self::COUNT] = [
        Self::Clear,
        Self::Allowed,
        Self::Rate,
        Self::Connections,
        Self::Malformed,
        Self::Ambiguous,
        Self::Oversize,
        Self::Slow,
        Self::Host,
        Self::Frames,
        Self::Unreachable,
        Self::Timeout,
        Self::Capacity,
        Self::Loop,
        Self::Method,
        Self::Maintenance,
        Self::Overload,
        Self::Flood,
        Self::Operator,
        Self::Challenge,
        Self::Pass,
        Self::Lane,
    ];

    /// Position in [`Self::ALL`], for tables.
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The word that clients, records and metrics carry.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Clear => "clear",
            Self::Allowed => "allowed",
            Self::Rate => "rate",
            Self::Connections => "connections",
            Self::Malformed => "malformed",
            Self::Ambiguous => "ambiguous",
            Self::Oversize => "oversize",
            Self::Slow => "slow",
            Self::Host => "host",
            Self::Frames => "frames",
            Self::Unreachable => "unreachable",
            Self::Timeout => "timeout",
            Self::Capacity => "capacity",
            Self::Loop => "loop",
            Self::Method => "method",
            Self::Maintenance => "maintenance",
            Self::Overload => "overload",
            Self::Challenge => "challenge",
            Self::Pass => "pass",
            Self::Lane => "lane",
            Self::Flood => "flood",
            Self::Operator => "operator",
        }
    }

    /// One sentence for the person who got the answer, or who runs the shield.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Clear => "Nothing spoke against the request.",
            Self::Allowed => "The source is on the allow list.",
            Self::Rate => "The source sent more requests than one source may; wait and try again.",
            Self::Connections => "The source holds more connections than one source may.",
            Self::Malformed => "The message breaks the rules of its protocol.",
            Self::Ambiguous => {
                "The message could be read in two ways, which is not safe to pass on."
            }
            Self::Oversize => "The head, the target or the body is larger than this service takes.",
            Self::Slow => "The request arrived too slowly.",
            Self::Host => "No platform of this service has that name.",
            Self::Frames => "The connection sent more control frames than any client needs.",
            Self::Unreachable => "The server behind this service could not be reached.",
            Self::Timeout => "The server behind this service did not answer in time.",
            Self::Capacity => "This service is at a limit of its own; try again shortly.",
            Self::Loop => "The request came back to this service, which would not end.",
            Self::Method => "This service does not take requests of that method.",
            Self::Maintenance => "This service is being worked on; try again later.",
            Self::Overload => "More is asked of this service than it can carry; try again shortly.",
            Self::Challenge => {
                "This service asks for a short check in a browser before it answers; try again later."
            }
            Self::Pass => {
                "More was asked with this pass, or from its network, than one may; try again shortly."
            }
            Self::Lane => {
                "The sender has a lane of its own here, which has a rate of its own; slow down if told to."
            }
            Self::Flood => {
                "The request looks like those of a flood that is going on; try again in a minute."
            }
            Self::Operator => "Those who run this service have closed it to such requests for now.",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// The word is not on the closed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownReason;

impl fmt::Display for UnknownReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a reason of the closed list")
    }
}

impl std::error::Error for UnknownReason {}

impl FromStr for Reason {
    type Err = UnknownReason;
    fn from_str(text: &str) -> Result<Self, UnknownReason> {
        Self::ALL.into_iter().find(|reason| reason.word() == text).ok_or(UnknownReason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_is_one_word_and_reads_back() {
        for (index, reason) in Reason::ALL.into_iter().enumerate() {
            assert_eq!(reason.index(), index);
            assert_eq!(reason.word().parse(), Ok(reason));
            assert!(reason.word().bytes().all(|b| b.is_ascii_lowercase()));
        }
    }
}
