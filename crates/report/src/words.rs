//! A text as words with their places, folded so that case, hyphens and line ends do not matter.
//!
//! Bounds: [`WORDS_MAX`] words; what comes behind is not looked at, and the caller is told.

/// Words of a text that are looked at.
pub(crate) const WORDS_MAX: usize = 20_000;

/// One word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    /// First byte in the text.
    pub(crate) start: usize,
    /// One behind its last byte.
    pub(crate) end: usize,
    /// In lower case, without what shows nothing and with look-alikes as the letters they look like.
    pub(crate) folded: String,
    /// Counts sentences from 0.
    pub(crate) sentence: usize,
}

/// The words of a text, and whether it has more than are looked at.
pub(crate) fn words(text: &str) -> (Vec<Word>, bool) {
    let mut words: Vec<Word> = Vec::new();
    let (mut sentence, mut open) = (0, None::<Word>);
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let next = characters.peek().map(|(_, next)| *next);
        if is_of_word(character, next, open.is_some()) {
            let word = open.get_or_insert_with(|| Word {
                start: at,
                end: at,
                folded: String::new(),
                sentence,
            });
            word.end = at + character.len_utf8();
            word.folded.extend(character.to_lowercase().filter_map(folded));
            continue;
        }
        words.extend(open.take());
        if ends_sentence(character, next) {
            sentence += 1;
        }
        if words.len() >= WORDS_MAX {
            return (words, true);
        }
    }
    words.extend(open);
    words.retain(|word| !word.folded.is_empty());
    (words, false)
}

fn is_of_word(character: char, next: Option<char>, is_open: bool) -> bool {
    let is_digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    match character {
        // Thousands and decimals stay in their number.
        ',' | '.' => is_open && is_digit(next),
        '%' => true,
        // A soft hyphen or a zero-width space inside a word does not end it.
        other => other.is_alphanumeric() || (is_open && crate::line::is_invisible(other)),
    }
}

fn ends_sentence(character: char, next: Option<char>) -> bool {
    match character {
        '!' | '?' | ';' => true,
        '.' => next.is_none_or(char::is_whitespace),
        '\n' => next == Some('\n'),
        _ => false,
    }
}

/// A letter as the plain one that it looks like; `None` for what shows nothing.
fn folded(character: char) -> Option<char> {
    if crate::line::is_invisible(character) {
        return None;
    }
    let plain = match character {
        'а' | 'á' | 'à' | 'â' | 'ä' | 'α' => 'a',
        'е' | 'é' | 'è' | 'ê' | 'ë' => 'e',
        'і' | 'í' | 'ì' | 'ï' | 'î' | 'ı' => 'i',
        'о' | 'ó' | 'ò' | 'ö' | 'ô' | 'ο' => 'o',
        'ú' | 'ù' | 'ü' | 'û' => 'u',
        'с' => 'c',
        'р' => 'p',
        'х' => 'x',
        'у' => 'y',
        'ѕ' => 's',
        'к' | 'κ' => 'k',
        'т' => 't',
        other => other,
    };
    // Full-width forms stand apart by a fixed distance.
    let plain = match u32::from(plain) {
        wide @ 0xFF01..=0xFF5E => char::from_u32(wide - 0xFEE0).unwrap_or(plain),
        _ => plain,
    };
    Some(plain.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_fold_case_hyphens_and_look_alikes_and_know_their_sentence() {
        let (words, more) =
            words("Large-SCALE, so so\u{ad}phisticated. 1,200.5 req/s!\nRuѕѕіа's 5%");
        let folded: Vec<_> = words.iter().map(|w| (w.folded.as_str(), w.sentence)).collect();
        let expected = [
            ("large", 0),
            ("scale", 0),
            ("so", 0),
            ("sophisticated", 0),
            ("1,200.5", 1),
            ("req", 1),
            ("s", 1),
            ("russia", 2),
            ("s", 2),
            ("5%", 2),
        ];
        assert_eq!(folded, expected);
        assert!(!more);
    }

    #[test]
    fn a_text_without_end_is_looked_at_to_a_bound() {
        let (words, more) = words(&"a ".repeat(WORDS_MAX + 10));
        assert!(more && words.len() == WORDS_MAX);
    }
}
