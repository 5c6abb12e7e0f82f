//! Counts the instructions of hot paths and compares them with their budgets.
//!
//! A hot path is an example `crates/*/examples/hot_*.rs` whose first line reads
//! `//! hot: <name> budget <instructions>` and that does its work as often as its argument says.
//! It runs under valgrind N and 2 N times; the difference over N is the cost of one call, whatever
//! the start costs.
//! Counts do not depend on how busy the machine is.

use crate::apt;
use crate::machine;
use crate::release;
use crate::shell::{Failure, spoken, timed};
use crate::table::{Row, Table};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

const PAGE: &str = "docs/bench.md";
const COLUMNS: [&str; 7] =
    ["hot path", "instructions per call", "budget", "verdict", "command", "date", "machine"];
const COMMAND: &str = "`cargo x bench`";

/// Calls of the shorter of the two runs.
const CALLS: u32 = 2_000;

/// Longest that one run may take: valgrind is some fifty times slower than the machine.
const RUN_MAX: Duration = Duration::from_mins(5);

/// How far over its budget a hot path may be: compilers and libraries move a little.
const SLACK: f64 = 1.05;

/// One hot path.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Hot {
    name: String,
    /// File stem of the example.
    example: String,
    /// Instructions that one call may take.
    budget: f64,
    /// Instructions that one call took; 0 before it was counted.
    instructions: f64,
}

impl Hot {
    /// What it took over what it may take.
    pub(crate) fn share_of_budget(&self) -> f64 {
        self.instructions / self.budget
    }

    fn verdict(&self) -> &'static str {
        if self.share_of_budget() <= SLACK { "holds" } else { "misses" }
    }
}

/// Counts every hot path, prints and writes the table, and fails if one is over its budget.
pub(crate) fn chore(root: &Path) -> Result<(), Failure> {
    let counted = count(root)?;
    let over: Vec<_> = counted
        .iter()
        .filter(|hot| hot.verdict() != "holds")
        .map(|hot| hot.name.as_str())
        .collect();
    if over.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!("over budget: {}", over.join("; "))))
}

/// Counts every hot path and writes the table.
///
/// # Errors
/// When valgrind is missing, an example does not say its budget, does not build or does not run.
pub(crate) fn count(root: &Path) -> Result<Vec<Hot>, Failure> {
    if !apt::is_program("valgrind") {
        return Err("valgrind is not installed: `apt-get install valgrind`".into());
    }
    let mut found = find(root)?;
    let names: Vec<_> = found.iter().map(|hot| hot.example.clone()).collect();
    if names.is_empty() {
        println!("no example is called hot_*");
        return Ok(found);
    }
    for (hot, program) in found.iter_mut().zip(release::examples(root, &names)?) {
        let once = instructions(&program, CALLS)?;
        let twice = instructions(&program, 2 * CALLS)?;
        hot.instructions = (twice - once) / f64::from(CALLS);
        println!(
            "{:52} {:8.0} of {:8.0}  {}",
            hot.name,
            hot.instructions,
            hot.budget,
            hot.verdict()
        );
    }
    write(root, &found)?;
    Ok(found)
}

/// The hot paths of every crate, by file name.
fn find(root: &Path) -> Result<Vec<Hot>, Failure> {
    let mut found = Vec::new();
    for folder in list(&root.join("crates"))? {
        let examples = folder.join("examples");
        if !examples.is_dir() {
            continue;
        }
        for file in list(&examples)? {
            let stem = file.file_stem().unwrap_or_default().to_string_lossy();
            if stem.starts_with("hot_") {
                let text = fs::read_to_string(&file)
                    .map_err(|cause| Failure::of(format!("read {}", file.display()), cause))?;
                found.push(declared(&stem, &text)?);
            }
        }
    }
    Ok(found)
}

fn list(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let unreadable = |cause| Failure::of(format!("read {}", folder.display()), cause);
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        paths.push(entry.map_err(unreadable)?.path());
    }
    paths.sort();
    Ok(paths)
}

/// What the first line of an example declares.
fn declared(example: &str, text: &str) -> Result<Hot, Failure> {
    let first = text.lines().next().unwrap_or_default();
    let declared = first.strip_prefix("//! hot: ").and_then(|declared| {
        let (name, budget) = declared.rsplit_once(" budget ")?;
        let budget: f64 = budget.trim().replace('_', "").parse().ok()?;
        (budget > 0.0).then(|| (name.trim().to_owned(), budget))
    });
    let (name, budget) = declared.ok_or_else(|| {
        Failure::new(format!(
            "{example}.rs begins with `{first}`; it must begin with \
             `//! hot: <name> budget <instructions>`"
        ))
    })?;
    Ok(Hot { name, example: example.to_owned(), budget, instructions: 0.0 })
}

/// Instructions of one run of `program` with `calls` as its argument.
fn instructions(program: &Path, calls: u32) -> Result<f64, Failure> {
    let mut command = timed(RUN_MAX, "valgrind");
    command
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .arg(calls.to_string());
    let output = command
        .output()
        .map_err(|cause| Failure::of(format!("run `{}`", spoken(&command)), cause))?;
    let said = String::from_utf8_lossy(&output.stderr);
    output
        .status
        .success()
        .then(|| collected(&said))
        .flatten()
        .ok_or_else(|| Failure::new(format!("`{}` failed:\n{said}", spoken(&command))))
}

/// The number in callgrind's line `==123== Collected : 4567`.
fn collected(said: &str) -> Option<f64> {
    let (_, number) = said.lines().find(|line| line.contains("Collected :"))?.rsplit_once(':')?;
    number.trim().parse().ok()
}

fn write(root: &Path, counted: &[Hot]) -> Result<(), Failure> {
    let mut rows = Vec::new();
    for hot in counted {
        rows.push(Row(vec![
            hot.name.clone(),
            format!("{:.0}", hot.instructions),
            format!("{:.0}", hot.budget),
            hot.verdict().to_owned(),
            COMMAND.to_owned(),
            machine::today()?,
            machine::name(),
        ]));
    }
    let table = Table { columns: &COLUMNS, order: &[] };
    table.update(&root.join(PAGE), &rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_declares_its_name_and_its_budget() {
        let hot = declared("hot_gate", "//! hot: gate, plain GET budget 4_000\n\nfn main() {}\n");
        let hot = hot.expect("it declares both");
        assert_eq!((hot.name.as_str(), hot.budget), ("gate, plain GET", 4_000.0));
        for text in ["", "//! Gate.", "//! hot: gate", "//! hot: gate budget 0"] {
            let failure = declared("hot_gate", text).expect_err("it lacks something");
            assert!(failure.to_string().starts_with("hot_gate.rs begins with"), "{failure}");
        }
    }

    #[test]
    fn the_count_is_read_from_what_callgrind_says() {
        let said =
            "==7== Events    : Ir\n==7== Collected : 123456\n==7==\n==7== I   refs:      123,456\n";
        assert_eq!(collected(said), Some(123_456.0));
        assert_eq!(collected("==7== Segmentation fault"), None);
    }

    #[test]
    fn five_percent_over_the_budget_holds_and_more_misses() {
        let hot = |instructions| Hot {
            name: "x".to_owned(),
            example: "hot_x".to_owned(),
            budget: 1_000.0,
            instructions,
        };
        assert_eq!(hot(1_050.0).verdict(), "holds");
        assert_eq!(hot(1_051.0).verdict(), "misses");
    }
}
