//! One key for the person who runs the shield: its value, where that came from, bounds, why.

use crate::faults::{Fault, Faults};
use crate::keys::{self, Built, KeySpec, Preset, nearest_key, unknown_key};
use crate::lines::Lines;
use crate::{parse, syntax};
use std::fmt;
use std::path::Path;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A key that no file can hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownKey {
    /// The key, as it was asked for.
    pub key: String,
    /// What it was probably meant to be.
    pub meant: Meant,
}

/// What an unknown key was probably meant to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meant {
    /// Nothing comes near.
    Unclear,
    /// This key.
    Key(&'static str),
    /// One of these keys: it names their table.
    OneOf(Vec<&'static str>),
}

impl fmt::Display for UnknownKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.meant {
            Meant::Unclear | Meant::Key(_) => f.write_str(&unknown_key(&self.key)),
            Meant::OneOf(keys) => {
                write!(f, "{} is a table; it holds {}", self.key, keys.join(", "))
            }
        }
    }
}

impl std::error::Error for UnknownKey {}

/// What `key` is in a file, given as its text and path, or by default.
///
/// The answer ends with a line break.
/// A file with faults still answers; a fault of this key is part of the answer.
///
/// # Errors
/// [`UnknownKey`] when no file can hold it.
pub fn explain(key: &str, current: Option<(&str, &Path)>) -> Result<String, UnknownKey> {
    let (table, name) = key.rsplit_once('.').unwrap_or(("", key));
    let spec = keys::find(table, name).ok_or_else(|| unknown(key))?;
    let mut answer = match current {
        Some((text, file)) => in_file(spec, name, text, file),
        None => by_default(spec, name, ""),
    };
    answer.push(line("default", &default_of(spec)));
    answer.push(line("bounds", &spec.kind.bounds()));
    answer.push(line("why", spec.why));
    answer.extend(limit_of(spec).map(|limit| line("built", &limit)));
    answer.push(String::new());
    Ok(answer.join("\n"))
}

fn unknown(key: &str) -> UnknownKey {
    let meant = match (keys::find_table(key), nearest_key(key)) {
        (Some(table), _) => Meant::OneOf(keys::of_table(table.name).map(|spec| spec.key).collect()),
        (None, Some(nearest)) => Meant::Key(nearest),
        (None, None) => Meant::Unclear,
    };
    UnknownKey { key: key.to_owned(), meant }
}

/// The values of a key in a file, each with its line, and the faults that were found in them.
fn in_file(spec: &KeySpec, name: &str, text: &str, file: &Path) -> Vec<String> {
    let lines = Lines::new(text);
    let document = syntax::read(text, &lines);
    let key = full_name(spec, name);
    let mut answer = Vec::new();
    for value in written(document.root.get_ref(), spec.table(), name) {
        let at = lines.of(value.span().start);
        answer.push(format!("{key} = {}", lines.quoted(value.span())));
        answer.push(line("from", &format!("{}:{at}", file.display())));
    }
    if answer.is_empty() {
        answer = by_default(spec, name, &format!(", not in {}", file.display()));
    }
    let faults = parse(text, file).err();
    let own = |fault: &&Fault| fault.key == key || fault.key.is_empty();
    for fault in faults.iter().flat_map(Faults::list).filter(own) {
        let problem = format!("{}:{}: {fault}", file.display(), fault.line);
        answer.push(line("fault", &problem));
    }
    answer
}

fn full_name(spec: &KeySpec, name: &str) -> String {
    match spec.table() {
        "" => name.to_owned(),
        table => format!("{table}.{name}"),
    }
}

/// Every place of the document where a key stands, in the order of the file.
fn written<'a, 't>(
    root: &'a DeTable<'t>,
    table: &str,
    name: &str,
) -> Vec<&'a Spanned<DeValue<'t>>> {
    if table.is_empty() {
        return root.get(name).into_iter().collect();
    }
    let tables: Vec<&DeTable<'t>> = match root.get(table).map(Spanned::get_ref) {
        Some(DeValue::Table(table)) => vec![table],
        Some(DeValue::Array(list)) => {
            list.iter().filter_map(|element| element.get_ref().as_table()).collect()
        }
        _ => Vec::new(),
    };
    tables.into_iter().filter_map(|table| table.get(name)).collect()
}

fn by_default(spec: &KeySpec, name: &str, place: &str) -> Vec<String> {
    let from = match spec.default {
        Preset::Required => format!("nowhere{place}: the file must say"),
        Preset::None | Preset::Toml(_) | Preset::Derived(_) => format!("default{place}"),
    };
    vec![format!("{} = {}", full_name(spec, name), default_of(spec)), line("from", &from)]
}

fn default_of(spec: &KeySpec) -> String {
    match spec.default {
        Preset::Required => "(none; it must be written)".to_owned(),
        Preset::None => "none".to_owned(),
        Preset::Toml(text) | Preset::Derived(text) => text.to_owned(),
    }
}

/// What of the key is not built, for people.
fn limit_of(spec: &KeySpec) -> Option<String> {
    match spec.built {
        Built::Whole => None,
        Built::Without { words, part, .. } => {
            Some(format!("{} not yet: {part} is not built in this version", words.join(", ")))
        }
        Built::Missing { part } => Some(format!("no: {part} is not built in this version")),
    }
}

fn line(label: &str, text: &str) -> String {
    format!("  {label:<8} {text}")
}

#[cfg(test)]
mod tests;
