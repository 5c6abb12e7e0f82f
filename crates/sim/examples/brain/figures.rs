//! The figures of the lines that must hold, each as `FIGURE <name> <number> <unit>`.

use crate::outcome::Outcome;
use crate::play::{Row, Tables};
use seawall_engine::IncidentKind;
use std::fmt::Write as _;

/// Floods that begin at their full height and have something in common: steps.
const STEPS: [&str; 15] =
    ["01", "02", "03", "04", "05", "06", "07", "11", "12", "13", "15", "18", "19", "20", "40"];
/// Floods that look like visitors in everything: of them nothing may be invented.
const UNSTRUCTURED: [&str; 6] = ["08", "09", "10", "16", "41", "42"];
/// Floods that grow.
const RAMPS: [&str; 1] = ["14"];
/// Honest demand out of the ordinary.
const SURGES: [&str; 11] = ["21", "22", "23", "24", "25", "26", "27", "28", "29", "50", "51"];
/// Days on which nothing happens.
const CALM: [&str; 3] = ["43", "44", "48"];

/// The lines.
pub(crate) fn lines(tables: &Tables) -> String {
    let mut text = String::new();
    let mut put = |name: &str, value: f64, unit: &str| {
        let _ = writeln!(text, "FIGURE brain.{name} {value} {unit}");
    };
    let usual = |numbers: &[&str]| of(&tables.usual, numbers);
    put("detect_s", worst(&usual(&STEPS), |run| run.said_s), "seconds");
    put("onset_s", worst(&usual(&STEPS), |run| run.onset_error_s), "seconds");
    put("ramp_s", worst(&usual(&RAMPS), |run| run.said_after_pressure_s), "seconds");
    put("recall", lowest(&usual(&STEPS), |run| run.recall), "of the flood's work");
    put("precision", lowest(&usual(&STEPS), |run| run.precision), "of what is described");
    let invented = usual(&UNSTRUCTURED).iter().filter(|run| !run.descriptions.is_empty()).count();
    put("invented", number(invented), "runs");
    let is_surge = |run: &&&Outcome| matches!(run.kind, None | Some(IncidentKind::Surge));
    let surges = usual(&SURGES);
    put(
        "surges_called",
        number(surges.iter().filter(is_surge).count()) / number(surges.len()),
        "of the runs",
    );
    put("surges_flood", number(surges.iter().filter(|run| run.was_flood).count()), "runs");
    let over: u32 = usual(&SURGES).iter().map(|run| run.over_budget).sum();
    put("surges_over_budget", f64::from(over), "signatures");
    let calm = usual(&CALM).iter().filter(|run| run.kind.is_some()).count();
    put("calm_findings", number(calm), "findings");
    let first_day = of(&tables.first_day, &STEPS);
    put("first_day_detect_s", worst(&first_day, |run| run.said_s), "seconds");
    put("first_day_recall", lowest(&first_day, |run| run.recall), "of the flood's work");
    let second: Vec<_> = tables.own.iter().filter(|row| row.name == "second-wave").collect();
    let second: Vec<_> = second.iter().flat_map(|row| row.runs.iter()).collect();
    put("second_wave_s", worst(&second, |run| run.described_s), "seconds");
    text
}

/// The lines of whole days.
pub(crate) fn of_days(tables: &Tables) -> String {
    let runs = || tables.day.iter().flat_map(|row| row.runs.iter());
    let (findings, measures): (u32, u32) =
        runs().fold((0, 0), |(said, done), run| (said + run.findings, done + run.measures));
    format!(
        "FIGURE brain.day_findings {findings} findings\nFIGURE brain.day_measures {measures} measures\n"
    )
}

fn of<'t>(rows: &'t [Row], numbers: &[&str]) -> Vec<&'t Outcome> {
    let meant = |row: &&Row| numbers.iter().any(|number| row.name.starts_with(number));
    rows.iter().filter(meant).flat_map(|row| row.runs.iter()).collect()
}

/// The greatest; what never came to pass is worse than anything.
fn worst(runs: &[&Outcome], of: fn(&Outcome) -> Option<f64>) -> f64 {
    runs.iter().map(|run| of(run).unwrap_or(f64::INFINITY)).fold(0.0, f64::max)
}

/// The least; what was not described at all counts nothing.
fn lowest(runs: &[&Outcome], of: fn(&Outcome) -> Option<f64>) -> f64 {
    runs.iter().map(|run| of(run).unwrap_or(0.0)).fold(1.0, f64::min)
}

fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
