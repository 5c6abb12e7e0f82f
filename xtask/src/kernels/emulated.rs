//! One emulated machine: started, read, and what its tests came to.

use crate::shell::{self, Failure, timed};
use std::path::Path;
use std::time::{Duration, Instant};

/// Longest that one machine may take; alone it takes ten seconds.
const MACHINE_MAX: Duration = Duration::from_mins(3);
/// What the machine says first, before its kernel's version.
const KERNEL: &str = "this is kernel ";
/// What it says last, before the status of the tests.
const ENDED: &str = "tests ended with ";

/// What came of one kernel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ran {
    /// Its version, as Debian names it.
    pub(super) kernel: Option<String>,
    /// Tests that passed.
    pub(super) passed: u32,
    /// Why it did not pass.
    pub(super) fault: Option<String>,
    /// From its start to its end.
    pub(super) took: Duration,
}

impl Ran {
    /// In a few words.
    pub(super) fn result(&self) -> String {
        self.fault.clone().unwrap_or_else(|| "passed".to_owned())
    }

    fn of(lines: &[String], took: Duration) -> Self {
        let behind = |word: &str| lines.iter().find_map(|line| line.trim().strip_prefix(word));
        Self {
            kernel: behind(KERNEL).map(version),
            passed: behind("test result: ").and_then(passed).unwrap_or(0),
            fault: fault(lines),
            took,
        }
    }
}

/// Starts a machine and reads what its tests come to.
///
/// # Errors
/// It cannot be started.
pub(super) fn run(kernel: &Path, disk: &Path) -> Result<Ran, Failure> {
    let mut machine = timed(MACHINE_MAX, "qemu-system-x86_64");
    machine.args(["-accel", "tcg", "-cpu", "qemu64", "-m", "2048", "-no-reboot"]);
    machine.args(["-display", "none", "-serial", "stdio", "-monitor", "none"]);
    machine.arg("-kernel").arg(kernel).arg("-initrd").arg(disk);
    machine.args(["-append", "console=ttyS0 panic=-1 quiet"]);
    let began = Instant::now();
    let watched = shell::watch(&mut machine)?;
    let mut ran = Ran::of(&watched.lines, began.elapsed());
    if let Err(fault) = watched.ended {
        ran.fault = Some(fault.to_string());
    }
    Ok(ran)
}

/// Debian's version in what `uname -v` says: `#1 SMP PREEMPT_DYNAMIC Debian 6.1.192-1 (2026-10-01)`.
fn version(told: &str) -> String {
    let words = told.split_once("Debian ").map_or(told, |(_, version)| version);
    words.split_whitespace().next().unwrap_or(told).to_owned()
}

/// How many passed, in the harness's line `ok. 11 passed; 0 failed; …`.
fn passed(line: &str) -> Option<u32> {
    line.split_once(" passed")?.0.rsplit(' ').next()?.parse().ok()
}

/// Why this is no pass: tests ran, every one of them, and passed.
fn fault(lines: &[String]) -> Option<String> {
    let told = |word: &str| lines.iter().find(|line| line.contains(word));
    if let Some(line) = told("skipped ") {
        return Some(format!("a test did not run: {line}"));
    }
    if told("ok. 0 passed").is_some() {
        return Some("no test ran".to_owned());
    }
    match told(ENDED).and_then(|line| line.trim().strip_prefix(ENDED)) {
        Some("0") => None,
        Some(status) => {
            Some(failed(lines).unwrap_or_else(|| format!("the tests ended with {status}")))
        }
        None => Some("the machine ended before its tests did".to_owned()),
    }
}

/// The tests that failed, by name.
fn failed(lines: &[String]) -> Option<String> {
    let names = lines.iter().filter_map(|line| line.strip_prefix("    "));
    let names: Vec<_> = names.filter(|name| name.contains("::") && !name.contains(' ')).collect();
    (!names.is_empty()).then(|| format!("failed: {}", names.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(lines: &[&str]) -> Ran {
        let lines: Vec<_> = lines.iter().map(|line| (*line).to_owned()).collect();
        Ran::of(&lines, Duration::ZERO)
    }

    const FIRST: &str = "this is kernel #1 SMP PREEMPT_DYNAMIC Debian 6.1.192-1 (2026-10-01)";
    const RAN: &str = "test result: ok. 11 passed; 0 failed; 0 ignored";

    #[test]
    fn a_machine_passes_whose_tests_ran_and_passed() {
        let ran = of(&[FIRST, RAN, "tests ended with 0"]);
        assert_eq!((ran.kernel.as_deref(), ran.passed), (Some("6.1.192-1"), 11));
        assert_eq!(ran.result(), "passed");
    }

    #[test]
    fn a_machine_whose_tests_did_not_all_run_and_pass_says_why() {
        let result = |lines: &[&str]| of(lines).result();
        assert_eq!(result(&[RAN, "tests ended with 101"]), "the tests ended with 101");
        let names = ["failures:", "    stages::one", "    stages::two"];
        let failed =
            [&["test result: FAILED. 9 passed; 2 failed"], &names[..], &["tests ended with 101"]];
        let ran = of(&failed.concat());
        assert_eq!((ran.result().as_str(), ran.passed), ("failed: stages::one, stages::two", 9));
        let none = "test result: ok. 0 passed; 0 failed";
        assert_eq!(result(&[none, "tests ended with 0"]), "no test ran");
        assert_eq!(result(&[RAN]), "the machine ended before its tests did");
        let skipped = result(&[RAN, "skipped stages::one: not allowed", "tests ended with 0"]);
        assert!(skipped.starts_with("a test did not run: skipped stages::one"), "{skipped}");
    }
}
