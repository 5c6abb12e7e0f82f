//! What an unknown name was probably meant to be.

use super::{KeySpec, TABLES, all};
use crate::lines::quoted;

/// Names beyond this are no slip of the pen; comparing stays cheap.
const COMPARED_MAX: usize = 64;

/// What is said of a key that the table does not hold.
pub(crate) fn unknown_key(key: &str) -> String {
    let shown = match key {
        "" => "\"\"".to_owned(),
        _ => quoted(key),
    };
    match nearest_key(key) {
        None => format!("unknown key {shown}; `seawall config default` shows every key"),
        // `"limits.drain" = …` is one name with a dot in it.
        Some(same) if same == key => format!("unknown key \"{shown}\"; write it without quotes"),
        Some(top) if !top.contains('.') && key.contains('.') => {
            format!("unknown key {shown}; did you mean {top}? It stands above the first table")
        }
        Some(nearest) => format!("unknown key {shown}; did you mean {nearest}?"),
    }
}

/// The key that `key` was probably meant to be: the same name in another table, or a few letters
/// away.
pub(crate) fn nearest_key(key: &str) -> Option<&'static str> {
    let name = key.rsplit_once('.').map_or(key, |(_, name)| name);
    let known = || all().filter(|spec| spec.name() != "*");
    if let Some(spec) = known().find(|spec| spec.name() == name) {
        return Some(spec.key);
    }
    let in_place = known().filter(|spec| in_table_of(spec, key));
    closest(name, in_place.map(|spec| (spec.name(), spec.key)))
        .or_else(|| closest(key, known().map(|spec| (spec.key, spec.key))))
        .or_else(|| closest(name, known().map(|spec| (spec.name(), spec.key))))
}

/// The table that `name` was probably meant to be.
pub(crate) fn nearest_table(name: &str) -> Option<&'static str> {
    closest(name, TABLES.iter().map(|table| (table.name, table.name)))
}

fn in_table_of(spec: &KeySpec, key: &str) -> bool {
    spec.table() == key.rsplit_once('.').map_or("", |(table, _)| table)
}

/// Of pairs of a name and what it stands for, the one whose name is fewest letters away, if that
/// is at most a third of them.
fn closest(
    name: &str,
    known: impl Iterator<Item = (&'static str, &'static str)>,
) -> Option<&'static str> {
    if name.len() > COMPARED_MAX {
        return None;
    }
    let letters = name.chars().count();
    let most = |candidate: &str| candidate.len().div_ceil(3);
    known
        // As many letters are missing as lengths differ: most names need no closer look.
        .filter(|(candidate, _)| candidate.len().abs_diff(letters) <= most(candidate))
        .map(|(candidate, meant)| (strsim::osa_distance(name, candidate), candidate, meant))
        .filter(|(distance, candidate, _)| *distance <= most(candidate))
        .min_by_key(|(distance, ..)| *distance)
        .map(|(_, _, meant)| meant)
}
