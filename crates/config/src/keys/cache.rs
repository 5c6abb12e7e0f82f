//! Keys of answers that the shield keeps: as a cache, and for the day the origin is down.

use super::{KeySpec, Kind, Preset};
use seawall_types::ByteCount;
use std::time::Duration;

/// Pages that are kept for each host: what people must find on a bad day, not a mirror.
const ESSENTIAL_MAX: usize = 64;
/// Parameters that mean nothing to the origin.
const IGNORED_MAX: usize = 64;

pub(super) const KEYS: &[KeySpec] = &[
    KeySpec::new(
        "platform.cache",
        Kind::Word(&["off", "on"]),
        Preset::Toml("\"off\""),
        "\"on\" keeps answers to GET that the origin says may be shared (`Cache-Control` with a \
         lifetime, or `Expires`), as RFC 9111 has it, and has many who miss the same page wait for \
         one. An origin that calls a visitor's own page public shows it to others then.",
    ),
    KeySpec::new(
        "platform.cache_size",
        Kind::Size { least: ByteCount(1 << 20), most: ByteCount(1 << 40) },
        Preset::Toml("\"64 MiB\""),
        "Memory that answers kept by platform.cache may take, what is known of them included; the \
         least used go first.",
    ),
    KeySpec::new(
        "platform.cache_ignore",
        Kind::Parameters { most: IGNORED_MAX },
        Preset::None,
        "Parameters of a query that mean nothing to the origin, such as \"utm_source\". Where \
         platform.cache is on they are taken out of GET and HEAD requests, also out of what the \
         origin is asked for.",
    ),
    KeySpec::new(
        "platform.essential",
        Kind::Prefixes { most: ESSENTIAL_MAX },
        Preset::None,
        "Exact paths, with their query if they have one, that the shield fetches by itself and keeps \
         as stored copies for the day the origin is down: pages, and the styles and pictures that \
         they need. Answers that are private or may not be stored are not kept.",
    ),
    KeySpec::new(
        "platform.essential_every",
        Kind::Span { least: Duration::from_secs(1), most: Duration::from_hours(24) },
        Preset::Toml("\"1m\""),
        "How often each essential page is fetched anew while the platform is calm, give or take a \
         quarter; never more than five a second together.",
    ),
];
