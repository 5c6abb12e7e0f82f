//! `FlowSpec` and a black hole: rules for the router before us, as text to hand to who runs it.
//!
//! Written as `ExaBGP` reads it; nothing here is ever announced by itself.
//! Where it is not certain which address of ours a source reached, a rule is about all that it sends.
//! Bounds: [`RULES_MAX`] rules, those with most requests first.
//!
//! Source: RFC 8955, RFC 8956; RFC 5635, RFC 7999 and RFC 6666 for the black hole.

use super::Unable;
use crate::case::Case;
use crate::line::Line;
use crate::source::SourceSeen;
use seawall_types::evidence::IncidentKind;
use seawall_types::wall::rfc3339;
use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};

/// Rules of a document: routers take few.
const RULES_MAX: usize = 100;

/// The document.
pub(super) fn render(case: &Case) -> Result<String, Unable> {
    if case.kind != IncidentKind::Flood {
        return Err(Unable::NotAFlood);
    }
    if case.sources.is_empty() {
        return Err(Unable::NoSources);
    }
    let mut text = format!(
        "# {}; from {}, contact {}.\n# Incident {}, records as of {}.\n# Drops single sources; take it back when the incident \
         is over.\n# {} of {} sources with a completed handshake are listed.\nflow {{\n",
        case.about.label(),
        told(case.about.organisation.as_ref()),
        told(case.about.contact.as_ref()),
        case.id,
        rfc3339(case.custody.as_of),
        case.sources.len().min(RULES_MAX),
        case.sources.len(),
    );
    for (at, source) in case.sources.iter().take(RULES_MAX).enumerate() {
        rule(&mut text, (at, case.reached), source);
    }
    text.push_str("}\n");
    text.push_str(
        "# Where the provider has no FlowSpec: the same sources for its black hole (RFC 5635), which \
         drops all that\n# comes from them. Take one of the two.\nstatic {\n",
    );
    for source in case.sources.iter().take(RULES_MAX) {
        black_hole(&mut text, source);
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

fn rule(text: &mut String, (at, reached): (usize, Option<SocketAddr>), source: &SourceSeen) {
    let from = prefix(source.address);
    let same = |to: &SocketAddr| to.is_ipv4() == source.address.is_ipv4();
    let to = reached.filter(same).map_or_else(String::new, |to| {
        format!("      destination {};\n      destination-port ={};\n", prefix(to.ip()), to.port())
    });
    let field = match source.address {
        IpAddr::V4(_) => "protocol",
        IpAddr::V6(_) => "next-header",
    };
    let _ = writeln!(
        text,
        "  # {} requests (measured)\n  route seawall-{at} {{\n    match {{\n      source {from};\n{to}      \
         {field} tcp;\n    }}\n    then {{\n      discard;\n    }}\n  }}",
        source.requests
    );
}

/// A route to nowhere, with the community that asks for it.
fn black_hole(text: &mut String, source: &SourceSeen) {
    let (length, discard) = match source.address {
        IpAddr::V4(_) => (32, "192.0.2.1"),
        IpAddr::V6(_) => (128, "100::1"),
    };
    let _ = writeln!(
        text,
        "  route {}/{length} next-hop {discard} community [65535:666];",
        source.address
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
