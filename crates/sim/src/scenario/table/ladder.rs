//! What the ladder came to over seeds: how soon it acted, what came through, whom it cost something.

use super::line;
use crate::scenario::sweep::Sweep;
use crate::score::{Figure, Summary};
use std::fmt::Write as _;

/// One row for each scenario, capacity and defence.
pub fn ladder(sweep: &Sweep) -> String {
    let mut page = String::new();
    line!(
        page,
        "| scenario | capacity | effective, median / p95, s | leak, % | leak above 0.85, % | harm to \
         people, % | harm to programs, % | least possible, % | least of one asking, % | friction, % | refused, % | \
         challenged within capacity, % | overload, s | as it set out, s | in line |"
    );
    line!(page, "|{}", " --- |".repeat(15));
    for (index, prepared) in sweep.scenarios.iter().enumerate() {
        for (capacity, times) in sweep.grid.capacities.iter().enumerate() {
            for defence in &sweep.grid.defences {
                for at in 0..prepared.scenario.platforms.len() {
                    let runs = sweep.runs((index, capacity, *defence, at));
                    let times = times.map_or("its own".to_owned(), |times| format!("{times} x"));
                    line!(page, "| {} | {times} | {} |", prepared.scenario.name, cells(runs));
                }
            }
        }
    }
    page
}

fn cells(runs: &[Summary]) -> String {
    let effective = sorted(runs, Figure::Effective);
    let never = runs.len() - effective.len();
    let of_flood = runs.iter().any(|run| run.leak_cost.is_some());
    let effective = match (at(&effective, 50), at(&effective, 95)) {
        (Some(median), Some(most)) if never == 0 => format!("{median:.2} / {most:.2}"),
        (Some(median), _) => format!("{median:.2} ({never} never)"),
        (None, _) if of_flood => "never".to_owned(),
        (None, _) => "–".to_owned(),
    };
    let shares = [
        Figure::LeakCost,
        Figure::LeakPressed,
        Figure::HarmPeople,
        Figure::HarmPrograms,
        Figure::LeastHarm,
        Figure::Unqueued,
        Figure::Friction,
        Figure::Refused,
        Figure::ChallengedInVain,
    ];
    let mean = |figure| {
        let all = sorted(runs, figure);
        #[expect(clippy::cast_precision_loss, reason = "seeds")]
        let count = all.len() as f64;
        (count > 0.0).then(|| all.iter().sum::<f64>() / count)
    };
    let shares = shares.map(|figure| {
        mean(figure).map_or("–".to_owned(), |share| format!("{:.2}", 100.0 * share))
    });
    let [overload, sent] = [Figure::Overload, Figure::OverloadSent]
        .map(|figure| format!("{:.1}", mean(figure).unwrap_or_default()));
    let in_line = runs.iter().map(|run| run.peaks.in_line).max().unwrap_or_default();
    format!("{effective} | {} | {overload} | {sent} | {in_line}", shares.join(" | "))
}

fn sorted(runs: &[Summary], figure: Figure) -> Vec<f64> {
    let mut values: Vec<_> = runs.iter().filter_map(|run| run.figure(figure)).collect();
    values.sort_by(f64::total_cmp);
    values
}

/// The value that so many of a hundred are not above.
fn at(sorted: &[f64], percent: usize) -> Option<f64> {
    let place = (sorted.len() * percent).div_ceil(100).max(1) - 1;
    sorted.get(place).copied()
}
