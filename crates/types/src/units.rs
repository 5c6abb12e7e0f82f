//! Numbers that carry their unit and keep their bounds.

use std::fmt;
use std::time::Duration;

/// Requests per second; finite and above zero.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct RequestRate(f64);

impl RequestRate {
    /// A rate, or `None` when it is not a finite number above zero.
    pub fn new(per_second: f64) -> Option<Self> {
        (per_second.is_finite() && per_second > 0.0).then_some(Self(per_second))
    }

    /// Requests per second.
    pub fn per_second(self) -> f64 {
        self.0
    }

    /// The time between two requests at this rate, at least one nanosecond.
    pub fn interval(self) -> Duration {
        Duration::try_from_secs_f64(1.0 / self.0)
            .unwrap_or(Duration::MAX)
            .max(Duration::from_nanos(1))
    }
}

impl fmt::Display for RequestRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} rps", self.0)
    }
}

/// Work an origin can do: origin-milliseconds per second (1,000 is one request always in flight).
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct OriginCapacity(f64);

impl OriginCapacity {
    /// A capacity, or `None` when it is not a finite number above zero.
    pub fn new(ms_per_second: f64) -> Option<Self> {
        (ms_per_second.is_finite() && ms_per_second > 0.0).then_some(Self(ms_per_second))
    }

    /// Origin-milliseconds per second.
    pub fn ms_per_second(self) -> f64 {
        self.0
    }
}

/// A number of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct ByteCount(pub u64);

impl fmt::Display for ByteCount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (unit, size) in [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)] {
            if self.0 >= size && self.0.is_multiple_of(size) {
                return write!(f, "{} {unit}", self.0 / size);
            }
        }
        write!(f, "{} B", self.0)
    }
}
