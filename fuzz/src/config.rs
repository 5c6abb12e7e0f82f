//! Any bytes as a configuration file.
//!
//! Run by the fuzz target of this name and, over its corpus, by the tests of `seawall-config`.

use seawall_config::{Config, Faults, explain, parse};
use std::path::Path;

/// Keys of a plain table, of a list of tables, and of a table with names of its own.
const EXPLAINED: [&str; 3] = ["limits.source_rps", "listener.address", "fleet.any"];

/// Reads `data` as a configuration file.
///
/// # Panics
/// When a promise of the reading does not hold: what is accepted can be served, what is refused
/// has sorted faults, each one sentence on a line that the text has.
pub fn config(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    let file = Path::new("seawall.toml");
    match parse(text, file) {
        Ok(config) => can_be_served(&config),
        Err(faults) => can_be_mended(&faults, text),
    }
    // An explanation reads the file again, which is most of the work: one key for each file.
    let key = EXPLAINED[data.len() % EXPLAINED.len()];
    let answer = explain(key, Some((text, file)));
    assert!(answer.is_ok(), "{key} is a key whatever the file says");
}

fn can_be_served(config: &Config) {
    assert!(!config.listeners.is_empty());
    assert!(!config.platforms.is_empty());
    for listener in &config.listeners {
        assert!(listener.http1 || listener.http2);
        assert!(!(listener.tls && listener.redirect_https));
    }
    for platform in &config.platforms {
        assert!(!platform.hosts.is_empty());
        assert!(!platform.origins.is_empty());
        assert!(platform.origins.iter().all(|origin| origin.port != 0));
    }
    if config.listeners.iter().any(|listener| listener.tls) {
        assert!(config.platforms.iter().any(|platform| platform.certificate.is_some()));
    }
    assert!(config.limits.rate.is_none_or(|rate| rate.burst > 0));
    assert!(config.limits.connections > 0);
    assert_eq!(config.trusted.networks, []);
}

fn can_be_mended(faults: &Faults, text: &str) {
    let list = faults.list();
    assert!(!list.is_empty());
    assert!(list.is_sorted_by_key(|fault| fault.line));
    let lines = text.lines().count().max(1);
    for fault in list {
        assert!((1..=lines).contains(&fault.line), "line {} of {lines}", fault.line);
        assert!(!fault.problem.contains(char::is_control), "{fault}");
        assert!(fault.problem.len() < 1024, "{fault}");
    }
    assert_eq!(faults.to_string().lines().count(), list.len());
}
