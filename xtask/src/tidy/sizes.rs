//! A file does one job: about 100 lines of code, 400 is a smell, 600 lines fail; no `mod.rs`.

use super::code::code_only;
use super::tree::{TextFile, Tree};
use super::{Finding, Weight};

/// Lines of any kind; more fail.
const LINES_MAX: usize = 600;
/// Lines of code; more are a smell.
const CODE_LINES_MAX: usize = 400;
const _: () = assert!(CODE_LINES_MAX < LINES_MAX);

/// Adds every Rust file of `tree` that is too long or is called `mod.rs`.
pub(super) fn look(tree: &Tree, findings: &mut Vec<Finding>) {
    for file in tree.rust() {
        let lines = file.text.lines().count();
        let code = code_only(&file.text).lines().filter(|line| !line.trim().is_empty()).count();
        if lines > LINES_MAX {
            let what = format!("{lines} lines, over {LINES_MAX}");
            findings.push(finding(file, Weight::Fault, (LINES_MAX + 1, what)));
        } else if code > CODE_LINES_MAX {
            let what = format!("{code} lines of code, over {CODE_LINES_MAX}");
            findings.push(finding(file, Weight::Smell, (1, what)));
        }
        if file.path.ends_with("/mod.rs") {
            findings.push(Finding {
                remedy: "name the file after the module: foo.rs beside foo/".to_owned(),
                ..finding(file, Weight::Fault, (1, "a mod.rs".to_owned()))
            });
        }
    }
}

fn finding(file: &TextFile, weight: Weight, (line, what): (usize, String)) -> Finding {
    Finding {
        path: file.path.clone(),
        line,
        weight,
        what,
        remedy: "split it where it does two jobs".to_owned(),
    }
}
