//! Words that say more than we know, code that puts work off, names that say nothing, and words
//! that do not belong in the project.

use super::code::{code_only, without_tests};
use super::tree::{TextFile, Tree};
use super::{Finding, Weight};

/// A text that may not stand somewhere, and what to do instead.
struct Ban {
    word: &'static str,
    remedy: &'static str,
}

const fn ban(word: &'static str, remedy: &'static str) -> Ban {
    Ban { word, remedy }
}

/// In the crates, comments and texts included, in any case.
const CLAIMS: [Ban; 6] = [
    ban("attacker", "say source: a sender's aim is not measured"),
    ban("backend", "say origin"),
    ban("tenant", "say platform"),
    ban("blocklist", "say which mitigation it is"),
    ban("blacklist", "say which mitigation it is"),
    ban("whitelist", "say allow list"),
];

/// In code, tests included.
const FORMS: [Ban; 5] = [
    ban("#[allow(", "use #[expect(lint, reason = \"…\")]"),
    ban("#![allow(", "use #![expect(lint, reason = \"…\")]"),
    ban("todo!", "write it, or leave the item out"),
    ban("unimplemented!", "write it, or leave the item out"),
    ban("fn get_", "name it after what it gives"),
];

/// In code outside tests.
const SERVICE_FORMS: [Ban; 1] =
    [ban(".unwrap()", "return the error, or expect(\"invariant: …\") with the proof")];

/// Anywhere in Rust files; put together here so that this file does not hold them.
const PUT_OFF: [Ban; 2] = [
    ban(concat!("FIX", "ME"), "mend it, or say why it is so"),
    ban(concat!("TO", "DO"), "do it, or say why it is not done"),
];

/// Names of modules that say nothing.
const EMPTY_NAMES: [&str; 9] =
    ["common", "helper", "helpers", "manager", "managers", "misc", "util", "utils", "stuff"];

/// Anywhere in the project, in any case; put together here so that this file does not hold them.
const FOREIGN: [&str; 11] = [
    concat!("bash", "_jobs"),
    concat!("/tmp", "/wt"),
    concat!("sub", "agent"),
    concat!("sub", "-agent"),
    concat!("developer ", "session"),
    concat!("work", "place"),
    concat!("cla", "ude"),
    concat!("crates", ".io"),
    concat!("npm", "js"),
    concat!("py", "pi.org"),
    concat!("deb.", "debian"),
];

/// Paths of one machine: faults only where nothing stands before them.
const FOREIGN_PATHS: [&str; 2] = [concat!("/wo", "rk/"), concat!("/fa", "rm/")];

/// Adds every place in `tree` where a banned word stands.
pub(super) fn look(tree: &Tree, findings: &mut Vec<Finding>) {
    for file in tree.rust() {
        look_at_code(file, findings);
    }
    // The lock file names the registry that it was made from.
    for file in
        tree.files().filter(|file| file.path != "Cargo.lock" && !file.path.ends_with("/Cargo.lock"))
    {
        look_for_foreign(file, findings);
    }
}

fn look_at_code(file: &TextFile, findings: &mut Vec<Finding>) {
    let code = code_only(&file.text);
    if file.path.starts_with("crates/") {
        scan(file, (&file.text.to_lowercase(), &CLAIMS), findings);
        look_at_name(file, findings);
    }
    scan(file, (&file.text, &PUT_OFF), findings);
    scan(file, (&code, &FORMS), findings);
    if !file.is_test() {
        scan(file, (&without_tests(&code), &SERVICE_FORMS), findings);
    }
}

/// Adds every line of `text` in which one of `bans` stands.
fn scan(file: &TextFile, (text, bans): (&str, &[Ban]), findings: &mut Vec<Finding>) {
    for (number, line) in (1..).zip(text.lines()) {
        let hits = bans.iter().filter(|ban| line.contains(ban.word));
        findings.extend(hits.map(|ban| fault(file, number, (ban.word, ban.remedy))));
    }
}

fn look_at_name(file: &TextFile, findings: &mut Vec<Finding>) {
    let stem = file.path.rsplit('/').next().unwrap_or_default();
    let stem = stem.trim_end_matches(".rs");
    let last = stem.rsplit('_').next().unwrap_or_default();
    if EMPTY_NAMES.contains(&last) {
        findings.push(fault(file, 1, (stem, "name the module after its job")));
    }
}

fn look_for_foreign(file: &TextFile, findings: &mut Vec<Finding>) {
    const REMEDY: &str = "leave out where and how it was made";
    for (number, line) in (1..).zip(file.text.lines()) {
        let lower = line.to_lowercase();
        let words = FOREIGN.iter().filter(|word| lower.contains(**word));
        let paths = FOREIGN_PATHS.iter().filter(|path| stands_alone(&lower, path));
        findings.extend(words.chain(paths).map(|word| fault(file, number, (word, REMEDY))));
        if names_an_issue(&lower) {
            let said = ("an issue by its number", "say what it is about");
            findings.push(fault(file, number, said));
        }
    }
}

/// Whether `path` stands in `line` as the beginning of a path.
fn stands_alone(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        before.is_none_or(|c| !c.is_alphanumeric() && !matches!(c, '.' | '-' | '_' | '}'))
    })
}

/// Whether `line` (lower case) says "issue" and a number.
fn names_an_issue(line: &str) -> bool {
    line.match_indices("issue ").any(|(at, word)| {
        let after = line[at + word.len()..].trim_start_matches('#');
        after.starts_with(|c: char| c.is_ascii_digit())
    })
}

fn fault(file: &TextFile, line: usize, (what, remedy): (&str, &str)) -> Finding {
    Finding {
        path: file.path.clone(),
        line,
        weight: Weight::Fault,
        what: format!("`{what}`"),
        remedy: remedy.to_owned(),
    }
}
