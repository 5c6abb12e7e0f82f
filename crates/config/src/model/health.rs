//! How the origins of a platform are watched.

use std::time::Duration;

/// How the origins of a platform are watched, and how one that was away comes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// Path that is asked for; none where only clients' requests tell.
    pub path: Option<String>,
    /// How often it is asked for.
    pub every: Duration,
    /// Until an origin that came back has its whole share; none for at once.
    pub slow_start: Option<Duration>,
}
