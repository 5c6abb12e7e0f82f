//! Who was let into an identity lane, and who no more.
//!
//! Names what operators called the invitations; nothing here tells from where somebody came.

use crate::InviteId;
use serde::{Deserialize, Serialize};

/// An operator made a link into a lane.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaneInvited {
    /// Its name.
    pub invite: InviteId,
    /// Where it leads.
    pub lane: String,
    /// On which platform.
    pub platform: String,
    /// Whom it is for, in the operator's words.
    pub name: String,
    /// How many may get in by it.
    pub uses_max: u32,
    /// Until when it can be used: seconds since 1970.
    pub link_until_secs: u32,
    /// How long each who came by it stays in: seconds.
    pub pass_secs: u32,
}

/// Somebody got into a lane by a link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaneEntered {
    /// By which.
    pub invite: InviteId,
    /// Into which.
    pub lane: String,
    /// Which of those who came by it, counted from one.
    pub member: u32,
}

/// An operator took a link away, with everything that came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaneRevoked {
    /// Which.
    pub invite: InviteId,
    /// Where it led.
    pub lane: String,
}
