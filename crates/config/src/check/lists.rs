//! Lists: every entry is judged, so that all misfits of a list are told together.

use super::{Checked, Misfit, is_name, known_word};
use crate::keys::Kind;
use crate::lines::Lines;
use crate::value::{At, Value};
use crate::{HostPattern, OriginUrl};
use seawall_types::SourceNetwork;
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;
use toml::Spanned;
use toml::de::DeValue;

/// Bytes of an interface's name: IFNAMSIZ of Linux without its end.
const INTERFACE_NAME_MAX: usize = 15;
/// Bytes of the name of a parameter.
const PARAMETER_MAX: usize = 64;
/// Characters of the beginning of a path.
const PREFIX_MAX: usize = 1024;

/// A value whose kind is a list; nothing for any other kind.
pub(super) fn check(
    kind: &Kind,
    value: &Spanned<DeValue<'_>>,
    lines: &Lines<'_>,
) -> Option<Checked> {
    let list = List { value, lines, kind };
    let texts = |texts| Value::Texts(bare(texts));
    Some(match *kind {
        Kind::Words(words) => list.words(words),
        Kind::Networks { most } => list.read(0..=most, network, |list| Value::Networks(bare(list))),
        Kind::Names { most } => list.read(0..=most, name, texts),
        Kind::Hosts { most } => list.read(1..=most, parsed::<HostPattern>, Value::Hosts),
        Kind::Origins { most } => list.read(1..=most, parsed::<OriginUrl>, Value::Origins),
        Kind::Prefixes { most } => list.read(0..=most, prefix, texts),
        Kind::Parameters { most } => list.read(0..=most, parameter, texts),
        Kind::Interfaces { most } => list.read(0..=most, interface, texts),
        Kind::Flag
        | Kind::Word(_)
        | Kind::Span { .. }
        | Kind::SpanOrOff { .. }
        | Kind::Size { .. }
        | Kind::Count { .. }
        | Kind::Cores { .. }
        | Kind::Rate
        | Kind::Capacity
        | Kind::Address
        | Kind::Name
        | Kind::ServerName
        | Kind::Path
        | Kind::FieldName
        | Kind::Text { .. }
        | Kind::Target
        | Kind::Anything => return None,
    })
}

/// A value that should be a list, with what is needed to say where it is not.
struct List<'a, 't> {
    value: &'a Spanned<DeValue<'t>>,
    lines: &'a Lines<'t>,
    kind: &'a Kind,
}

impl List<'_, '_> {
    /// Every entry that `read` can read, as `whole`, and what it could not; `count` of them.
    fn read<T>(
        &self,
        count: RangeInclusive<usize>,
        read: impl Fn(&str) -> Result<T, String>,
        whole: impl Fn(Vec<At<T>>) -> Value,
    ) -> Checked {
        let DeValue::Array(array) = self.value.get_ref() else {
            return self.misfit(&self.kind.form());
        };
        if array.len() < *count.start() {
            return self.misfit("it must not be empty");
        }
        if array.len() > *count.end() {
            let rule = format!("it may have {} entries and has {}", count.end(), array.len());
            return self.misfit(&rule);
        }
        let mut entries = Vec::with_capacity(array.len());
        let mut misfits = Vec::new();
        for entry in array {
            let line = self.lines.of(entry.span().start);
            let value = match entry.get_ref() {
                DeValue::String(text) => read(text),
                _ => Err("its entries are text in quotes".to_owned()),
            };
            match value {
                Ok(value) => entries.push(At { line, value }),
                Err(rule) => misfits.push(Misfit::entry(entry, self.lines, &rule)),
            }
        }
        Checked { value: Some(whole(entries)), misfits }
    }

    fn words(&self, words: &'static [&'static str]) -> Checked {
        let known = |text: &str| known_word(words, text).ok_or_else(|| self.kind.form());
        // As many entries as there are words: one more would be a word that stands twice.
        let checked = self.read(1..=words.len(), known, |list| Value::Words(bare(list)));
        match &checked.value {
            Some(Value::Words(list)) if has_double(list) => {
                self.misfit("it must name each only once")
            }
            _ => checked,
        }
    }

    fn misfit(&self, rule: &str) -> Checked {
        Checked::misfit(Misfit::whole(self.value, self.lines, rule))
    }
}

fn has_double(words: &[&str]) -> bool {
    let mut sorted = words.to_vec();
    sorted.sort_unstable();
    sorted.windows(2).any(|pair| pair[0] == pair[1])
}

fn bare<T>(list: Vec<At<T>>) -> Vec<T> {
    list.into_iter().map(|entry| entry.value).collect()
}

fn parsed<T>(text: &str) -> Result<T, String>
where
    T: FromStr<Err: Display>,
{
    text.parse().map_err(|reason: T::Err| reason.to_string())
}

fn network(text: &str) -> Result<SourceNetwork, String> {
    text.parse().map_err(|_| {
        "an entry is an address or a network, such as \"192.0.2.0/24\" or \"2001:db8::/32\"".into()
    })
}

fn name(text: &str) -> Result<String, String> {
    let fault = || "a name is 1 to 63 ASCII letters, digits, hyphens and underscores".to_owned();
    is_name(text).then(|| text.to_owned()).ok_or_else(fault)
}

pub(super) fn prefix(text: &str) -> Result<String, String> {
    let fits = text.starts_with('/')
        && text.len() <= PREFIX_MAX
        && text.bytes().all(|byte| byte.is_ascii_graphic());
    if fits {
        return Ok(text.to_owned());
    }
    Err(format!(
        "a path begins with a slash and has at most {PREFIX_MAX} characters of printable ASCII"
    ))
}

fn parameter(text: &str) -> Result<String, String> {
    let belongs = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~[]%".contains(&byte);
    if (1..=PARAMETER_MAX).contains(&text.len()) && text.bytes().all(belongs) {
        return Ok(text.to_owned());
    }
    Err(format!(
        "a parameter is 1 to {PARAMETER_MAX} letters, digits, hyphens, underscores, dots, tildes, \
         brackets and percent signs, as it stands in the query"
    ))
}

fn interface(text: &str) -> Result<String, String> {
    let fits = (1..=INTERFACE_NAME_MAX).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'/');
    if fits {
        return Ok(text.to_owned());
    }
    Err(format!("an interface is 1 to {INTERFACE_NAME_MAX} characters without spaces and slashes"))
}
