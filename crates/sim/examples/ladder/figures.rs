//! The figures of the lines that must hold, each as `FIGURE <name> <number> <unit>`.

use crate::play::Part;
use seawall_sim::defence::DefenceKind;
use seawall_sim::score::{Figure, Summary};
use std::fmt::Write as _;

/// Floods that begin at their full height and have something in common.
const STEPS: [&str; 8] = ["01", "03", "04", "06", "12", "18", "19", "20"];
/// Floods, with those that grow.
const FLOODS: [&str; 9] = ["01", "03", "04", "06", "12", "14", "18", "19", "20"];
/// Floods that look like visitors in everything.
const MIMICRY: [&str; 4] = ["08", "09", "10", "16"];
const MIMICRY_WITHOUT_SCRIPT: [&str; 2] = ["08", "10"];
const HEADLESS: [&str; 1] = ["09"];
const HIJACKED: [&str; 1] = ["16"];
const SURGES: [&str; 5] = ["21", "22", "23", "24", "28"];
/// Crowds, and programs that mean well.
const HONEST: [&str; 9] = ["21", "22", "23", "24", "25", "26", "27", "28", "29"];
/// Seconds that stand for never.
const NEVER: f64 = 999.0;
/// Origins and old tokens of the lines about harm.
const HARM_AT: (f64, f64) = (3.0, 0.35);
/// A crowd is beyond capacity where at least this share of its work cannot be done.
const BEYOND_FROM: f64 = 0.01;

/// Runs of one scenario at one capacity with one share of old tokens.
struct Row<'p> {
    number: &'p str,
    times: f64,
    old_tokens: f64,
    runs: &'p [Summary],
}

/// The lines.
pub(crate) fn lines(played: &[Part]) -> String {
    let rows = rows(played);
    let of = |numbers: &'static [&'static str]| {
        rows.iter().filter(move |row| numbers.contains(&row.number))
    };
    let worst = |numbers, figure| of(numbers).map(|row| mean(row, figure)).fold(0.0, f64::max);
    let harm = |numbers| {
        let at = of(numbers).filter(|row| (row.times, row.old_tokens) == HARM_AT);
        100.0 * at.map(|row| mean(row, Figure::HarmPeople)).fold(0.0, f64::max)
    };
    let mut text = String::new();
    let mut put = |name: &str, value: f64, unit: &str| {
        let _ = writeln!(text, "FIGURE ladder.{name} {value} {unit}");
    };
    let mut effective: Vec<f64> = of(&STEPS)
        .flat_map(|row| row.runs)
        .map(|run| run.figure(Figure::Effective).unwrap_or(NEVER))
        .collect();
    effective.sort_by(f64::total_cmp);
    put("effective_p50_s", at(&effective, 50), "seconds");
    put("effective_p95_s", at(&effective, 95), "seconds");
    let usual = of(&FLOODS).filter(|row| (row.times - HARM_AT.0).abs() < 1e-9);
    let leak = usual.map(|row| mean(row, Figure::LeakCost)).fold(0.0, f64::max);
    put("leak", 100.0 * leak, "percent");
    put("leak_pressed", 100.0 * worst(&FLOODS, Figure::LeakPressed), "percent");
    put("leak_mimicry", 100.0 * worst(&MIMICRY, Figure::LeakPressed), "percent");
    let overload = rows.iter().flat_map(|row| row.runs).map(|run| run.overload_s).max();
    put("overload_s", f64::from(overload.unwrap_or(0)), "seconds");
    let in_line = rows.iter().flat_map(|row| row.runs).map(|run| run.peaks.in_line).max();
    put("in_line", f64::from(in_line.unwrap_or(0)), "requests");
    put("harm_floods", harm(&FLOODS), "percent");
    put("harm_mimicry", harm(&MIMICRY_WITHOUT_SCRIPT), "percent");
    put("harm_headless", harm(&HEADLESS), "percent");
    put("harm_hijacked", harm(&HIJACKED), "percent");
    let fits = |row: &&Row<'_>| mean(row, Figure::LeastHarm) <= 0.0;
    let within = of(&SURGES).filter(fits).map(|row| mean(row, Figure::HarmPeople));
    put("harm_within", 100.0 * within.fold(0.0, f64::max), "percent");
    let waits = |row: &&Row<'_>| mean(row, Figure::Unqueued) <= 0.0;
    let queued = of(&SURGES).filter(waits).map(|row| mean(row, Figure::HarmPeople));
    put("harm_queued", 100.0 * queued.fold(0.0, f64::max), "percent");
    let beyond = of(&SURGES).filter(|row| mean(row, Figure::LeastHarm) >= BEYOND_FROM);
    let beyond = beyond.map(|row| mean(row, Figure::HarmPeople) / mean(row, Figure::LeastHarm));
    put("harm_beyond", beyond.fold(0.0, f64::max), "x the least possible");
    put("refused", 100.0 * worst(&HONEST, Figure::Refused), "percent");
    put("challenged", 100.0 * worst(&HONEST, Figure::ChallengedInVain), "percent");
    text
}

fn rows(played: &[Part]) -> Vec<Row<'_>> {
    let mut rows = Vec::new();
    for Part { old_tokens, sweep } in played {
        for (index, prepared) in sweep.scenarios.iter().enumerate() {
            for (capacity, times) in sweep.grid.capacities.iter().enumerate() {
                rows.push(Row {
                    number: prepared.scenario.name.split('-').next().unwrap_or_default(),
                    times: times.unwrap_or_default(),
                    old_tokens: *old_tokens,
                    runs: sweep.runs((index, capacity, DefenceKind::Shield, 0)),
                });
            }
        }
    }
    rows
}

fn mean(row: &Row<'_>, figure: Figure) -> f64 {
    let all: Vec<f64> = row.runs.iter().filter_map(|run| run.figure(figure)).collect();
    #[expect(clippy::cast_precision_loss, reason = "seeds")]
    let count = all.len().max(1) as f64;
    all.iter().sum::<f64>() / count
}

/// The value that so many of a hundred are not above.
fn at(sorted: &[f64], percent: usize) -> f64 {
    let place = (sorted.len() * percent).div_ceil(100).max(1) - 1;
    sorted.get(place).copied().unwrap_or(NEVER)
}
