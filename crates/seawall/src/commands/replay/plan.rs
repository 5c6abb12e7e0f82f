//! A configuration, as far as a replay needs it.

use crate::commands::files;
use crate::failure::Failure;
use seawall_config::{Capacity, Config};
use seawall_engine::PlatformSettings;
use seawall_proxy::{Hosts, rules};
use seawall_sim::replay::{Named, Plan};
use seawall_sim::shield::Way;
use seawall_types::{Mode, PlatformId};
use std::path::Path;

/// Reads a configuration; the certificates and pages that it names are not looked at, since they
/// may lie on another machine.
///
/// # Errors
/// Every fault.
pub(super) fn read(path: &Path) -> Result<Config, Failure> {
    let text = files::read_text(path)?;
    let parsed = seawall_config::parse(&text, path);
    parsed.map_err(|faults| Failure::wrong(files::sentences(&faults)))
}

/// What decides in a replay under `config`.
pub(super) fn plan(config: &Config, seed: u64) -> Plan<'_> {
    let settings = |platform: &seawall_config::Platform| PlatformSettings {
        name: platform.name.clone(),
        capacity: match platform.capacity {
            Capacity::Auto => None,
            Capacity::Told(capacity) => Some(capacity),
        },
        acts: platform.takes_measures(),
    };
    let modes: Vec<Mode> = config.platforms.iter().map(|platform| platform.mode).collect();
    Plan {
        platforms: config.platforms.iter().map(settings).collect(),
        rules: rules(config, modes),
        way: way(config),
        seed,
        place: Box::new(place(config)),
    }
}

/// Clients whose addresses proxies tell are behind these proxies.
fn way(config: &Config) -> Way {
    let announced = config.listeners.iter().any(|listener| listener.proxy_protocol);
    let is_told = announced || config.trusted.header.is_some();
    if is_told && !config.trusted.networks.is_empty() { Way::BehindProxy } else { Way::Direct }
}

/// Finds a platform by its name, else by the host; one platform alone may be left out.
fn place(config: &Config) -> impl Fn(&Named) -> Option<PlatformId> {
    let ids: Vec<_> = (0..).map(PlatformId).take(config.platforms.len()).collect();
    let hosts = Hosts::new(ids.iter().copied().zip(&config.platforms));
    let named = move |name: &String| {
        let at = config.platforms.iter().position(|platform| platform.name == *name)?;
        ids.get(at).copied()
    };
    move |names: &Named| match names {
        Named { platform: None, host: None } => {
            (config.platforms.len() == 1).then_some(PlatformId(0))
        }
        Named { platform, host } => {
            let by_name = platform.as_ref().and_then(&named);
            by_name.or_else(|| hosts.platform(host.as_deref()?))
        }
    }
}
