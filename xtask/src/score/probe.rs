//! Lines that the lab does not measure: run, and their figure read.

use super::figure::{Figure, told};
use super::lines::{Example, Words};
use crate::shell::{self, Failure, cargo, spoken, timed};
use crate::{bench, fuzz, release, scenarios};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// Longest that one system test or command may take, its build included.
const PROBE_MAX: Duration = Duration::from_mins(30);

/// Longest that everything may take with nothing built.
const COLD_MAX: Duration = Duration::from_hours(1);

/// Runs what needs running and keeps what several lines share.
pub(super) struct Prober {
    root: PathBuf,
    /// The release under test, once it was built.
    shield: Option<PathBuf>,
    /// The last test that passed, and what it said: several lines may share it.
    passed: Option<(String, Vec<String>)>,
    /// The last other command that ended well, likewise.
    ended: Option<(Words, Vec<String>)>,
    /// The last example that ran, likewise.
    ran: Option<(Example, Vec<String>)>,
}

impl Prober {
    /// A prober for the checkout at `root`.
    pub(super) fn new(root: &Path) -> Self {
        Self { root: root.to_owned(), shield: None, passed: None, ended: None, ran: None }
    }

    /// Runs a system test against the release and reads the figure called `name`.
    ///
    /// # Errors
    /// When it fails or prints no figure of that name.
    pub(super) fn test(&mut self, test: &str, name: &str) -> Result<Figure, Failure> {
        if self.passed.as_ref().is_none_or(|(passed, _)| passed != test) {
            self.passed = Some((test.to_owned(), self.run(test)?));
        }
        let lines = self.passed.as_ref().map_or(&[][..], |(_, lines)| lines);
        Figure::of(&told(lines, name))
            .ok_or_else(|| Failure::new(format!("the test {test} printed no `FIGURE {name} …`")))
    }

    /// Runs a cargo command and reads the figure called `name`.
    ///
    /// # Errors
    /// When it fails or prints no figure of that name.
    pub(super) fn said(&mut self, words: Words, name: &str) -> Result<Figure, Failure> {
        if self.ended.as_ref().is_none_or(|(ended, _)| *ended != words) {
            let mut command = self.cargo(PROBE_MAX);
            let watched = shell::watch(command.args(words).env("SEAWALL_REQUIRE_ALL", "1"))?;
            watched.ended?;
            self.ended = Some((words, watched.lines));
        }
        let lines = self.ended.as_ref().map_or(&[][..], |(_, lines)| lines);
        let none =
            || Failure::new(format!("`cargo {}` printed no `FIGURE {name} …`", words.join(" ")));
        Figure::of(&told(lines, name)).ok_or_else(none)
    }

    /// Runs an example and reads the figure called `name`.
    ///
    /// # Errors
    /// When it fails or prints no figure of that name.
    pub(super) fn example(&mut self, example: Example, name: &str) -> Result<Figure, Failure> {
        if self.ran.as_ref().is_none_or(|(ran, _)| *ran != example) {
            let mut command = self.cargo(PROBE_MAX);
            let watched = shell::watch(command.args(example.arguments()))?;
            watched.ended?;
            self.ran = Some((example, watched.lines));
        }
        let lines = self.ran.as_ref().map_or(&[][..], |(_, lines)| lines);
        Figure::of(&told(lines, name)).ok_or_else(|| {
            Failure::new(format!("the example {} printed no `FIGURE {name} …`", example.name))
        })
    }

    /// What a system test says, run against the release.
    fn run(&mut self, test: &str) -> Result<Vec<String>, Failure> {
        let mut command = self.cargo(PROBE_MAX);
        command
            .args(["test", "--workspace", "--profile", "system", "--test", "system"])
            .args(["--", "--exact", "--nocapture", test])
            .env("SEAWALL", self.shield()?)
            .env("SEAWALL_REQUIRE_ALL", "1")
            // The whole of what elsewhere is a sample.
            .env("SEAWALL_REFUSALS", "1000000");
        let watched = shell::watch(&mut command)?;
        watched.ended?;
        Ok(watched.lines)
    }

    /// The exit status of a cargo command.
    ///
    /// # Errors
    /// When it does not end by itself.
    pub(super) fn exit(&self, words: &[&str]) -> Result<Figure, Failure> {
        let mut command = self.cargo(PROBE_MAX);
        let status = command
            .args(words)
            .status()
            .map_err(|cause| Failure::of(format!("run `{}`", spoken(&command)), cause))?;
        let status = status
            .code()
            .filter(|status| *status != shell::TIMED_OUT)
            .ok_or_else(|| Failure::new(format!("`{}` did not end", spoken(&command))))?;
        single(f64::from(status))
    }

    /// Minutes that `cargo x test` takes with nothing built.
    ///
    /// # Errors
    /// When it fails.
    pub(super) fn cold_test(&self) -> Result<Figure, Failure> {
        let built = self.root.join("target/cold");
        clear(&built)?;
        let began = Instant::now();
        shell::run(self.cargo(COLD_MAX).args(["x", "test"]).env("CARGO_TARGET_DIR", &built))?;
        let minutes = began.elapsed().as_secs_f64() / 60.0;
        clear(&built)?;
        single(minutes)
    }

    /// The worst of the hot paths' instructions over their budgets.
    ///
    /// # Errors
    /// When one cannot be counted, or there are none.
    pub(super) fn bench(&self) -> Result<Figure, Failure> {
        let shares: Vec<_> =
            bench::count(&self.root)?.iter().map(bench::Hot::share_of_budget).collect();
        let worst = shares.into_iter().reduce(f64::max);
        single(worst.ok_or("there is no example called hot_*")?)
    }

    /// The fewest executions that a fuzz target survived.
    ///
    /// # Errors
    /// When one crashes or there are none.
    pub(super) fn fuzz(&self) -> Result<Figure, Failure> {
        let survived = fuzz::run_all(&self.root)?;
        let fewest = survived.into_iter().map(|target| target.executions).min();
        let fewest = fewest.ok_or("there is no fuzz target")?;
        single(f64::from(u32::try_from(fewest).unwrap_or(u32::MAX)))
    }

    /// Seconds in which every scenario is played once, its build not counted.
    ///
    /// # Errors
    /// When one cannot be played, or what it expects does not hold.
    pub(super) fn quick_scenarios(&self) -> Result<Figure, Failure> {
        single(scenarios::quick_time(&self.root)?.as_secs_f64())
    }

    /// How many scenario files there are, all of which can be read.
    ///
    /// # Errors
    /// When one has faults.
    pub(super) fn scenario_files(&self) -> Result<Figure, Failure> {
        single(f64::from(u32::try_from(scenarios::files(&self.root)?).unwrap_or(u32::MAX)))
    }

    fn shield(&mut self) -> Result<&Path, Failure> {
        if self.shield.is_none() {
            self.shield = Some(release::shield(&self.root)?);
        }
        Ok(self.shield.as_deref().expect("invariant: built just above"))
    }

    /// A cargo that is ended after `limit`.
    fn cargo(&self, limit: Duration) -> Command {
        let mut command = timed(limit, cargo().get_program());
        command.current_dir(&self.root);
        command
    }
}

fn single(value: f64) -> Result<Figure, Failure> {
    Figure::of(&[value]).ok_or_else(|| "the figure is not a number".into())
}

fn clear(folder: &Path) -> Result<(), Failure> {
    if !folder.exists() {
        return Ok(());
    }
    fs::remove_dir_all(folder)
        .map_err(|cause| Failure::of(format!("remove {}", folder.display()), cause))
}
