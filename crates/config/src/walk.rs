//! From the parsed document to sections: every key is known, fits, and its part is built.

use crate::check::check;
use crate::faults::Fault;
use crate::keys::{self, Built, KeySpec, Preset, Shape, TableSpec, nearest_key, nearest_table};
use crate::lines::{Lines, quoted};
use crate::sections::{Entry, Section, Sections, preset};
use crate::value::Value;
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
    let mut walk = Walk {
        lines,
        sections: Sections::new(),
        faults: Vec::new(),
    };
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
            (Shape::Listed, DeValue::Array(list)) if list.iter().all(is_table) => {
                for element in list {
                    if let DeValue::Table(table) = element.get_ref() {
                        self.section(spec, &element.span(), table);
                    }
                }
            }
            (Shape::Once, DeValue::String(word)) if is_unbuilt(spec) && is_absence(word) => {}
            (Shape::Once, _) if is_unbuilt(spec) => self.unbuilt_table(spec, value),
            (Shape::Once, _) => self.misshapen(spec.name, value, "a table [_]"),
            (Shape::Listed, _) => self.misshapen(spec.name, value, "one or more tables [[_]]"),
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

    /// A table whose every key is a fault, written as something else than a table.
    fn unbuilt_table(&mut self, spec: &TableSpec, value: &Spanned<DeValue<'_>>) {
        let need = keys::of_table(spec.name).find_map(|key| unbuilt(key, &Value::Anything));
        let problem = format!("{} is set; {}", spec.name, need.unwrap_or_default());
        self.fault(value.span().start, spec.name, problem);
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
        let section = Section {
            table: spec.name,
            line: self.lines.of(head.start),
            entries,
        };
        match spec.shape {
            Shape::Listed => self.sections.0.push(section),
            Shape::Once => {
                let place = self
                    .sections
                    .0
                    .iter_mut()
                    .find(|place| place.table == spec.name);
                *place.expect("invariant: made with every table that stands at most once") =
                    section;
            }
        }
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
            self.faults.extend(unbuilt(spec, sound).map(|need| Fault {
                line,
                key: key.to_owned(),
                problem: format!("{key} {}; {need}", self.says(value)),
            }));
        }
        Some(Entry {
            spec,
            line,
            value: checked.value,
        })
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
        let mut problem = format!("unknown key {}", quoted(key));
        match nearest_key(key) {
            Some(nearest) => {
                problem.push_str("; did you mean ");
                problem.push_str(nearest);
                problem.push('?');
                if !nearest.contains('.') && key.contains('.') {
                    problem.push_str(" It stands above the first table.");
                }
            }
            None => problem.push_str("; `seawall config default` shows every key"),
        }
        self.fault(span.start, key, problem);
    }

    fn fault(&mut self, byte: usize, key: &str, problem: String) {
        self.faults.push(Fault {
            line: self.lines.of(byte),
            key: quoted(key),
            problem,
        });
    }
}

/// Required keys and tables that are not there; `known` are the faults of what is.
pub(crate) fn missing(sections: &Sections, known: &[Fault]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for section in &sections.0 {
        let absent = keys::of_table(section.table)
            .filter(|spec| spec.default == Preset::Required)
            .filter(|spec| section.entry(spec.name()).is_none());
        faults.extend(absent.map(|spec| Fault {
            line: section.line,
            key: spec.key.to_owned(),
            problem: missing_key(spec),
        }));
    }
    for table in keys::TABLES
        .iter()
        .filter(|table| table.shape == Shape::Listed)
    {
        let name = table.name;
        let is_misshapen = known.iter().any(|fault| fault.key == name);
        if !is_misshapen && sections.all(name).next().is_none() {
            faults.push(Fault {
                line: 1,
                key: name.to_owned(),
                problem: format!("no {name} is written; add a table [[{name}]]"),
            });
        }
    }
    faults
}

/// What a value needs that is not built, and the remedy.
fn unbuilt(spec: &KeySpec, value: &Value) -> Option<String> {
    let (part, remedy) = match spec.built {
        Built::Whole | Built::Inert | Built::Ignored { .. } => return None,
        Built::Without {
            words,
            part,
            instead,
        } => {
            if !names_one_of(value, words) {
                return None;
            }
            (part, instead)
        }
        Built::Missing { part } => {
            if value.is_empty() || preset(spec).as_ref() == Some(value) {
                return None;
            }
            (part, "remove the line")
        }
    };
    Some(format!("{part} is not built in this version; {remedy}"))
}

fn missing_key(spec: &KeySpec) -> String {
    let example = spec.example.unwrap_or_default();
    format!("{} is missing; write {} = {example}", spec.key, spec.name())
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

fn is_unbuilt(table: &TableSpec) -> bool {
    keys::of_table(table.name).all(|spec| matches!(spec.built, Built::Missing { .. }))
}

fn is_table(value: &Spanned<DeValue<'_>>) -> bool {
    matches!(value.get_ref(), DeValue::Table(_))
}

fn names_one_of(value: &Value, words: &[&str]) -> bool {
    match value {
        Value::Word(word) => words.contains(word),
        Value::Words(list) => list.iter().any(|word| words.contains(word)),
        _ => false,
    }
}
