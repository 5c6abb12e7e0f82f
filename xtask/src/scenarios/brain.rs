//! What the detector says of every scenario over five seeds, as the last part of
//! `docs/scenarios.md`.
//!
//! Everything from the heading on is replaced; what stands before it stays.
//! Bounds: one core, some minutes.

use crate::machine;
use crate::shell::{self, Failure, cargo};
use std::fs;
use std::path::Path;

const PAGE: &str = "docs/scenarios.md";
const COMMAND: &str = "cargo x brain";
const HEADING: &str = "## What the detector says, measured";

/// Plays everything and writes the tables.
pub(crate) fn chore(root: &Path) -> Result<(), Failure> {
    let mut play = cargo();
    play.current_dir(root).args(["run", "-q", "--profile", "system", "-p", "seawall-sim"]);
    let tables = shell::capture(play.args(["--example", "brain"]))?;
    let made = format!(
        "Written by `{COMMAND}` on {}, {}: seeds 1 to 5, the shield told that its origins carry three \
         times normal demand.",
        machine::today()?,
        machine::name(),
    );
    let path = root.join(PAGE);
    let page = fs::read_to_string(&path)
        .map_err(|cause| Failure::of(format!("read {}", path.display()), cause))?;
    fs::write(&path, with_tables(&page, &format!("{made}\n\n{tables}")))
        .map_err(|cause| Failure::of(format!("write {}", path.display()), cause))
}

fn with_tables(page: &str, tables: &str) -> String {
    let kept = page.split_once(HEADING).map_or(page, |(kept, _)| kept);
    format!("{}\n\n{HEADING}\n\n{}\n", kept.trim_end(), tables.trim_end())
}

#[cfg(test)]
mod tests {
    use super::{HEADING, with_tables};

    #[test]
    fn tables_take_the_place_of_older_ones_and_what_stands_before_them_stays() {
        let first = with_tables("# Page\n\nText.\n", "| a |\n");
        assert_eq!(first, format!("# Page\n\nText.\n\n{HEADING}\n\n| a |\n"));
        assert_eq!(with_tables(&first, "| b |"), first.replace("| a |", "| b |"));
    }
}
