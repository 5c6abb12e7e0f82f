//! Bounds that a summary must keep: the shape of the summary, with `{"min": …, "max": …}` where a
//! number is bounded.
//!
//! A list is bounded by its length, or element by element; anything else must be equal.
//! `not_admitted_share` is there beside the fields of the summary.

use super::summary::Summary;
use serde_json::{Map, Value};
use thiserror::Error;

/// Bounds, read from JSON.
#[derive(Debug, Clone, PartialEq)]
pub struct Bounds(Map<String, Value>);

/// Why a text holds no bounds.
#[derive(Debug, Error)]
pub enum BadBounds {
    /// It is not a JSON object.
    #[error("not a JSON object of bounds such as {{\"incidents\": {{\"max\": 0}}}}: {0}")]
    NotAnObject(serde_json::Error),
    /// A name that no summary has.
    #[error("{name} is nothing that a summary holds; there are: {known}")]
    Unknown {
        /// The name.
        name: String,
        /// All that there are.
        known: String,
    },
}

impl Bounds {
    /// Reads bounds.
    ///
    /// # Errors
    /// The text is not an object.
    pub fn parse(text: &[u8]) -> Result<Self, BadBounds> {
        serde_json::from_slice(text).map(Self).map_err(BadBounds::NotAnObject)
    }

    /// Every bound that does not hold, a sentence each with value and bound.
    ///
    /// # Errors
    /// A bound is for something that no summary holds.
    pub fn broken(&self, summary: &Summary) -> Result<Vec<String>, BadBounds> {
        let value = serde_json::to_value(summary).unwrap_or_default();
        let Value::Object(mut values) = value else { return Ok(Vec::new()) };
        values.insert("not_admitted_share".to_owned(), summary.not_admitted_share().into());
        if let Some(name) = self.0.keys().find(|name| !values.contains_key(*name)) {
            let known: Vec<_> = values.keys().map(String::as_str).collect();
            return Err(BadBounds::Unknown { name: name.clone(), known: known.join(", ") });
        }
        let mut broken = Vec::new();
        for (name, bound) in &self.0 {
            check(name, (values.get(name), bound), &mut broken);
        }
        Ok(broken)
    }
}

fn check(path: &str, (value, bound): (Option<&Value>, &Value), broken: &mut Vec<String>) {
    let Some(value) = value else {
        broken.push(format!("{path} is not in the summary; expected {bound}"));
        return;
    };
    if is_range(bound) {
        broken.extend(out_of_range(value, bound).map(|sentence| format!("{path} {sentence}")));
        return;
    }
    match (bound, value) {
        (Value::Object(bounds), value) => {
            for (name, bound) in bounds {
                check(&format!("{path}.{name}"), (value.get(name), bound), broken);
            }
        }
        (Value::Array(bounds), Value::Array(values)) => {
            for (index, bound) in bounds.iter().enumerate() {
                check(&format!("{path}[{index}]"), (values.get(index), bound), broken);
            }
        }
        (bound, value) if !equal(bound, value) => {
            broken.push(format!("{path} is {value}; expected {bound}"));
        }
        _ => {}
    }
}

/// Whether a bound is `{"min": …}`, `{"max": …}` or both.
fn is_range(bound: &Value) -> bool {
    let is_end =
        |(name, end): (&String, &Value)| matches!(name.as_str(), "min" | "max") && end.is_number();
    bound.as_object().is_some_and(|range| !range.is_empty() && range.iter().all(is_end))
}

/// What is wrong with a value that must lie in a range.
fn out_of_range(value: &Value, range: &Value) -> Option<String> {
    let (number, what) = match value {
        Value::Number(number) => (number.as_f64().unwrap_or(f64::NAN), "is"),
        Value::Array(list) => (length(list.len()), "has the length"),
        Value::Object(map) => (length(map.len()), "has the length"),
        Value::Null | Value::Bool(_) | Value::String(_) => {
            return Some(format!("is {value}, which has no range; expected {range}"));
        }
    };
    let end = |name: &str| range.get(name).and_then(Value::as_f64);
    let low = end("min").filter(|min| number < *min).map(|min| format!("at least {min}"));
    let high = end("max").filter(|max| number > *max).map(|max| format!("at most {max}"));
    low.or(high).map(|needed| format!("{what} {number}; it must be {needed}"))
}

/// Equal, whichever way a number is written.
fn equal(a: &Value, b: &Value) -> bool {
    match (a.as_f64(), b.as_f64()) {
        (Some(a), Some(b)) => a.total_cmp(&b).is_eq(),
        _ => a == b,
    }
}

#[expect(clippy::cast_precision_loss, reason = "lengths of lists in a summary")]
fn length(length: usize) -> f64 {
    length as f64
}
