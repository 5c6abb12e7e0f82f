//! Text of one line that is safe to show: no control character, nothing that turns or hides text.
//!
//! Records hold texts of the operator, of the system and of senders; a terminal, a table and a page
//! must show them as what they are.
//! Bounds: [`LINE_MAX`] characters; what is longer is cut and says so.

use crate::names;
use std::fmt;

/// Characters of a line; longer ones are cut, with a mark.
pub const LINE_MAX: usize = 240;
/// Stands where a line was cut.
const CUT: &str = "… (cut)";

/// Text of one line, safe to show.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line(Box<str>);

impl Line {
    /// Of a text of the operator or of the system.
    pub fn of(text: &str) -> Self {
        let mut safe = String::with_capacity(text.len().min(LINE_MAX * 4));
        for (at, character) in text.chars().enumerate() {
            if at == LINE_MAX {
                safe.push_str(CUT);
                break;
            }
            if is_plain(character) {
                safe.push(character);
            } else {
                safe.extend(character.escape_unicode());
            }
        }
        Self(safe.into())
    }

    /// Of a text that a sender could choose: names that it may have planted are withheld.
    pub fn of_sender(text: &str) -> Self {
        Self::of(&names::withheld(text))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether a character shows as itself, in its place.
pub(crate) fn is_plain(character: char) -> bool {
    !character.is_control() && !is_invisible(character)
}

/// Whether a character turns the direction of text, or shows nothing at all.
///
/// Source: Unicode's default-ignorable and bidirectional control characters.
pub(crate) fn is_invisible(character: char) -> bool {
    matches!(u32::from(character),
        0xAD | 0x61C | 0x115F | 0x1160 | 0x17B4 | 0x17B5 | 0x180B..=0x180F | 0x200B..=0x200F
        | 0x2028..=0x202E | 0x2060..=0x206F | 0x3164 | 0xFE00..=0xFE0F | 0xFEFF | 0xFFA0
        | 0xFFF0..=0xFFFB | 0x1D173..=0x1D17A | 0xE0000..=0xE0FFF)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_line_moves_a_cursor_or_turns_text() {
        let line = Line::of("a\x1b[31mred\r\nb\u{202e}gpj\u{200b}.exe\u{e0041}\t\u{9b}2J");
        assert_eq!(
            line.as_str(),
            "a\\u{1b}[31mred\\u{d}\\u{a}b\\u{202e}gpj\\u{200b}.exe\\u{e0041}\\u{9}\\u{9b}2J"
        );
        assert_eq!(Line::of("Straße 東京 ☂").as_str(), "Straße 東京 ☂");
    }

    #[test]
    fn a_long_line_is_cut_and_says_so() {
        let fits = "x".repeat(LINE_MAX);
        assert_eq!(Line::of(&fits).as_str(), fits);
        let cut = Line::of(&"x".repeat(LINE_MAX + 1));
        assert_eq!(cut.as_str(), format!("{fits}{CUT}"));
    }
}
