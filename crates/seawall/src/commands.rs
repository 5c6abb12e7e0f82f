//! One function for each command.

mod check;
pub(crate) mod check_origin;
mod config;
pub(crate) mod documents;
mod explain;
pub(crate) mod files;
mod incident;
mod lane;
mod mitigation;
mod packet;
mod reload;
mod replay;
mod running;
mod sealed;
mod status;
mod verify;

use crate::cli::{Arguments, Command};
use crate::failure::Failure;
use std::process::ExitCode;

/// Does what the command line says.
///
/// # Errors
/// Why it could not.
pub(crate) fn execute(arguments: Arguments) -> Result<ExitCode, Failure> {
    match arguments.command {
        Command::Demo(demo) => crate::demo::demo(&demo),
        Command::Run(run) => crate::run::run(&run.config),
        Command::Check(check) => check::check(&check),
        Command::CheckOrigin(check) => check_origin::check_origin(&check),
        Command::Config(command) => config::config(&command),
        Command::Status(status) => status::status(&status),
        Command::Reload(reload) => reload::reload(&reload),
        Command::Explain(explain) => explain::explain(&explain),
        Command::Packet(command) => packet::packet(&command),
        Command::Helper => crate::packet_thread::help(),
        Command::Replay(replay) => replay::replay(&replay),
        Command::Incident(command) => incident::incident(&command),
        Command::Mitigation(command) => mitigation::mitigation(&command),
        Command::Lane(command) => lane::lane(&command),
        Command::Statement(command) => documents::statement(&command),
        Command::Verify(arguments) => verify::verify(&arguments),
    }
}

/// Prints for people or programs; a reader that is gone is no failure of ours.
fn print(text: &str) {
    use std::io::Write as _;
    let _ = std::io::stdout().write_all(text.as_bytes());
}
