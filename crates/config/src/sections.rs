//! The tables of one file with their checked values, and the defaults behind them.

use crate::check::check;
use crate::keys::{self, KeySpec, Preset, Shape, TABLES};
use crate::lines::Lines;
use crate::value::{Held, Value};
use toml::de::DeValue;

/// A key that stands in the file.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) spec: &'static KeySpec,
    /// Line of its value.
    pub(crate) line: usize,
    /// Its value as far as it fits; none when none of it does.
    pub(crate) value: Option<Value>,
}

/// One table of the file, or the keys above all tables.
#[derive(Debug)]
pub(crate) struct Section {
    pub(crate) table: &'static str,
    /// Line of its head.
    pub(crate) line: usize,
    pub(crate) entries: Vec<Entry>,
}

impl Section {
    /// The entry of a key, faulty or not.
    pub(crate) fn entry(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.spec.name() == name)
    }

    /// The line of a key, or of the table where the key is absent.
    pub(crate) fn line_of(&self, name: &str) -> usize {
        self.entry(name).map_or(self.line, |entry| entry.line)
    }

    /// The value that the file gives, if it gives one that fits.
    pub(crate) fn find<T: Held>(&self, name: &str) -> Option<T> {
        T::held(self.entry(name)?.value.as_ref()?)
    }

    /// The value that the file gives, else the default of the table of keys.
    pub(crate) fn read<T: Held>(&self, name: &str) -> T {
        self.find(name)
            .or_else(|| T::held(&preset(keys::find(self.table, name)?)?))
            .expect("invariant: asked with the type of the key's kind, and only once every required key is there")
    }
}

/// All tables of one file; those that stand at most once are always there, perhaps empty.
#[derive(Debug)]
pub(crate) struct Sections(pub(crate) Vec<Section>);

impl Sections {
    /// Empty sections for every table that stands at most once.
    pub(crate) fn new() -> Self {
        let once = TABLES.iter().filter(|table| table.shape == Shape::Once);
        Self(
            once.map(|table| Section { table: table.name, line: 1, entries: Vec::new() }).collect(),
        )
    }

    /// Adds a table of the file, or fills the place of one that stands at most once.
    pub(crate) fn put(&mut self, section: Section, shape: Shape) {
        let place = match shape {
            Shape::Once => self.0.iter_mut().find(|place| place.table == section.table),
            Shape::Listed | Shape::Any => None,
        };
        match place {
            Some(place) => *place = section,
            None => self.0.push(section),
        }
    }

    /// The section of a table that stands at most once.
    pub(crate) fn one(&self, table: &str) -> &Section {
        self.all(table).next().expect("invariant: made with every table that stands at most once")
    }

    /// The sections of one table, in the order of the file.
    pub(crate) fn all(&self, table: &str) -> impl Iterator<Item = &Section> {
        self.0.iter().filter(move |section| section.table == table)
    }
}

/// The default of a key as a value, where it has one.
pub(crate) fn preset(spec: &KeySpec) -> Option<Value> {
    let Preset::Toml(toml) = spec.default else {
        return None;
    };
    let value = DeValue::parse(toml).ok()?;
    check(spec, &value, &Lines::new(toml)).value
}
