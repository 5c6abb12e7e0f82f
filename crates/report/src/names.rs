//! Finds names of states and groups, without holding one.
//!
//! Evidence of traffic does not say who sent it, so no form may say it either.
//! A sender can plant a name where a report would repeat it, in a header for instance: texts of
//! senders pass [`withheld`].
//! Never holds a name in plain, so that the program cannot print one.
//! Bounds: phrases of [`PHRASE_MAX`] words.

mod table;

use crate::words::{Word, words};

/// Words of the longest name in the lists.
pub const PHRASE_MAX: usize = 3;
/// Stands in place of a name.
pub const WITHHELD: &str = "[name withheld]";

/// Whose name it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// A group, a service, or another that is blamed for traffic.
    Group,
    /// A state, its capital or its people.
    State,
}

/// A name in a text: which words of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) first: usize,
    pub(crate) count: usize,
    pub(crate) named: Named,
}

/// Every name among `words`, the longest first at each place.
pub(crate) fn find(words: &[Word]) -> Vec<Found> {
    let mut found = Vec::new();
    let mut first = 0;
    while first < words.len() {
        let longest = (1..=PHRASE_MAX.min(words.len() - first)).rev();
        let hit = longest.filter_map(|count| {
            named(&words[first..first + count]).map(|named| Found { first, count, named })
        });
        let hit = hit.into_iter().next();
        first += hit.map_or(1, |found| found.count);
        found.extend(hit);
    }
    found
}

/// `text` without the names in it.
pub fn withheld(text: &str) -> String {
    let (words, more) = words(text);
    let mut kept = String::with_capacity(text.len());
    let mut from = 0;
    for Found { first, count, .. } in find(&words) {
        kept.push_str(&text[from..words[first].start]);
        kept.push_str(WITHHELD);
        from = words[first + count - 1].end;
    }
    // What was not looked at cannot be vouched for.
    let end = if more { words.last().map_or(from, |word| word.end) } else { text.len() };
    kept.push_str(&text[from..end.max(from)]);
    kept
}

fn named(words: &[Word]) -> Option<Named> {
    let numbered = [("apt", 2), ("unc", 3), ("uac", 3), ("fin", 1), ("ta", 3)];
    if let [word] = words
        && numbered.into_iter().any(|(prefix, digits)| is_numbered(&word.folded, prefix, digits))
    {
        return Some(Named::Group);
    }
    if let [one, two] = words
        && matches!(one.folded.as_str(), "apt" | "unc" | "storm" | "dev" | "uac")
        && two.folded.len() >= 2
        && two.folded.bytes().all(|b| b.is_ascii_digit())
    {
        return Some(Named::Group);
    }
    let hash = hash(words);
    let is_in = |table: &[u64]| table.binary_search(&hash).is_ok();
    match () {
        () if is_in(&table::GROUPS) => Some(Named::Group),
        () if is_in(&table::STATES) => Some(Named::State),
        () => None,
    }
}

/// Whether it is a prefix and that many digits or more, as catalogues of groups number them.
fn is_numbered(word: &str, prefix: &str, digits: usize) -> bool {
    let rest = word.strip_prefix(prefix);
    rest.is_some_and(|rest| rest.len() >= digits && rest.bytes().all(|b| b.is_ascii_digit()))
}

/// FNV-1a over the words with single spaces between them.
fn hash(words: &[Word]) -> u64 {
    const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0100_0000_01b3;
    let mut hash = OFFSET;
    for (at, word) in words.iter().enumerate() {
        let space: &[u8] = if at > 0 { b" " } else { b"" };
        for byte in space.iter().chain(word.folded.as_bytes()) {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(PRIME);
        }
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> Vec<&str> {
        text.lines().filter(|line| !line.is_empty()).collect()
    }

    fn hashes(names: &[&str]) -> Vec<u64> {
        let mut hashes: Vec<_> = names.iter().map(|name| hash(&words(name).0)).collect();
        hashes.sort_unstable();
        hashes
    }

    #[test]
    fn the_tables_hold_the_lists_and_every_name_is_found_and_withheld() {
        let groups = list(include_str!("../tests/names/groups.txt"));
        let states = list(include_str!("../tests/names/states.txt"));
        assert_eq!(hashes(&groups), table::GROUPS);
        assert_eq!(hashes(&states), table::STATES);
        for name in groups.iter().chain(&states) {
            assert!(words(name).0.len() <= PHRASE_MAX, "{name}");
            let planted = format!("agent=Hi from {}! and path=/", name.to_uppercase());
            let kept = withheld(&planted);
            assert_eq!(kept, format!("agent=Hi from {WITHHELD}! and path=/"), "{name}");
        }
        for name in ["APT28", "apt-29", "UNC2452", "Storm-0558", "Fіn7"] {
            assert_eq!(withheld(name), WITHHELD, "{name}");
        }
    }

    #[test]
    fn texts_without_a_name_stay_as_they_are() {
        for text in
            ["method=POST and path=/login", "", "ja4=t13d1516h2_8daaf6152771", "Mozilla/5.0 (X11)"]
        {
            assert_eq!(withheld(text), text);
        }
    }
}
