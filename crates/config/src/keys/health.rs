//! Keys of how origins are watched, and how one that was away comes back.

use super::{KeySpec, Kind, Preset};
use std::time::Duration;

pub(super) const KEYS: &[KeySpec] = &[
    KeySpec::new(
        "platform.health_path",
        Kind::Target,
        Preset::None,
        "Path that each origin is asked for from time to time, with the first of the platform's \
         hosts; 2xx and 3xx are good. Without it origins are judged by what clients' requests get.",
    ),
    KeySpec::new(
        "platform.health_every",
        Kind::Span { least: Duration::from_millis(500), most: Duration::from_hours(1) },
        Preset::Toml("\"2s\""),
        "How often health_path is asked for. An origin that is out is looked at twice a second.",
    ),
    KeySpec::new(
        "platform.slow_start",
        Kind::SpanOrOff { least: Duration::from_millis(100), most: Duration::from_mins(10) },
        Preset::Toml("\"10s\""),
        "Over which span an origin that came back gets from a tenth of its share to all of it.",
    ),
];
