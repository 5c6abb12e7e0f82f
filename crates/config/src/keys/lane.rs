//! Keys of identity lanes: who is known by something other than behaviour, and what that is worth.

use super::{KeySpec, Kind, Preset};
use std::time::Duration;

/// Networks of one lane: an uptime service publishes a hundred.
const NETWORKS_MAX: usize = 1024;
/// Platforms that one lane is for; more are all of them.
const PLATFORMS_MAX: usize = 64;
/// Words of one operator's crawlers.
const AGENTS_MAX: usize = 16;
/// Names below which one operator's crawlers are.
const NAMES_MAX: usize = 16;
/// Beginnings of paths of one app or one sender of webhooks.
const PATHS_MAX: usize = 64;
/// A sender's clock is right within this.
const WINDOW_MIN: Duration = Duration::from_secs(10);
/// A message is good for twice this, and is remembered for a quarter of an hour.
const WINDOW_MAX: Duration = Duration::from_mins(8);

pub(super) const KEYS: &[KeySpec] = &[
    KeySpec::new(
        "lane.name",
        Kind::Name,
        Preset::Required,
        "Its name in records and lists. Who is in a lane is never challenged, meets no measure of the \
         shield's own, and goes to a bounded origin by the lane's reserved share.",
    )
    .example("\"staff\""),
    KeySpec::new(
        "lane.platforms",
        Kind::Names { most: PLATFORMS_MAX },
        Preset::Derived("every platform"),
        "Names of the platforms that it leads to.",
    )
    .example("[\"donate\"]"),
    KeySpec::new(
        "lane.rate",
        Kind::Rate,
        Preset::Toml("\"50 rps\""),
        "What all in the lane may ask for together, with a second's worth at once. Crawlers and signed \
         bots beyond it get 429; anyone else is then judged as if there were no lane.",
    ),
    KeySpec::new(
        "lane.invites",
        Kind::Flag,
        Preset::Toml("false"),
        "Whether people get into it by a link that `seawall lane invite` makes, which sets a cookie.",
    )
    .example("true"),
    KeySpec::new(
        "lane.client_ca_file",
        Kind::Path,
        Preset::None,
        "PEM file with the authorities whose client certificates open the lane: staff. Connections of \
         its platforms by TLS are asked for one; who shows none, or another's, is anybody.",
    )
    .example("\"staff-ca.pem\""),
    KeySpec::new(
        "lane.networks",
        Kind::Networks { most: NETWORKS_MAX },
        Preset::None,
        "Who comes from these addresses is in the lane: monitors and partners.",
    )
    .example("[\"192.0.2.0/28\"]"),
    KeySpec::new(
        "lane.keys_file",
        Kind::Path,
        Preset::None,
        "File with the SHA-256 of each key that opens the lane, in hexadecimal, one a line; a word \
         behind it names whose it is. The shield never holds the keys themselves.",
    )
    .example("\"partners.keys\""),
    KeySpec::new(
        "lane.key_header",
        Kind::FieldName,
        Preset::Toml("\"X-API-Key\""),
        "Header that carries a key of lane.keys_file; it is passed on to the origin.",
    ),
    KeySpec::new(
        "lane.webhook_secret_file",
        Kind::Path,
        Preset::None,
        "File with the secret by which a sender signs its webhooks (HMAC-SHA-256 over the body).",
    )
    .example("\"payments.secret\""),
    KeySpec::new(
        "lane.webhook_paths",
        Kind::Prefixes { most: PATHS_MAX },
        Preset::None,
        "Beginnings of the paths that signed webhooks are sent to; elsewhere no signature is looked at.",
    )
    .example("[\"/hooks/pay\"]"),
    KeySpec::new(
        "lane.webhook_form",
        Kind::Word(&["standard", "stripe", "github"]),
        Preset::Toml("\"standard\""),
        "How they are signed: \"standard\" is Standard Webhooks (webhook-id, webhook-timestamp, \
         webhook-signature), \"stripe\" Stripe-Signature, \"github\" X-Hub-Signature-256, which has no \
         time and can be repeated once the shield has forgotten it.",
    ),
    KeySpec::new(
        "lane.webhook_window",
        Kind::Span { least: WINDOW_MIN, most: WINDOW_MAX },
        Preset::Toml("\"5m\""),
        "How far the time of a signed webhook may be from ours. Each opens the lane once within it.",
    ),
    KeySpec::new(
        "lane.agents",
        Kind::Names { most: AGENTS_MAX },
        Preset::None,
        "Words in the User-Agent of an operator's crawlers. Anyone can write them: they only say what \
         is to be confirmed by lane.ranges_file or lane.names.",
    )
    .example("[\"Googlebot\"]"),
    KeySpec::new(
        "lane.ranges_file",
        Kind::Path,
        Preset::None,
        "File with the networks that the operator publishes for its crawlers: JSON in which they \
         stand as text, or one a line.",
    )
    .example("\"googlebot.json\""),
    KeySpec::new(
        "lane.names",
        Kind::Hosts { most: NAMES_MAX },
        Preset::None,
        "Names of the operator's crawlers in DNS. An address is confirmed where its name is one of \
         these and leads back to it; until then its requests are nobody's.",
    )
    .example("[\"*.googlebot.com\"]"),
    KeySpec::new(
        "lane.bot_keys_file",
        Kind::Path,
        Preset::None,
        "File with the Ed25519 keys of signed bots (Web Bot Auth, RFC 9421) as a JSON Web Key Set.",
    )
    .example("\"bots.jwks\""),
    KeySpec::new(
        "lane.routes",
        Kind::Prefixes { most: PATHS_MAX },
        Preset::None,
        "Beginnings of paths that an app of yours asks for and that cannot be challenged. Anybody can \
         ask for them, so one network gets an eighth of the rate at most.",
    )
    .example("[\"/app/v2/\"]"),
];
