//! What an origin is, as a scenario says it.

use serde::Deserialize;
use std::time::Duration;

/// Servers of one origin.
pub const SERVERS_MAX: u16 = 64;
/// Connections of one server.
const CONNECTIONS_MAX: u32 = 1_000_000;
/// Longest time of any kind, in seconds.
const SECONDS_MAX: f64 = 86_400.0;

/// One platform's origin: what it can carry, and what becomes of what it cannot.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OriginSpec {
    /// Servers of the same kind behind a balancer that deals requests round robin.
    pub servers: u16,
    /// How a server shares its time.
    pub model: Model,
    /// Workers, or cores, of each server.
    pub workers: u16,
    /// Requests that may wait for a worker, or share the cores beyond one each; the next gets 503.
    pub line: u32,
    /// Work done in a worker's second: 1.0 does 1,000 origin-milliseconds.
    pub speed: f64,
    /// How much slower everything gets with each full set of workers that waits: with 0.1 and as
    /// many waiting as there are workers, work takes 1.1 times as long.
    pub contention: f64,
    /// What a request holds besides its work.
    pub holds: Holds,
    /// Connections of each server; the next is not taken.
    pub connections: u32,
    /// Seconds from the request to the head of its answer; then 504, though the work goes on.
    pub timeout_s: f64,
    /// Seconds for which a server that hung or died is passed over after a request timed out at it.
    pub passed_over_s: f64,
    /// What all servers' common link carries, in bytes per second; none for more than is needed.
    pub link_bytes_per_s: Option<f64>,
    /// Bytes of an answer that the system's buffers take off a worker's hands.
    pub buffer_bytes: u64,
    /// Whether a server crashes when its line stays full.
    pub crash: Option<Crash>,
}

/// How a server shares its time among requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Model {
    /// Each worker does one request at a time; others wait in order of arrival.
    Workers,
    /// All requests are worked on at once and share the cores evenly.
    Cores,
}

/// What a request holds besides its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Holds {
    /// A connection: an event loop reads slow requests and sends answers.
    Connection,
    /// A worker from the first byte of the request to the last of the answer: a thread each.
    Worker,
}

/// When a server crashes.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Crash {
    /// Seconds for which its line has been full.
    pub after_s: f64,
    /// Seconds until it is up again.
    pub restart_s: f64,
}

/// A value that no origin can have.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum BadOrigin {
    /// A number outside its bounds.
    #[error("{key} is {value}; it must be from {least} to {most}")]
    OutOfBounds {
        /// Which.
        key: &'static str,
        /// What it is.
        value: f64,
        /// The least it may be.
        least: f64,
        /// The most it may be.
        most: f64,
    },
}

impl Default for OriginSpec {
    fn default() -> Self {
        Self {
            servers: 1,
            model: Model::Workers,
            workers: 8,
            line: 512,
            speed: 1.0,
            contention: 0.0,
            holds: Holds::Connection,
            connections: 16_384,
            timeout_s: 30.0,
            passed_over_s: 10.0,
            link_bytes_per_s: None,
            buffer_bytes: 262_144,
            crash: None,
        }
    }
}

impl OriginSpec {
    /// Checks every number.
    ///
    /// # Errors
    /// The first that is out of its bounds.
    pub fn check(&self) -> Result<(), BadOrigin> {
        let crash = self.crash.unwrap_or(Crash { after_s: 1.0, restart_s: 1.0 });
        let rows = [
            ("servers", f64::from(self.servers), 1.0, f64::from(SERVERS_MAX)),
            ("workers", f64::from(self.workers), 1.0, 4_096.0),
            ("line", f64::from(self.line), 0.0, f64::from(CONNECTIONS_MAX)),
            ("speed", self.speed, 0.001, 1_000.0),
            ("contention", self.contention, 0.0, 10.0),
            ("connections", f64::from(self.connections), 1.0, f64::from(CONNECTIONS_MAX)),
            ("timeout_s", self.timeout_s, 0.1, SECONDS_MAX),
            ("passed_over_s", self.passed_over_s, 0.0, SECONDS_MAX),
            ("link_bytes_per_s", self.link_bytes_per_s.unwrap_or(1e6), 1e3, 1e12),
            ("crash.after_s", crash.after_s, 0.0, SECONDS_MAX),
            ("crash.restart_s", crash.restart_s, 0.1, SECONDS_MAX),
        ];
        // Written so that what is not a number is out of bounds too.
        let bad =
            rows.into_iter().find(|(_, value, least, most)| !(*least..=*most).contains(value));
        bad.map_or(Ok(()), |(key, value, least, most)| {
            Err(BadOrigin::OutOfBounds { key, value, least, most })
        })
    }

    /// What an operator who looks at how long answers take tells of it: a second of every second for
    /// each request that is worked on at once, however fast its workers are.
    pub fn told_ms_per_s(&self) -> f64 {
        1e3 * f64::from(self.servers) * f64::from(self.workers)
    }

    /// What it can carry, in origin-milliseconds per second.
    pub fn capacity_ms_per_s(&self) -> f64 {
        f64::from(self.servers) * f64::from(self.workers) * self.speed * 1e3
    }

    /// The same origin with as many workers of about the speed of one, or two, as carry just
    /// `ms_per_s`.
    ///
    /// Each server has as many workers as whole thousands that it has to carry, rounded down, and
    /// at least one; the rest is a matter of speed.
    /// So a request on an idle origin takes no longer than it costs, unless one worker is too many.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "at most 4,096 workers, and not negative"
    )]
    pub fn carrying(mut self, ms_per_s: f64) -> Self {
        let each = ms_per_s.max(1.0) / f64::from(self.servers.max(1));
        self.workers = (each / 1e3).floor().clamp(1.0, 4_096.0) as u16;
        self.speed = each / 1e3 / f64::from(self.workers);
        self
    }

    /// The same with a share of its line, its connections and its link, for a smaller world.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to what fits"
    )]
    pub fn times(mut self, share: f64) -> Self {
        let part = |whole: u32| (f64::from(whole) * share).ceil().clamp(0.0, 4e9) as u32;
        self.line = part(self.line);
        self.connections = part(self.connections).max(1);
        self.link_bytes_per_s = self.link_bytes_per_s.map(|bytes| bytes * share);
        self
    }

    pub(super) fn timeout(&self) -> Duration {
        span(self.timeout_s)
    }

    pub(super) fn passed_over(&self) -> Duration {
        span(self.passed_over_s)
    }
}

pub(super) fn span(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_carries_what_it_is_asked_to() {
        for ms_per_s in [80.0, 999.0, 1_000.0, 3_400.0, 12_345.0] {
            for servers in [1, 3] {
                let spec = OriginSpec { servers, ..OriginSpec::default() }.carrying(ms_per_s);
                assert!((spec.capacity_ms_per_s() - ms_per_s).abs() < 1e-6, "{ms_per_s}");
                assert_eq!(spec.check(), Ok(()));
            }
        }
    }

    #[test]
    fn a_number_that_is_none_or_out_of_bounds_is_named() {
        for (text, key) in [
            ("speed = nan", "speed"),
            ("workers = 0", "workers"),
            ("crash = { after_s = -1.0, restart_s = 1.0 }", "crash.after_s"),
        ] {
            let spec: OriginSpec = toml::from_str(text).unwrap();
            let Err(BadOrigin::OutOfBounds { key: named, .. }) = spec.check() else {
                panic!("{text} passes");
            };
            assert_eq!(named, key);
        }
        assert!(toml::from_str::<OriginSpec>("wrokers = 4").is_err());
    }
}
