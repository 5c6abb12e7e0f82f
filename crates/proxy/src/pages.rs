//! The operator's own pages: read once, filled in for each answer.
//!
//! Takes an HTML file; gives its text with `{{code}}` and `{{retry}}` replaced.
//! Never loads anything that a page names; an operator's never asks a browser to come again by itself.
//! Bounds: [`PAGE_MAX`] bytes a page.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;

/// What every visitor gets while nothing else works must be small: two round trips bring it.
pub(crate) const PAGE_MAX: u64 = 16 * 1024;

const CODE: &str = "{{code}}";
const RETRY: &str = "{{retry}}";

/// A page, cut where something is filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Page {
    pieces: Vec<Piece>,
    length: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(Box<str>),
    /// The code of the answer.
    Code,
    /// Seconds after which trying again makes sense.
    Retry,
}

impl Page {
    /// Reads a page.
    ///
    /// # Errors
    /// What is wrong with the file and what to do, as the second half of a sentence.
    pub(crate) fn read(path: &Path) -> Result<Self, String> {
        let unreadable =
            |cause| format!("the file cannot be read ({cause}); write an HTML file there");
        // Opening a pipe would wait for its other end.
        if !fs::metadata(path).map_err(unreadable)?.is_file() {
            return Err("it is not a file; write an HTML file there".to_owned());
        }
        let file = File::open(path).map_err(unreadable)?;
        let mut bytes = Vec::new();
        file.take(PAGE_MAX + 1).read_to_end(&mut bytes).map_err(unreadable)?;
        if bytes.len() as u64 > PAGE_MAX {
            return Err(format!(
                "the file has more than {PAGE_MAX} bytes; shorten it, and put pictures into it only \
                 as small SVG"
            ));
        }
        let text = String::from_utf8(bytes)
            .map_err(|_| "the file is not UTF-8; save it as UTF-8".to_owned())?;
        if text.trim().is_empty() {
            return Err("the file is empty; write an HTML page".to_owned());
        }
        if reloads(&text) {
            return Err(
                "the page loads itself again (http-equiv refresh); remove that, since Retry-After \
                 tells clients when to come back"
                    .to_owned(),
            );
        }
        Ok(Self::cut(&text))
    }

    /// A page from its text.
    pub(crate) fn cut(text: &str) -> Self {
        let mut pieces = Vec::new();
        let mut rest = text;
        let next = |text: &str| {
            let found = |mark: &'static str, piece| text.find(mark).map(|at| (at, mark, piece));
            let marks = [found(CODE, Piece::Code), found(RETRY, Piece::Retry)];
            marks.into_iter().flatten().min_by_key(|(at, _, _)| *at)
        };
        while let Some((at, mark, piece)) = next(rest) {
            pieces.push(Piece::Text(rest[..at].into()));
            pieces.push(piece);
            rest = &rest[at + mark.len()..];
        }
        pieces.push(Piece::Text(rest.into()));
        Self { pieces, length: text.len() }
    }

    /// The page for one answer.
    pub(crate) fn filled(&self, code: &str, retry: &str) -> String {
        let mut text = String::with_capacity(self.length + FILLED_IN);
        for piece in &self.pieces {
            match piece {
                Piece::Text(piece) => text.push_str(piece),
                Piece::Code => push_escaped(&mut text, code),
                Piece::Retry => push_escaped(&mut text, retry),
            }
        }
        text
    }
}

/// Room for a code and a number: one allocation for nearly every page.
const FILLED_IN: usize = 64;

/// Whether a browser would load the page again by itself.
fn reloads(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let mut tags = lower.split("<meta").skip(1).map(|tag| tag.split('>').next().unwrap_or(tag));
    tags.any(|tag| tag.contains("http-equiv") && tag.contains("refresh"))
}

/// Appends `value` so that it is text wherever in a page it stands.
pub(crate) fn push_escaped(text: &mut String, value: &str) {
    for letter in value.chars() {
        match letter {
            '&' => text.push_str("&amp;"),
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            '"' => text.push_str("&quot;"),
            '\'' => text.push_str("&#39;"),
            letter => text.push(letter),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_placeholders_are_filled_in_as_often_as_they_stand_and_escaped() {
        let page = Page::cut("<p>{{code}} in {{retry}} s; {{code}}{{other}} {{code");
        assert_eq!(page.filled("a<b", "120"), "<p>a&lt;b in 120 s; a&lt;b{{other}} {{code");
        assert_eq!(Page::cut("plain").filled("x", "1"), "plain");
    }

    #[test]
    fn a_page_that_loads_itself_again_is_known_by_its_tag() {
        assert!(reloads("<META charset=x><meta HTTP-EQUIV='Refresh' content=5>"));
        assert!(!reloads("<meta charset=utf-8> refresh <meta http-equiv=content-language>"));
    }

    #[test]
    fn a_page_holds_at_its_limit_and_not_one_byte_beyond() {
        let path = std::env::temp_dir().join(format!("seawall-page-{}", std::process::id()));
        let most = usize::try_from(PAGE_MAX).unwrap();
        let read = |bytes: &[u8]| {
            fs::write(&path, bytes).unwrap();
            Page::read(&path)
        };
        assert!(read(&vec![b'a'; most]).is_ok());
        assert!(read(&vec![b'a'; most + 1]).unwrap_err().contains("more than 16384 bytes"));
        assert!(read(b"\xff").unwrap_err().contains("UTF-8"));
        assert!(read(b" \n").unwrap_err().contains("empty"));
        fs::remove_file(&path).unwrap();
        assert!(Page::read(&path).unwrap_err().contains("cannot be read"));
        assert!(Page::read(&std::env::temp_dir()).unwrap_err().contains("not a file"));
    }
}
