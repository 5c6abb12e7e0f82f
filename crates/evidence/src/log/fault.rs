//! What went wrong with the disk, in a gap's words.

use seawall_types::evidence::GapReason;
use std::fmt;
use std::io;

/// The disk did not do what was asked of it.
#[derive(Debug)]
pub struct Fault {
    what: &'static str,
    file: String,
    cause: io::Error,
}

impl Fault {
    /// For `map_err`: `what` could not be done to `file`.
    pub(super) fn of(what: &'static str, file: &str) -> impl FnOnce(io::Error) -> Self {
        let file = file.to_owned();
        move |cause| Self { what, file, cause }
    }

    /// In a gap's words.
    pub fn reason(&self) -> GapReason {
        match self.cause.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => GapReason::DiskFull,
            io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => {
                GapReason::DiskReadOnly
            }
            io::ErrorKind::WouldBlock => GapReason::Occupied,
            _ => GapReason::DiskFault,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, file, cause } = self;
        write!(f, "cannot {what} {file}: {cause}")
    }
}
