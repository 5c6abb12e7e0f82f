//! Every line that must hold, by name.
//!
//! A new line is one entry in the file of its subject and, unless the lab measures it, a system test
//! or an example that prints `FIGURE <name> <number> <unit>`, as often as it measured.

mod admission;
mod brain;
mod cache;
mod challenge;
mod cost;
mod evidence;
mod faithful;
mod goodput;
mod hostile;
mod house;
mod ladder;
mod lanes;
mod packet;
mod report;
#[cfg(test)]
mod tests;
mod worlds;

use super::bar::Bar::{self, AtMost};
use super::lab::group::Group;

/// A line that must hold.
pub(super) struct Line {
    /// Stable; lines of one subject share what stands before the dot.
    pub(super) name: &'static str,
    /// What is measured.
    pub(super) what: &'static str,
    pub(super) bar: Bar,
    /// Of figure and bar.
    pub(super) unit: &'static str,
    pub(super) probe: Probe,
}

/// A package's example and its words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Example {
    pub(super) package: &'static str,
    pub(super) name: &'static str,
    pub(super) words: &'static [&'static str],
}

/// Words behind `cargo`.
pub(super) type Words = &'static [&'static str];

/// Where a line's figure comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Probe {
    /// The lab: our cost over the peer's in one mode of a group.
    OverHaproxy(&'static Group, &'static str),
    /// The lab: our own figure in one mode of a group.
    Own(&'static Group, &'static str),
    /// A system test that prints the figure.
    Test(&'static str),
    /// An example of a package that prints the figures of several lines.
    Example(Example),
    /// The exit status of a cargo command.
    Exit(Words),
    /// A cargo command that prints the figures of several lines.
    Said(Words),
    /// Minutes that `cargo x test` takes with nothing built.
    ColdTest,
    /// The worst of the hot paths' instructions over their budgets.
    Bench,
    /// The fewest executions that a fuzz target survived.
    Fuzz,
    /// Seconds in which every scenario is played once.
    QuickScenarios,
    /// Scenario files; whoever plays them has read their models and sources.
    ScenarioFiles,
}

/// Lines by subject, in the order in which they are shown.
const SUBJECTS: [&[Line]; 15] = [
    house::LINES,
    cost::LINES,
    hostile::LINES,
    worlds::LINES,
    evidence::LINES,
    report::LINES,
    admission::LINES,
    goodput::LINES,
    brain::LINES,
    ladder::LINES,
    cache::LINES,
    challenge::LINES,
    lanes::LINES,
    faithful::LINES,
    packet::LINES,
];

/// Every line.
pub(super) fn all() -> impl Iterator<Item = &'static Line> {
    SUBJECTS.into_iter().flatten()
}

const fn line(
    name: &'static str,
    what: &'static str,
    (bar, unit): (Bar, &'static str),
    probe: Probe,
) -> Line {
    Line { name, what, bar, unit, probe }
}

/// A cargo command whose end is the figure.
const fn passes(name: &'static str, what: &'static str, words: Words) -> Line {
    line(name, what, (AtMost(0.0), "as exit status"), Probe::Exit(words))
}

/// A cost that may be at most `most` times the peer's.
const fn cost(
    name: &'static str,
    what: &'static str,
    most: f64,
    (group, mode): (&'static Group, &'static str),
) -> Line {
    let probe = Probe::OverHaproxy(group, mode);
    line(name, what, (AtMost(most), "x HAProxy"), probe)
}

impl Line {
    /// The group of the lab and the mode that give the figure, if the lab does.
    pub(super) fn in_lab(&self) -> Option<(&'static Group, &'static str)> {
        match self.probe {
            Probe::OverHaproxy(group, mode) | Probe::Own(group, mode) => Some((group, mode)),
            Probe::Test(_)
            | Probe::Example(_)
            | Probe::Exit(_)
            | Probe::Said(_)
            | Probe::ColdTest
            | Probe::Bench
            | Probe::Fuzz
            | Probe::QuickScenarios
            | Probe::ScenarioFiles => None,
        }
    }

    /// What a person would type to see the figure come about.
    pub(super) fn command(&self) -> String {
        match self.probe {
            Probe::OverHaproxy(group, mode) | Probe::Own(group, mode) => {
                format!("{} {}", group.script, group.words(&[mode], 0).join(" "))
            }
            Probe::Test(test) => format!("cargo test --profile system --test system {test}"),
            Probe::Example(example) => format!("cargo {}", example.arguments().join(" ")),
            Probe::Exit(words) | Probe::Said(words) => format!("cargo {}", words.join(" ")),
            Probe::ColdTest => "cargo x test".to_owned(),
            Probe::Bench => "cargo x bench".to_owned(),
            Probe::Fuzz => "cargo x fuzz".to_owned(),
            Probe::QuickScenarios | Probe::ScenarioFiles => "cargo x scenarios --quick".to_owned(),
        }
    }

    /// Whether `word` names this line or its subject.
    pub(super) fn is_named(&self, word: &str) -> bool {
        self.name == word || self.name.split('.').next() == Some(word)
    }
}

impl Example {
    /// What follows `cargo` to run it.
    pub(super) fn arguments(&self) -> Vec<&'static str> {
        let mut words = vec!["run", "-q", "--profile", "system", "-p", self.package];
        words.extend(["--example", self.name]);
        if !self.words.is_empty() {
            words.push("--");
            words.extend(self.words);
        }
        words
    }
}
