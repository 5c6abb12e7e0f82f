//! What the shield said of every scenario, as a table.

use super::{line, rows, shown, with_spread};
use crate::defence::DefenceKind;
use crate::scenario::sweep::Sweep;
use crate::score::{Figure, Summary};
use std::fmt::Write as _;

/// Columns behind the scenario's name and what it was called.
const COLUMNS: [Figure; 7] = [
    Figure::Said,
    Figure::SaidFlood,
    Figure::OnsetError,
    Figure::Recall,
    Figure::Precision,
    Figure::Promised,
    Figure::Touched,
];

/// The table, where the sweep has a defence that says what it sees.
pub(super) fn table(page: &mut String, sweep: &Sweep) {
    for defence in [DefenceKind::Shield, DefenceKind::ShieldLearning] {
        if sweep.grid.defences.contains(&defence) {
            of(page, sweep, defence);
        }
    }
}

fn of(page: &mut String, sweep: &Sweep, defence: DefenceKind) {
    line!(page, "## What {} says\n", defence.name());
    line!(page, "What is done about it is the ladder's to decide.");
    let columns = COLUMNS.map(super::heading);
    line!(page, "\n| scenario | called | {} | descriptions |", columns.join(" | "));
    line!(page, "|{}", " --- |".repeat(COLUMNS.len() + 3));
    for (index, prepared) in sweep.scenarios.iter().enumerate() {
        for (platform, name) in rows(prepared) {
            for capacity in 0..sweep.grid.capacities.len() {
                let key = (index, capacity, defence, platform);
                let cells = COLUMNS.map(|figure| match figure {
                    Figure::Recall | Figure::Precision | Figure::Promised | Figure::Touched => {
                        shown(figure, sweep.spread(key, figure))
                    }
                    _ => with_spread(figure, sweep.spread(key, figure)),
                });
                let runs = sweep.runs(key);
                let (called, told) = (called(runs), described(runs));
                line!(page, "| {name} | {called} | {} | {told} |", cells.join(" | "));
            }
        }
    }
    page.push('\n');
}

/// What it was called at last, and in how many runs.
fn called(runs: &[Summary]) -> String {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for run in runs {
        let word = run.told.last_kind.map_or("nothing", |kind| kind.word());
        match counts.iter_mut().find(|(known, _)| *known == word) {
            Some((_, count)) => *count += 1,
            None => counts.push((word, 1)),
        }
    }
    let words = counts.iter().map(|(word, count)| match counts.len() {
        1 => (*word).to_owned(),
        _ => format!("{word} {count}"),
    });
    words.collect::<Vec<_>>().join(", ")
}

/// The descriptions of the first run.
fn described(runs: &[Summary]) -> String {
    let all = runs.first().map_or(&[][..], |run| run.told.descriptions.as_slice());
    let told: Vec<_> = all.iter().take(SHOWN).map(|one| format!("`{}`", brief(one))).collect();
    let more = all.len().saturating_sub(SHOWN);
    let and = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{and}", told.join(", "))
}

/// Descriptions that are shown of one run.
const SHOWN: usize = 3;
/// Characters of one that are.
const LENGTH: usize = 160;

fn brief(text: &str) -> String {
    let cut: String = text.chars().take(LENGTH).map(|c| if c == '|' { '/' } else { c }).collect();
    if cut.chars().count() < text.chars().count() { cut + "…" } else { cut }
}
