//! Plays floods and crowds against the shield whose ladder acts, and writes what that came to.
//!
//! Into `docs/ladder-table.md`, with date and machine: seeds, capacities and shares of visitors who passed
//! a challenge before.

use crate::machine;
use crate::shell::{self, Failure};
use std::fs;
use std::path::Path;

const PAGE: &str = "docs/ladder-table.md";
/// Floods of every structure, crowds within capacity and beyond it, programs that mean well.
const SCENARIOS: [&str; 24] = [
    "01", "03", "04", "06", "08", "09", "10", "12", "14", "16", "18", "19", "20", "21", "22", "23",
    "24", "25", "26", "27", "28", "29", "30", "32",
];
/// The share of earlier visitors that hold an old token, and the capacities that are played with it.
const PLAYED: [(&str, &str, &str); 3] = [
    ("0", "1.5,3,10", "nobody holds an old token"),
    ("0.1", "3", "10 % of earlier visitors hold one"),
    ("0.35", "3", "35 % hold one"),
];
const SEEDS: &str = "5";

/// How to read the tables.
const KEY: &str = "\
Effective: seconds from the flood's first request until less than a tenth of its cost gets through, for 2 s.
Leak: the share of the flood's cost that reached the origin.
Harm: honest requests that were never served; friction: those that were served on asking again, a challenge passed included.
The least possible harm is the share of honest work that the origin cannot do.
";

/// Plays and writes the page.
pub(crate) fn chore(root: &Path) -> Result<(), Failure> {
    let mut page = format!(
        "# What the ladder comes to\n\nWritten by `cargo x ladder` on {}, {}: seeds 1 to {SEEDS}, \
         origins of a told capacity in times of normal demand.\n\n{KEY}",
        machine::today()?,
        machine::name(),
    );
    for (tokens, capacities, words) in PLAYED {
        let mut command = crate::scenarios::program(root, "system");
        command.args(SCENARIOS).args(["--ladder", "--defences", "shield", "--seeds", SEEDS]);
        command.args(["--capacities", capacities, "--old-tokens", tokens]);
        let table = shell::capture(&mut command)?;
        page.extend(["\n## Where ", words, "\n\n", table.as_str()]);
    }
    let path = root.join(PAGE);
    fs::write(&path, page).map_err(|cause| Failure::of(format!("write {}", path.display()), cause))
}
