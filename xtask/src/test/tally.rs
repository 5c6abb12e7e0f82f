//! What test programs said: how many passed, failed and were skipped, and why.
//!
//! Reads cargo's `test result:` lines and our own convention for a test that cannot run here:
//! it writes `SKIPPED: <test>: <why>` to `std::io::stderr()` directly (the printing macros are
//! captured when a test passes), and fails instead where `SEAWALL_REQUIRE_ALL` is set.

use crate::shell::Failure;
use std::fmt;

/// How many tests passed and failed, and what was skipped.
#[derive(Debug, Default)]
pub(super) struct Tally {
    passed: u64,
    failed: u64,
    ignored: u64,
    skipped: Vec<String>,
}

impl Tally {
    /// Takes one line of a test program's output.
    pub(super) fn read(&mut self, line: &str) {
        if let Some((_, result)) = line.split_once("test result:") {
            self.passed += before(result, "passed");
            self.failed += before(result, "failed");
            self.ignored += before(result, "ignored");
        } else if let Some((_, skipped)) = line.split_once("SKIPPED: ") {
            self.skip(skipped.to_owned());
        }
    }

    /// Notes that something did not run, and why.
    pub(super) fn skip(&mut self, skipped: String) {
        self.skipped.push(skipped);
    }

    /// What did not run, and why.
    pub(super) fn skipped(&self) -> impl Iterator<Item = &str> {
        self.skipped.iter().map(String::as_str)
    }

    /// Whether this is good enough; `strict` where a skip is a failure.
    pub(super) fn verdict(&self, strict: bool) -> Result<(), Failure> {
        if self.failed > 0 {
            return Err(Failure::new(format!("{} tests failed", self.failed)));
        }
        if self.passed == 0 {
            return Err("no test ran".into());
        }
        if strict && !self.skipped.is_empty() {
            return Err("something was skipped, and here that is a failure".into());
        }
        Ok(())
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { passed, failed, .. } = self;
        write!(f, "{passed} passed, {failed} failed")?;
        match self.ignored + self.skipped.len() as u64 {
            0 => Ok(()),
            skipped => write!(f, ", {skipped} skipped"),
        }
    }
}

/// The number that stands before `word`, or 0.
fn before(result: &str, word: &str) -> u64 {
    let mut last = 0;
    for part in result.split([' ', ';', '.']) {
        if part == word {
            return last;
        }
        last = part.parse().unwrap_or(last);
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(lines: &[&str]) -> Tally {
        let mut tally = Tally::default();
        for line in lines {
            tally.read(line);
        }
        tally
    }

    #[test]
    fn results_of_several_programs_are_added_up() {
        let tally = tally(&[
            "running 3 tests",
            "test result: ok. 24 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.02s",
            "test result: FAILED. 2 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.00s",
        ]);
        assert_eq!(tally.to_string(), "26 passed, 1 failed, 1 skipped");
        assert!(tally.verdict(false).is_err());
    }

    #[test]
    fn a_skip_is_told_and_fails_where_nothing_may_be_skipped() {
        let tally = tally(&[
            "test result: ok. 1 passed; 0 failed; 0 ignored",
            "test x ... SKIPPED: a_browser_is_served: no chromium",
        ]);
        assert_eq!(tally.skipped().collect::<Vec<_>>(), ["a_browser_is_served: no chromium"]);
        assert_eq!(tally.to_string(), "1 passed, 0 failed, 1 skipped");
        assert!(tally.verdict(false).is_ok());
        assert!(tally.verdict(true).is_err());
    }

    #[test]
    fn a_run_without_a_test_does_not_hold() {
        assert!(tally(&["error: could not compile"]).verdict(false).is_err());
    }
}
