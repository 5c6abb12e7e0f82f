//! Text to a document, and where the text is not TOML.
//!
//! A slip inside one value (`tls = tru`) leaves the rest of the file readable, so that its other
//! faults are told too.
//! After a slip in the structure (an open bracket, a repeated table) the place of what follows is a
//! guess: nothing behind it is told until it is mended.

use crate::faults::Fault;
use crate::lines::{Lines, quoted};
use std::collections::BTreeMap;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Error};

/// A document as far as it can be read.
pub(crate) struct Document<'t> {
    pub(crate) root: Spanned<DeTable<'t>>,
    /// Where the text is not TOML, at most one fault a line, sorted.
    pub(crate) faults: Vec<Fault>,
    /// Lines from here on are not to be judged.
    pub(crate) horizon: usize,
}

/// Parses the text; a text that is no TOML at all gives an empty document and its faults.
pub(crate) fn read<'t>(text: &'t str, lines: &Lines<'t>) -> Document<'t> {
    let (root, errors) = DeTable::parse_recoverable(text);
    let mut by_line: BTreeMap<usize, Slip> = BTreeMap::new();
    for error in errors {
        let slip = Slip::of(&error, lines, root.get_ref());
        by_line
            .entry(slip.fault.line)
            .and_modify(|first| first.is_structural |= slip.is_structural)
            .or_insert(slip);
    }
    let horizon = by_line
        .values()
        .find(|slip| slip.is_structural)
        .map_or(usize::MAX, |slip| slip.fault.line);
    let told = by_line.into_values().map(|slip| slip.fault);
    Document {
        root,
        faults: told.take_while(|fault| fault.line <= horizon).collect(),
        horizon,
    }
}

impl Document<'_> {
    /// Faults of values that can be believed although the text has faults of its own.
    pub(crate) fn believable(&self, fault: &Fault) -> bool {
        fault.line < self.horizon && self.faults.iter().all(|slip| slip.line != fault.line)
    }
}

/// One place where the text is not TOML.
struct Slip {
    fault: Fault,
    is_structural: bool,
}

impl Slip {
    fn of(error: &Error, lines: &Lines<'_>, root: &DeTable<'_>) -> Self {
        let span = error.span().unwrap_or_default();
        let written = lines.quoted(span.clone());
        let subject = if written.is_empty() {
            format!("`{}`", quoted(lines.content(span.start).trim()))
        } else {
            format!("`{written}`")
        };
        let mut problem = format!("{subject} is not TOML: {}", quoted(error.message()));
        if matches!(written.as_str(), "listener" | "platform") {
            problem = format!("{problem}; write [[{written}]] for each");
        }
        Self {
            is_structural: !in_scalar(root, span.start, lines),
            fault: Fault {
                line: lines.of(span.start),
                key: String::new(),
                problem,
            },
        }
    }
}

/// Whether `byte` lies in a value of its own line that is no list and no table.
fn in_scalar(table: &DeTable<'_>, byte: usize, lines: &Lines<'_>) -> bool {
    table.iter().any(|(key, value)| match value.get_ref() {
        DeValue::Table(table) => in_scalar(table, byte, lines),
        DeValue::Array(list) => list.iter().any(|entry| match entry.get_ref() {
            DeValue::Table(table) => in_scalar(table, byte, lines),
            _ => false,
        }),
        _ => {
            let span = value.span();
            (span.start..=span.end).contains(&byte)
                && lines.of(key.span().start) == lines.of(span.end)
        }
    })
}
