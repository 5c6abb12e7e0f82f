//! Every module says what it is for before its first item.

use super::tree::{TextFile, Tree};
use super::{Finding, Weight};

/// Adds every module of `tree` that begins without `//!`; a crate's first file must have it.
pub(super) fn look(tree: &Tree, findings: &mut Vec<Finding>) {
    let modules = tree.rust().filter(|file| file.path.contains("/src/") && !file.is_test());
    for file in modules.filter(|file| !file.text.starts_with("//! ")) {
        findings.push(Finding {
            path: file.path.clone(),
            line: 1,
            weight: weight(file),
            what: "no `//!` header".to_owned(),
            remedy: "say its job, what goes in, what comes out, what it never does, its bounds"
                .to_owned(),
        });
    }
}

fn weight(file: &TextFile) -> Weight {
    if file.path.ends_with("/src/lib.rs") || file.path.ends_with("/src/main.rs") {
        Weight::Fault
    } else {
        Weight::Smell
    }
}
