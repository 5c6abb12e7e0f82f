//! From the parsed document to sections: every key is known, fits, and its part is built.

use crate::check::check;
use crate::faults::Fault;
use crate::keys::{self, KeySpec, Preset, Shape, TableSpec, nearest_table, unknown_key};
use crate::lines::{Lines, quoted};
use crate::sections::{Entry, Section, Sections};
use crate::unbuilt;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// What is found on the way through the document.
pub(crate) struct Walk<'t> {
    lines: &'t Lines<'t>,
    sections: Sections,
    faults: Vec<Fault>,
}

/// Reads every table of `document`; gives what fits and all that does not.
pub(crate) fn walk(document: &DeTable<'_>, lines: &Lines<'_>) -> (Sections, Vec<Fault>) {
    let mut walk = Walk { lines, sections: Sections::new(), faults: Vec::new() };
    for (key, value) in document {
        let name = key.get_ref().as_ref();
        if let Some(spec) = keys::find("", name) {
            let entry = walk.entry(spec, name, value);
            walk.sections.0[0].entries.extend(entry);
        } else if let Some(table) = keys::find_table(name) {
            walk.table(table, value);
        } else {
            walk.unknown_at_top(name, &key.span(), value.get_ref());
        }
    }
    (walk.sections, walk.faults)
}

impl Walk<'_> {
    fn table(&mut self, spec: &'static TableSpec, value: &Spanned<DeValue<'_>>) {
        match (spec.shape, value.get_ref()) {
            (Shape::Once, DeValue::Table(table)) => self.section(spec, &value.span(), table),
            (Shape::Once, other) => match (unbuilt::table_need(spec), other) {
                (Some(_), DeValue::String(word)) if is_absence(word) => {}
                (Some(need), _) => {
                    let problem = format!("{} is set; {need}", spec.name);
                    self.fault(value.span().start, spec.name, problem);
                }
                (None, _) => self.misshapen(spec.name, value, "a table [_]"),
            },
            (Shape::Any, DeValue::String(word)) if is_absence(word) => {}
            (Shape::Listed | Shape::Any, DeValue::Array(list)) if list.iter().all(is_table) => {
                for element in list {
                    if let DeValue::Table(table) = element.get_ref() {
                        self.section(spec, &element.span(), table);
                    }
                }
            }
            (Shape::Listed | Shape::Any, _) => {
                self.misshapen(spec.name, value, "one or more tables [[_]]");
            }
        }
    }

    fn misshapen(&mut self, name: &str, value: &Spanned<DeValue<'_>>, form: &str) {
        let says = match value.get_ref() {
            DeValue::Table(_) => "a single table".to_owned(),
            DeValue::Array(_) => "a list".to_owned(),
            _ => self.lines.quoted(value.span()),
        };
        let form = form.replace('_', name);
        let problem = format!("{name} is {says}; write it as {form}");
        self.fault(value.span().start, name, problem);
    }

    fn section(&mut self, spec: &'static TableSpec, head: &Range<usize>, table: &DeTable<'_>) {
        let mut entries = Vec::with_capacity(table.len());
        for (key, value) in table {
            let full = format!("{}.{}", spec.name, quoted(key.get_ref()));
            match keys::find(spec.name, key.get_ref()) {
                Some(known) => entries.extend(self.entry(known, &full, value)),
                None => self.unknown_key(&full, &key.span()),
            }
        }
        let section = Section { table: spec.name, line: self.lines.of(head.start), entries };
        self.sections.put(section, spec.shape);
    }

    /// A known key with its value as far as it fits; nothing for a key that says it is absent.
    fn entry(
        &mut self,
        spec: &'static KeySpec,
        key: &str,
        value: &Spanned<DeValue<'_>>,
    ) -> Option<Entry> {
        if let (Preset::None, DeValue::String(word)) = (spec.default, value.get_ref())
            && is_absence(word)
        {
            return None;
        }
        let line = self.lines.of(value.span().start);
        let checked = check(spec, value, self.lines);
        let is_sound = checked.misfits.is_empty();
        for misfit in checked.misfits {
            self.faults.push(Fault {
                line: misfit.line,
                key: key.to_owned(),
                problem: format!("{key} {}{}", misfit.says, default_of(spec)),
            });
        }
        if let Some(sound) = checked.value.as_ref().filter(|_| is_sound) {
            self.faults.extend(unbuilt::need(spec, sound).map(|need| Fault {
                line,
                key: key.to_owned(),
                problem: format!("{key} {}; {need}", self.says(value)),
            }));
        }
        Some(Entry { spec, line, value: checked.value })
    }

    /// `is "native"`; a table is only said to be set.
    fn says(&self, value: &Spanned<DeValue<'_>>) -> String {
        match value.get_ref() {
            DeValue::Table(_) => "is set".to_owned(),
            _ => format!("is {}", self.lines.quoted(value.span())),
        }
    }

    fn unknown_at_top(&mut self, name: &str, span: &Range<usize>, value: &DeValue<'_>) {
        let is_table = matches!(value, DeValue::Table(_) | DeValue::Array(_));
        match nearest_table(name).filter(|_| is_table) {
            Some(table) => {
                let problem = format!("unknown table {}; did you mean {table}?", quoted(name));
                self.fault(span.start, name, problem);
            }
            None => self.unknown_key(name, span),
        }
    }

    fn unknown_key(&mut self, key: &str, span: &Range<usize>) {
        self.fault(span.start, key, unknown_key(key));
    }

    fn fault(&mut self, byte: usize, key: &str, problem: String) {
        self.faults.push(Fault { line: self.lines.of(byte), key: quoted(key), problem });
    }
}

/// ` (default "10s")`, for a key that has one.
fn default_of(spec: &KeySpec) -> String {
    match spec.default {
        Preset::Toml(text) | Preset::Derived(text) => format!(" (default {text})"),
        Preset::Required | Preset::None => String::new(),
    }
}

/// Words that are never a fault at a key that may be absent.
fn is_absence(word: &str) -> bool {
    word == "off" || word == "none"
}

fn is_table(value: &Spanned<DeValue<'_>>) -> bool {
    matches!(value.get_ref(), DeValue::Table(_))
}
