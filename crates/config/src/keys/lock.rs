//! Keys of what a platform says in its own name: to its origins the secret that locks them, to its
//! visitors how long TLS is a must and the operator's own pages.

use super::{KeySpec, Kind, Preset};
use std::time::Duration;

/// Below a second nothing is remembered.
const HSTS_MIN: Duration = Duration::from_secs(1);
/// Three years: lists of preloaded names ask for one, and a slip of the pen outlives a domain.
const HSTS_MAX: Duration = Duration::from_hours(3 * 365 * 24);

pub(super) const KEYS: &[KeySpec] = &[
    KeySpec::new(
        "platform.origin_secret_file",
        Kind::Path,
        Preset::None,
        "File with a secret that every request to the origin carries, so that the origin can refuse \
         everyone else; one word of 16 to 256 printable ASCII characters. \
         `run` and `reload` make it with mode 0600 when it is missing. \
         An origin page that prints request headers shows it to visitors.",
    ),
    KeySpec::new(
        "platform.origin_secret_header",
        Kind::FieldName,
        Preset::Toml("\"Seawall-Origin-Secret\""),
        "Header that carries the secret of platform.origin_secret_file; a client's own is removed.",
    ),
    KeySpec::new(
        "platform.hsts",
        Kind::Span { least: HSTS_MIN, most: HSTS_MAX },
        Preset::None,
        "How long browsers must come by TLS alone once they did (Strict-Transport-Security), such as \
         \"180d\"; \"off\" sends nothing. It cannot be taken back before it has passed, so begin with \
         \"1h\". A header of the origin's own wins.",
    ),
    KeySpec::new(
        "platform.hsts_subdomains",
        Kind::Flag,
        Preset::Toml("false"),
        "Whether platform.hsts holds for every name below the platform's too; only when all of them \
         are served by TLS.",
    ),
    KeySpec::new(
        "platform.error_page",
        Kind::Path,
        Preset::None,
        "HTML file of at most 16 KiB, in UTF-8, that people see instead of the shield's own 502, 503 \
         and 504; {{code}} and {{retry}} are replaced. Programs get what they got.",
    ),
    KeySpec::new(
        "platform.maintenance",
        Kind::Path,
        Preset::None,
        "HTML file like platform.error_page. While it is set people get it with 503 and \
         programs problem details, but for allow.networks, who reach the origin.",
    ),
];
