//! Crawlers of search engines that every shield knows of, unless it is told not to.
//!
//! Each is known by names in DNS that its operator promises; no list of addresses is carried, since lists
//! age.

use seawall_config::{CrawlerLane, HostPattern, Lane};
use seawall_types::RequestRate;

/// What the crawlers of one operator may ask for: twice what the busiest is known to ask of a large site.
const RATE_RPS: f64 = 10.0;

/// Name of the lane, words in the user agent, names in DNS.
const OPERATORS: [(&str, &[&str], &[&str]); 6] = [
    ("crawler-google", &["Googlebot", "Google-InspectionTool"], &["googlebot.com", "google.com"]),
    ("crawler-bing", &["bingbot"], &["search.msn.com"]),
    ("crawler-apple", &["Applebot"], &["applebot.apple.com"]),
    ("crawler-yandex", &["YandexBot"], &["yandex.ru", "yandex.net", "yandex.com"]),
    ("crawler-baidu", &["Baiduspider"], &["baidu.com", "baidu.jp"]),
    ("crawler-seznam", &["SeznamBot"], &["seznam.cz"]),
];

/// A lane for each operator.
pub(super) fn lanes() -> Vec<Lane> {
    let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let lane = |(name, agents, names): &(&str, &[&str], &[&str])| Lane {
        name: (*name).to_owned(),
        platforms: None,
        rate: RequestRate::new(RATE_RPS),
        invites: false,
        networks: Vec::new(),
        keys: None,
        webhook: None,
        crawler: Some(CrawlerLane {
            agents: owned(agents),
            ranges: None,
            names: owned(names).into_iter().map(HostPattern::Wildcard).collect(),
        }),
        bot_keys: None,
        client_ca: None,
        routes: Vec::new(),
        line: 1,
    };
    OPERATORS.iter().map(lane).collect()
}
