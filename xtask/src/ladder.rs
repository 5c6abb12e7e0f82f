//! Plays floods and crowds against the shield whose ladder acts, and writes what that came to.
//!
//! Into `docs/ladder-table.md`, with date and machine: seeds, capacities and shares of visitors who
//! passed a challenge before.

use crate::machine;
use crate::shell::{self, Failure, cargo};
use std::fs;
use std::path::Path;

const PAGE: &str = "docs/ladder-table.md";

/// How to read the tables.
const KEY: &str = "\
Effective: seconds from the flood's first request until less than a tenth of its cost gets through, for 2 s.
Leak: the share of the flood's cost that reached the origin; above 0.85: what of that took an origin above 0.85 of what it carries, since what it has to spare may be filled.
Harm: honest requests that were never served; friction: those that were served on asking again, a challenge passed included.
The least possible harm is the share of honest work that the origin cannot do.
Of one asking: the same where nobody asks twice and whoever asks waits for the 3 s of one asking.
Refused: honest requests that were refused or dropped; challenged within capacity: honest requests that were challenged in a second in which all that was asked for could be carried.
Overload: seconds in which more than 1.05 of what the origin carries was to run, the work of each request spread over the time that it takes an idle origin; as it set out: counted whole in the second in which it did; in line: the most requests that waited at the origin for a worker in any run.
";

/// Plays and writes the page.
pub(crate) fn chore(root: &Path) -> Result<(), Failure> {
    let mut command = cargo();
    command.current_dir(root).args([
        "run",
        "-q",
        "--profile",
        "system",
        "-p",
        "seawall-sim",
        "--example",
        "ladder",
    ]);
    let page = format!(
        "# What the ladder comes to\n\nWritten by `cargo x ladder` on {}, {}: seeds 1 to 5, origins of \
         a told capacity in times of normal demand.\n\n{KEY}{}",
        machine::today()?,
        machine::name(),
        shell::capture(&mut command)?,
    );
    let path = root.join(PAGE);
    fs::write(&path, page).map_err(|cause| Failure::of(format!("write {}", path.display()), cause))
}
