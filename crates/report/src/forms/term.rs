//! When a duty to report is due, counted from the moment that a person knew.
//!
//! Detection by the shield is not awareness of a person; where nobody recorded the latter, the
//! earliest that can be meant is given as such.

use super::sheet::BLANK;
use crate::case::Case;
use seawall_types::WallTime;
use seawall_types::wall::rfc3339;

pub(super) const HOURS_24: Term = Term { name: "24 hours", hours: 24 };
pub(super) const HOURS_72: Term = Term { name: "72 hours", hours: 72 };
/// The shortest month, so that no reading of "one month" ends before.
pub(super) const MONTH: Term = Term { name: "one month, counted as 28 days", hours: 28 * 24 };

/// A time within which something must be reported.
#[derive(Debug, Clone, Copy)]
pub(super) struct Term {
    pub(super) name: &'static str,
    hours: u64,
}

impl Term {
    fn after(self, at: WallTime) -> String {
        rfc3339(WallTime(at.0.saturating_add(self.hours * 3_600_000)))
    }
}

/// When a term ends, one answer a line.
pub(super) fn due(case: &Case, term: Term) -> Vec<String> {
    match (case.about.aware_at, case.clocks.at("detected_at")) {
        (Some(aware), _) => vec![
            format!("aware: {}", rfc3339(aware)),
            format!("{} end: {}", term.name, term.after(aware)),
        ],
        (None, Some(detected)) => vec![
            format!("aware: unknown: nobody told the shield; {BLANK}"),
            format!("the shield detected: {}", rfc3339(detected)),
            format!("{} end: not before {}", term.name, term.after(detected)),
        ],
        (None, None) => vec![
            format!("aware: unknown: nobody told the shield; {BLANK}"),
            format!("{} end: unknown", term.name),
        ],
    }
}
