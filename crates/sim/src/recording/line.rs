//! One line of an input that holds lines, whichever of the formats it is in.

use super::request::RecordedRequest;
use super::{access_log, json_lines};

/// Characters of a line that a sentence quotes.
const QUOTED_MAX: usize = 60;

/// Reads one line without its end: JSON, or an access log in common or combined format.
///
/// # Errors
/// A sentence that says what is wrong with it.
pub fn read_line(line: &[u8]) -> Result<RecordedRequest<'_>, String> {
    if line.first() == Some(&b'{') { json_lines::read(line) } else { access_log::read(line) }
}

/// The beginning of a text, in quotes and without anything that a terminal would obey.
pub(super) fn quoted(text: &str) -> String {
    let mut short: String = text.chars().take(QUOTED_MAX).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    format!("{short:?}")
}
