//! What was watched for signs of a change that nobody ordered, and what was seen.

use super::Stamp;
use serde::{Deserialize, Serialize};

/// Looks at one thing over a span of time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IntegrityLook {
    /// Whose; `None` for the shield itself.
    pub platform: Option<String>,
    /// At what.
    pub aspect: Aspect,
    /// The first look of this span.
    pub since: Stamp,
    /// The last.
    pub until: Stamp,
    /// How many.
    pub looks: u64,
    /// What they showed.
    pub seen: Seen,
    /// What it was compared with, and how it departs from that; no address.
    pub detail: String,
}

/// What is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aspect {
    /// Chosen pages, at the origin and as they are served.
    Content,
    /// The shield's own program and its configuration file.
    Shield,
    /// Paths of `platform.login`.
    Login,
    /// Paths of `platform.admin`.
    Admin,
    /// Bytes that leave the platform.
    Egress,
    /// Files that are put on it.
    Upload,
}

impl Aspect {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Content, Self::Shield, Self::Login, Self::Admin, Self::Egress, Self::Upload];

    /// As records have it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Content => "content",
            Self::Shield => "shield",
            Self::Login => "login",
            Self::Admin => "admin",
            Self::Egress => "egress",
            Self::Upload => "upload",
        }
    }
}

/// What looks showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Seen {
    /// As before.
    AsBefore,
    /// There is nothing yet to compare with.
    Learning,
    /// It could not be looked at.
    Failed,
    /// Not as before.
    Departs,
}

impl Seen {
    /// As records have it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::AsBefore => "as_before",
            Self::Learning => "learning",
            Self::Failed => "failed",
            Self::Departs => "departs",
        }
    }
}
