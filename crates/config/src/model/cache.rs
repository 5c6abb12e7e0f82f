//! Which answers of a platform's origins the shield keeps.

use seawall_types::ByteCount;
use std::time::Duration;

/// Which answers are kept, and for what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cache {
    /// Memory for answers that may be shared; none where none are kept.
    pub size: Option<ByteCount>,
    /// Parameters of a query that mean nothing to the origin.
    pub ignored: Vec<String>,
    /// Targets of which copies are kept for the day the origin is down.
    pub essential: Vec<String>,
    /// How often each is fetched anew.
    pub essential_every: Duration,
}
