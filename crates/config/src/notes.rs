//! What start tells the operator although it is no fault.

use crate::OriginUrl;
use crate::build::mode;
use crate::sections::{Section, Sections};
use crate::value::At;
use seawall_types::{Mode, SourceNetwork};

/// One sentence for a packet layer that nobody asked for, each platform that is only
/// observed, and each whose origins prove nothing.
pub(crate) fn notes(sections: &Sections) -> Vec<String> {
    let mut notes = Vec::new();
    if sections.one("packet").entries.is_empty() {
        notes.push(
            "packet.mode acts as \"off\", since the file says nothing of the packet layer; \
             packet.mode = \"auto\" has it count in the kernel what it would drop"
                .to_owned(),
        );
    }
    notes.extend(unheard(sections));
    for platform in sections.all("platform") {
        if mode(platform) == Mode::Observe {
            let name: String = platform.read("name");
            notes.push(format!(
                "platform {name} is observed only: everything is admitted, so its origin is not \
                 bounded"
            ));
        }
    }
    for platform in sections.all("platform") {
        let page: Option<String> = platform.find("maintenance");
        let name: String = platform.read("name");
        notes.extend(page.map(|page| {
            format!(
                "platform {name} is in maintenance: everyone but allow.networks is told so with \
                 {page:?}"
            )
        }));
    }
    for platform in sections.all("platform").filter(|platform| believes_anyone(platform)) {
        let name: String = platform.read("name");
        notes.push(format!(
            "platform {name} does not verify its origins: anyone on the way between shield and \
             origin can read and change the traffic; set origin_verify = true, and origin_ca when \
             the origin's authority is your own"
        ));
    }
    notes
}

/// Proxies that are trusted and never asked.
fn unheard(sections: &Sections) -> Option<String> {
    let trusted = sections.one("trusted");
    let networks: Vec<SourceNetwork> = trusted.find("networks").unwrap_or_default();
    let asked = trusted.find::<&str>("header").is_some()
        || sections.all("listener").any(|listener| listener.read("proxy_protocol"));
    (!networks.is_empty() && !asked).then(|| {
        "trusted.networks is set, but neither trusted.header nor listener.proxy_protocol: those \
         proxies are the clients of all that they bring"
            .to_owned()
    })
}

/// Whether TLS towards its origins proves nothing.
fn believes_anyone(platform: &Section) -> bool {
    let origins: Vec<At<OriginUrl>> = platform.read("origins");
    !platform.read::<bool>("origin_verify")
        && origins.iter().any(|origin| origin.value.protocol.is_tls())
}
