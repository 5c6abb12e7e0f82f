//! Keys of listeners and platforms.

use super::{Built, KeySpec, Kind, Preset};

/// Host names of one platform: one bucket of a hash table each.
const HOSTS_MAX: usize = 1024;
/// Origins of one platform: each core holds a pool for each.
const ORIGINS_MAX: usize = 64;
/// Beginnings of paths, compared one by one with a request's path.
const PREFIXES_MAX: usize = 64;

/// Characters of what a page says of whom to write to.
const CONTACT_MAX: usize = 120;

const CONTACT: Kind = Kind::Text { most: CONTACT_MAX };
const PREFIXES: Kind = Kind::Prefixes { most: PREFIXES_MAX };

pub(super) const KEYS: &[KeySpec] = &[
    KeySpec::new(
        "listener.address",
        Kind::Address,
        Preset::Required,
        "Address and port that clients reach; 0.0.0.0 and [::] are every address.",
    )
    .example("\"0.0.0.0:443\""),
    KeySpec::new(
        "listener.tls",
        Kind::Flag,
        Preset::Toml("false"),
        "Whether it speaks TLS, with the certificate of the platform that is asked for.",
    )
    .example("true"),
    KeySpec::new(
        "listener.protocols",
        Kind::Words(&["h1", "h2", "h3"]),
        Preset::Toml("[\"h1\", \"h2\"]"),
        "HTTP versions that are offered: by ALPN with TLS, by the first bytes without.",
    )
    .built(Built::Without {
        words: &["h3"],
        part: "HTTP/3",
        instead: "use \"h1\", \"h2\" or both",
    }),
    KeySpec::new(
        "listener.redirect_https",
        Kind::Flag,
        Preset::Toml("false"),
        "Whether every request is sent to the same name over https instead of an origin.",
    ),
    KeySpec::new(
        "listener.proxy_protocol",
        Kind::Flag,
        Preset::Toml("false"),
        "Whether a peer in trusted.networks must begin with a PROXY header (v1 or v2), which is \
         believed; any other peer is served as itself.",
    ),
    KeySpec::new(
        "platform.name",
        Kind::Name,
        Preset::Required,
        "Its name in records, metrics and the API; keep it, since learned state follows it.",
    )
    .example("\"donate\""),
    KeySpec::new(
        "platform.hosts",
        Kind::Hosts { most: HOSTS_MAX },
        Preset::Required,
        "Names it answers for. An exact name wins over a wildcard; a name belongs to one platform.",
    )
    .example("[\"donate.example.org\"]"),
    KeySpec::new(
        "platform.origins",
        Kind::Origins { most: ORIGINS_MAX },
        Preset::Required,
        "Your own servers behind the shield. They should answer nobody else. The scheme tells what \
         they speak: http is HTTP/1.1, https the same over TLS, h2c and h2 are HTTP/2 in clear and \
         over TLS.",
    )
    .example("[\"http://10.0.0.5:8080\"]"),
    KeySpec::new(
        "platform.certificate",
        Kind::Path,
        Preset::None,
        "Certificate chain as PEM, leaf first; the key stands in platform.key. \
         Without it the platform is only served plain.",
    )
    .example("\"donate.pem\""),
    KeySpec::new(
        "platform.key",
        Kind::Path,
        Preset::None,
        "Private key of the certificate as PEM; readable by the shield's user alone.",
    )
    .example("\"donate.key\""),
    KeySpec::new(
        "platform.acme",
        Kind::Flag,
        Preset::Toml("false"),
        "Whether the certificate is fetched and renewed by ACME.",
    )
    .built(Built::Missing { part: "ACME" }),
    KeySpec::new(
        "platform.mode",
        Kind::Word(&["protect", "observe"]),
        Preset::Toml("\"protect\""),
        "\"observe\" judges, records what it would have done and admits everything, so that the \
         origin is not bounded.",
    ),
    KeySpec::new(
        "platform.capacity",
        Kind::Capacity,
        Preset::Toml("\"auto\""),
        "What its origins can carry together; \"auto\" learns it from their answers, \
         \"40 concurrent\" is \"40000 ms/s\". Platforms that share an origin share its capacity.",
    ),
    KeySpec::new(
        "platform.learn_capacity",
        Kind::Flag,
        Preset::Toml("true"),
        "Whether what its origins can carry is learned from their answers where capacity is \
         \"auto\", and kept to. Where it is not, nothing bounds them and no measure of the ladder \
         is taken.",
    ),
    KeySpec::new(
        "platform.essential",
        PREFIXES,
        Preset::None,
        "Paths kept as stored copies for the day the origin is down.",
    )
    .built(Built::Inert),
    KeySpec::new(
        "platform.challenge",
        Kind::Word(&["auto", "always"]),
        Preset::Toml("\"auto\""),
        "\"always\" asks every browser for a short check before its first page and holds programs, \
         whatever the traffic; \"auto\" asks only whom a measure says.",
    ),
    KeySpec::new(
        "platform.challenge_contact",
        CONTACT,
        Preset::None,
        "Whom a visitor can write to who does not pass a check, as it stands on the page: an \
         address or a telephone number.",
    ),
    KeySpec::new(
        "platform.no_challenge",
        PREFIXES,
        Preset::None,
        "Beginnings of paths that cannot be challenged, such as APIs and webhooks: \"always\" leaves \
         them alone, and a measure that would challenge them holds them.",
    ),
    KeySpec::new(
        "platform.login",
        PREFIXES,
        Preset::None,
        "Beginnings of paths that are watched for odd logins.",
    )
    .built(Built::Inert),
    KeySpec::new(
        "platform.admin",
        PREFIXES,
        Preset::None,
        "Beginnings of paths that are watched for odd admin use.",
    )
    .built(Built::Inert),
];
