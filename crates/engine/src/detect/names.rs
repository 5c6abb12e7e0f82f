//! Texts of values, so that a description can be read.
//!
//! Values are compared as numbers; a text is kept for people alone.
//! Two generations: when one is full it becomes the last, and the last is forgotten.
//! Never decides anything: a value without a text is shown as its number.
//! Bounds: [`NAMES_KEPT`] texts a generation, each at most [`TRAIT_NAME_BYTES_MAX`] bytes.

use seawall_types::traits::TRAIT_NAME_BYTES_MAX;
use seawall_types::{Attribute, Trait, TraitName};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Texts of a generation: at most 430 KiB with their keys.
pub const NAMES_KEPT: usize = 2_048;

/// Texts of one platform's values.
#[derive(Debug, Default)]
pub struct Names {
    current: BTreeMap<(Attribute, Trait), Box<str>>,
    last: BTreeMap<(Attribute, Trait), Box<str>>,
    turned: u64,
}

impl Names {
    /// Takes a text.
    pub fn learn(&mut self, name: TraitName) {
        if !name.value.is_known() {
            return;
        }
        let text = if name.text.len() > TRAIT_NAME_BYTES_MAX {
            cut(&name.text, TRAIT_NAME_BYTES_MAX).into()
        } else {
            name.text
        };
        self.put((name.attribute, name.value), text);
    }

    /// Keeps the text of a value for another generation: it stands in a description.
    pub fn keep(&mut self, attribute: Attribute, value: Trait) {
        if let Some(text) = self.last.remove(&(attribute, value)) {
            self.put((attribute, value), text);
        }
    }

    /// The text of a value.
    pub fn text(&self, attribute: Attribute, value: Trait) -> Option<&str> {
        let key = (attribute, value);
        self.current.get(&key).or_else(|| self.last.get(&key)).map(|text| &**text)
    }

    /// Generations that ended because they were full.
    pub fn turned(&self) -> u64 {
        self.turned
    }

    /// Writes a value for people: its text without control characters, or its number.
    pub(super) fn write(&self, out: &mut String, attribute: Attribute, value: Trait) {
        match self.text(attribute, value) {
            Some(text) if text.bytes().all(is_plain) => out.push_str(text),
            // Senders choose it: it must not read as part of the sentence around it.
            Some(text) => {
                let harmless = |c: char| if c.is_control() || c == '"' { '?' } else { c };
                out.push('"');
                out.extend(text.chars().map(harmless));
                out.push('"');
            }
            None => {
                let _ = write!(out, "#{:08x}", value.to_bits());
            }
        }
    }

    fn put(&mut self, key: (Attribute, Trait), text: Box<str>) {
        if self.current.len() >= NAMES_KEPT && !self.current.contains_key(&key) {
            self.last = std::mem::take(&mut self.current);
            self.turned += 1;
        }
        self.current.insert(key, text);
    }
}

/// Bytes of a value that needs no quotes.
const fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'/' | b'.' | b'_' | b'-' | b':' | b'{' | b'}' | b',')
}

fn cut(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(number: u32, text: &str) -> TraitName {
        TraitName { attribute: Attribute::Agent, value: Trait::new(number), text: text.into() }
    }

    fn shown(names: &Names, number: u32) -> String {
        let mut out = String::new();
        names.write(&mut out, Attribute::Agent, Trait::new(number));
        out
    }

    #[test]
    fn two_generations_are_kept_and_the_third_is_forgotten() {
        let mut names = Names::default();
        let kept = u32::try_from(NAMES_KEPT).unwrap();
        (1..=kept).for_each(|number| names.learn(name(number, "a")));
        assert_eq!(names.turned(), 0);
        names.learn(name(kept + 1, "b"));
        assert_eq!((names.turned(), shown(&names, 1).as_str()), (1, "a"));
        names.keep(Attribute::Agent, Trait::new(1));
        (kept + 2..=2 * kept).for_each(|number| names.learn(name(number, "b")));
        assert_eq!((names.turned(), shown(&names, 1).as_str()), (2, "a"));
        assert_eq!(shown(&names, 2), "#00000002");
    }

    #[test]
    fn a_text_is_cut_between_letters_and_shown_without_control_characters() {
        let mut names = Names::default();
        names.learn(name(1, &"ä".repeat(TRAIT_NAME_BYTES_MAX)));
        names.learn(name(2, "a\u{1b}[2Jb\n"));
        let letters = "ä".repeat(TRAIT_NAME_BYTES_MAX / 2);
        assert_eq!(shown(&names, 1), format!("\"{letters}\""));
        assert_eq!(shown(&names, 2), "\"a?[2Jb?\"");
    }
}
