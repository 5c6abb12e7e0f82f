//! Many runs: every scenario with every defence, capacity and seed, and what they came to.
//!
//! A sweep plays nothing itself: whoever drives it takes [`Sweep::cells`] in any order, on as many
//! threads as it likes, and hands back what each came to.

use super::{Prepared, Setting};
use crate::casting::Miscast;
use crate::defence::DefenceKind;
use crate::score::{Figure, Spread, Summary};
use std::collections::BTreeMap;

/// With what every scenario is played.
#[derive(Debug, Clone, PartialEq)]
pub struct Grid {
    /// Seeds.
    pub seeds: Vec<u64>,
    /// Capacities in times of normal demand; none for what the scenario says.
    pub capacities: Vec<Option<f64>>,
    /// Defences.
    pub defences: Vec<DefenceKind>,
}

/// One run of a sweep.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cell {
    /// Index of the scenario.
    pub scenario: usize,
    /// Index into [`Grid::capacities`].
    pub capacity: usize,
    /// How it is played.
    pub setting: Setting,
}

/// Scenarios to be played over a grid.
#[derive(Debug)]
pub struct Sweep {
    /// The scenarios.
    pub scenarios: Vec<Prepared>,
    /// With what.
    pub grid: Grid,
    outcomes: BTreeMap<Key, Vec<Summary>>,
}

/// Scenario, capacity, defence, platform.
type Key = (usize, usize, DefenceKind, usize);

impl Sweep {
    /// A sweep of which nothing has been played.
    pub fn new(scenarios: Vec<Prepared>, grid: Grid) -> Self {
        Self { scenarios, grid, outcomes: BTreeMap::new() }
    }

    /// Every run.
    pub fn cells(&self) -> Vec<Cell> {
        let mut cells = Vec::new();
        for scenario in 0..self.scenarios.len() {
            for (capacity, times_normal) in self.grid.capacities.iter().copied().enumerate() {
                for defence in self.grid.defences.iter().copied() {
                    for seed in self.grid.seeds.iter().copied() {
                        let setting = Setting { seed, defence, times_normal };
                        cells.push(Cell { scenario, capacity, setting });
                    }
                }
            }
        }
        cells
    }

    /// Plays one run; gives its summaries by platform.
    ///
    /// # Errors
    /// A sentence, when a group cannot be made.
    pub fn play(&self, cell: &Cell) -> Result<Vec<Summary>, Miscast> {
        let scores = self.scenarios[cell.scenario].play(cell.setting)?;
        Ok(scores.iter().map(crate::Score::summary).collect())
    }

    /// Keeps what every run came to, in the order of [`Self::cells`].
    pub fn keep(&mut self, summaries: Vec<Vec<Summary>>) {
        for (cell, summaries) in self.cells().into_iter().zip(summaries) {
            for (platform, summary) in summaries.into_iter().enumerate() {
                let key = (cell.scenario, cell.capacity, cell.setting.defence, platform);
                self.outcomes.entry(key).or_default().push(summary);
            }
        }
    }

    /// What the seeds came to in one place of the table.
    pub fn runs(&self, key: Key) -> &[Summary] {
        self.outcomes.get(&key).map_or(&[], Vec::as_slice)
    }

    /// A figure over the seeds in one place of the table.
    pub fn spread(&self, key: Key, figure: Figure) -> Option<Spread> {
        Spread::of(figure, self.runs(key))
    }

    /// What was expected of a defence and does not hold, as sentences.
    pub fn broken(&self) -> Vec<String> {
        let mut broken = Vec::new();
        let own = self.grid.capacities.iter().position(Option::is_none);
        for (index, prepared) in self.scenarios.iter().enumerate() {
            let scenario = &prepared.scenario;
            for expectation in &scenario.expectations {
                let Some(capacity) =
                    own.filter(|_| self.grid.defences.contains(&expectation.defence))
                else {
                    continue;
                };
                for (platform, of) in scenario.platforms.iter().enumerate() {
                    let runs = self.runs((index, capacity, expectation.defence, platform));
                    let misses = expectation.broken_by(&of.name, runs);
                    broken.extend(
                        misses.into_iter().map(|miss| format!("{}: {miss}", scenario.name)),
                    );
                }
            }
        }
        broken
    }
}
