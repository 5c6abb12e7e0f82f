//! Runs the command behind every line that must hold and writes `docs/scoreboard.md`.
//!
//! Takes names of lines or of their subjects, or nothing for all; replaces the rows of those lines
//! and keeps the others.
//! What could not run says why; a miss is written down like a hit.

mod bar;
mod figure;
pub(crate) mod lab;
mod lines;
mod probe;

use crate::machine;
use crate::shell::Failure;
use crate::table::{Row, Table};
use bar::Verdict;
use figure::{Figure, Plain};
use lab::Lab;
use lab::group::{Group, SHIELDS};
use lab::rows;
use lines::{Line, Probe};
use probe::Prober;
use std::path::Path;

const BOARD: &str = "docs/scoreboard.md";
const BOARD_COLUMNS: [&str; 7] = ["name", "line", "figure", "spread", "command", "verdict", "date"];
const BUDGETS: &str = "docs/budgets.md";
const BUDGETS_COLUMNS: [&str; 9] =
    ["measured", "unit", "Seawall", "HAProxy", "nginx", "x HAProxy", "x nginx", "date", "machine"];

/// Measures the lines that `words` name; fails if one misses or cannot run.
pub(crate) fn chore(root: &Path, words: &[String]) -> Result<(), Failure> {
    if words == ["--list"] {
        for line in lines::all() {
            println!("{:20} {}: {}", line.name, line.what, line.bar.text(line.unit));
        }
        return Ok(());
    }
    let chosen = choose(words)?;
    let measured = measure_in_lab(root, &chosen)?;
    let mut prober = Prober::new(root);
    let mut bad = Vec::new();
    for line in chosen {
        let figure = measure(line, &measured, &mut prober);
        let verdict = match &figure {
            Ok(figure) => line.bar.judge(figure),
            Err(failure) => Verdict::CouldNotRun(failure.clone()),
        };
        println!("{}: {}", line.name, said(line, figure.as_ref().ok(), &verdict));
        // A page of the project names no folder of the machine that it was written on.
        let word = verdict.to_string().replace(&*root.to_string_lossy(), ".");
        write_down(root, &board_row(line, figure.as_ref().ok(), word)?)?;
        if !verdict.is_good() {
            bad.push(line.name);
        }
    }
    if bad.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!("does not hold: {}", bad.join(", "))))
}

fn choose(words: &[String]) -> Result<Vec<&'static Line>, Failure> {
    if let Some(unknown) = words.iter().find(|word| !lines::all().any(|line| line.is_named(word))) {
        return Err(Failure::new(format!(
            "no line is called {unknown}; `cargo x score --list` lists them"
        )));
    }
    let is_chosen = |line: &&Line| words.is_empty() || words.iter().any(|word| line.is_named(word));
    Ok(lines::all().filter(is_chosen).collect())
}

/// What the lab said of one group.
struct InLab {
    group: &'static Group,
    rows: Result<Vec<rows::Row>, Failure>,
}

/// Measures every group that a chosen line needs, in one lab, and writes `docs/budgets.md`.
fn measure_in_lab(root: &Path, chosen: &[&Line]) -> Result<Vec<InLab>, Failure> {
    let wanted: Vec<_> = chosen.iter().filter_map(|line| line.in_lab()).collect();
    let mut groups: Vec<&'static Group> = wanted.iter().map(|(group, _)| *group).collect();
    groups.dedup();
    if groups.is_empty() {
        return Ok(Vec::new());
    }
    let lab = Lab::raise(root);
    let mut measured = Vec::new();
    for group in groups {
        let modes: Vec<_> =
            wanted.iter().filter(|(of, _)| *of == group).map(|(_, mode)| *mode).collect();
        let rows = lab.as_ref().map_err(Clone::clone).and_then(|lab| lab.measure(group, &modes));
        if let Ok(rows) = &rows {
            write_budgets(root, group, (&modes, rows))?;
        }
        measured.push(InLab { group, rows });
    }
    Ok(measured)
}

fn measure(line: &Line, measured: &[InLab], prober: &mut Prober) -> Result<Figure, Failure> {
    let rows = |group: &Group| {
        measured
            .iter()
            .find(|in_lab| in_lab.group == group)
            .ok_or_else(|| Failure::from("its group was not measured"))
            .and_then(|in_lab| in_lab.rows.as_deref().map_err(Clone::clone))
    };
    match line.probe {
        Probe::OverHaproxy(group, mode) => rows::ratio(rows(group)?, mode, "haproxy"),
        Probe::Own(group, mode) => rows::own(rows(group)?, mode),
        Probe::Test(test) => prober.test(test, line.name),
        Probe::Example(example) => prober.example(example, line.name),
        Probe::Exit(words) => prober.exit(words),
        Probe::Said(words) => prober.said(words, line.name),
        Probe::ColdTest => prober.cold_test(),
        Probe::Bench => prober.bench(),
        Probe::Fuzz => prober.fuzz(),
        Probe::QuickScenarios => prober.quick_scenarios(),
        Probe::ScenarioFiles => prober.scenario_files(),
    }
}

fn said(line: &Line, figure: Option<&Figure>, verdict: &Verdict) -> String {
    let bar = line.bar.text(line.unit);
    match figure {
        Some(figure) => format!("{figure} ({}), {bar}: {verdict}", figure.spread()),
        None => format!("{bar}: {verdict}"),
    }
}

fn board_row(line: &Line, figure: Option<&Figure>, verdict: String) -> Result<Row, Failure> {
    Ok(Row(vec![
        line.name.to_owned(),
        format!("{}: {}", line.what, line.bar.text(line.unit)),
        figure.map_or("-".to_owned(), ToString::to_string),
        figure.map_or("-".to_owned(), Figure::spread),
        format!("`{}`", line.command()),
        verdict,
        machine::today()?,
    ]))
}

/// Written after each line, so that a run that is broken off keeps what it measured.
fn write_down(root: &Path, row: &Row) -> Result<(), Failure> {
    let order: Vec<_> = lines::all().map(|line| line.name).collect();
    let table = Table { columns: &BOARD_COLUMNS, order: &order };
    table.update(&root.join(BOARD), std::slice::from_ref(row))
}

/// Writes what each shield cost in each mode of a group.
fn write_budgets(
    root: &Path,
    group: &Group,
    (modes, rows): (&[&str], &[rows::Row]),
) -> Result<(), Failure> {
    let mut written = Vec::new();
    for mode in modes {
        let costs = lab::medians(rows, mode)
            .map(|cost| cost.map_or("-".to_owned(), |cost| Plain(cost).to_string()));
        let over = SHIELDS.map(|peer| {
            rows::ratio(rows, mode, peer)
                .map_or("-".to_owned(), |figure| format!("{figure} ({})", figure.spread()))
        });
        let [ours, haproxy, nginx] = costs;
        let [_, over_haproxy, over_nginx] = over;
        written.push(Row(vec![
            format!("{}, {mode}", group.title),
            group.unit.to_owned(),
            ours,
            haproxy,
            nginx,
            over_haproxy,
            over_nginx,
            machine::today()?,
            machine::name(),
        ]));
    }
    let table = Table { columns: &BUDGETS_COLUMNS, order: &[] };
    table.update(&root.join(BUDGETS), &written)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(words: &[&str]) -> Result<Vec<&'static str>, String> {
        let words: Vec<_> = words.iter().map(ToString::to_string).collect();
        choose(&words)
            .map(|lines| lines.iter().map(|line| line.name).collect())
            .map_err(|failure| failure.to_string())
    }

    #[test]
    fn lines_are_chosen_by_name_by_subject_or_all() {
        assert_eq!(
            names(&["idle", "cost.h1"]).expect("known"),
            ["cost.h1", "idle.plain", "idle.tls"]
        );
        assert_eq!(names(&[]).expect("all").len(), lines::all().count());
        let failure = names(&["idle", "speed"]).expect_err("no such line");
        assert!(failure.starts_with("no line is called speed"), "{failure}");
    }

    #[test]
    fn a_row_of_the_board_has_every_column_even_when_nothing_could_run() {
        let verdict = Verdict::CouldNotRun("no lab".into());
        let row =
            board_row(lines::all().next().expect("there are lines"), None, verdict.to_string())
                .expect("the date is known");
        assert_eq!(row.0.len(), BOARD_COLUMNS.len());
        assert_eq!(row.0[2..4], ["-", "-"]);
        assert_eq!(row.0[5], "could not run: no lab");
    }
}
