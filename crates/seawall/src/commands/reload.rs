//! `seawall reload`: have the running shield check its file and apply it whole.

use super::{print, running};
use crate::cli::Reload;
use crate::failure::Failure;
use seawall_control::api;
use serde_json::json;
use std::process::ExitCode;

/// Reloads the running shield.
///
/// # Errors
/// It does not answer, or keeps its configuration and says why.
pub(crate) fn reload(arguments: &Reload) -> Result<ExitCode, Failure> {
    let client = running::client(&arguments.running)?;
    let done: api::ReloadDone =
        client.post_json("/api/v1/reload").map_err(|fault| running::failure(&fault))?;
    if arguments.json {
        print(&format!("{}\n", json!({"applied": true, "notes": done.notes})));
    } else {
        print("applied\n");
        done.notes.iter().for_each(|note| print(&format!("note: {note}\n")));
    }
    Ok(ExitCode::SUCCESS)
}
