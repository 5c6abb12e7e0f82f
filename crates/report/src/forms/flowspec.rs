//! `FlowSpec` and a black hole: rules for the router before us, as text to hand to who runs it.
//!
//! Written as `ExaBGP` reads it; nothing here is ever announced by itself.
//! Loaded whole it does one thing: what stands beside the rules that name where traffic goes is
//! comments, to be taken out by who knows why.
//! Where it is not certain which address of ours a source reached, a rule would be about all that it
//! sends, and routers of others refuse it: such rules are comments.
//! Bounds: [`RULES_MAX`] rules, those with most requests first.
//!
//! Source: RFC 8955 (section 6 for the destination), RFC 8956; RFC 5635, RFC 7999 and RFC 6666 for the
//! black hole.

use super::Unable;
use crate::case::Case;
use crate::line::Line;
use crate::source::SourceSeen;
use seawall_types::SourceKey;
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
         is over.\n# {} of {} sources with a completed handshake are listed, an IPv6 one as its /64.\n\
         # Counted are requests that a measure against a flood stopped or that were more than one source may ask.\n",
        case.about.label(),
        told(case.about.organisation.as_ref()),
        told(case.about.contact.as_ref()),
        case.id,
        rfc3339(case.custody.as_of),
        case.sources.len().min(RULES_MAX),
        case.sources.len(),
    );
    let listed = || case.sources.iter().take(RULES_MAX).enumerate();
    let to =
        |source: &SourceSeen| case.reached.filter(|to| to.is_ipv4() == source.address.is_ipv4());
    block(&mut text, "flow {\n", |text| {
        for (at, source) in listed() {
            if let Some(to) = to(source) {
                rule(text, at, (source, Some(to)));
            }
        }
    });
    let mut aside = String::new();
    block(&mut aside, ELSEWHERE, |text| {
        for (at, source) in listed() {
            if to(source).is_none() {
                rule(text, at, (source, None));
            }
        }
    });
    block(&mut aside, BLACK_HOLE, |text| {
        listed().for_each(|(_, source)| black_hole(text, source));
    });
    for line in aside.lines() {
        let _ = writeln!(text, "# {line}");
    }
    Ok(text)
}

/// Before rules that do not name where traffic goes.
const ELSEWHERE: &str = "Without a destination, since none of ours is certain or of the same family: a rule is about all \
that its\nsource sends, and a router that checks rules against routes of the destination refuses it \
(RFC 8955, section 6).\nTake out the # only on routers of your own.\nflow {\n";

/// Before the black hole.
const BLACK_HOLE: &str = "Where there is no FlowSpec: the same sources for a black hole (RFC 5635), in place of the rules and \
never\nbeside them. It drops what comes from them only where unicast reverse path checks (loose uRPF) are on at \
the\nedge, and all that is sent to them everywhere. Take out the # only within your own network: no-export \
keeps it\nthere (RFC 7999).\nstatic {\n";

/// A block with what stands before it; nothing where nothing stands in it.
fn block(text: &mut String, before: &str, fill: impl Fn(&mut String)) {
    let mut inner = String::new();
    fill(&mut inner);
    if !inner.is_empty() {
        let _ = writeln!(text, "{before}{inner}}}");
    }
}

/// What stands in a comment: `ExaBGP` reads ASCII alone.
fn told(line: Option<&Line>) -> String {
    line.map_or_else(
        || "nobody who was named".to_owned(),
        |line| line.as_str().escape_default().to_string(),
    )
}

fn rule(text: &mut String, at: usize, (source, to): (&SourceSeen, Option<SocketAddr>)) {
    let from = prefix(whole(source.address));
    let to = to.map_or_else(String::new, |to| {
        let at = (to.ip(), if to.is_ipv4() { 32 } else { 128 });
        format!("      destination {};\n      destination-port ={};\n", prefix(at), to.port())
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

/// A route to nowhere, with the communities that ask for it and keep it where it was asked for.
fn black_hole(text: &mut String, source: &SourceSeen) {
    let (address, length) = whole(source.address);
    let discard = if address.is_ipv4() { "192.0.2.1" } else { "100::1" };
    let _ = writeln!(
        text,
        "  route {address}/{length} next-hop {discard} community [65535:666 no-export];"
    );
}

/// What was counted as one source: an address, or the /64 of an IPv6 one.
fn whole(address: IpAddr) -> (IpAddr, u8) {
    let network = SourceKey::of(address).network();
    (network.address(), network.prefix())
}

/// As rules write it.
fn prefix((address, length): (IpAddr, u8)) -> String {
    match address {
        IpAddr::V4(_) => format!("{address}/{length}"),
        // The third number is where the match begins.
        IpAddr::V6(_) => format!("{address}/{length}/0"),
    }
}
