//! Keys of what one source may use, how long it may take, and what is recorded of it.

use super::{KeySpec, Kind, Preset};
use seawall_types::ByteCount;
use std::time::Duration;

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;
const TIB: u64 = 1 << 40;

/// Entries of the allow list, which every packet and request is looked up in.
const ALLOWED_MAX: usize = 4096;

/// A client's pace: long enough for a poor line, short enough that slowness is no weapon.
const PACE: Kind = Kind::Span { least: Duration::from_millis(100), most: Duration::from_mins(10) };

pub(super) const KEYS: &[KeySpec] = &[
    KeySpec::new(
        "allow.networks",
        Kind::Networks { most: ALLOWED_MAX },
        Preset::None,
        "Looked at first, everywhere: list your own monitors and offices here, not your visitors.",
    ),
    KeySpec::new(
        "limits.source_rps",
        Kind::Rate,
        Preset::Toml("\"off\""),
        "Requests per second that one source may keep up. \
         Many people share an address behind a carrier or an office, so leave room.",
    ),
    KeySpec::new(
        "limits.source_burst",
        Kind::Count { least: 1, most: 1_000_000 },
        Preset::Derived("2 x the rate, at least 1"),
        "Requests that may come at once before the rate counts: one page view is many requests.",
    )
    .example("400"),
    KeySpec::new(
        "limits.source_connections",
        Kind::Count { least: 1, most: 1_000_000 },
        Preset::Toml("8192"),
        "Connections that one source may hold; one more is reset at accept.",
    ),
    KeySpec::new(
        "limits.on_exceed",
        Kind::Word(&["limit", "refuse", "drop", "accept"]),
        Preset::Toml("\"limit\""),
        "What a request over the rate gets: 429, 403, a reset, or 429 once and then resets at \
         accept while its source stays over.",
    ),
    KeySpec::new(
        "limits.body_max",
        Kind::Size { least: ByteCount(KIB), most: ByteCount(TIB) },
        Preset::Toml("\"16 GiB\""),
        "Bytes that one request body may have; more is answered 413. \
         Bodies are streamed, so this bounds the origin's disk, not our memory.",
    ),
    KeySpec::new(
        "timeouts.handshake",
        PACE,
        Preset::Toml("\"5s\""),
        "From accept to the end of the TLS handshake.",
    ),
    KeySpec::new(
        "timeouts.header",
        PACE,
        Preset::Toml("\"10s\""),
        "From accept, or the first byte of a later request, to the end of the head. \
         A byte a second does not hold a connection longer.",
    ),
    KeySpec::new(
        "timeouts.idle",
        Kind::Span { least: Duration::from_secs(1), most: Duration::from_hours(1) },
        Preset::Toml("\"75s\""),
        "How long a connection is kept for its next request.",
    ),
    KeySpec::new(
        "timeouts.body",
        PACE,
        Preset::Toml("\"10s\""),
        "A request body that is due moves at least 1 KiB in this time; while others wait for its slot, 4 KiB in 2 s.",
    ),
    KeySpec::new(
        "timeouts.send",
        PACE,
        Preset::Toml("\"10s\""),
        "An answer that is due moves at least 4 KiB towards the client in this time.",
    ),
    KeySpec::new(
        "timeouts.origin_connect",
        PACE,
        Preset::Toml("\"3s\""),
        "How long reaching an origin may take before the next one is tried.",
    ),
    KeySpec::new(
        "timeouts.origin_answer",
        Kind::Span { least: Duration::from_millis(100), most: Duration::from_hours(1) },
        Preset::Toml("\"30s\""),
        "From the end of a request to the head of the origin's answer; after it the client gets \
         504. Then between two pieces of the answer's body; after it the answer breaks off.",
    ),
    KeySpec::new(
        "log.requests",
        Kind::Word(&["off", "sampled", "all"]),
        Preset::Toml("\"off\""),
        "Which requests are recorded as JSON Lines, which `replay` reads. \
         \"sampled\" is one source in a hundred, whole.",
    ),
    KeySpec::new(
        "log.max_size",
        Kind::Size { least: ByteCount(MIB), most: ByteCount(TIB) },
        Preset::Toml("\"256 MiB\""),
        "Bytes that the recorded requests may take before the oldest file goes.",
    ),
];
