//! Scenarios of a folder, in the order of their names.

#![expect(clippy::disallowed_methods, reason = "the program reads; the crate does not")]

use seawall_sim::scenario::Scenario;
use std::fs;
use std::path::PathBuf;

/// Every scenario that lies in `folder` itself.
pub(crate) fn scenarios(folder: &str) -> Result<Vec<Scenario>, String> {
    let told = |cause| format!("cannot read {folder}: {cause}");
    let entries = fs::read_dir(folder).map_err(told)?;
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "toml"));
    paths.sort();
    let read = |path: &PathBuf| {
        let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
        let text = fs::read_to_string(path).map_err(told)?;
        Scenario::parse(&text, name).map_err(|faults| faults.to_string())
    };
    paths.iter().map(read).collect()
}
