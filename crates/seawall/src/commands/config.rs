//! `seawall config`: the default file, and single keys explained.

use super::{files, print};
use crate::cli::ConfigCommand;
use crate::failure::Failure;
use std::path::Path;
use std::process::ExitCode;

/// Prints the default file or one key.
///
/// # Errors
/// There is no such key, or the file cannot be read.
pub(crate) fn config(command: &ConfigCommand) -> Result<ExitCode, Failure> {
    match command {
        ConfigCommand::Default => print(&seawall_config::default_file()),
        ConfigCommand::Explain { key, config } => print(&explained(key, config.as_deref())?),
    }
    Ok(ExitCode::SUCCESS)
}

fn explained(key: &str, file: Option<&Path>) -> Result<String, Failure> {
    let text = file.map(files::read_text).transpose()?;
    let current = text.as_deref().zip(file);
    let explained = seawall_config::explain(key, current);
    let mut text = explained.map_err(|unknown| Failure::wrong(vec![unknown.to_string()]))?;
    if !text.ends_with('\n') {
        text.push('\n');
    }
    Ok(text)
}
