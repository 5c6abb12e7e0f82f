//! What was watched and departed from what was before, as the API tells it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Something that was watched and departed from what was before, since start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Departure {
    /// Whose; null for the shield itself.
    pub platform: Option<String>,
    /// In the word of a record: `content`, `shield`, `login`, `admin`, `egress` or `upload`.
    pub aspect: String,
    /// When it departed first (RFC 3339).
    pub first_at: String,
    /// When a look last showed it so (RFC 3339).
    pub last_at: String,
    /// How often it departed after it had been as before.
    pub times: u64,
    /// Whether the last look that could tell showed it so.
    pub stands: bool,
    /// What that look showed.
    pub detail: String,
}

/// A change of what is watched, as the `integrity` event of the live stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct IntegrityEvent {
    /// What became of it.
    pub event: IntegrityChange,
    /// How it stands after that.
    #[serde(flatten)]
    pub departure: Departure,
}

/// What became of something that is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum IntegrityChange {
    /// It is not as before.
    Departed,
    /// It is as before again.
    Returned,
}
