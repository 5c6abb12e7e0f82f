//! What the compiler does not check: layers, bans of pure crates, sizes, words, module headers.
//!
//! Takes the checkout as text; gives every finding at once, each with its place and its remedy.
//! Never changes a file.

mod bans;
mod code;
mod headers;
mod layers;
mod prose;
mod sizes;
#[cfg(test)]
mod tests;
mod tree;
mod words;

use crate::shell::Failure;
use std::fmt;
use std::path::Path;
use tree::Tree;

/// Reads the checkout, prints every finding and fails if any of them is a fault.
pub(crate) fn chore(root: &Path) -> Result<(), Failure> {
    let findings = look(&Tree::read(root)?);
    for finding in &findings {
        println!("{finding}");
    }
    let faults = faults(&findings);
    let smells = findings.len() - faults;
    println!("tidy: {faults} faults, {smells} smells");
    if faults == 0 {
        return Ok(());
    }
    Err(Failure::new(format!("{faults} faults, listed above")))
}

/// Every finding in `tree`, by file and line.
fn look(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    layers::look(tree, &mut findings);
    bans::look(tree, &mut findings);
    sizes::look(tree, &mut findings);
    words::look(tree, &mut findings);
    headers::look(tree, &mut findings);
    prose::look(tree, &mut findings);
    findings.sort_by(|a, b| (&a.path, a.line).cmp(&(&b.path, b.line)));
    findings
}

fn faults(findings: &[Finding]) -> usize {
    findings.iter().filter(|finding| finding.weight == Weight::Fault).count()
}

/// Something that should be otherwise.
#[derive(Debug, PartialEq, Eq)]
struct Finding {
    path: String,
    /// From 1.
    line: usize,
    weight: Weight,
    /// What is there.
    what: String,
    /// What to do about it.
    remedy: String,
}

/// Whether a finding fails the check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Weight {
    /// It does.
    Fault,
    /// It is printed.
    Smell,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, line, what, remedy, .. } = self;
        let weight = match self.weight {
            Weight::Fault => "",
            Weight::Smell => "smell: ",
        };
        write!(f, "{path}:{line}: {weight}{what}; {remedy}")
    }
}
