//! Proxies in front: whoever is to be believed must be named, and may not be everybody.

use super::fault;
use crate::faults::Fault;
use crate::sections::Sections;
use seawall_types::SourceNetwork;

const REMEDY: &str = "list the networks of your proxies in trusted.networks";

pub(super) fn check(sections: &Sections, faults: &mut Vec<Fault>) {
    let trusted = sections.one("trusted");
    let networks = trusted.entry("networks");
    let listed: Option<Vec<SourceNetwork>> = trusted.find("networks");
    // A list with a fault of its own is told already.
    let is_faulty = networks.is_some_and(|entry| entry.value.is_none());
    let is_empty = listed.as_ref().is_none_or(Vec::is_empty) && !is_faulty;
    if let Some(header) = trusted.find::<&str>("header")
        && is_empty
    {
        let says = format!("is \"{header}\", but nobody is trusted to set it; {REMEDY}");
        faults.push(fault(trusted.line_of("header"), "trusted.header", &says));
    }
    for listener in sections.all("listener") {
        if listener.find("proxy_protocol") == Some(true) && is_empty {
            let says = format!("is true, but nobody is trusted to send a header; {REMEDY}");
            let line = listener.line_of("proxy_protocol");
            faults.push(fault(line, "listener.proxy_protocol", &says));
        }
    }
    for everybody in listed.iter().flatten().filter(|network| network.prefix() == 0) {
        let says = format!(
            "holds \"{everybody}\"; anyone could then claim any address: list the networks of \
             your proxies alone"
        );
        faults.push(fault(trusted.line_of("networks"), "trusted.networks", &says));
    }
}
