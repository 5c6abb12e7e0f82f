//! Text to a document, and where the text is not TOML.
//!
//! A slip inside one value (`tls = tru`) leaves the rest of the file readable, so that its other
//! faults are told too.
//! After a slip in the structure (an open bracket, a repeated table) the place of what follows is a
//! guess: nothing behind it is told until it is mended.

use crate::faults::Fault;
use crate::lines::{Lines, quoted};
use std::collections::BTreeMap;
use std::ops::Range;
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
    let mut scalars = Vec::new();
    if !errors.is_empty() {
        push_scalars(root.get_ref(), lines, &mut scalars);
        scalars.sort_unstable_by_key(|scalar| scalar.start);
    }
    let mut by_line: BTreeMap<usize, Slip> = BTreeMap::new();
    for error in errors {
        let slip = Slip::of(&error, lines, &scalars);
        by_line
            .entry(slip.fault.line)
            .and_modify(|first| first.is_structural |= slip.is_structural)
            .or_insert(slip);
    }
    let horizon =
        by_line.values().find(|slip| slip.is_structural).map_or(usize::MAX, |slip| slip.fault.line);
    let told = by_line.into_values().map(|slip| slip.fault);
    Document { root, faults: told.take_while(|fault| fault.line <= horizon).collect(), horizon }
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
    fn of(error: &Error, lines: &Lines<'_>, scalars: &[Range<usize>]) -> Self {
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
            is_structural: !in_scalar(scalars, span.start),
            fault: Fault { line: lines.of(span.start), key: String::new(), problem },
        }
    }
}

/// Whether `byte` lies in one of `scalars`, which are sorted, or right behind it.
fn in_scalar(scalars: &[Range<usize>], byte: usize) -> bool {
    let begun = scalars.partition_point(|scalar| scalar.start <= byte);
    begun > 0 && byte <= scalars[begun - 1].end
}

/// Collects the values that are no list and no table and stand on the line of their key.
fn push_scalars(table: &DeTable<'_>, lines: &Lines<'_>, scalars: &mut Vec<Range<usize>>) {
    for (key, value) in table {
        match value.get_ref() {
            DeValue::Table(table) => push_scalars(table, lines, scalars),
            DeValue::Array(list) => {
                for table in list.iter().filter_map(|entry| entry.get_ref().as_table()) {
                    push_scalars(table, lines, scalars);
                }
            }
            _ if lines.of(key.span().start) == lines.of(value.span().end) => {
                scalars.push(value.span());
            }
            _ => {}
        }
    }
}
