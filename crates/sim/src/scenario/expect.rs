//! What must be true of a defence in a scenario: bounds of figures, checked by every sweep.

use super::page::{Page, Table, split_off};
use super::platforms::Platform;
use crate::defence::DefenceKind;
use crate::score::{Figure, Spread, Summary, Unit};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;

/// Bounds of one defence.
#[derive(Debug, Clone, PartialEq)]
pub struct Expectation {
    /// Of which defence.
    pub defence: DefenceKind,
    /// On which platform; none for each.
    pub platform: Option<String>,
    /// By figure; shares in percent.
    pub bounds: Vec<(Figure, Bound)>,
}

/// What a figure must lie in.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bound {
    /// At least this.
    pub min: Option<f64>,
    /// At most this.
    pub max: Option<f64>,
}

/// What stands in an `[[expect]]` beside the bounds.
#[derive(Debug, Deserialize)]
struct Entry {
    defence: DefenceKind,
    platform: Option<String>,
}

/// The expectations of these tables; what does not fit is noted on the page.
pub(super) fn read<'t>(
    page: &mut Page<'t>,
    tables: Vec<Table<'t>>,
    platforms: &[Platform],
) -> Vec<Expectation> {
    let mut expectations = Vec::new();
    for mut table in tables {
        let at = table.span().start;
        let entry = split_off(&mut table, &["defence", "platform"]);
        let entry = page.read::<Entry>(entry, "expect");
        let bounds = page.read::<BTreeMap<String, Bound>>(table, "expect");
        let (Some(entry), Some(bounds)) = (entry, bounds) else {
            continue;
        };
        if let Some(name) = &entry.platform
            && !platforms.iter().any(|platform| platform.name == *name)
        {
            page.fault(at, format!("expect: no platform is called {name}"));
        }
        let bounds = bounds.into_iter().filter_map(|(name, bound)| {
            known(&name, bound).map_err(|problem| page.fault(at, format!("expect: {problem}"))).ok()
        });
        let bounds: Vec<_> = bounds.collect();
        let Entry { defence, platform } = entry;
        expectations.push(Expectation { defence, platform, bounds });
    }
    expectations
}

/// The figure that a name means: its words, with `_` between them.
fn known(name: &str, bound: Bound) -> Result<(Figure, Bound), String> {
    let figure = Figure::ALL.into_iter().find(|figure| key(*figure) == name).ok_or_else(|| {
        let all: Vec<_> = Figure::ALL.into_iter().map(key).collect();
        format!("no figure is called {name}; there are {}", all.join(", "))
    })?;
    match bound {
        Bound { min: None, max: None } => {
            Err(format!("{name} has no bound; write {{ max = … }} or {{ min = … }}"))
        }
        bound => Ok((figure, bound)),
    }
}

fn key(figure: Figure) -> String {
    figure.words().replace(' ', "_")
}

impl Expectation {
    /// What of it does not hold for the runs on a platform, one sentence for each.
    pub fn broken_by(&self, platform: &str, runs: &[Summary]) -> Vec<String> {
        if self.platform.as_deref().is_some_and(|of| of != platform) {
            return Vec::new();
        }
        let misses = self.bounds.iter().filter_map(|(figure, bound)| {
            let scale = if figure.unit() == Unit::Share { 100.0 } else { 1.0 };
            let value = Spread::of(*figure, runs).map(|spread| scale * spread.mean);
            let held = value.is_some_and(|value| bound.holds(value));
            let said = value.map_or("never".to_owned(), |value| format!("{value:.2}"));
            let (defence, words) = (self.defence.name(), figure.words());
            let miss = || format!("{defence} on {platform}: {words} is {said}, expected {bound}");
            (!held).then(miss)
        });
        misses.collect()
    }
}

impl Bound {
    fn holds(self, value: f64) -> bool {
        self.min.is_none_or(|min| value >= min) && self.max.is_none_or(|max| value <= max)
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.min, self.max) {
            (Some(min), Some(max)) => write!(f, "{min} to {max}"),
            (Some(min), None) => write!(f, "at least {min}"),
            (None, Some(max)) => write!(f, "at most {max}"),
            (None, None) => f.write_str("anything"),
        }
    }
}
