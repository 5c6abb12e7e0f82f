//! What is wrong with a line of JSON, in a sentence that names the field.
//!
//! Runs only for lines that were not read, so it may take its time.

use crate::recording::line::quoted;
use crate::recording::request::CacheResult;
use serde_json::{Map, Value};

/// What a field must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Type {
    Text,
    Number,
    Whole,
    Truth,
    Cache,
}

const REQUIRED: [&str; 3] = ["t", "src", "path"];

/// Every field of the format that has a type.
const FIELDS: [(&str, Type); 25] = [
    ("t", Type::Number),
    ("src", Type::Text),
    ("path", Type::Text),
    ("platform", Type::Text),
    ("host", Type::Text),
    ("method", Type::Text),
    ("proto", Type::Text),
    ("ua", Type::Text),
    ("referer", Type::Text),
    ("lang", Type::Text),
    ("headers", Type::Text),
    ("ja4", Type::Text),
    ("h2", Type::Text),
    ("tcp", Type::Text),
    ("country", Type::Text),
    ("asn", Type::Whole),
    ("net", Type::Text),
    ("cookie", Type::Truth),
    ("token", Type::Text),
    ("status", Type::Whole),
    ("bytes", Type::Whole),
    ("origin_ms", Type::Number),
    ("cache", Type::Cache),
    ("solves", Type::Truth),
    ("solve_s", Type::Number),
];

/// Why `line` was not read; `cause` is what the parser said.
pub(super) fn explain(line: &[u8], cause: &serde_json::Error) -> String {
    match serde_json::from_slice::<Map<String, Value>>(line) {
        Ok(fields) => field_fault(&fields).unwrap_or_else(|| sentence(cause)),
        Err(cause) => format!("not one JSON object: {}", sentence(&cause)),
    }
}

/// What the parser said, without its line number, which is always 1.
fn sentence(cause: &serde_json::Error) -> String {
    let text = cause.to_string();
    match text.rsplit_once(" at line ") {
        Some((what, _)) if cause.column() > 0 => format!("{what} at column {}", cause.column()),
        Some((what, _)) => what.to_owned(),
        None => text,
    }
}

fn field_fault(fields: &Map<String, Value>) -> Option<String> {
    let missing: Vec<_> = REQUIRED.into_iter().filter(|name| !fields.contains_key(*name)).collect();
    if !missing.is_empty() {
        let verb = if missing.len() == 1 { "is" } else { "are" };
        let names = missing.join(" and ");
        return Some(format!("{names} {verb} missing; every record has t, src and path"));
    }
    let wrong = |&(name, wanted): &(&str, Type)| {
        let value = fields.get(name)?;
        let left_out = value.is_null() && !REQUIRED.contains(&name);
        (!left_out && !wanted.takes(value))
            .then(|| format!("{name} is {}; it must be {}", shown(value), wanted.words()))
    };
    FIELDS.iter().find_map(wrong)
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => format!("the text {}", quoted(text)),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

impl Type {
    fn takes(self, value: &Value) -> bool {
        match self {
            Self::Text => value.is_string(),
            Self::Number => value.is_number(),
            Self::Whole => value.is_u64(),
            Self::Truth => value.is_boolean(),
            Self::Cache => value.as_str().is_some_and(|word| CacheResult::of(word).is_some()),
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Number => "a number",
            Self::Whole => "a whole number, 0 or more",
            Self::Truth => "true or false",
            Self::Cache => "\"hit\", \"miss\" or \"pass\"",
        }
    }
}
