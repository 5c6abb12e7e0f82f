//! `FlowSpec`: rules for the router before us, as text to hand to who runs it.
//!
//! Written as `ExaBGP` reads it; nothing here is ever announced by itself.
//! Only sources whose address is shown to be their own: a rule on a forged one would cut off
//! whoever has it.
//! Bounds: [`RULES_MAX`] rules, those with most requests first.
//!
//! Source: RFC 8955, RFC 8956.

use super::Unable;
use crate::case::Case;
use crate::known::Known;
use crate::line::Line;
use crate::source::{Handshake, SourceSeen};
use seawall_types::evidence::IncidentKind;
use seawall_types::wall::rfc3339;
use std::fmt::Write as _;
use std::net::IpAddr;

/// Rules of a document: routers take few.
const RULES_MAX: usize = 100;

/// The document.
pub(super) fn render(case: &Case) -> Result<String, Unable> {
    if case.kind != IncidentKind::Flood {
        return Err(Unable::NotAFlood);
    }
    let Known::Is(sources) = &case.sources else { return Err(Unable::NoSources) };
    let own = sources.iter().filter(|source| source.handshake == Handshake::Completed);
    let own: Vec<_> = own.collect();
    if own.is_empty() {
        return Err(Unable::MayBeForged);
    }
    let mut text = format!(
        "# {}; from {}, contact {}.\n# Incident {}, records as of {}.\n# Drops single sources; take it back when the incident \
         is over.\n# {} of {} sources with a completed handshake are listed.\nflow {{\n",
        case.about.label(),
        told(case.about.organisation.as_ref()),
        told(case.about.contact.as_ref()),
        case.id,
        rfc3339(case.custody.as_of),
        own.len().min(RULES_MAX),
        own.len(),
    );
    for (at, source) in own.into_iter().take(RULES_MAX).enumerate() {
        rule(&mut text, at, source);
    }
    text.push_str("}\n");
    Ok(text)
}

/// What stands in a comment: `ExaBGP` reads ASCII alone.
fn told(line: Option<&Line>) -> String {
    line.map_or_else(
        || "nobody who was named".to_owned(),
        |line| line.as_str().escape_default().to_string(),
    )
}

fn rule(text: &mut String, at: usize, source: &SourceSeen) {
    let (from, to) = (prefix(source.address), prefix(source.reached.0));
    let (port, protocol) = (source.reached.1, source.transport.word());
    let field = match source.address {
        IpAddr::V4(_) => "protocol",
        IpAddr::V6(_) => "next-header",
    };
    let _ = writeln!(
        text,
        "  # {} requests (measured)\n  route seawall-{at} {{\n    match {{\n      source {from};\n      \
         destination {to};\n      {field} {protocol};\n      destination-port ={port};\n    }}\n    \
         then {{\n      discard;\n    }}\n  }}",
        source.requests
    );
}

/// A single address as a prefix.
fn prefix(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => format!("{address}/32"),
        // The third number is where the match begins.
        IpAddr::V6(address) => format!("{address}/128/0"),
    }
}
