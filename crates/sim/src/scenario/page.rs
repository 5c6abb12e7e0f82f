//! The text of a scenario while it is read: where things stand, and what is wrong so far.
//!
//! A table that does not fit its type is read again without the key that was at fault, so that one
//! reading tells everything.

use super::faults::Fault;
use serde::de::DeserializeOwned;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, Deserializer, Error};

/// A table of the text, with its place.
pub(super) type Table<'t> = Spanned<DeTable<'t>>;

/// A text while it is read.
pub(super) struct Page<'t> {
    text: &'t str,
    pub(super) faults: Vec<Fault>,
}

impl<'t> Page<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, faults: Vec::new() }
    }

    /// The whole text as a table; where it is not TOML nothing else is told.
    pub(super) fn root(&mut self) -> Option<Table<'t>> {
        let (root, errors) = DeTable::parse_recoverable(self.text);
        for error in &errors {
            let at = error.span().unwrap_or_default();
            self.fault(at.start, format!("not TOML: {}", error.message()));
        }
        errors.is_empty().then_some(root)
    }

    /// Notes what is wrong at a byte of the text.
    pub(super) fn fault(&mut self, at: usize, problem: impl Into<String>) {
        let until = self.text.len().min(at);
        let line = 1 + self.text.as_bytes()[..until].split(|byte| *byte == b'\n').skip(1).count();
        self.faults.push(Fault { line, problem: problem.into() });
    }

    /// Reads a table as a `T`; none when anything about it was wrong.
    pub(super) fn read<T: DeserializeOwned>(&mut self, table: Table<'t>, of: &str) -> Option<T> {
        self.read_with(table, of, |table| T::deserialize(Deserializer::from(table)))
    }

    /// Reads a table by `read`; none when anything about it was wrong.
    pub(super) fn read_with<T>(
        &mut self,
        mut table: Table<'t>,
        of: &str,
        read: impl Fn(Table<'t>) -> Result<T, Error>,
    ) -> Option<T> {
        let mut taken: Vec<String> = Vec::new();
        loop {
            let error = match read(table.clone()) {
                Ok(value) => return taken.is_empty().then_some(value),
                Err(error) => error,
            };
            // It is missed only because it was at fault itself.
            if taken.iter().any(|key| error.message() == format!("missing field `{key}`")) {
                return None;
            }
            let at = error.span().unwrap_or_else(|| table.span());
            let culprit = key_at(table.get_ref(), &at);
            let said = sentence(error.message());
            let key = culprit.as_deref().filter(|key| !said.contains(*key));
            let key = key.map_or(String::new(), |key| format!(" {key}:"));
            self.fault(at.start, format!("{of}:{key} {said}"));
            let culprit = culprit?;
            table.get_mut().remove(culprit.as_str());
            taken.push(culprit);
        }
    }
}

/// Takes these keys out of a table, into a table of their own at the same place.
pub(super) fn split_off<'t>(table: &mut Table<'t>, keys: &[&str]) -> Table<'t> {
    let mut apart = DeTable::new();
    for key in keys {
        if let Some((key, value)) = table.get_mut().remove_entry(*key) {
            apart.insert(key, value);
        }
    }
    Spanned::new(table.span(), apart)
}

/// The key whose name or value lies at `at`.
fn key_at(table: &DeTable<'_>, at: &Range<usize>) -> Option<String> {
    let holds = |span: Range<usize>| span.start <= at.start && at.end <= span.end;
    let found = table.iter().find(|(key, value)| holds(key.span()) || holds(value.span()));
    found.map(|(key, _)| key.get_ref().to_string())
}

/// One line of what a reader said.
fn sentence(message: &str) -> String {
    message.trim_end().replace('\n', "; ")
}
