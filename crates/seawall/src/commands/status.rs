//! `seawall status`: what the running shield says, once.

use super::{print, running};
use crate::cli::Status;
use crate::failure::Failure;
use seawall_control::api;
use std::process::ExitCode;

/// Prints what the running shield says.
///
/// # Errors
/// It does not answer.
pub(crate) fn status(arguments: &Status) -> Result<ExitCode, Failure> {
    let client = running::client(&arguments.running)?;
    let status: api::Status =
        client.read_json("/api/v1/status").map_err(|fault| running::failure(&fault))?;
    if arguments.json {
        let json = serde_json::to_string(&status).map_err(|cause| Failure::caused_by(&cause))?;
        print(&format!("{json}\n"));
    } else {
        let lanes: api::Lanes =
            client.read_json("/api/v1/lanes").map_err(|fault| running::failure(&fault))?;
        print(&seawall_control::status_text(&status));
        print(&seawall_control::lanes_text(&lanes));
    }
    Ok(ExitCode::SUCCESS)
}
