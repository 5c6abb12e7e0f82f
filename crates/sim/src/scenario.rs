//! A scenario: what a world is made of, from a text in TOML, and worlds and tables made of it.
//!
//! Takes a text; gives a [`Scenario`] in which every value is inside its bounds, or every fault
//! with its line.
//! `docs/scenarios.md` describes the format.
//! Never opens a file.
//! Bounds: [`bounds`].

pub mod bounds;
pub mod expect;
mod faults;
mod groups;
pub mod kinds;
pub mod mishaps;
mod page;
mod parts;
mod place;
pub mod platforms;
pub mod prepared;
pub mod record;
pub mod sweep;
pub mod table;
#[cfg(test)]
mod tests;
pub mod timeline;

pub use expect::Expectation;
pub use faults::{Fault, Faults};
pub use groups::GroupEntry;
pub use mishaps::Mishap;
pub use platforms::{Capacity, Platform};
pub use prepared::{Prepared, Setting};

use crate::clock::NodeClock;
use page::Page;
use serde::Deserialize;

/// A scenario, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// What its file is called, without the ending.
    pub name: String,
    /// What it is a model of, in one sentence.
    pub model: String,
    /// Where that is known from.
    pub source: String,
    /// How long it goes on.
    pub seconds: u32,
    /// Calm seconds at its beginning, for a defence to learn from; no surge or flood begins in them.
    pub learn: u32,
    /// Those that are visited; at least one.
    pub platforms: Vec<Platform>,
    /// Everybody who sends: people first, then surges, then floods.
    pub groups: Vec<GroupEntry>,
    /// What goes wrong besides.
    pub mishaps: Vec<Mishap>,
    /// How the clocks of the shield's node run.
    pub clock: NodeClock,
    /// What must be true of a defence in it.
    pub expectations: Vec<Expectation>,
}

/// What stands above the first table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    model: String,
    source: String,
    seconds: u32,
    #[serde(default = "usual_learn")]
    learn: u32,
}

/// Calm that is long enough to tell what is usual at this time of day.
fn usual_learn() -> u32 {
    30
}

impl Scenario {
    /// The scenario that `text` says; `name` names it in tables and, as `name.toml`, in faults.
    ///
    /// # Errors
    /// Every fault of the text, sorted by line.
    pub fn parse(text: &str, name: &str) -> Result<Self, Faults> {
        let mut page = Page::new(text);
        let scenario = read(&mut page, name);
        match scenario {
            Some(scenario) if page.faults.is_empty() => Ok(scenario),
            _ => Err(Faults::new(&format!("{name}.toml"), page.faults)),
        }
    }

    /// The group of that name.
    pub fn group(&self, name: &str) -> Option<&GroupEntry> {
        self.groups.iter().find(|group| group.name == name)
    }
}

fn read(page: &mut Page<'_>, name: &str) -> Option<Scenario> {
    let root = page.root()?;
    let parts = parts::split(page, root);
    let at = parts.head.span().start;
    let head: Option<Head> = page.read(parts.head, "the scenario");
    if let Some(head) = &head {
        check_head(page, at, head);
    }
    let platforms = platforms::read(page, parts.platforms);
    let lists = [parts.people, parts.surges, parts.floods];
    let around = place::Around { platforms: &platforms, head: head.as_ref() };
    let groups = groups::read(page, lists, around);
    let mishaps = mishaps::read(page, parts.mishaps, around);
    let clock = mishaps::clock(page, parts.clock);
    let expectations = expect::read(page, parts.expectations, &platforms);
    let Head { model, source, seconds, learn } = head?;
    let name = name.to_owned();
    Some(Scenario {
        name,
        model,
        source,
        seconds,
        learn,
        platforms,
        groups,
        mishaps,
        clock,
        expectations,
    })
}

fn check_head(page: &mut Page<'_>, at: usize, head: &Head) {
    for (key, text, remedy) in [
        ("model", &head.model, "say in one sentence what it is a model of"),
        ("source", &head.source, "say where that is known from"),
    ] {
        if text.trim().is_empty() {
            page.fault(at, format!("{key} is empty; {remedy}"));
        }
    }
    let most = bounds::SECONDS_MAX;
    if head.seconds > most || head.learn >= head.seconds {
        page.fault(
            at,
            format!(
                "seconds is {} and learn {}; seconds must be at most {most}, and learn less than that",
                head.seconds, head.learn
            ),
        );
    }
}
