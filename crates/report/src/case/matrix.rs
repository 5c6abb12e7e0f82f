//! Which platform was hit: confirmed, suspected, ruled out or unknown, and what proves it.
//!
//! Ruled out needs a record of every second, no loss, a known capacity, and nothing that speaks
//! against it; anything less is unknown.

use super::{FAULTS_PERMILLE, Impact, NOT_ADMITTED_PERMILLE, Second, Series};
use crate::known::{Why, thousands};
use crate::line::Line;
use seawall_types::evidence::{IncidentId, IncidentKind};

/// Whether a flood hit a platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// An incident of kind flood was recorded there.
    Confirmed,
    /// Something speaks for it, and nothing shows which it was.
    Suspected,
    /// Every second was seen, and none of them speaks for it.
    RuledOut,
    /// Not enough was seen.
    Unknown,
}

impl Standing {
    /// Every standing.
    pub const ALL: [Self; 4] = [Self::Confirmed, Self::Suspected, Self::RuledOut, Self::Unknown];

    /// As it stands in reports.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Suspected => "suspected",
            Self::RuledOut => "ruled out",
            Self::Unknown => "unknown",
        }
    }
}

/// How much of the window was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coverage {
    /// Seconds of the window.
    pub expected_s: u64,
    /// Seconds of it that have a record.
    pub seen_s: u64,
    /// Why what was seen is not to be relied on, if anything speaks against it.
    pub doubt: Option<Why>,
}

impl Coverage {
    /// Whether every second was seen and nothing speaks against what was seen.
    ///
    /// # Errors
    /// What is missing.
    pub const fn is_whole(&self) -> Result<(), Why> {
        match self {
            Self { doubt: Some(why), .. } => Err(*why),
            Self { seen_s: 0, .. } => Err(Why::NotRecorded),
            Self { seen_s, expected_s, .. } if *seen_s < *expected_s => Err(Why::PartlyUnseen),
            Self { .. } => Ok(()),
        }
    }

    /// One phrase with its numbers.
    pub fn phrase(&self) -> String {
        let (seen, expected) = (thousands(self.seen_s), thousands(self.expected_s));
        format!("{seen} of {expected} s seen (measured)")
    }
}

/// One platform in the window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlatformView {
    /// Its name.
    pub name: Line,
    /// Whether a flood hit it.
    pub standing: Standing,
    /// What proves it.
    pub because: Line,
    /// How much was seen.
    pub coverage: Coverage,
    /// What its service went through.
    pub impact: Impact,
    /// Its own incident in this time, and of which kind.
    pub incident: Option<(IncidentId, IncidentKind)>,
    /// Its seconds, for charts.
    pub series: Series,
    /// Its seconds one by one.
    pub seconds: Vec<Second>,
    /// Seconds that found no room in the list; they are in every sum.
    pub seconds_unlisted: u64,
}

/// Whether a flood hit a platform, and what proves it.
pub(super) fn judge(
    impact: &Impact,
    coverage: &Coverage,
    incident: Option<&(IncidentId, IncidentKind)>,
) -> (Standing, String) {
    match incident {
        Some((id, IncidentKind::Flood)) => {
            return (Standing::Confirmed, format!("incident {id} of kind flood was recorded"));
        }
        Some((id, kind)) => {
            let kind = kind.word();
            let why = format!("incident {id} of kind {kind} was recorded; a flood was not shown");
            return (Standing::Suspected, why);
        }
        None => {}
    }
    let signs = signs(impact);
    if !signs.is_empty() {
        return (Standing::Suspected, format!("no incident of its own, but {signs}"));
    }
    if let Err(why) = coverage.is_whole() {
        return (Standing::Unknown, format!("cannot be ruled out: {}", why.sentence()));
    }
    if impact.judged_s < coverage.seen_s {
        let why = Why::NoCapacity.sentence();
        return (Standing::Unknown, format!("cannot be ruled out: {why}"));
    }
    let most = impact.peak_pressure_permille.unwrap_or(0);
    let refused = impact.not_admitted_permille();
    let proof = format!(
        "every second seen, nothing lost, demand at most {}.{:03} times capacity and {}.{} % of \
         judged requests not admitted (measured)",
        most / 1_000,
        most % 1_000,
        refused / 10,
        refused % 10
    );
    (Standing::RuledOut, proof)
}

/// What speaks for a flood without an incident.
fn signs(impact: &Impact) -> String {
    let mut signs = Vec::new();
    if impact.over_capacity_s > 0 {
        signs.push(format!("{} s of demand over capacity", impact.over_capacity_s));
    }
    if impact.unavailable_s > 0 {
        signs.push(format!("{} s unavailable", impact.unavailable_s));
    }
    let permille = |value: u64, what| format!("{}.{} % of requests {what}", value / 10, value % 10);
    let refused = impact.not_admitted_permille();
    if refused >= NOT_ADMITTED_PERMILLE {
        signs.push(permille(refused, "not admitted"));
    }
    let faults = impact.faults_permille();
    if faults >= FAULTS_PERMILLE {
        signs.push(permille(faults, "met a fault at the origins"));
    }
    if signs.is_empty() { String::new() } else { format!("{} (measured)", signs.join(", ")) }
}
