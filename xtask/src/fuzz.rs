//! Runs the fuzz targets for a number of executions each.
//!
//! Seeds come from `fuzz/corpus`; what a run finds goes to `target/fuzz` and is kept there, so that
//! the committed corpora grow only when a person adds to them.
//! Uses the project's own compiler with its unstable options unlocked, which the sanitizer needs.

use crate::machine;
use crate::shell::{self, Failure, cargo, timed};
use crate::table::{Row, Table};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

const PAGE: &str = "docs/fuzz.md";
const COLUMNS: [&str; 7] =
    ["target", "executions", "seconds", "crashes", "command", "date", "machine"];

/// Executions of each target unless told otherwise.
pub(crate) const RUNS: u64 = 1_000_000;

/// Longest that one target may take, its build included; most take minutes.
const TARGET_MAX: Duration = Duration::from_hours(2);

/// Targets that mostly compare words, so that tracing every comparison for the fuzzer would take
/// over half of the time; their seeds hold the words that tracing would find.
const WITHOUT_COMPARISONS: [&str; 1] = ["config"];

/// Targets whose cost grows with their input, with the longest in bytes: a configuration of 1 KiB
/// holds every kind of key and fault.
const LONGEST: [(&str, u32); 1] = [("config", 1024)];

/// A target that ran without a crash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Survived {
    target: String,
    /// Inputs that it took.
    pub(crate) executions: u64,
    seconds: u64,
}

/// Runs the targets that `words` name, or all: `[--runs N] [TARGET…]`.
pub(crate) fn chore(root: &Path, words: &[String]) -> Result<(), Failure> {
    let (runs, names) = understood(words)?;
    let known = targets(root)?;
    if let Some(unknown) = names.iter().find(|name| !known.contains(name)) {
        return Err(Failure::new(format!(
            "no fuzz target is called {unknown}; there are: {}",
            known.join(", ")
        )));
    }
    let chosen = if names.is_empty() { known } else { names };
    run(root, &chosen, runs).map(|_| ())
}

/// Runs every target [`RUNS`] times.
///
/// # Errors
/// When one crashes or cannot run.
pub(crate) fn run_all(root: &Path) -> Result<Vec<Survived>, Failure> {
    run(root, &targets(root)?, RUNS)
}

fn understood(words: &[String]) -> Result<(u64, Vec<String>), Failure> {
    match words {
        [flag, runs, names @ ..] if flag == "--runs" => {
            let runs = runs.replace('_', "").parse();
            let runs = runs.map_err(|cause| Failure::of("read the number behind --runs", cause))?;
            Ok((runs, names.to_vec()))
        }
        names => Ok((RUNS, names.to_vec())),
    }
}

/// The targets that there are, by name.
fn targets(root: &Path) -> Result<Vec<String>, Failure> {
    let folder = root.join("fuzz/fuzz_targets");
    let unreadable = |cause| Failure::of(format!("read {}", folder.display()), cause);
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension() == Some("rs".as_ref()) {
            names.push(path.file_stem().unwrap_or_default().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

fn run(root: &Path, names: &[String], runs: u64) -> Result<Vec<Survived>, Failure> {
    provide()?;
    let mut survived = Vec::new();
    let mut crashed = Vec::new();
    for name in names {
        println!("\n=== {name}: {runs} executions");
        let command = format!("`cargo x fuzz --runs {runs} {name}`");
        match run_one(root, name, runs) {
            Ok(target) => {
                write(root, row(name, Some(&target), command)?)?;
                survived.push(target);
            }
            Err(failure) => {
                println!("--- {name}: {failure}");
                write(root, row(name, None, command)?)?;
                crashed.push(name.as_str());
            }
        }
    }
    if crashed.is_empty() {
        return Ok(survived);
    }
    Err(Failure::new(format!(
        "crashed or did not run: {}; inputs lie in fuzz/artifacts",
        crashed.join(", ")
    )))
}

/// Installs cargo-fuzz when it is not there.
fn provide() -> Result<(), Failure> {
    let there = cargo()
        .args(["fuzz", "--version"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if there {
        return Ok(());
    }
    println!("installing cargo-fuzz");
    shell::run(cargo().args(["install", "--locked", "cargo-fuzz"]))
}

fn run_one(root: &Path, name: &str, runs: u64) -> Result<Survived, Failure> {
    let found = format!("target/fuzz/{name}");
    fs::create_dir_all(root.join(&found))
        .map_err(|cause| Failure::of(format!("make {found}"), cause))?;
    let mut command = timed(TARGET_MAX, cargo().get_program());
    command.current_dir(root).env("RUSTC_BOOTSTRAP", "1");
    command.args(["fuzz", "run"]);
    if WITHOUT_COMPARISONS.contains(&name) {
        command.arg("--no-trace-compares");
    }
    command.args([name, &found]);
    let seeds = format!("fuzz/corpus/{name}");
    if root.join(&seeds).is_dir() {
        command.arg(&seeds);
    }
    add_limits(&mut command, name, runs);
    let watched = shell::watch(&mut command)?;
    watched.ended?;
    let done = watched.lines.iter().rev().find_map(|line| done(line));
    let (executions, seconds) = done.ok_or("libFuzzer did not say how often it ran")?;
    Ok(Survived { target: name.to_owned(), executions, seconds })
}

fn add_limits(command: &mut Command, name: &str, runs: u64) {
    command
        .arg("--")
        .arg(format!("-runs={runs}"))
        // An input that takes ten seconds is a finding too.
        .args(["-timeout=10", "-rss_limit_mb=2048"]);
    if let Some((_, longest)) = LONGEST.iter().find(|(target, _)| *target == name) {
        command.arg(format!("-max_len={longest}"));
    }
}

/// Executions and seconds in libFuzzer's line `Done 1000000 runs in 12 second(s)`.
fn done(line: &str) -> Option<(u64, u64)> {
    let (runs, rest) = line.strip_prefix("Done ")?.split_once(" runs in ")?;
    let seconds = rest.split(' ').next()?;
    Some((runs.parse().ok()?, seconds.parse().ok()?))
}

fn row(name: &str, survived: Option<&Survived>, command: String) -> Result<Row, Failure> {
    let or_dash = |number: Option<u64>| number.map_or("-".to_owned(), |n| n.to_string());
    Ok(Row(vec![
        name.to_owned(),
        or_dash(survived.map(|target| target.executions)),
        or_dash(survived.map(|target| target.seconds)),
        if survived.is_some() { "none" } else { "crashed or did not run" }.to_owned(),
        command,
        machine::today()?,
        machine::name(),
    ]))
}

/// Written after each target, so that a run that is broken off keeps what it did.
fn write(root: &Path, row: Row) -> Result<(), Failure> {
    let table = Table { columns: &COLUMNS, order: &[] };
    table.update(&root.join(PAGE), &[row])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn runs_and_targets_are_understood() {
        assert_eq!(understood(&[]).expect("nothing is fine"), (RUNS, vec![]));
        let told = understood(&words("--runs 5_000 gate hello")).expect("both");
        assert_eq!(told, (5_000, words("gate hello")));
        assert!(understood(&words("--runs many")).is_err());
    }

    #[test]
    fn the_number_of_executions_is_read_from_what_libfuzzer_says() {
        assert_eq!(done("Done 1000000 runs in 12 second(s)"), Some((1_000_000, 12)));
        assert_eq!(done("#1000000 DONE   cov: 12"), None);
    }
}
