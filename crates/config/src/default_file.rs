//! The commented default file, written from the table of keys.
//!
//! Every setting stands behind a single `#`, prose behind `# `; the head of a table that may be empty
//! stands as it is.
//! With all settings uncommented the file has no fault and says the defaults, beside one listener,
//! one platform and one lane as examples.

use crate::keys::{self, Built, KeySpec, Kind, Preset, Shape, TABLES, TableSpec};

/// Columns of a line of prose.
const WIDTH: usize = 96;

const HEAD: &str = "\
Configuration of Seawall. A setting behind # is its default, or an example where there is none; \
take the # away to change it. \
`seawall check -c FILE` names every fault at once, `seawall config explain KEY` one key. \
The shield needs state_dir, one listener and one platform.";

/// The default file, commented.
pub fn default_file() -> String {
    let mut lines = prose(HEAD);
    let (settled, later): (Vec<_>, Vec<_>) =
        TABLES.iter().partition(|table| keys::of_table(table.name).any(is_settled));
    for table in settled {
        lines.extend(table_lines(table));
    }
    let later: Vec<String> = later.iter().map(|table| format!("[{}]", table.name)).collect();
    let later = later.join(", ");
    lines.push(String::new());
    lines.extend(prose(&format!("Not built in this version, and a fault when set: {later}.")));
    lines.push(String::new());
    lines.join("\n")
}

fn table_lines(table: &TableSpec) -> Vec<String> {
    let mut lines = vec![String::new()];
    lines.extend(prose(table.why));
    match (table.name, table.shape) {
        ("", _) => {}
        (name, Shape::Once) => lines.push(format!("[{name}]")),
        (name, Shape::Listed | Shape::Any) => lines.push(format!("#[[{name}]]")),
    }
    for spec in keys::of_table(table.name) {
        lines.push(String::new());
        lines.extend(prose(spec.why));
        lines.extend(prose(&bounds(spec)));
        lines.push(format!("#{} = {}", spec.name(), value(spec)));
    }
    lines
}

fn value(spec: &KeySpec) -> &'static str {
    spec.example.unwrap_or(match spec.default {
        Preset::Toml(text) => text,
        Preset::Required | Preset::None | Preset::Derived(_) => "\"none\"",
    })
}

fn bounds(spec: &KeySpec) -> String {
    let bounds = spec.kind.bounds();
    let bounds = match spec.default {
        Preset::Required => format!("Required: {bounds}."),
        Preset::None => format!("Default none; {bounds}."),
        Preset::Derived(text) | Preset::Toml(text) => format!("Default {text}; {bounds}."),
    };
    match spec.built {
        Built::Whole => bounds,
        Built::Without { words, .. } => {
            format!("{bounds} Not built in this version: {}.", words.join(", "))
        }
        Built::Missing { .. } => format!("{bounds} Not built in this version."),
    }
}

fn is_settled(spec: &KeySpec) -> bool {
    spec.kind != Kind::Anything
}

/// Text as lines of comment, broken between words.
fn prose(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.len() + 1 + word.len() <= WIDTH => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(format!("# {word}")),
        }
    }
    lines
}

#[cfg(test)]
mod tests;
