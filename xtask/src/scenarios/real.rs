//! Plays scenarios for real, on loopback with the program itself, beside the simulator.
//!
//! Without names: those of [`STANDARD`], into `docs/scenarios-real.md`; with names or options:
//! whatever is asked, to the screen.

use crate::machine;
use crate::shell::{self, Failure, cargo};
use std::path::Path;

const PAGE: &str = "docs/scenarios-real.md";
const COMMAND: &str = "cargo x scenarios --real";

/// One of each sort: floods of one look and of few costly requests; few and shared addresses, alone
/// and with a flood; sources below every limit; bytes; origins in trouble; slow heads.
const STANDARD: [&str; 10] = ["01", "03", "27", "28", "32", "40", "38", "45", "46", "34"];

/// Plays what `words` ask for.
pub(super) fn chore(root: &Path, words: &[&str]) -> Result<(), Failure> {
    let profile = ["--quiet", "--profile", "system"];
    let mut shield = cargo();
    shield.current_dir(root).arg("build").args(profile);
    shell::run(shield.args(["--package", "seawall", "--bin", "seawall"]))?;
    let mut play = cargo();
    play.current_dir(root).arg("run").args(profile);
    play.args(["--package", "seawall-stage", "--example", "real", "--"]);
    if words.is_empty() {
        let made = format!("`{COMMAND}` on {}, {}", machine::today()?, machine::name());
        play.args(STANDARD).args(["--write", PAGE, "--made", &made]);
    }
    shell::run(play.args(words))
}
