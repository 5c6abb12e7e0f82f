//! What a reader brings along: keys of witnesses, the log's own key, checkpoints kept elsewhere.
//!
//! A text of key lines (`name+id+key`), notes and comments (`# …`), in any order.

use crate::key::{KeyKind, KnownKey};
use crate::note::Note;
use thiserror::Error;

/// What a reader trusts from outside of the folder.
#[derive(Debug, Clone, Default)]
pub struct Trusted {
    /// Of the log itself; empty when the folder's own word is taken.
    pub logs: Vec<KnownKey>,
    /// Of witnesses.
    pub witnesses: Vec<KnownKey>,
    /// Checkpoints kept elsewhere.
    pub notes: Vec<Note>,
}

/// A text that is neither key nor note nor comment.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("line {line} is neither a key (name+id+base64) nor part of a signed note: {why}")]
pub struct BadTrust {
    /// Counts from 1.
    pub line: usize,
    /// What is wrong.
    pub why: String,
}

impl Trusted {
    /// Reads keys and notes.
    ///
    /// # Errors
    /// The first line that is neither.
    pub fn parse(text: &str) -> Result<Self, BadTrust> {
        let mut trusted = Self::default();
        for (line, block) in blocks(text) {
            match block {
                Block::Key(text) => {
                    let key: KnownKey =
                        text.parse().map_err(|bad| BadTrust { line, why: format!("{bad}") })?;
                    match key.kind() {
                        KeyKind::Note => trusted.logs.push(key),
                        KeyKind::Cosignature => trusted.witnesses.push(key),
                    }
                }
                Block::Note(text) => {
                    let note = Note::parse(&text);
                    let note = note.map_err(|bad| BadTrust { line, why: bad.to_string() })?;
                    trusted.notes.push(note);
                }
            }
        }
        Ok(trusted)
    }
}

/// The notes of a file that holds one after another; what is none stays in the list, to be told.
pub(crate) fn note_texts(text: &str) -> Vec<String> {
    let text_of = |(_, block)| match block {
        Block::Key(text) => text.to_owned(),
        Block::Note(text) => text,
    };
    blocks(text).into_iter().map(text_of).collect()
}

enum Block<'a> {
    Key(&'a str),
    Note(String),
}

/// Keys and notes, each with the line where it begins.
fn blocks(text: &str) -> Vec<(usize, Block<'_>)> {
    let mut found = Vec::new();
    let mut note = String::new();
    let mut begun = 0;
    let mut lines = (1..).zip(text.lines()).peekable();
    while let Some((number, line)) = lines.next() {
        let is_between = note.is_empty();
        if is_between && (line.trim().is_empty() || line.starts_with('#')) {
            continue;
        }
        if is_between && line.matches('+').count() >= 2 && !line.contains(' ') {
            found.push((number, Block::Key(line.trim())));
            continue;
        }
        if is_between {
            begun = number;
        }
        note.push_str(line);
        note.push('\n');
        let is_signature = |line: &str| line.starts_with('\u{2014}');
        let goes_on = lines.peek().is_some_and(|(_, next)| is_signature(next));
        if is_signature(line) && !goes_on {
            found.push((begun, Block::Note(std::mem::take(&mut note))));
        }
    }
    if !note.is_empty() {
        found.push((begun, Block::Note(note)));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

    #[test]
    fn keys_notes_and_comments_are_told_apart() {
        let note = "seawall/a/1\n1\nx\n\n\u{2014} a AAAAAAA=\n\u{2014} b AAAAAAA=\n";
        let text = format!("# mine\n{KEY}\n\n{note}\n{note}");
        let trusted = Trusted::parse(&text).unwrap();
        assert_eq!((trusted.logs.len(), trusted.witnesses.len()), (1, 0));
        assert_eq!(trusted.notes.len(), 2);
        assert_eq!(trusted.notes[1].signatures.len(), 2);
    }

    #[test]
    fn a_line_that_is_nothing_is_told_with_its_number() {
        let bad = |text: &str| Trusted::parse(text).unwrap_err().line;
        assert_eq!(bad(&format!("{KEY}\n\n{}\n", KEY.replace("c7", "c8"))), 3);
        assert_eq!(bad(&format!("{KEY}\nhello\n")), 2);
    }
}
