//! Names in public that lead to an origin: those of the platform, and those that people give to
//! servers beside it.
//!
//! Takes hosts and a way to look names up; gives names with their addresses.
//! Bounds: [`NAMES_MAX`] names a run, [`AT_ONCE`] of them at once, each within [`PATIENCE`].

use super::ask::PATIENCE;
use seawall_config::HostPattern;
use std::net::{IpAddr, ToSocketAddrs as _};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Instant;

/// What servers are called beside the public name, and what is left over from hosting.
const SIBLINGS: [&str; 6] = ["origin", "direct", "www", "mail", "ftp", "cpanel"];
/// Names that are looked up in one run.
pub(super) const NAMES_MAX: usize = 256;
/// Names that are looked up at once: a thread each.
const AT_ONCE: usize = 64;

/// A name with the addresses that it has.
pub(super) type Resolved = (String, Vec<IpAddr>);

/// The names worth looking up for a platform, each once; the platform's own come first.
pub(super) fn candidates(hosts: &[HostPattern]) -> Vec<String> {
    let named = || hosts.iter().filter(|host| host.to_string().parse::<IpAddr>().is_err());
    let own = named().filter_map(|host| match host {
        HostPattern::Exact(name) => Some(name.clone()),
        HostPattern::Wildcard(_) => None,
    });
    let beside = named().flat_map(|host| {
        let (name, above) = match host {
            HostPattern::Exact(name) => (Some(name.as_str()), above(name)),
            HostPattern::Wildcard(suffix) => (None, Some(suffix.as_str())),
        };
        let zones = name.filter(|name| name.contains('.')).into_iter().chain(above);
        zones.flat_map(|zone| SIBLINGS.map(|sibling| format!("{sibling}.{zone}")))
    });
    let mut chosen: Vec<String> = Vec::new();
    for name in own.chain(beside) {
        if !chosen.contains(&name) {
            chosen.push(name);
        }
    }
    chosen
}

/// The zone above a name, unless that is a top-level domain.
fn above(name: &str) -> Option<&str> {
    let (_, zone) = name.split_once('.')?;
    zone.contains('.').then_some(zone)
}

/// Looks all `names` up; one that takes longer than [`PATIENCE`] has no addresses.
pub(super) fn resolve_all(names: &[String]) -> Vec<Resolved> {
    names.chunks(AT_ONCE).flat_map(resolve_at_once).collect()
}

fn resolve_at_once(names: &[String]) -> Vec<Resolved> {
    let (tell, told) = channel();
    for name in names.iter().cloned() {
        let tell = tell.clone();
        // It may be left behind: the system's resolver cannot be told to stop.
        thread::spawn(move || {
            let found = (name.as_str(), 0).to_socket_addrs();
            let addresses = found.map(|found| found.map(|address| address.ip()).collect());
            // Nobody may wait any more.
            let _ = tell.send((name, addresses.unwrap_or_default()));
        });
    }
    drop(tell);
    let give_up = Instant::now() + PATIENCE;
    let mut resolved = Vec::new();
    while let Ok(one) = told.recv_timeout(give_up.saturating_duration_since(Instant::now())) {
        resolved.push(one);
    }
    resolved
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(hosts: &[&str]) -> Vec<String> {
        let hosts: Vec<HostPattern> = hosts.iter().map(|host| host.parse().unwrap()).collect();
        candidates(&hosts)
    }

    #[test]
    fn siblings_stand_beside_and_below_the_platforms_names_and_never_under_a_top_level_domain() {
        let names = of(&["www.example.org"]);
        for name in ["www.example.org", "origin.example.org", "direct.www.example.org"] {
            assert!(names.iter().any(|own| own == name), "{name}: {names:?}");
        }
        assert!(of(&["example.org"]).contains(&"mail.example.org".to_owned()));
        assert!(!of(&["example.org"]).contains(&"mail.org".to_owned()));
        assert_eq!(of(&["*.example.org"])[0], "origin.example.org");
        assert_eq!(of(&["localhost", "192.0.2.7"]), ["localhost"]);
    }

    #[test]
    fn a_name_of_this_machine_is_found_without_a_network() {
        let found = resolve_all(&["localhost".to_owned()]);
        assert!(found[0].1.iter().all(IpAddr::is_loopback), "{found:?}");
    }
}
