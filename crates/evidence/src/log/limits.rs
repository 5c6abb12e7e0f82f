//! What a log may use, and how soon it writes.

use std::time::Duration;

/// What a log may use, and how soon it writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes after which a segment is left for a new one; what waits may still be added to it.
    pub segment_bytes: u64,
    /// Bytes of all segments; the oldest are removed above it, the newest is always kept.
    pub total_bytes: u64,
    /// Facts that may wait or be unsynced; the last quarter is for those that matter most.
    pub waiting_records: usize,
    /// Bytes that may wait or be unsynced, likewise.
    pub waiting_bytes: usize,
    /// How soon a fact is written: what a killed process loses.
    pub write_within: Duration,
    /// How soon it is synced: what a loss of power loses.
    pub sync_within: Duration,
    /// How soon it is signed.
    pub checkpoint_within: Duration,
    /// How long a disk that failed is left alone.
    pub retry_every: Duration,
}

impl Default for Limits {
    /// 16 MiB a segment: verified in a tenth of a second and small beside a bundle.
    /// 2 GiB in all: some seven million records.
    /// 8,192 facts and 4 MiB wait: half a minute of an incident on each of 256 platforms.
    fn default() -> Self {
        Self {
            segment_bytes: 16 * 1024 * 1024,
            total_bytes: 2 * 1024 * 1024 * 1024,
            waiting_records: 8_192,
            waiting_bytes: 4 * 1024 * 1024,
            write_within: Duration::from_millis(100),
            sync_within: Duration::from_secs(1),
            checkpoint_within: Duration::from_secs(10),
            retry_every: Duration::from_secs(1),
        }
    }
}
