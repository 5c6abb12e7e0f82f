//! Keys of TLS towards the origins of a platform.

use super::{KeySpec, Kind, Preset};

pub(super) const KEYS: &[KeySpec] = &[
    KeySpec::new(
        "platform.origin_ca",
        Kind::Path,
        Preset::None,
        "PEM bundle of the authorities that may vouch for the platform's https and h2 origins, \
         instead of those that the system trusts.",
    ),
    KeySpec::new(
        "platform.origin_name",
        Kind::ServerName,
        Preset::None,
        "Name that an https or h2 origin is asked for in TLS and that its certificate must bear; \
         without it the host of the origin's URL.",
    ),
    KeySpec::new(
        "platform.origin_verify",
        Kind::Flag,
        Preset::Toml("true"),
        "Whether an https or h2 origin must prove who it is. When false, anyone on the way can \
         read and change the traffic.",
    ),
    KeySpec::new(
        "platform.origin_certificate",
        Kind::Path,
        Preset::None,
        "Certificate chain as PEM, leaf first, with which the shield proves to https and h2 origins \
         who it is; the key stands in platform.origin_key.",
    ),
    KeySpec::new(
        "platform.origin_key",
        Kind::Path,
        Preset::None,
        "Private key of platform.origin_certificate as PEM; readable by the shield's user alone.",
    ),
    KeySpec::new(
        "platform.via",
        Kind::Flag,
        Preset::Toml("false"),
        "Whether requests to the origin name the shield in `Via`, as RFC 9110 asks of gateways. \
         Origins then treat all visitors as coming through a proxy: nginx stops compressing \
         pages unless it has `gzip_proxied any`.",
    ),
];
