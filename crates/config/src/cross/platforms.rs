//! Platforms against each other, and against the shield's own addresses.

use super::{Seen, fault};
use crate::faults::Fault;
use crate::sections::{Entry, Section, Sections, preset};
use crate::value::At;
use crate::{Capacity, HostPattern, OriginUrl};
use seawall_types::PLATFORMS_MAX;
use std::collections::BTreeMap;
use std::net::SocketAddr;

pub(super) fn check(sections: &Sections, faults: &mut Vec<Fault>) {
    let ours = own_addresses(sections);
    let mut names = Seen::new();
    let mut hosts = Seen::new();
    let mut told = BTreeMap::new();
    for platform in sections.all("platform") {
        faults.extend(named_twice(&mut names, platform));
        faults.extend(claimed_twice(&mut hosts, platform));
        faults.extend(half_certificate(platform));
        faults.extend(without_its_part(platform));
        faults.extend(asked_and_spared(platform));
        let origins = platform.find::<Vec<At<OriginUrl>>>("origins").unwrap_or_default();
        let mut listed = Seen::new();
        for origin in &origins {
            faults.extend(listed_twice(&mut listed, origin));
            faults.extend(ourselves(&ours, origin));
        }
        faults.extend(told_twice(&mut told, platform, origins));
    }
    if let Some(beyond) = sections.all("platform").nth(PLATFORMS_MAX) {
        let says = format!("is one too many; there may be {PLATFORMS_MAX}");
        faults.push(fault(beyond.line, "platform", &says));
    }
}

fn own_addresses(sections: &Sections) -> Vec<SocketAddr> {
    let control = sections.one("control").read("listen");
    let listeners = sections.all("listener").filter_map(|listener| listener.find("address"));
    listeners.chain([control]).collect()
}

fn named_twice(names: &mut Seen<String>, platform: &Section) -> Option<Fault> {
    let name: String = platform.find("name")?;
    let line = platform.line_of("name");
    let earlier = names.before(name.clone(), line)?;
    let says = format!("is \"{name}\", as on line {earlier}; each platform has its own name");
    Some(fault(line, "platform.name", &says))
}

fn claimed_twice(seen: &mut Seen<HostPattern>, platform: &Section) -> Vec<Fault> {
    let hosts: Vec<At<HostPattern>> = platform.find("hosts").unwrap_or_default();
    let mut faults = Vec::new();
    for At { line, value: host } in hosts {
        if let Some(earlier) = seen.before(host.clone(), line) {
            let says = format!("holds \"{host}\", as on line {earlier}; a host stands once");
            faults.push(fault(line, "platform.hosts", &says));
        }
    }
    faults
}

/// A check that is asked for everywhere and may be shown nowhere.
fn asked_and_spared(platform: &Section) -> Option<Fault> {
    let asks_always = platform.read::<&str>("challenge") == "always";
    let spared: Vec<String> = platform.find("no_challenge").unwrap_or_default();
    let says = "is \"always\", and platform.no_challenge leaves \"/\" alone, which is every path; \
                write \"auto\", or name the paths that cannot be challenged";
    let is_void = asks_always && spared.iter().any(|prefix| prefix == "/");
    is_void.then(|| fault(platform.line_of("challenge"), "platform.challenge", says))
}

fn half_certificate(platform: &Section) -> Option<Fault> {
    let has = |name| platform.entry(name).is_some();
    let (there, missing) = match (has("certificate"), has("key")) {
        (true, false) => ("certificate", "key"),
        (false, true) => ("key", "certificate"),
        (true, true) | (false, false) => return None,
    };
    let says = format!("is set without platform.{missing}; set both or neither");
    let line = platform.line_of(there);
    Some(fault(line, &format!("platform.{there}"), &says))
}

/// Keys that say how to do what no other key asks for.
fn without_its_part(platform: &Section) -> Vec<Fault> {
    let pairs = [("origin_secret_header", "origin_secret_file"), ("hsts_subdomains", "hsts")];
    let lone = pairs.into_iter().filter(|(name, part)| {
        let says_something = |entry: &Entry| entry.value != preset(entry.spec);
        platform.entry(name).is_some_and(says_something) && platform.entry(part).is_none()
    });
    lone.map(|(name, part)| {
        let says = format!("is set without platform.{part}; set that as well, or remove the line");
        fault(platform.line_of(name), &format!("platform.{name}"), &says)
    })
    .collect()
}

fn listed_twice(seen: &mut Seen<OriginUrl>, origin: &At<OriginUrl>) -> Option<Fault> {
    let earlier = seen.before(origin.value.clone(), origin.line)?;
    let url = &origin.value;
    let says = format!("holds \"{url}\", as on line {earlier}; an origin stands once");
    Some(fault(origin.line, "platform.origins", &says))
}

fn ourselves(ours: &[SocketAddr], origin: &At<OriginUrl>) -> Option<Fault> {
    let url = &origin.value;
    let listener = ours.iter().find(|listener| url.reaches(**listener))?;
    let says =
        format!("holds \"{url}\", which is the shield itself (\"{listener}\"); name your server");
    Some(fault(origin.line, "platform.origins", &says))
}

/// Platforms with the same origins that are told different capacities: one of them is wrong.
fn told_twice(
    told: &mut BTreeMap<Vec<OriginUrl>, (f64, usize)>,
    platform: &Section,
    origins: Vec<At<OriginUrl>>,
) -> Option<Fault> {
    let Capacity::Told(capacity) = platform.find("capacity")? else {
        return None;
    };
    let mut key: Vec<OriginUrl> = origins.into_iter().map(|origin| origin.value).collect();
    key.sort_unstable();
    let line = platform.line_of("capacity");
    let capacity = capacity.ms_per_second();
    let (earlier, earlier_line) = *told.entry(key).or_insert((capacity, line));
    // Both were read from text in the same way, so that equal texts are equal to the last bit.
    (earlier.to_bits() != capacity.to_bits()).then(|| {
        let says = format!(
            "is {capacity} ms/s, but line {earlier_line} tells {earlier} ms/s of the same \
             origins; one set of origins has one capacity"
        );
        fault(line, "platform.capacity", &says)
    })
}
