//! Values that need a part not yet built.

use crate::keys::{self, Built, KeySpec, TableSpec};
use crate::sections::preset;
use crate::value::Value;

/// What `value` needs that is not built, and the remedy: the second half of a sentence.
///
/// A default is never a fault, and neither is an empty list.
pub(crate) fn need(spec: &KeySpec, value: &Value) -> Option<String> {
    let (part, remedy) = match spec.built {
        Built::Whole => return None,
        Built::Without { words, part, instead } => {
            names_one_of(value, words).then_some((part, instead))?
        }
        Built::Missing { part } => {
            let says_nothing = value.is_empty() || preset(spec).as_ref() == Some(value);
            (!says_nothing).then_some((part, "remove the line"))?
        }
    };
    Some(format!("{part} is not built in this version; {remedy}"))
}

/// What the whole of a table needs, when none of its keys has a part that is built.
pub(crate) fn table_need(table: &TableSpec) -> Option<String> {
    let mut needs = keys::of_table(table.name).map(|spec| need(spec, &Value::Anything));
    let first = needs.next()??;
    needs.all(|need| need.is_some()).then_some(first)
}

fn names_one_of(value: &Value, words: &[&str]) -> bool {
    match value {
        Value::Word(word) => words.contains(word),
        Value::Words(list) => list.iter().any(|word| words.contains(word)),
        _ => false,
    }
}
