//! Keys of proxies in front, whose word about the client is believed.

use super::{KeySpec, Kind, Preset};

/// Networks of proxies in front: the large ones publish some tens.
const TRUSTED_MAX: usize = 1024;

pub(super) const KEYS: &[KeySpec] = &[
    KeySpec::new(
        "trusted.networks",
        Kind::Networks { most: TRUSTED_MAX },
        Preset::None,
        "Networks of the proxies whose word about the client address is believed. \
         Nothing is reset or dropped on their own addresses; list nobody else.",
    ),
    KeySpec::new(
        "trusted.header",
        Kind::Word(&["X-Forwarded-For", "Forwarded", "CF-Connecting-IP"]),
        Preset::None,
        "Header in which they say it; walked right to left. \
         They must set or remove it, and X-Forwarded-Proto, on every request.",
    ),
];
