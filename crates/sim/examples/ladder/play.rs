//! The runs behind the tables.

use crate::{files, threads};
use seawall_sim::defence::DefenceKind;
use seawall_sim::scenario::sweep::{Grid, Sweep};
use seawall_sim::scenario::{Prepared, Scenario, table};
use std::fmt::Write as _;

const FOLDER: &str = "scenarios";
/// Floods of every structure, crowds within capacity and beyond it, programs that mean well.
const PLAYED: [&str; 24] = [
    "01", "03", "04", "06", "08", "09", "10", "12", "14", "16", "18", "19", "20", "21", "22", "23",
    "24", "25", "26", "27", "28", "29", "30", "32",
];
/// Earlier visitors that hold an old token, and what origins carry then, in times of normal demand.
const PARTS: [(f64, &[f64]); 3] =
    [(0.0, &[1.5, 3.0, 10.0]), (0.1, &[3.0]), (0.35, &[1.5, 3.0, 10.0])];

/// Runs with one share of old tokens.
pub(crate) struct Part {
    pub(crate) old_tokens: f64,
    pub(crate) sweep: Sweep,
}

/// Plays everything, or those that are meant.
pub(crate) fn all(seeds: u64, meant: &[String]) -> Result<Vec<Part>, String> {
    let is_meant = |scenario: &Scenario| {
        let number = scenario.name.split('-').next().unwrap_or_default();
        PLAYED.contains(&number) && (meant.is_empty() || meant.iter().any(|one| one == number))
    };
    let mut scenarios = files::scenarios(FOLDER)?;
    scenarios.retain(is_meant);
    let prepared = threads::each(&scenarios, |scenario| Prepared::new(scenario.clone()));
    let prepared = prepared.into_iter().collect::<Result<Vec<_>, _>>();
    let prepared = prepared.map_err(|miscast| miscast.to_string())?;
    PARTS.iter().map(|(tokens, times)| part(&prepared, (*tokens, times), seeds)).collect()
}

fn part(
    prepared: &[Prepared],
    (old_tokens, times): (f64, &[f64]),
    seeds: u64,
) -> Result<Part, String> {
    let scenarios = prepared.iter().cloned().map(|one| one.with_old_tokens(old_tokens)).collect();
    let grid = Grid {
        seeds: (1..=seeds).collect(),
        capacities: times.iter().copied().map(Some).collect(),
        defences: vec![DefenceKind::Shield],
    };
    let mut sweep = Sweep::new(scenarios, grid);
    let played = threads::each(&sweep.cells(), |cell| sweep.play(cell));
    let played = played.into_iter().collect::<Result<Vec<_>, _>>();
    sweep.keep(played.map_err(|miscast| miscast.to_string())?);
    Ok(Part { old_tokens, sweep })
}

/// The tables.
pub(crate) fn page(played: &[Part]) -> String {
    let mut page = String::new();
    for Part { old_tokens, sweep } in played {
        let holders = match old_tokens {
            0.0 => "nobody holds an old token".to_owned(),
            share => format!("{:.0} % of earlier visitors hold an old token", 100.0 * share),
        };
        let _ = writeln!(page, "\n## Where {holders}\n\n{}", table::ladder(sweep).trim_end());
    }
    page
}
