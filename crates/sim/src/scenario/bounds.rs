//! What no scenario exceeds.

/// Requests per second of one group.
pub const REQUESTS_PER_S_MAX: f64 = 100_000.0;
/// Seconds of one scenario, its calm included: more than a day.
pub const SECONDS_MAX: u32 = 100_000;
/// Platforms of one scenario.
pub const PLATFORMS_MAX: usize = 8;
/// Groups of one scenario, over people, surges and floods.
pub const GROUPS_MAX: usize = 64;
/// Characters of a scenario's file; a day of points by minutes is some 20 KB.
pub const TEXT_MAX: usize = 1 << 18;
/// How many times normal demand an origin may be able to carry.
pub const TIMES_NORMAL_MAX: f64 = 1_000.0;
/// Origin-milliseconds per second that an origin may be able to carry.
pub const MS_PER_S_MAX: f64 = 1e6;
