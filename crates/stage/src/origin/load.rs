//! What an origin counts about itself.

use super::PageClass;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// What an origin has done, and is doing, as of one moment; or did between two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OriginLoad {
    /// Requests worked off, by [`PageClass::index`].
    pub served: [u64; PageClass::COUNT],
    /// Requests that found the line full and got 503.
    pub refused: u64,
    /// Requests that a worker has in hand now.
    pub in_flight: u64,
    /// Requests in line now.
    pub queued: u64,
    /// Worker time spent on requests that ended, in milliseconds.
    pub busy_ms: u64,
    /// Time that requests spent in line before a worker took them, in milliseconds.
    pub queue_wait_ms: u64,
}

impl OriginLoad {
    /// What came after `earlier`; `in_flight` and `queued` stay those of the later moment.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        let served =
            std::array::from_fn(|class| self.served[class].saturating_sub(earlier.served[class]));
        Self {
            served,
            refused: self.refused.saturating_sub(earlier.refused),
            in_flight: self.in_flight,
            queued: self.queued,
            busy_ms: self.busy_ms.saturating_sub(earlier.busy_ms),
            queue_wait_ms: self.queue_wait_ms.saturating_sub(earlier.queue_wait_ms),
        }
    }

    /// Requests worked off, all classes together.
    pub fn served_total(&self) -> u64 {
        self.served.iter().sum()
    }

    /// Requests of one class worked off.
    pub fn served_of(&self, class: PageClass) -> u64 {
        self.served[class.index()]
    }
}

/// The counters behind [`OriginLoad`]; they outlive a kill.
#[derive(Debug, Default)]
pub(super) struct LoadMeter {
    served: [AtomicU64; PageClass::COUNT],
    refused: AtomicU64,
    in_flight: AtomicU64,
    queued: AtomicU64,
    busy_us: AtomicU64,
    queue_wait_us: AtomicU64,
}

impl LoadMeter {
    pub(super) fn snapshot(&self) -> OriginLoad {
        OriginLoad {
            served: std::array::from_fn(|class| self.served[class].load(Relaxed)),
            refused: self.refused.load(Relaxed),
            in_flight: self.in_flight.load(Relaxed),
            queued: self.queued.load(Relaxed),
            busy_ms: self.busy_us.load(Relaxed) / 1_000,
            queue_wait_ms: self.queue_wait_us.load(Relaxed) / 1_000,
        }
    }

    pub(super) fn refuse(&self) {
        self.refused.fetch_add(1, Relaxed);
    }

    pub(super) fn waited(&self, wait: Duration) {
        self.queue_wait_us.fetch_add(micros(wait), Relaxed);
    }

    pub(super) fn served(&self, class: PageClass, busy: Duration) {
        self.busy_us.fetch_add(micros(busy), Relaxed);
        self.served[class.index()].fetch_add(1, Relaxed);
    }
}

fn micros(span: Duration) -> u64 {
    u64::try_from(span.as_micros()).unwrap_or(u64::MAX)
}

/// A request counted as being somewhere, until this is dropped.
#[derive(Debug)]
pub(super) struct Present {
    meter: Arc<LoadMeter>,
    at: Place,
}

/// Where a request can be.
#[derive(Debug, Clone, Copy)]
enum Place {
    Line,
    Worker,
}

impl Present {
    /// A place in line, unless `places` are taken.
    pub(super) fn in_line(meter: &Arc<LoadMeter>, places: u16) -> Option<Self> {
        let room = |queued| (queued < u64::from(places)).then_some(queued + 1);
        meter.queued.fetch_update(Relaxed, Relaxed, room).ok()?;
        Some(Self { meter: Arc::clone(meter), at: Place::Line })
    }

    /// In the hands of a worker.
    pub(super) fn at_worker(meter: &Arc<LoadMeter>) -> Self {
        meter.in_flight.fetch_add(1, Relaxed);
        Self { meter: Arc::clone(meter), at: Place::Worker }
    }
}

impl Drop for Present {
    fn drop(&mut self) {
        let count = match self.at {
            Place::Line => &self.meter.queued,
            Place::Worker => &self.meter.in_flight,
        };
        count.fetch_sub(1, Relaxed);
    }
}
