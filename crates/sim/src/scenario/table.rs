//! What a sweep came to, as a page: an overview of all scenarios, then each by itself.
//!
//! The same sweep gives the same bytes: no date, no machine.

mod detection;
mod ladder;

pub use ladder::ladder;

use super::Prepared;
use super::sweep::Sweep;
use crate::defence::DefenceKind;
use crate::score::{Figure, Spread, Unit};
use std::fmt::Write as _;

/// Columns of a scenario's own table.
const COLUMNS: [Figure; 12] = [
    Figure::HarmPeople,
    Figure::HarmPrograms,
    Figure::LeastHarm,
    Figure::LeakCost,
    Figure::Friction,
    Figure::LostToOrigin,
    Figure::LostToPatience,
    Figure::Overload,
    Figure::OverloadBytes,
    Figure::Detected,
    Figure::Effective,
    Figure::P99,
];

/// The page, from its first heading below the title.
pub fn page(sweep: &Sweep) -> String {
    let mut page = String::new();
    for (capacity, times) in sweep.grid.capacities.iter().enumerate() {
        overview(&mut page, sweep, (capacity, *times));
    }
    detection::table(&mut page, sweep);
    for index in 0..sweep.scenarios.len() {
        one(&mut page, sweep, index);
    }
    // One line break ends it.
    page.pop();
    page
}

/// Writing to a String cannot fail.
macro_rules! line {
    ($page:expr, $($said:tt)*) => { let _ = writeln!($page, $($said)*); };
}
use line;

fn overview(page: &mut String, sweep: &Sweep, (capacity, times): (usize, Option<f64>)) {
    line!(page, "## {}\n", capacity_words(times));
    let defences = &sweep.grid.defences;
    let names: Vec<_> = defences.iter().map(|defence| defence.name()).collect();
    line!(page, "| scenario | least possible harm | {} |", names.join(" | "));
    line!(page, "|{}", " --- |".repeat(2 + defences.len()));
    for (index, prepared) in sweep.scenarios.iter().enumerate() {
        for (platform, name) in rows(prepared) {
            let least = defences.first().and_then(|defence| {
                sweep.spread((index, capacity, *defence, platform), Figure::LeastHarm)
            });
            let cells =
                defences.iter().map(|defence| brief(sweep, (index, capacity, *defence, platform)));
            let cells: Vec<_> = cells.collect();
            line!(page, "| {name} | {} | {} |", shown(Figure::LeastHarm, least), cells.join(" | "));
        }
    }
    page.push('\n');
}

/// Index and row name of every platform of a scenario.
fn rows(prepared: &Prepared) -> Vec<(usize, String)> {
    let scenario = &prepared.scenario;
    let several = scenario.platforms.len() > 1;
    let platforms = scenario.platforms.iter().enumerate();
    let name = |(at, platform): (usize, &super::Platform)| {
        (
            at,
            if several {
                format!("{}, {}", scenario.name, platform.name)
            } else {
                scenario.name.clone()
            },
        )
    };
    platforms.map(name).collect()
}

/// Harm to people, leak and overload in one cell.
fn brief(sweep: &Sweep, key: (usize, usize, DefenceKind, usize)) -> String {
    let figures = [Figure::HarmPeople, Figure::LeakCost, Figure::Overload];
    figures.map(|figure| shown(figure, sweep.spread(key, figure))).join(" / ")
}

fn one(page: &mut String, sweep: &Sweep, index: usize) {
    let prepared = &sweep.scenarios[index];
    let scenario = &prepared.scenario;
    line!(page, "## {}\n", scenario.name);
    line!(page, "{}", scenario.model);
    line!(page, "Source: {}", scenario.source);
    for (platform, normal) in scenario.platforms.iter().zip(&prepared.normal) {
        line!(
            page,
            "Normal demand of {}: {:.0} requests/s, {:.0} origin-ms/s.",
            platform.name,
            normal.requests_per_s,
            normal.ms_per_s
        );
    }
    let columns: Vec<_> = COLUMNS.iter().map(|figure| heading(*figure)).collect();
    line!(page, "\n| platform | capacity | defence | {} |", columns.join(" | "));
    line!(page, "|{}", " --- |".repeat(3 + columns.len()));
    for (at, platform) in scenario.platforms.iter().enumerate() {
        for (capacity, times) in sweep.grid.capacities.iter().enumerate() {
            for defence in &sweep.grid.defences {
                let key = (index, capacity, *defence, at);
                let cells = COLUMNS.map(|figure| with_spread(figure, sweep.spread(key, figure)));
                let times = times.map_or("its own".to_owned(), |times| format!("{times} x"));
                line!(
                    page,
                    "| {} | {times} | {} | {} |",
                    platform.name,
                    defence.name(),
                    cells.join(" | ")
                );
            }
        }
    }
    page.push('\n');
}

fn capacity_words(times: Option<f64>) -> String {
    match times {
        None => "Each scenario at the capacity that its file says".to_owned(),
        Some(times) => format!("Origins that carry {times} times normal demand"),
    }
}

fn heading(figure: Figure) -> String {
    let unit = match figure.unit() {
        Unit::Share => ", %",
        Unit::Seconds => ", s",
        Unit::Milliseconds => ", ms",
        Unit::Work => ", ms/s",
        Unit::Count => "",
    };
    format!("{}{unit}", figure.words())
}

/// The mean; a dash where the figure has no meaning or never came to pass.
fn shown(figure: Figure, spread: Option<Spread>) -> String {
    spread.map_or("–".to_owned(), |spread| number(figure, spread.mean))
}

/// The mean, and the deviation over seeds where it shows.
fn with_spread(figure: Figure, spread: Option<Spread>) -> String {
    let mean = shown(figure, spread);
    let deviation = spread.map_or(String::new(), |spread| number(figure, spread.deviation));
    let is_nothing = deviation.bytes().all(|byte| matches!(byte, b'0' | b'.'));
    let never = spread.filter(|spread| spread.without > 0);
    let never = never.map_or(String::new(), |spread| format!(" ({} never)", spread.without));
    if is_nothing { format!("{mean}{never}") } else { format!("{mean} ± {deviation}{never}") }
}

fn number(figure: Figure, value: f64) -> String {
    match figure.unit() {
        Unit::Share => format!("{:.1}", 100.0 * value),
        Unit::Seconds => format!("{value:.1}"),
        Unit::Milliseconds | Unit::Work | Unit::Count => format!("{value:.0}"),
    }
}
