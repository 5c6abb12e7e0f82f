//! Plays the scenarios of the simulator and writes what they came to.
//!
//! Without names and options: every scenario over seeds and capacities, into
//! `docs/scenarios-table.md` with date and machine.
//! `--quick`: every scenario once at its own capacity, into `docs/scenarios-quick.md`; with
//! `--check` that page must come out byte for byte, from this build and, where they are named, from
//! debug and release builds.
//! `--real`: some of them with the program itself on loopback, into `docs/scenarios-real.md`.
//! With names or other options: whatever is asked, to the screen.

pub(crate) mod brain;
mod real;

use crate::machine;
use crate::shell::{self, Failure, cargo};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

const TABLE: &str = "docs/scenarios-table.md";
const QUICK: &str = "docs/scenarios-quick.md";
const QUICK_COMMAND: &str = "cargo x scenarios --quick";

/// What the whole sweep covers.
const SWEEP: [&str; 4] = ["--seeds", "5", "--capacities", "1.5,3,10"];
/// Builds whose quick tables must be the same; the first is the one that tests have anyway.
const PROFILES: [&str; 3] = ["system", "dev", "release"];
/// Lines of a difference that are shown.
const SHOWN_MAX: usize = 20;

/// How to read the tables.
const KEY: &str = "\
Harm is the share of honest requests that were never served, in percent; leak the share of the \
floods' work that reached the origin; overload the seconds in which more than 1.05 times its capacity \
did.
In overviews a cell reads harm to people / leak / overload.
The least possible harm is the share of honest work that the origin cannot do; harm counts requests, so who serves cheap ones first can come out below it.
`docs/scenarios.md` says what each defence is and how a scenario is written.
";

/// Plays what `words` ask for.
pub(crate) fn chore(root: &Path, words: &[String]) -> Result<(), Failure> {
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    match words[..] {
        [] => whole(root),
        ["--quick"] => quick(root, "system").and_then(|page| write(root, QUICK, &page)),
        ["--quick", "--check"] => check(root, &PROFILES[..1]),
        ["--quick", "--check", "--all-builds"] => check(root, &PROFILES),
        ["--real", ref words @ ..] => real::chore(root, words),
        _ => {
            let mut command = program(root, "system");
            shell::run(command.args(words))
        }
    }
}

/// How long every scenario takes, played once; the program is built before.
///
/// # Errors
/// When one cannot be played, or what it expects does not hold.
pub(crate) fn quick_time(root: &Path) -> Result<Duration, Failure> {
    shell::capture(program(root, "system").arg("--list"))?;
    let began = Instant::now();
    shell::capture(&mut program(root, "system"))?;
    Ok(began.elapsed())
}

/// How many scenario files there are; each is read and checked.
///
/// # Errors
/// When one has faults.
pub(crate) fn files(root: &Path) -> Result<usize, Failure> {
    Ok(shell::capture(program(root, "system").arg("--list"))?.lines().count())
}

/// Fails where a build gives another quick table than the page holds.
fn check(root: &Path, profiles: &[&str]) -> Result<(), Failure> {
    let path = root.join(QUICK);
    let held = fs::read_to_string(&path)
        .map_err(|cause| Failure::of(format!("read {}", path.display()), cause))?;
    for profile in profiles {
        let played = quick(root, profile)?;
        if let Some(difference) = difference(&held, &played) {
            return Err(Failure::new(format!(
                "{QUICK} is not what a {profile} build gives; if that is meant, run \
                 `{QUICK_COMMAND}` and look at the change\n{difference}"
            )));
        }
        println!("{QUICK} is what a {profile} build gives");
    }
    Ok(())
}

fn quick(root: &Path, profile: &str) -> Result<String, Failure> {
    let table = shell::capture(&mut program(root, profile))?;
    Ok(format!(
        "# Every scenario once\n\n\
         Written by `{QUICK_COMMAND}`: one seed, each origin at the capacity that its scenario says.\n\
         `cargo x test` plays them again and fails where a byte differs.\n\n{KEY}\n{table}"
    ))
}

fn whole(root: &Path) -> Result<(), Failure> {
    let mut command = program(root, "system");
    let table = shell::capture(command.args(SWEEP))?;
    let page = format!(
        "# Every scenario over seeds and capacities\n\n\
         Written by `cargo x scenarios` on {}, {}: seeds 1 to 5, origins that carry 1.5, 3 and 10 \
         times normal demand.\n\
         Figures are means over the seeds, with the standard deviation where it shows.\n\n{KEY}\n{table}",
        machine::today()?,
        machine::name(),
    );
    write(root, TABLE, &page)
}

/// The program that plays, built with a profile.
pub(crate) fn program(root: &Path, profile: &str) -> Command {
    let mut command = cargo();
    command.current_dir(root).args(["run", "--quiet", "--profile", profile]);
    command.args(["--package", "seawall-sim", "--example", "scenarios", "--"]);
    command
}

fn write(root: &Path, page: &str, text: &str) -> Result<(), Failure> {
    let path = root.join(page);
    fs::write(&path, text).map_err(|cause| Failure::of(format!("write {}", path.display()), cause))
}

/// The first lines in which two pages differ; none where they are the same.
fn difference(held: &str, played: &str) -> Option<String> {
    if held == played {
        return None;
    }
    let (mut held, mut played) = (held.lines(), played.lines());
    let mut shown = Vec::new();
    loop {
        let (one, other) = (held.next(), played.next());
        if one.is_none() && other.is_none() || shown.len() >= SHOWN_MAX {
            break;
        }
        if one != other {
            shown.extend(one.map(|line| format!("- {line}")));
            shown.extend(other.map(|line| format!("+ {line}")));
        }
    }
    Some(shown.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::difference;

    #[test]
    fn a_difference_shows_the_lines_that_differ_and_nothing_else() {
        assert_eq!(difference("a\nb\nc\n", "a\nb\nc\n"), None);
        let shown = difference("a\nb\nc\n", "a\nB\nc\nd\n");
        assert_eq!(shown.as_deref(), Some("- b\n+ B\n+ d"));
        assert!(difference("a\n", "a").is_some(), "a missing break is a difference");
    }
}
