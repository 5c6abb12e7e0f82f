//! The custody sheet of an archive: what it is, where it comes from, who has had it.
//!
//! Says what the program knows; who handed it to whom is written by people.

use super::choose::{BEFORE_MS, Chosen};
use crate::cases::Case;
use crate::checkpoint::Checkpoint;
use crate::line::Line;
use crate::segment;
use crate::verify::Verification;
use seawall_types::evidence::{Bookkeeping, Fact};
use seawall_types::wall::rfc3339;
use std::fmt::Write as _;

/// Lines for people on the sheet.
const HANDS: usize = 4;

/// What a sheet is made from.
pub(super) struct Sheet<'a> {
    pub(super) case: &'a Case,
    pub(super) found: &'a Verification,
    pub(super) checkpoint: &'a Checkpoint,
    /// Records of the incident that nobody had signed yet.
    pub(super) unsigned: u64,
}

impl Sheet<'_> {
    /// The sheet.
    pub(super) fn text(&self, chosen: &Chosen, records: &[u8]) -> String {
        let Self { case, found, checkpoint, unsigned } = self;
        let incident = &case.incident;
        let mut text = "CUSTODY SHEET\n\n".to_owned();
        let mut line = |name: &str, said: &str| {
            let _ = writeln!(text, "{name:<14} {said}");
        };
        line("incident", incident.id.as_str());
        line("platform", &incident.platform.escape_debug().to_string());
        line("kind", incident.kind.word());
        line("state", case.state.word());
        line("node", found.node.as_deref().unwrap_or("unknown: no segment names it"));
        line("log signed by", found.key.as_deref().unwrap_or("unknown: no segment names it"));
        let origin = Origin::of(records);
        line("version", origin.version.as_deref().unwrap_or("unknown: no record states it"));
        let configuration = origin.configuration.as_deref();
        line("configuration", configuration.unwrap_or("unknown: no record states it"));
        let (first, last) = (chosen.first(), chosen.last());
        line("records", &format!("{} in all; {first} to {last} without a hole", origin.records));
        line(
            "begin",
            &format!(
                "{} s before the first traffic, where the log goes back so far",
                BEFORE_MS / 1_000
            ),
        );
        if let Some((first, last)) = origin.span {
            line("first", &first);
            line("last", &last);
        }
        line("proven by", &format!("the checkpoint over the records before {}", checkpoint.size));
        if *unsigned > 0 {
            line("not in here", &format!("{unsigned} newer records, which nobody had signed yet"));
        }
        line("gaps", &format!("{} among the records", origin.gaps));
        if let Some(removed) = &found.removed {
            line("removed", &format!("the records before {}, by the disk budget", removed.before));
        }
        line(
            "not recorded",
            "bodies, addresses and texts of requests; addresses of sources lie apart",
        );
        line("check", "seawall verify FILE, on any machine; --witnesses names whom you trust");
        text.push_str("\nHANDED OVER\n");
        for hand in 1..=HANDS {
            let _ =
                write!(text, "\n{hand}. from ____________________  to ____________________\n   ");
            text.push_str("when, UTC ____________________  why ____________________\n   ");
            text.push_str("SHA-256 of the archive ________________________________________\n");
        }
        text
    }
}

/// What the records themselves say.
#[derive(Debug, Default)]
struct Origin {
    version: Option<String>,
    configuration: Option<String>,
    records: u64,
    gaps: u64,
    span: Option<(String, String)>,
}

impl Origin {
    fn of(records: &[u8]) -> Self {
        let mut origin = Self::default();
        for line in segment::lines(records).0.filter_map(|(_, line)| Line::read(line)) {
            origin.records += 1;
            let at = rfc3339(line.place.stamp.wall);
            let first = origin.span.take().map_or_else(|| at.clone(), |(first, _)| first);
            origin.span = Some((first, at));
            match line.word {
                "node_started" | "configuration_applied" => origin.note(&line),
                "gap" if matches!(line.bookkeeping(), Some(Bookkeeping::Gap(_))) => {
                    origin.gaps += 1;
                }
                _ => {}
            }
        }
        origin
    }

    fn note(&mut self, line: &Line<'_>) {
        match line.fact() {
            Some(Fact::NodeStarted { version, configuration }) => {
                self.version = Some(version.escape_debug().to_string());
                self.configuration = Some(configuration.escape_debug().to_string());
            }
            Some(Fact::ConfigurationApplied { configuration }) => {
                self.configuration = Some(configuration.escape_debug().to_string());
            }
            _ => {}
        }
    }
}
