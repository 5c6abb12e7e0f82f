//! One value of the file against what may stand at its key.
//!
//! Takes the parsed value and its [`Kind`]; gives a typed [`Value`] and every misfit in it.

mod lists;

use crate::keys::{KeySpec, Kind};
use crate::lines::Lines;
use crate::origins::check_host;
use crate::units::{self, Misread};
use crate::value::Value;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeInteger, DeValue};

/// Characters of a path: `PATH_MAX` of Linux.
const PATH_MAX: usize = 4096;
/// Characters of a header's name: longer ones are refused by some origins.
const FIELD_NAME_MAX: usize = 64;
/// Headers that frame a message, route it, or are written by the shield: one more would contradict.
const TAKEN_FIELDS: [&str; 20] = [
    "accept",
    "authorization",
    "client-ip",
    "connection",
    "content-length",
    "content-type",
    "cookie",
    "date",
    "expect",
    "forwarded",
    "host",
    "keep-alive",
    "proxy-connection",
    "seawall-verdict",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
    "x-real-ip",
];
/// Characters of a platform's name: it becomes a label of metrics and a folder name.
const NAME_MAX: usize = 63;

/// One way in which a value does not fit, as the end of a sentence that begins with its key.
pub(crate) struct Misfit {
    /// Line of the value, or of the entry inside it.
    pub(crate) line: usize,
    /// `is "-3 rps"; it must be above 0 rps`.
    pub(crate) says: String,
}

/// What came of one value.
pub(crate) struct Checked {
    /// The value as far as it fits: a list keeps the entries that do, so that they can still be
    /// compared with those of other lists.
    pub(crate) value: Option<Value>,
    /// What does not fit.
    pub(crate) misfits: Vec<Misfit>,
}

/// The value of `spec` as a type, and what is wrong with it.
pub(crate) fn check(spec: &KeySpec, value: &Spanned<DeValue<'_>>, lines: &Lines<'_>) -> Checked {
    if let Some(checked) = lists::check(&spec.kind, value, lines) {
        return checked;
    }
    match scalar(&spec.kind, value.get_ref()) {
        Ok(value) => Checked::fits(value),
        Err(rule) => Checked::misfit(Misfit::whole(value, lines, &rule)),
    }
}

impl Checked {
    fn fits(value: Value) -> Self {
        Self { value: Some(value), misfits: Vec::new() }
    }

    fn misfit(misfit: Misfit) -> Self {
        Self { value: None, misfits: vec![misfit] }
    }
}

impl Misfit {
    fn whole(value: &Spanned<DeValue<'_>>, lines: &Lines<'_>, rule: &str) -> Self {
        Self::at("is", &value.span(), lines, rule)
    }

    fn entry(entry: &Spanned<DeValue<'_>>, lines: &Lines<'_>, rule: &str) -> Self {
        Self::at("holds", &entry.span(), lines, rule)
    }

    fn at(verb: &str, span: &Range<usize>, lines: &Lines<'_>, rule: &str) -> Self {
        Self {
            line: lines.of(span.start),
            says: format!("{verb} {}; {rule}", lines.quoted(span.clone())),
        }
    }
}

/// A value that is no list, or the rule that it breaks.
fn scalar(kind: &Kind, value: &DeValue<'_>) -> Result<Value, String> {
    let read = match (kind, value) {
        (Kind::Flag, DeValue::Boolean(flag)) => Some(Value::Flag(*flag)),
        (Kind::Count { least, most }, DeValue::Integer(count)) => {
            return bounded(kind, count_of(count, *least, *most)).map(Value::Count);
        }
        (Kind::Cores { most }, DeValue::Integer(count)) => {
            let cores = bounded(kind, count_of(count, 1, *most))?;
            Some(Value::Cores(usize::try_from(cores).ok()))
        }
        (_, DeValue::String(text)) => return worded(kind, text),
        (Kind::Anything, _) => Some(Value::Anything),
        _ => None,
    };
    read.ok_or_else(|| kind.form())
}

/// A value that is written as text.
fn worded(kind: &Kind, text: &str) -> Result<Value, String> {
    match kind {
        Kind::Word(words) => known_word(words, text).map(Value::Word),
        Kind::Span { least, most } => {
            return bounded(kind, units::span(text, *least, *most)).map(Value::Span);
        }
        Kind::SpanOrOff { .. } if text == "off" => Some(Value::SpanOrOff(None)),
        Kind::SpanOrOff { least, most } => {
            let span = bounded(kind, units::span(text, *least, *most))?;
            Some(Value::SpanOrOff(Some(span)))
        }
        Kind::Size { least, most } => {
            return bounded(kind, units::size(text, *least, *most)).map(Value::Size);
        }
        Kind::Rate => return bounded(kind, units::rate(text)).map(Value::Rate),
        Kind::Capacity => return bounded(kind, units::capacity(text)).map(Value::Capacity),
        Kind::Cores { .. } => (text == "auto").then_some(Value::Cores(None)),
        Kind::Address => text.parse().ok().map(Value::Address),
        Kind::Name => is_name(text).then(|| Value::Text(text.to_owned())),
        Kind::ServerName => check_host(text).ok().map(Value::Text),
        Kind::Path => is_path(text).then(|| Value::Text(text.to_owned())),
        Kind::FieldName => is_own_field(text).then(|| Value::Text(text.to_owned())),
        Kind::Text { most } => is_line(text, *most).then(|| Value::Text(text.to_owned())),
        Kind::Target => lists::prefix(text).ok().map(Value::Text),
        Kind::Anything => Some(Value::Anything),
        Kind::Flag
        | Kind::Count { .. }
        | Kind::Words(_)
        | Kind::Names { .. }
        | Kind::Networks { .. }
        | Kind::Hosts { .. }
        | Kind::Origins { .. }
        | Kind::Prefixes { .. }
        | Kind::Parameters { .. }
        | Kind::Interfaces { .. } => None,
    }
    .ok_or_else(|| kind.form())
}

/// The reading of a quantity, or the bound it breaks, or its form.
fn bounded<T>(kind: &Kind, read: Result<T, Misread>) -> Result<T, String> {
    read.map_err(|misread| match misread {
        Misread::Form => kind.form(),
        Misread::Below => format!("it must be {}", kind.least()),
        Misread::Above => format!("it must be {}", kind.most()),
    })
}

fn count_of(count: &DeInteger<'_>, least: u32, most: u32) -> Result<u32, Misread> {
    match i128::from_str_radix(count.as_str(), count.radix()) {
        Ok(count) if count < 0 => Err(Misread::Below),
        Ok(count) => units::within(u32::try_from(count).unwrap_or(u32::MAX), least, most),
        Err(_) if count.as_str().starts_with('-') => Err(Misread::Below),
        Err(_) => Err(Misread::Above),
    }
}

fn known_word(words: &'static [&'static str], text: &str) -> Option<&'static str> {
    words.iter().copied().find(|word| *word == text)
}

fn is_name(text: &str) -> bool {
    (1..=NAME_MAX).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

fn is_path(text: &str) -> bool {
    is_line(text, PATH_MAX) && !text.is_empty()
}

/// A name that a header of the shield's own may have.
///
/// Underscores are left out: origins drop such fields, or read them as hyphens.
fn is_own_field(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    (1..=FIELD_NAME_MAX).contains(&text.len())
        && !text.starts_with('-')
        && !text.ends_with('-')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !TAKEN_FIELDS.contains(&lower.as_str())
        && !["x-forwarded-", "proxy-", "sec-"].iter().any(|taken| lower.starts_with(taken))
}

fn is_line(text: &str, most: usize) -> bool {
    text.chars().count() <= most && !text.contains(char::is_control)
}
