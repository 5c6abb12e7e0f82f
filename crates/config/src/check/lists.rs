//! Lists: every entry is judged, so that all misfits of a list are told together.

use super::{Misfit, known_word};
use crate::keys::Kind;
use crate::lines::Lines;
use crate::value::{At, Value};
use crate::{HostPattern, OriginUrl};
use seawall_types::SourceNetwork;
use std::fmt::Display;
use std::str::FromStr;
use toml::Spanned;
use toml::de::DeValue;

/// Bytes of an interface's name: IFNAMSIZ of Linux without its end.
const INTERFACE_NAME_MAX: usize = 15;
/// Characters of the beginning of a path.
const PREFIX_MAX: usize = 1024;

/// A checked value, or every misfit in it.
type Checked = Result<Value, Vec<Misfit>>;

/// A value whose kind is a list; nothing for any other kind.
pub(super) fn check(
    kind: &Kind,
    value: &Spanned<DeValue<'_>>,
    lines: &Lines<'_>,
) -> Option<Checked> {
    let list = List { value, lines, kind };
    Some(match *kind {
        Kind::Words(words) => list
            .entries(1, words.len(), |text| {
                known_word(words, text).ok_or_else(|| kind.form())
            })
            .and_then(|words| list.each_once(words))
            .map(Value::Words),
        Kind::Networks { most } => list
            .entries(0, most, read::<SourceNetwork>)
            .map(|list| Value::Networks(bare(list))),
        Kind::Hosts { most } => list.entries(1, most, read::<HostPattern>).map(Value::Hosts),
        Kind::Origins { most } => list.entries(1, most, read::<OriginUrl>).map(Value::Origins),
        Kind::Prefixes { most } => list
            .entries(0, most, prefix)
            .map(|list| Value::Texts(bare(list))),
        Kind::Interfaces { most } => list
            .entries(0, most, interface)
            .map(|list| Value::Texts(bare(list))),
        Kind::Flag
        | Kind::Word(_)
        | Kind::Span { .. }
        | Kind::Size { .. }
        | Kind::Count { .. }
        | Kind::Cores { .. }
        | Kind::Rate
        | Kind::Capacity
        | Kind::Address
        | Kind::Name
        | Kind::Path
        | Kind::Text { .. }
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
    /// Every entry read by `read`, or all that it could not read; `least` to `most` of them.
    fn entries<T>(
        &self,
        least: usize,
        most: usize,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Vec<At<T>>, Vec<Misfit>> {
        let DeValue::Array(array) = self.value.get_ref() else {
            return Err(vec![self.misfit(&self.kind.form())]);
        };
        if array.len() < least {
            return Err(vec![self.misfit("it must not be empty")]);
        }
        if array.len() > most {
            let rule = format!("it may have {most} entries and has {}", array.len());
            return Err(vec![self.misfit(&rule)]);
        }
        let mut entries = Vec::with_capacity(array.len());
        let mut misfits = Vec::new();
        for entry in array {
            let read = match entry.get_ref() {
                DeValue::String(text) => read(text),
                _ => Err("its entries are text in quotes".to_owned()),
            };
            match read {
                Ok(value) => entries.push(At {
                    line: self.lines.of(entry.span().start),
                    value,
                }),
                Err(rule) => misfits.push(Misfit::entry(entry, self.lines, &rule)),
            }
        }
        if misfits.is_empty() {
            Ok(entries)
        } else {
            Err(misfits)
        }
    }

    fn each_once(&self, words: Vec<At<&'static str>>) -> Result<Vec<&'static str>, Vec<Misfit>> {
        let words = bare(words);
        let mut sorted = words.clone();
        sorted.sort_unstable();
        sorted.dedup();
        if sorted.len() == words.len() {
            return Ok(words);
        }
        Err(vec![self.misfit("it must name each only once")])
    }

    fn misfit(&self, rule: &str) -> Misfit {
        Misfit::whole(self.value, self.lines, rule)
    }
}

fn bare<T>(list: Vec<At<T>>) -> Vec<T> {
    list.into_iter().map(|entry| entry.value).collect()
}

fn read<T>(text: &str) -> Result<T, String>
where
    T: FromStr<Err: Display>,
{
    text.parse().map_err(|reason: T::Err| reason.to_string())
}

fn prefix(text: &str) -> Result<String, String> {
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

fn interface(text: &str) -> Result<String, String> {
    let fits = (1..=INTERFACE_NAME_MAX).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'/');
    if fits {
        return Ok(text.to_owned());
    }
    Err(format!(
        "an interface is 1 to {INTERFACE_NAME_MAX} characters without spaces and slashes"
    ))
}
