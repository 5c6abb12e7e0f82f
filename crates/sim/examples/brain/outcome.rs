//! What one run came to on one platform, as far as the detector goes.

use seawall_engine::IncidentKind;
use seawall_sim::Score;
use seawall_sim::casting::Span;
use seawall_sim::score::{Deed, Done, Said};
use seawall_types::Rung;

/// Pressure from which the detector looks.
const LOOKS_AT: f64 = 0.85;
/// Greatest sum of the bounds that signatures may have while nobody has proven anything.
pub(crate) const BUDGET: f64 = 0.025;

/// What one run came to.
#[derive(Debug, Clone)]
pub(crate) struct Outcome {
    /// Seconds from the onset until anything was said.
    pub(crate) said_s: Option<f64>,
    /// Seconds from the first second in which 0.85 of the capacity was asked for until then.
    pub(crate) said_after_pressure_s: Option<f64>,
    /// Seconds from the onset until something was described.
    pub(crate) described_s: Option<f64>,
    /// By how much the onset that was said is wrong.
    pub(crate) onset_error_s: Option<f64>,
    /// Findings that began.
    pub(crate) findings: u32,
    /// Times that another set of measures stood, of which one did more than watch.
    pub(crate) measures: u32,
    /// What it was called at last.
    pub(crate) kind: Option<IncidentKind>,
    /// Whether it was ever called a flood.
    pub(crate) was_flood: bool,
    pub(crate) recall: Option<f64>,
    pub(crate) precision: Option<f64>,
    /// Different descriptions.
    pub(crate) descriptions: Vec<String>,
    /// Times that something was said with more than the budget.
    pub(crate) over_budget: u32,
    /// Share of people whom its descriptions matched.
    pub(crate) touched: Option<f64>,
    /// Why the rest was not described, when it was last said.
    pub(crate) undescribed: Option<String>,
    /// Share of people's requests in the event that were not served.
    pub(crate) harm: Option<f64>,
}

impl Outcome {
    pub(crate) fn of(score: &Score, event: Option<Span>) -> Self {
        let summary = score.summary();
        let told = summary.told;
        let said = &score.detection.said;
        let onset = event.map(|event| event.from);
        let since = |from: Option<f64>, at: f64| from.map(|from| at - from);
        let first = said.first().map(|said| said.at.as_secs_f64());
        let pressed = pressed_from(score, onset.unwrap_or(0.0));
        let described = said.iter().find(|said| !said.descriptions.is_empty());
        let last = said.iter().rev().find(|said| !said.is_over);
        let over = said.iter().filter(|said| said.bound > BUDGET + 1e-12).count();
        let onset_error = |said: &Said| since(onset, said.onset_at.as_secs_f64()).map(f64::abs);
        Self {
            said_s: first.and_then(|at| since(onset, at)),
            said_after_pressure_s: first.and_then(|at| since(pressed, at)),
            described_s: described.and_then(|said| since(onset, said.at.as_secs_f64())),
            onset_error_s: said.first().and_then(onset_error),
            findings: count(began(said)),
            measures: count(score.deeds.iter().filter(|deed| acts(deed)).count()),
            kind: told.last_kind,
            was_flood: said.iter().any(|said| said.kind == IncidentKind::Flood),
            recall: told.recall,
            precision: told.precision,
            over_budget: count(over),
            touched: told.touched,
            undescribed: last.and_then(|said| said.undescribed.clone()),
            harm: summary.harm_people,
            descriptions: told.descriptions,
        }
    }
}

/// Findings that began: what follows another that is not over goes on with it.
fn began(said: &[Said]) -> usize {
    let mut was_over = true;
    said.iter().filter(|one| std::mem::replace(&mut was_over, one.is_over) && !one.is_over).count()
}

fn acts(deed: &Deed) -> bool {
    matches!(deed.what, Done::Stands(_, Some(rung)) if rung > Rung::Watch)
}

fn count(many: usize) -> u32 {
    u32::try_from(many).unwrap_or(u32::MAX)
}

/// The first second, from the onset on, in which 0.85 of the capacity was asked for.
fn pressed_from(score: &Score, onset: f64) -> Option<f64> {
    let seconds = score.seconds.iter().zip(0_u32..).map(|(second, at)| (second, f64::from(at)));
    let mut since = seconds.skip_while(|(_, at)| at + 1.0 <= onset);
    let pressed = since.find(|(second, _)| {
        let asked: f64 = second.offered_ms.iter().sum();
        asked >= LOOKS_AT * second.capacity.ms_per_s
    });
    pressed.map(|(_, at)| at.max(onset))
}
