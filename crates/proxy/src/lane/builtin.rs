//! Lanes that every shield has unless it is told not to: of crawlers of search engines, and of readers
//! of feeds.
//!
//! A crawler is known by names in DNS that its operator promises; no list of addresses is carried, since lists
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

/// What readers of feeds may ask for: a thousand readers that ask every minute.
const FEEDS_RPS: f64 = 20.0;

/// A lane for each operator.
pub(super) fn crawlers() -> Vec<Lane> {
    let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let lane = |(name, agents, names): &(&str, &[&str], &[&str])| Lane {
        crawler: Some(CrawlerLane {
            agents: owned(agents),
            ranges: None,
            names: owned(names).into_iter().map(HostPattern::Wildcard).collect(),
        }),
        ..nobodys(name, RATE_RPS)
    };
    OPERATORS.iter().map(lane).collect()
}

/// The lane of readers of feeds.
pub(super) fn feeds() -> Lane {
    Lane { feeds: true, ..nobodys("feeds", FEEDS_RPS) }
}

/// A lane that nobody is in.
fn nobodys(name: &str, rate_rps: f64) -> Lane {
    Lane {
        name: name.to_owned(),
        platforms: None,
        rate: RequestRate::new(rate_rps),
        invites: false,
        networks: Vec::new(),
        keys: None,
        webhook: None,
        crawler: None,
        bot_keys: None,
        client_ca: None,
        routes: Vec::new(),
        feeds: false,
        line: 1,
    }
}
