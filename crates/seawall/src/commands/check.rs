//! `seawall check`: every fault of a configuration at once.

use super::{files, print};
use crate::cli::Check;
use crate::failure::{Failure, WRONG};
use serde_json::json;
use std::process::ExitCode;

/// Checks a configuration; starts nothing, binds nothing.
///
/// # Errors
/// Every fault.
pub(crate) fn check(arguments: &Check) -> Result<ExitCode, Failure> {
    let path = &arguments.file.config;
    if arguments.json {
        return check_for_programs(arguments);
    }
    let config = files::read(path)?;
    for note in &config.notes {
        print(&format!("note: {note}\n"));
    }
    let (listeners, platforms) = (config.listeners.len(), config.platforms.len());
    let (listeners, platforms) = (counted(listeners, "listener"), counted(platforms, "platform"));
    print(&format!("{}: no fault; {listeners}, {platforms}\n", path.display()));
    Ok(ExitCode::SUCCESS)
}

/// `1 platform`, `2 platforms`.
fn counted(count: usize, thing: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {thing}{plural}")
}

fn check_for_programs(arguments: &Check) -> Result<ExitCode, Failure> {
    let path = &arguments.file.config;
    let text = files::read_text(path)?;
    let (faults, notes) = match files::parse(&text, path) {
        Ok(config) => (Vec::new(), config.notes),
        Err(faults) => (faults.list().to_vec(), Vec::new()),
    };
    let told = |fault: &seawall_config::Fault| {
        json!({"file": path.display().to_string(), "line": fault.line, "key": fault.key,
               "problem": fault.problem})
    };
    let listed: Vec<_> = faults.iter().map(told).collect();
    print(&format!("{}\n", json!({"faults": listed, "notes": notes})));
    Ok(if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(WRONG) })
}
