//! Keys of the shield itself: state, cores, stop, control plane.

use super::{KeySpec, Kind, Preset};
use std::time::Duration;

pub(super) const KEYS: &[KeySpec] = &[
    KeySpec::new(
        "state_dir",
        Kind::Path,
        Preset::Required,
        "Where state, evidence and keys live; made with mode 0700 when it is missing. \
         Two shields that share it hand their listeners over.",
    )
    .example("\"/var/lib/seawall\""),
    KeySpec::new(
        "drain",
        Kind::Span { least: Duration::ZERO, most: Duration::from_mins(10) },
        Preset::Toml("\"10s\""),
        "How long open requests may finish after a stop. \
         Whatever kills the service must wait longer than this.",
    ),
    KeySpec::new(
        "workers",
        Kind::Cores { most: 256 },
        Preset::Toml("\"auto\""),
        "Cores to serve on, each with a listener of its own; \"auto\" is as many as the process \
         may use.",
    ),
    KeySpec::new(
        "crawlers",
        Kind::Word(&["auto", "off"]),
        Preset::Toml("\"auto\""),
        "Whether crawlers of the large search engines have lanes of their own without being written \
         down, 10 rps for each operator, once DNS has confirmed their addresses. Names are looked up \
         for addresses that say they are one, and never while a request waits.",
    ),
    KeySpec::new(
        "feeds",
        Kind::Word(&["auto", "off"]),
        Preset::Toml("\"auto\""),
        "Whether readers of feeds have a lane of their own, 20 rps for all of them and an eighth of \
         that for one network, by paths that end as feeds do: feed, feed.xml, rss, atom.xml, \
         index.xml and the like.",
    ),
    KeySpec::new(
        "resolver",
        Kind::Address,
        Preset::None,
        "Whom to ask for the names of crawlers in DNS, such as \"127.0.0.53:53\"; without it whom the \
         system asks.",
    ),
    KeySpec::new(
        "control.listen",
        Kind::Address,
        Preset::Toml("\"127.0.0.1:9180\""),
        "Where dashboard, API and metrics answer. \
         The token crosses this connection in the clear, so keep it on loopback or a network that \
         you trust.",
    ),
    KeySpec::new(
        "control.token_file",
        Kind::Path,
        Preset::Derived("control.token in state_dir"),
        "File that holds the bearer token; made with mode 0600 when it is missing.",
    )
    .example("\"/var/lib/seawall/control.token\""),
];
