//! The page `docs/http-requirements.md`: every row says what Seawall does and which test shows it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Rows that the page must have at least, over both tables.
const ROWS_MIN: usize = 100;

/// The name of a file without its end, or of its folder when it is the tests of that module.
fn module(path: &Path) -> String {
    let stem = |path: &Path| path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    match stem(path) {
        Some(name) if name != "tests" => name,
        _ => path.parent().and_then(stem).unwrap_or_default(),
    }
}

/// Every test of the workspace, as `file::name`.
fn tests(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("a folder of the checkout").flatten() {
        let path = entry.path();
        if path.is_dir() {
            tests(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            let text = fs::read_to_string(&path).expect("source is text");
            let file = module(&path);
            let mut marked = false;
            for line in text.lines().map(str::trim_start) {
                let name = line.trim_start_matches("async ").strip_prefix("fn ");
                if let Some(name) = name.filter(|_| marked) {
                    let name = name.split('(').next().unwrap_or_default();
                    found.insert(format!("{file}::{name}"));
                }
                marked = line.starts_with("#[test]")
                    || line.starts_with("#[tokio::test")
                    || (marked && name.is_none());
            }
        }
    }
}

#[test]
fn every_row_of_the_page_names_a_test_that_exists_or_says_why_not() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let page = fs::read_to_string(root.join("docs/http-requirements.md")).expect("the page");
    let mut known = BTreeSet::new();
    tests(&root.join("crates"), &mut known);
    let (mut rows, mut wrong) = (0, Vec::new());
    for line in page.lines().filter(|line| line.starts_with("| §")) {
        rows += 1;
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        let [section, _, does, shown] = cells[..] else {
            wrong.push(format!("not four cells: {line}"));
            continue;
        };
        let named: Vec<&str> = shown.split('`').skip(1).step_by(2).collect();
        let excused = does.starts_with("**Not met**") || does.starts_with("Left to the library");
        if named.is_empty() && !excused {
            wrong.push(format!("{section}: no test and no excuse: {line}"));
        }
        let missing = named.into_iter().filter(|name| !known.contains(*name));
        wrong.extend(missing.map(|name| format!("{section}: no test is called {name}")));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(rows >= ROWS_MIN, "only {rows} rows");
}
