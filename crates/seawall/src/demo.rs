//! `seawall demo`: everything in one process on loopback.

use crate::cli::Demo;
use crate::failure::Failure;
use std::process::ExitCode;

/// Shows everything at work.
pub(crate) fn demo(_: &Demo) -> Result<ExitCode, Failure> {
    Err(Failure::failed("in the making"))
}
