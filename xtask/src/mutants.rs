//! Makes detector and ladder wrong in ways that were chosen, and sees that a named test notices each.
//!
//! Works on a copy under `target/mutants`, whose builds are its own and grow from each other; the
//! checkout stays as it is.
//! Without a word all of them, with one those of a folder: `detect` or `policy`.
//! A mutant that its test lets live fails the chore, and so does one whose text is no longer there.
//! Bounds: [`LIMIT`] for each mutant.

mod detector;
mod policy;

use crate::machine;
use crate::shell::{self, Failure};
use std::fs;
use std::path::Path;
use std::time::Duration;

/// What one build and its tests may take.
const LIMIT: Duration = Duration::from_mins(10);
/// What is copied.
const COPIED: [&str; 5] = ["Cargo.toml", "Cargo.lock", "crates", "data", "xtask"];
/// Where faults are put, and which.
const SOURCES: [(&str, &[Mutant]); 2] = [
    ("crates/engine/src/detect", &detector::FAULTS),
    ("crates/engine/src/policy", &policy::FAULTS),
];

/// A deliberate fault and the test that must notice it.
struct Mutant {
    file: &'static str,
    from: &'static str,
    to: &'static str,
    test: &'static str,
}

const fn mutant(
    file: &'static str,
    (from, to): (&'static str, &'static str),
    test: &'static str,
) -> Mutant {
    Mutant { file, from, to, test }
}

const PAGE: &str = "docs/mutants.md";

/// Tries every mutant and writes what became of each.
///
/// A part of them is told to the screen alone.
pub(crate) fn chore(root: &Path, words: &[String]) -> Result<(), Failure> {
    let is_meant = |folder: &str| words.iter().all(|word| folder.ends_with(word));
    if !SOURCES.iter().any(|(folder, _)| is_meant(folder)) {
        return Err(Failure::new(format!("no faults are put into {}", words.join(" "))));
    }
    let folder = root.join("target").join("mutants");
    let tree = folder.join("tree");
    let _ = fs::remove_dir_all(&tree);
    for part in COPIED {
        copy(&root.join(part), &tree.join(part))
            .map_err(|cause| Failure::of(format!("copy {part}"), cause))?;
    }
    let sources = || SOURCES.into_iter().filter(|(folder, _)| is_meant(folder));
    let all = || sources().flat_map(|(folder, own)| own.iter().map(move |one| (folder, one)));
    for (sources, Mutant { file, from, .. }) in all() {
        sound(&tree.join(sources).join(file), from)?;
    }
    let named: Vec<_> = all().map(|(_, one)| one.test).collect();
    let without = tried(&tree, &folder, &named)?;
    for test in named {
        if !without.passed.iter().any(|passed| passed.contains(test)) {
            return Err(Failure::new(format!("{test} fails, or is not there, without any mutant")));
        }
    }
    let (mut alive, mut rows) = (Vec::new(), Vec::new());
    for (sources, Mutant { file, from, to, test }) in all() {
        let path = tree.join(sources).join(file);
        let sound = sound(&path, from)?;
        write(&path, &sound.replacen(from, to, 1))?;
        let with = tried(&tree, &folder, &[*test])?;
        // One that does not compile lives, since no test saw it.
        let notices = with.has_run && !with.is_well;
        write(&path, &sound)?;
        println!("{file}: {from:?} as {to:?}: {}", if notices { "noticed" } else { "ALIVE" });
        let became = if notices { "noticed" } else { "alive" };
        // A bar would end its cell.
        let [from, to] = [*from, *to].map(|text| text.replace('|', "\\|"));
        rows.push(format!("| `{file}` | `{from}` | `{to}` | `{test}` | {became} |"));
        if !notices {
            alive.push(format!("{file}: {to:?} is not noticed by {test}"));
        }
    }
    if words.is_empty() {
        write(&root.join(PAGE), &page(&rows)?)?;
    }
    if alive.is_empty() { Ok(()) } else { Err(Failure::new(alive.join("\n"))) }
}

fn page(rows: &[String]) -> Result<String, Failure> {
    Ok(format!(
        "# Mutants of detector and ladder\n\n\
         Written by `cargo x mutants` on {}, {}: each fault is put into a copy of the engine, and the \
         named test must fail there.\n\
         Every named test passes without it.\n\n\
         | file | instead of | stands | test | became |\n| --- | --- | --- | --- | --- |\n{}\n",
        machine::today()?,
        machine::name(),
        rows.join("\n"),
    ))
}

/// A file without faults; it must hold what a fault takes the place of.
fn sound(path: &Path, from: &str) -> Result<String, Failure> {
    let text = fs::read_to_string(path)
        .map_err(|cause| Failure::of(format!("read {}", path.display()), cause))?;
    if !text.contains(from) {
        return Err(Failure::new(format!("{} no longer holds {from:?}", path.display())));
    }
    Ok(text)
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    fs::write(path, text).map_err(|cause| Failure::of(format!("write {}", path.display()), cause))
}

/// What became of tests of the copy.
struct Tried {
    /// Whether any was there, in a copy that compiles.
    has_run: bool,
    is_well: bool,
    /// With the names of their modules.
    passed: Vec<String>,
}

/// Builds the copy and runs tests of it by parts of their names.
fn tried(tree: &Path, folder: &Path, tests: &[&str]) -> Result<Tried, Failure> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = shell::timed(LIMIT, &cargo);
    command.args(["test", "-p", "seawall-engine", "--lib", "--"]).args(tests);
    command.current_dir(tree).env("CARGO_TARGET_DIR", folder.join("build"));
    // Nobody looks into these builds; each begins with what the one before compiled.
    command.env("CARGO_PROFILE_DEV_DEBUG", "0").env("CARGO_INCREMENTAL", "1");
    let output = command.output().map_err(|cause| Failure::of("run cargo", cause))?;
    let said = String::from_utf8_lossy(&output.stdout);
    let of_one = |line: &str| Some(line.strip_prefix("test ")?.split_once(" ... ")?.0.to_owned());
    Ok(Tried {
        has_run: said.lines().any(|line| line.starts_with("running ") && line != "running 0 tests"),
        is_well: output.status.success(),
        passed: said.lines().filter(|line| line.ends_with(" ok")).filter_map(of_one).collect(),
    })
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    if from.is_file() {
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder)?;
        }
        return fs::copy(from, to).map(drop);
    }
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        copy(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every source of a folder, one behind the other.
    fn everything(folder: &Path, all: &mut String) {
        for entry in fs::read_dir(folder).expect("a folder of sources").flatten() {
            let path = entry.path();
            if path.is_dir() {
                everything(&path, all);
            } else {
                *all += &fs::read_to_string(&path).expect("a source");
            }
        }
    }

    #[test]
    fn every_fault_is_put_into_todays_source_and_its_test_is_there() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the checkout");
        let mut all = String::new();
        everything(&root.join("crates/engine/src"), &mut all);
        for (folder, faults) in SOURCES {
            for Mutant { file, from, to, test } in faults {
                let found = sound(&root.join(folder).join(file), from);
                assert!(found.is_ok(), "{file} no longer holds {from:?}");
                assert_ne!(from, to, "{file}: {from:?} is no fault");
                assert!(all.contains(&format!("fn {test}")), "no test is called {test}");
            }
        }
    }
}
