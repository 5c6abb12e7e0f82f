//! TLS towards origins: its keys against the origins' schemes and against each other.

use super::fault;
use crate::OriginUrl;
use crate::faults::Fault;
use crate::sections::{Section, Sections};
use crate::value::At;

/// Keys that only mean something for an origin that is reached over TLS.
const TLS_KEYS: [&str; 5] =
    ["origin_ca", "origin_name", "origin_verify", "origin_certificate", "origin_key"];

pub(super) fn check(sections: &Sections, faults: &mut Vec<Fault>) {
    for platform in sections.all("platform") {
        faults.extend(half_certificate(platform));
        faults.extend(believed_and_vouched_for(platform));
        // Origins that could not be read may be meant to speak TLS.
        if let Some(origins) = platform.find::<Vec<At<OriginUrl>>>("origins")
            && !origins.is_empty()
        {
            faults.extend(without_tls(platform, &origins));
        }
    }
}

fn half_certificate(platform: &Section) -> Option<Fault> {
    let has = |name| platform.entry(name).is_some();
    let (there, missing) = match (has("origin_certificate"), has("origin_key")) {
        (true, false) => ("origin_certificate", "origin_key"),
        (false, true) => ("origin_key", "origin_certificate"),
        (true, true) | (false, false) => return None,
    };
    let says = format!("is set without platform.{missing}; set both or neither");
    Some(fault(platform.line_of(there), &format!("platform.{there}"), &says))
}

fn believed_and_vouched_for(platform: &Section) -> Option<Fault> {
    let verifies: bool = platform.find("origin_verify").unwrap_or(true);
    if verifies || platform.find::<String>("origin_ca").is_none() {
        return None;
    }
    let says = "is false, so platform.origin_ca is not used; take one of the two away";
    Some(fault(platform.line_of("origin_verify"), "platform.origin_verify", says))
}

fn without_tls(platform: &Section, origins: &[At<OriginUrl>]) -> Vec<Fault> {
    if origins.iter().any(|origin| origin.value.protocol.is_tls()) {
        return Vec::new();
    }
    let says = "is set, but no origin of the platform speaks TLS; write its URL with https:// or \
                h2://, or take the key away";
    let set = TLS_KEYS.iter().filter(|name| is_set(platform, name));
    set.map(|name| fault(platform.line_of(name), &format!("platform.{name}"), says)).collect()
}

/// Whether the file asks for something with a key: `"none"` and the default do not.
fn is_set(platform: &Section, name: &str) -> bool {
    match name {
        "origin_verify" => platform.find(name) == Some(false),
        _ => platform.find::<String>(name).is_some(),
    }
}
