//! Everything that must hold before a change lands, in order, timed, with one closing line.
//!
//! Runs each step even when one before it failed, so that one run shows every fault.
//! A skip is printed last and loudly; where `CI` is set it is a failure.

mod tally;

use crate::apt::{self, Missing};
use crate::scenarios;
use crate::shell::{self, Failure, cargo};
use crate::tidy;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use tally::Tally;

/// One profile for lints and tests, so that dependencies are built once.
const PROFILE: [&str; 2] = ["--profile", "system"];

/// System tests that measure, and so run one after another and beside no other: how many connections
/// one look of the kernel finds, and how long an answer takes, depend on what else is done.
const ALONE: [&str; 7] = [
    "counts::",
    "admission::added::",
    "admission::learned::",
    "faults::whatever",
    "isolation::",
    "lanes::flood::",
    "reality::",
];

/// Runs everything; fails if any step does.
pub(crate) fn chore(root: &Path) -> Result<(), Failure> {
    let mut report = Report::new(root);
    report.step("packages that tests drive", Report::packages);
    report.step("tidy", |report| tidy::chore(&report.root));
    report.step("format", |report| report.cargo(&["fmt", "--all", "--check"]));
    report.step("lints", |report| {
        report.cargo(
            &[&["clippy", "--workspace", "--all-targets"], &PROFILE[..], &["--", "-D", "warnings"]]
                .concat(),
        )
    });
    report.step("unit and property tests", |report| report.tests(&["--lib", "--bins"], &[]));
    report.step("scenarios", |report| {
        scenarios::chore(&report.root, &["--quick".to_owned(), "--check".to_owned()])
    });
    report.step("examples in documentation", |report| report.tests(&["--doc"], &[]));
    // Most of them wait for deadlines; two at once take little more than half of the time.
    report.step("system tests", |report| {
        let others = ALONE.iter().flat_map(|module| ["--skip", module]);
        let harness: Vec<_> = others.chain(["--test-threads", "2"]).collect();
        report.tests(&["--test", "*"], &harness)
    });
    report.step("measurements", |report| {
        report.tests(&["--test", "system"], &[&ALONE[..], &["--test-threads", "1"]].concat())
    });
    report.close()
}

/// Whether a skip is a failure.
fn in_ci() -> bool {
    std::env::var("CI").is_ok_and(|value| !matches!(value.as_str(), "" | "0" | "false"))
}

struct Report {
    root: PathBuf,
    began: Instant,
    steps: Vec<Step>,
    tally: Tally,
}

struct Step {
    name: &'static str,
    took: Duration,
    outcome: Result<(), Failure>,
}

impl Report {
    fn new(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            began: Instant::now(),
            steps: Vec::new(),
            tally: Tally::default(),
        }
    }

    fn step(&mut self, name: &'static str, work: impl Fn(&mut Self) -> Result<(), Failure>) {
        println!("\n=== {name}");
        let began = Instant::now();
        let outcome = work(self);
        let took = began.elapsed();
        if let Err(failure) = &outcome {
            println!("--- {name}: {failure}");
        }
        self.steps.push(Step { name, took, outcome });
    }

    fn packages(&mut self) -> Result<(), Failure> {
        let Some(Missing { packages, why }) = apt::provide(apt::TESTS) else {
            return Ok(());
        };
        for package in packages {
            let skipped = format!("what needs {} ({}): {why}", package.name, package.serves);
            println!("missing: {skipped}");
            self.tally.skip(skipped);
        }
        if in_ci() {
            return Err(Failure::new(why));
        }
        Ok(())
    }

    fn cargo(&self, words: &[&str]) -> Result<(), Failure> {
        shell::run(self.command().args(words))
    }

    /// Runs the tests of these targets and adds what they say to the tally.
    fn tests(&mut self, targets: &[&str], harness: &[&str]) -> Result<(), Failure> {
        let mut command = self.command();
        command
            .args(["test", "--workspace", "--no-fail-fast"])
            .args(PROFILE)
            .args(targets)
            .arg("--")
            .args(harness);
        if in_ci() {
            command.env("SEAWALL_REQUIRE_ALL", "1");
        }
        if std::io::stdout().is_terminal() {
            command.env("CARGO_TERM_COLOR", "always");
        }
        let watched = shell::watch(&mut command)?;
        watched.lines.iter().for_each(|line| self.tally.read(line));
        watched.ended
    }

    fn command(&self) -> Command {
        let mut command = cargo();
        command.current_dir(&self.root);
        command
    }

    /// Prints every step's time, every skip and the closing line.
    fn close(self) -> Result<(), Failure> {
        println!("\n=== {:.0} s in all", self.began.elapsed().as_secs_f64());
        for Step { name, took, outcome } in &self.steps {
            let word = if outcome.is_ok() { "ok" } else { "FAILED" };
            println!("{:7.1} s  {word:<6}  {name}", took.as_secs_f64());
        }
        for skipped in self.tally.skipped() {
            println!("SKIPPED: {skipped}");
        }
        println!("{}", self.tally);
        let failed: Vec<_> =
            self.steps.iter().filter(|step| step.outcome.is_err()).map(|step| step.name).collect();
        if !failed.is_empty() {
            return Err(Failure::new(format!("failed: {}", failed.join(", "))));
        }
        self.tally.verdict(in_ci())
    }
}
