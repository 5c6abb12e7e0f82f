//! The tables as Markdown.

use crate::outcome::Outcome;
use crate::play::{Row, TOKENS, Tables};
use std::fmt::Write as _;

const KEY: &str = "\
*Said* runs from the onset, *after 0.85* from the first second in which 0.85 of what the origins carry was asked for; both show the median and the greatest of the seeds, which for five is the 95 % figure.
*Recall* is the part of the flood's work that was described from its first request on, *precision* the flood's part of all work that was described.
*Over budget* counts what was said with signatures that may touch more than 2.5 % of visitors together, the budget of a first day; what is described so is put last at most.
*Harm* is the share of people's requests in the event that were never served, with all that the shield does.
";
const COLUMNS: [&str; 12] = [
    "scenario",
    "said, s",
    "after 0.85, s",
    "onset wrong by, s",
    "called",
    "recall, %",
    "precision, %",
    "signatures",
    "over budget",
    "people described, %",
    "described or declined",
    "harm, %",
];
/// Characters of a description that are shown.
const LENGTH: usize = 90;

/// The tables, with what their columns mean.
pub(crate) fn page(tables: &Tables) -> String {
    let mut page = format!("{KEY}\n");
    let parts = [
        ("### With what its calm seconds taught it", &tables.usual),
        ("### Started 30 s before, knowing nobody", &tables.first_day),
        ("### Poisoning, patience, people without a past, the second wave", &tables.own),
        ("### A whole day, second for second", &tables.day),
    ];
    for (heading, rows) in parts.into_iter().filter(|(_, rows)| !rows.is_empty()) {
        let _ = writeln!(page, "{heading}\n\n| {} |", COLUMNS.join(" | "));
        let _ = writeln!(page, "|{}", " --- |".repeat(COLUMNS.len()));
        for row in rows {
            let _ = writeln!(page, "{}", line(row));
        }
        page.push('\n');
    }
    let heads: Vec<String> =
        TOKENS.iter().map(|share| format!("{:.0} % were here before", 100.0 * share)).collect();
    let _ = writeln!(
        page,
        "### Harm to people, by how many of them hold a cookie or token from before\n\n\
         Median and greatest of the seeds, in percent.\n\n| scenario | {} |",
        heads.join(" | ")
    );
    let _ = writeln!(page, "|{}", " --- |".repeat(1 + heads.len()));
    for (name, rows) in &tables.tokens {
        let harm = rows.iter().map(|row| spread(&row.runs, |run| run.harm, 100.0));
        let _ = writeln!(page, "| {name} | {} |", harm.collect::<Vec<_>>().join(" | "));
    }
    page
}

fn line(row: &Row) -> String {
    let runs = &row.runs;
    let share = |of: fn(&Outcome) -> Option<f64>| spread(runs, of, 100.0);
    let signatures = runs.iter().map(|run| run.descriptions.len()).max().unwrap_or(0);
    let over: u32 = runs.iter().map(|run| run.over_budget).sum();
    let cells = [
        row.name.clone(),
        spread(runs, |run| run.said_s, 1.0),
        spread(runs, |run| run.said_after_pressure_s, 1.0),
        spread(runs, |run| run.onset_error_s, 1.0),
        called(runs),
        least(runs, |run| run.recall),
        least(runs, |run| run.precision),
        signatures.to_string(),
        over.to_string(),
        share(|run| run.touched),
        told(runs),
        share(|run| run.harm),
    ];
    format!("| {} |", cells.join(" | "))
}

/// Median and greatest; a dash where no run has one, and how many have none.
fn spread(runs: &[Outcome], of: fn(&Outcome) -> Option<f64>, times: f64) -> String {
    let mut values: Vec<f64> = runs.iter().filter_map(of).map(|value| value * times).collect();
    values.sort_by(f64::total_cmp);
    let Some(most) = values.last() else { return "–".to_owned() };
    let never = runs.len() - values.len();
    let never = if never > 0 { format!(" ({never} never)") } else { String::new() };
    format!("{:.2} / {most:.2}{never}", values[values.len() / 2])
}

/// Median and least of a share, in percent.
fn least(runs: &[Outcome], of: fn(&Outcome) -> Option<f64>) -> String {
    let mut values: Vec<f64> = runs.iter().filter_map(of).map(|value| 100.0 * value).collect();
    values.sort_by(f64::total_cmp);
    let Some(least) = values.first() else { return "–".to_owned() };
    format!("{:.1} / {least:.1}", values[values.len() / 2])
}

/// What it was called at last, and in how many runs.
fn called(runs: &[Outcome]) -> String {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for run in runs {
        let word = run.kind.map_or("nothing", |kind| kind.word());
        match counts.iter_mut().find(|(known, _)| *known == word) {
            Some((_, count)) => *count += 1,
            None => counts.push((word, 1)),
        }
    }
    counts.sort_unstable();
    let words = counts.iter().map(|(word, count)| match counts.len() {
        1 => (*word).to_owned(),
        _ => format!("{word} {count}"),
    });
    words.collect::<Vec<_>>().join(", ")
}

/// The first description, or else why there is none.
fn told(runs: &[Outcome]) -> String {
    let described = runs.iter().find_map(|run| run.descriptions.first());
    let declined = runs.iter().find_map(|run| run.undescribed.as_deref());
    match (described, declined) {
        (Some(description), _) => format!("`{}`", brief(description)),
        (None, Some(why)) => {
            let why = why.rsplit_once(" (").map_or(why, |(why, _)| why);
            let why = why.split_once(": ").map_or(why, |(_, why)| why);
            format!("declined: {why}")
        }
        (None, None) => "–".to_owned(),
    }
}

fn brief(text: &str) -> String {
    let cut: String = text.chars().take(LENGTH).map(|c| if c == '|' { '/' } else { c }).collect();
    if cut.chars().count() < text.chars().count() { cut + "…" } else { cut }
}
