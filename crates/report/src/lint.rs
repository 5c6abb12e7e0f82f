//! Words of a statement that the evidence of a case does not bear, each with why.
//!
//! Looks at words and numbers, not at meaning: it finds what is known to go wrong, and its silence
//! proves nothing.
//! Never repeats a name of a state or a group: those are told by their place.
//! Bounds: [`OBJECTIONS_MAX`] objections, `words::WORDS_MAX` words; more is said aloud.

mod numbers;
mod phrases;

use crate::case::Case;
use crate::names::{self, Named};
use crate::words::{WORDS_MAX, Word, words};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Objections that are listed.
pub const OBJECTIONS_MAX: usize = 500;

/// Something that the evidence does not bear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Objection {
    /// Counts lines from 1.
    pub line: usize,
    /// Counts characters of the line from 1.
    pub column: usize,
    /// The words, or what stands there when they are not repeated.
    pub said: String,
    /// Why the evidence does not bear it.
    pub why: String,
}

/// Objections of a statement.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Objections {
    /// In the order of the text.
    pub listed: Vec<Objection>,
    /// Those that found no room.
    pub unlisted: usize,
    /// Set when the text has more words than are looked at.
    pub is_cut: bool,
}

impl Objections {
    /// Whether there is nothing to object, and all was looked at.
    pub fn is_empty(&self) -> bool {
        self.listed.is_empty() && !self.is_cut
    }

    /// For people: `line:column: words: why`.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for Objection { line, column, said, why } in &self.listed {
            let _ = writeln!(text, "{line}:{column}: {said}: {why}");
        }
        if self.unlisted > 0 {
            let _ = writeln!(text, "and {} more, not listed", self.unlisted);
        }
        if self.is_cut {
            let _ = writeln!(text, "only the first {WORDS_MAX} words were looked at");
        }
        text
    }
}

/// Words `first` up to `end` and what speaks against them.
struct Hit {
    first: usize,
    end: usize,
    said: Option<&'static str>,
    why: String,
}

/// Looks at a statement about a case.
pub fn lint(text: &str, case: &Case) -> Objections {
    let (words, is_cut) = words(text);
    let mut hits = phrases::look(&words, case);
    hits.extend(numbers::look(&words, case));
    hits.extend(named(&words, case));
    hits.sort_by_key(|hit| (hit.first, hit.end));
    let mut seen = BTreeSet::new();
    // One objection for a word: the first that was found says enough.
    hits.retain(|hit| seen.insert(hit.first));
    let unlisted = hits.len().saturating_sub(OBJECTIONS_MAX);
    hits.truncate(OBJECTIONS_MAX);
    let listed = hits.into_iter().map(|hit| objection(text, &words, hit)).collect();
    Objections { listed, unlisted, is_cut }
}

fn objection(text: &str, words: &[Word], hit: Hit) -> Objection {
    let (start, end) = (words[hit.first].start, words[hit.end - 1].end);
    let before = &text[..start];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    let of_text = || {
        let words = text[start..end].split_whitespace().collect::<Vec<_>>().join(" ");
        format!("\"{}\"", crate::Line::of(&words))
    };
    let said = hit.said.map_or_else(of_text, str::to_owned);
    Objection { line, column, said, why: hit.why }
}

/// Words that tie a state to traffic.
const OF_TRAFFIC: [&str; 22] = [
    "attack*",
    "flood*",
    "traffic",
    "request*",
    "hack*",
    "behind",
    "sponsor*",
    "linked",
    "server*",
    "address*",
    "ip*",
    "incident",
    "actor*",
    "blame*",
    "responsible",
    "group*",
    "came",
    "origin*",
    "state",
    "services",
    "interfer*",
    "machines",
];

fn named(words: &[Word], case: &Case) -> Vec<Hit> {
    let of_sentence = |at: usize, patterns: &[&str]| {
        let sentence = words[at].sentence;
        let mut of_it = words.iter().filter(|word| word.sentence == sentence);
        of_it.any(|word| patterns.iter().any(|pattern| phrases::fits(pattern, &word.folded)))
    };
    let mut hits = Vec::new();
    for found in names::find(words) {
        let (said, why) = match found.named {
            Named::Group => ("the name of a group", "evidence of traffic does not say who sent it"),
            Named::State if !of_sentence(found.first, &OF_TRAFFIC) => continue,
            // Where a table places addresses may be told as that.
            Named::State
                if case.places.value().is_some() && of_sentence(found.first, &["registered"]) =>
            {
                continue;
            }
            Named::State => (
                "the name of a state",
                "where addresses are registered does not say who sent the traffic",
            ),
        };
        let (first, end) = (found.first, found.first + found.count);
        hits.push(Hit { first, end, said: Some(said), why: why.to_owned() });
    }
    hits
}
