//! Seawall: keeps an organisation's public platforms online while they are flooded.
//!
//! This crate is wiring: command line, files, signals, threads.
//! What can be tested alone lives in the crates below.

mod certificate;
mod cli;
mod commands;
mod demo;
mod engine_thread;
mod evidence_thread;
mod failure;
mod handover;
mod integrity;
mod invites;
mod kept_lanes;
mod kept_measures;
mod learned;
mod measures;
mod node;
mod notes;
mod packet_thread;
mod places;
mod rights;
mod run;
mod sealed;
mod secret;
mod signals;
mod state;

use clap::Parser as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = match cli::Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(shown) => {
            // Help and version are answers; anything else is a wrong command line.
            let code = if shown.use_stderr() { failure::WRONG } else { 0 };
            return shown
                .print()
                .map_or(ExitCode::from(failure::FAILED), |()| ExitCode::from(code));
        }
    };
    log_to_stderr();
    match commands::execute(arguments) {
        Ok(code) => code,
        Err(failure) => failure.report(),
    }
}

fn log_to_stderr() {
    use tracing_subscriber::EnvFilter;
    let wanted = EnvFilter::try_from_env("SEAWALL_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(wanted)
        .with_writer(std::io::stderr)
        .with_target(false)
        .compact()
        .init();
}
