//! Identity lanes and the links into them, as the API takes and tells them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A link into a lane that an operator wants.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewInvite {
    /// Whom it is for: one line of at most 80 characters, which stands on the page behind the link.
    pub name: String,
    /// Name of the lane; may be left out where links lead into one lane alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lane: Option<String>,
    /// Name of the platform; may be left out where the lane leads to one alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// How many may get in by it; one unless it is told, at most 1,000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uses: Option<u32>,
    /// How long the link can be used, such as `24h`, which it is unless it is told; at most 30 days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link_for: Option<String>,
    /// How long each who came by it stays in, such as `30d`, which it is unless it is told; at most
    /// 365 days.
    #[serde(default, rename = "for", skip_serializing_if = "Option::is_none")]
    pub stays_for: Option<String>,
}

/// A link that was made. It is told once: the shield keeps no copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InviteMade {
    /// Its name, such as `i3`.
    pub id: String,
    /// Where to send whom it is for.
    pub link: String,
    /// Where it leads.
    pub lane: String,
    /// On which platform.
    pub platform: String,
    /// How many may get in by it.
    pub uses_max: u32,
    /// Until when it can be used (RFC 3339).
    pub link_until: String,
}

/// A lane.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LaneTold {
    /// Its name.
    pub name: String,
    /// How one gets in, in words of the configuration.
    pub ways: Vec<String>,
    /// What all in it may ask for together; null for no rate of its own.
    pub rate: Option<String>,
    /// Requests in it since the configuration came into force.
    pub requests: u64,
    /// Those among them that its rate had no room for.
    pub over_rate: u64,
}

/// A link into a lane.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InviteTold {
    /// Its name, such as `i3`.
    pub id: String,
    /// Where it leads.
    pub lane: String,
    /// On which platform.
    pub platform: String,
    /// Whom it is for.
    pub name: String,
    /// `open`, `used`, `over` or `revoked`; who came by one that is used or over is in until his time
    /// ends.
    pub state: String,
    /// How many got in by it.
    pub uses: u32,
    /// How many may.
    pub uses_max: u32,
    /// When it was made (RFC 3339).
    pub made_at: String,
    /// Until when it can be used (RFC 3339).
    pub link_until: String,
    /// How long each who came by it stays in: seconds.
    pub stays_for_s: u32,
}

/// Every lane and every link into one.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct Lanes {
    /// In the order in which they are asked whether a request is in them.
    pub lanes: Vec<LaneTold>,
    /// By name.
    pub invites: Vec<InviteTold>,
}
