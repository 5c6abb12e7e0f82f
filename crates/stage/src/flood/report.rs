//! What a flood counts.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Statuses from 100 to 599; anything else is counted under 599's neighbour, 600.
const STATUSES: usize = 501;

/// What a flood did and what came of it, as of one moment; or between two.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FloodReport {
    /// Requests written whole.
    pub sent: u64,
    /// Moments to ask that passed while an earlier request was still out.
    pub missed: u64,
    /// Answers by status; 600 stands for a status that HTTP does not have.
    pub answered: BTreeMap<u16, u64>,
    /// Connections that the other side opened its end of.
    pub connected: u64,
    /// Attempts to connect that failed.
    pub unconnected: u64,
    /// Requests whose connection was reset or closed before the whole answer.
    pub resets: u64,
    /// Requests, or attempts to connect, without an end after [`crate::bounds::REQUEST_DEADLINE`].
    pub timeouts: u64,
    /// Bytes written, heads included.
    pub bytes_out: u64,
    /// Bytes read, heads included.
    pub bytes_in: u64,
}

impl FloodReport {
    /// What came after `earlier`.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        let answers = self.answered.iter().map(|(status, count)| {
            let before = earlier.answered.get(status).copied().unwrap_or(0);
            (*status, count.saturating_sub(before))
        });
        Self {
            sent: self.sent.saturating_sub(earlier.sent),
            missed: self.missed.saturating_sub(earlier.missed),
            answered: answers.filter(|(_, count)| *count > 0).collect(),
            connected: self.connected.saturating_sub(earlier.connected),
            unconnected: self.unconnected.saturating_sub(earlier.unconnected),
            resets: self.resets.saturating_sub(earlier.resets),
            timeouts: self.timeouts.saturating_sub(earlier.timeouts),
            bytes_out: self.bytes_out.saturating_sub(earlier.bytes_out),
            bytes_in: self.bytes_in.saturating_sub(earlier.bytes_in),
        }
    }

    /// Answers of every status.
    pub fn answered_total(&self) -> u64 {
        self.answered.values().sum()
    }
}

/// The counters behind [`FloodReport`].
#[derive(Debug)]
pub(super) struct FloodCounters {
    pub(super) sent: AtomicU64,
    pub(super) missed: AtomicU64,
    answered: Box<[AtomicU64]>,
    pub(super) connected: AtomicU64,
    pub(super) unconnected: AtomicU64,
    pub(super) resets: AtomicU64,
    pub(super) timeouts: AtomicU64,
    pub(super) bytes_out: AtomicU64,
    pub(super) bytes_in: AtomicU64,
}

impl Default for FloodCounters {
    fn default() -> Self {
        Self {
            sent: AtomicU64::new(0),
            missed: AtomicU64::new(0),
            answered: (0..STATUSES).map(|_| AtomicU64::new(0)).collect(),
            connected: AtomicU64::new(0),
            unconnected: AtomicU64::new(0),
            resets: AtomicU64::new(0),
            timeouts: AtomicU64::new(0),
            bytes_out: AtomicU64::new(0),
            bytes_in: AtomicU64::new(0),
        }
    }
}

impl FloodCounters {
    pub(super) fn answer(&self, status: u16) {
        let index = usize::from(status.clamp(100, 600) - 100);
        self.answered[index].fetch_add(1, Relaxed);
    }

    pub(super) fn snapshot(&self) -> FloodReport {
        let answered = (100_u16..).zip(&self.answered).map(|(s, count)| (s, count.load(Relaxed)));
        FloodReport {
            sent: self.sent.load(Relaxed),
            missed: self.missed.load(Relaxed),
            answered: answered.filter(|(_, count)| *count > 0).collect(),
            connected: self.connected.load(Relaxed),
            unconnected: self.unconnected.load(Relaxed),
            resets: self.resets.load(Relaxed),
            timeouts: self.timeouts.load(Relaxed),
            bytes_out: self.bytes_out.load(Relaxed),
            bytes_in: self.bytes_in.load(Relaxed),
        }
    }
}
