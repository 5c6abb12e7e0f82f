//! One sentence a line in `docs/`, so that a change to one sentence is a change of one line.

use super::tree::{TextFile, Tree};
use super::{Finding, Weight};

/// Adds every line of prose under `docs/` that holds two sentences.
pub(super) fn look(tree: &Tree, findings: &mut Vec<Finding>) {
    let pages = tree.files().filter(|file| file.path.starts_with("docs/") && file.is("md"));
    for page in pages {
        findings.extend(prose(page).filter(|(_, line)| two_sentences(line)).map(|(number, _)| {
            Finding {
                path: page.path.clone(),
                line: number,
                weight: Weight::Smell,
                what: "two sentences in a line".to_owned(),
                remedy: "give each its own".to_owned(),
            }
        }));
    }
}

/// Lines with their numbers, without tables and fenced blocks.
fn prose(page: &TextFile) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    (1..).zip(page.text.lines()).filter(move |(_, line)| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        !fence && !fenced && !line.starts_with('|')
    })
}

fn two_sentences(line: &str) -> bool {
    line.match_indices(". ").any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + 2..].chars().next();
        before.is_some_and(char::is_lowercase) && after.is_some_and(char::is_uppercase)
    })
}
