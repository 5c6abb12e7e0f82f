//! From a byte in the text to its line, as editors count.

use std::ops::Range;

/// Characters of a written value that a sentence quotes.
const QUOTED_MAX: usize = 60;

/// The text with the places where its lines begin.
pub(crate) struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        let breaks = text.match_indices('\n').map(|(at, _)| at + 1);
        Self { text, starts: std::iter::once(0).chain(breaks).collect() }
    }

    /// The line of a byte, from 1; a byte past the end is on the last line that holds text.
    pub(crate) fn of(&self, byte: usize) -> usize {
        let last = self.text.len().saturating_sub(1);
        self.starts.partition_point(|start| *start <= byte.min(last))
    }

    /// What is written in `span`, fit for a sentence: one line, cut to `QUOTED_MAX` characters.
    pub(crate) fn quoted(&self, span: Range<usize>) -> String {
        quoted(self.text.get(span).unwrap_or_default())
    }

    /// The line that holds `byte`, without its break.
    pub(crate) fn content(&self, byte: usize) -> &'t str {
        let start = self.starts[self.of(byte) - 1];
        self.text[start..].lines().next().unwrap_or_default()
    }
}

/// Text of the file, fit for a sentence: one line, no control characters, not long.
pub(crate) fn quoted(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default().trim_end();
    let mut cut: String = line
        .chars()
        .take(QUOTED_MAX)
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect();
    if cut.len() < line.len() || line.len() < text.trim_end().len() {
        cut.push('…');
    }
    cut
}
