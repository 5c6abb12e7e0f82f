//! A path with what varies taken out: `/user/5f3e9c1a/photo` and `/user/00ff00ff/photo` are one.
//!
//! Admission keys its routes and detection its traits by it, so that both mean the same places.
//! Never allocates but for its text, or looks at more than [`PATH_BYTES_MAX`] of a path.
//! Bounds: [`PATH_BYTES_MAX`] bytes, [`SEGMENTS_MAX`] segments; what is beyond is alike.

/// Bytes of a path that are looked at; longer ones are alike behind that.
pub const PATH_BYTES_MAX: usize = 256;
/// Segments that are looked at; deeper ones are alike behind that.
pub const SEGMENTS_MAX: usize = 6;
/// A longer segment is an identifier, not a word: the longest common English words have fewer.
const WORD_BYTES_MAX: usize = 24;
/// Stands for an identifier; no byte of a target, which is visible ASCII, equals it.
const VARIES: u8 = 0;

/// A path without what varies, in one piece.
#[derive(Debug, Clone)]
pub struct Template {
    bytes: [u8; TEMPLATE_BYTES],
    length: usize,
    has_query: bool,
}

/// A mark for each segment, and a slash behind each.
const TEMPLATE_BYTES: usize = PATH_BYTES_MAX + 2 * (SEGMENTS_MAX + 1);

impl Template {
    /// The template of a target path; a query may follow.
    pub fn of(path_and_query: &str) -> Self {
        let bytes = path_and_query.as_bytes();
        let looked_at = &bytes[..bytes.len().min(PATH_BYTES_MAX)];
        let (path, has_query) = match looked_at.iter().position(|byte| *byte == b'?') {
            Some(at) => (&looked_at[..at], true),
            None => (looked_at, false),
        };
        let mut template = Self { bytes: [0; TEMPLATE_BYTES], length: 0, has_query };
        for segment in path.split(|byte| *byte == b'/').take(SEGMENTS_MAX + 1) {
            match shape(segment) {
                Shape::Word => template.push(segment),
                Shape::Varies { ending } => {
                    template.push(&[VARIES]);
                    template.push(ending);
                }
            }
            template.push(b"/");
        }
        template
    }

    /// Whether a query follows, as far as the target was looked at.
    pub fn has_query(&self) -> bool {
        self.has_query
    }

    /// What is to be hashed.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    /// What it reads: `/user/*/photo`.
    pub fn text(&self) -> String {
        let path = self.bytes().strip_suffix(b"/").unwrap_or(self.bytes());
        let shown = |byte: &u8| if *byte == VARIES { '*' } else { char::from(*byte) };
        path.iter().map(shown).collect()
    }

    fn push(&mut self, bytes: &[u8]) {
        let end = self.length + bytes.len();
        if let Some(room) = self.bytes.get_mut(self.length..end) {
            room.copy_from_slice(bytes);
            self.length = end;
        }
    }
}

/// What one segment of a path is.
#[derive(Debug, PartialEq, Eq)]
enum Shape<'a> {
    /// Part of the template.
    Word,
    /// An identifier; its file ending, if any, is part of the template.
    Varies { ending: &'a [u8] },
}

/// What a byte is not.
const NOT_OF_WORD: u8 = 1;
const NOT_LOWER: u8 = 2;
const BYTES: [u8; 256] = {
    let mut bytes = [NOT_OF_WORD | NOT_LOWER; 256];
    let mut byte = b'a';
    while byte <= b'z' {
        bytes[byte as usize] = 0;
        byte += 1;
    }
    bytes[b'-' as usize] = NOT_LOWER;
    bytes[b'_' as usize] = NOT_LOWER;
    bytes[b'.' as usize] = NOT_LOWER;
    bytes
};

fn shape(segment: &[u8]) -> Shape<'_> {
    let Some((first, rest)) = segment.split_first() else {
        return Shape::Word;
    };
    if segment.len() > WORD_BYTES_MAX {
        return Shape::Varies { ending: ending(segment) };
    }
    let rest = rest.iter().fold(0, |flags, byte| flags | BYTES[usize::from(*byte)]);
    let word = (rest | BYTES[usize::from(*first)]) & NOT_OF_WORD == 0;
    // A first capital is a name; capitals inside are what encoders of random bytes make.
    let name = first.is_ascii_uppercase() && rest == 0;
    if word || name { Shape::Word } else { Shape::Varies { ending: ending(segment) } }
}

/// `.js` of `app.8f3a1c.js`; nothing when there is none of two to five letters.
fn ending(segment: &[u8]) -> &[u8] {
    let Some(dot) = segment.iter().rposition(|byte| *byte == b'.') else {
        return &[];
    };
    let ending = &segment[dot..];
    let plausible = (3..=6).contains(&ending.len());
    if plausible && ending[1..].iter().all(u8::is_ascii_lowercase) { ending } else { &[] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_reads_as_its_path_with_stars_for_what_varies() {
        for (path, text) in [
            ("/", "/"),
            ("/about", "/about"),
            ("/user/5f3e9c1a/photo?size=2", "/user/*/photo"),
            ("/static/app.8f3a1c.js", "/static/*.js"),
            ("/a/b/c/d/e/f/g", "/a/b/c/d/e/f"),
            ("*", "*"),
            ("", ""),
        ] {
            assert_eq!(Template::of(path).text(), text, "{path}");
        }
    }

    #[test]
    fn a_query_is_seen_where_it_is_looked_for_and_changes_no_template() {
        let (with, without) = (Template::of("/a?b=c"), Template::of("/a"));
        assert_eq!((with.has_query(), without.has_query()), (true, false));
        assert_eq!(with.bytes(), without.bytes());
        assert!(!Template::of(&format!("/{}?q", "a".repeat(PATH_BYTES_MAX))).has_query());
    }

    #[test]
    fn a_path_of_any_length_fits() {
        for path in ["/x".repeat(10_000), "a".repeat(10_000), "/%00".repeat(1_000)] {
            let template = Template::of(&path);
            assert!(template.bytes().ends_with(b"/") && template.bytes().len() <= TEMPLATE_BYTES);
        }
    }
}
