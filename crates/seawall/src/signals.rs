//! What the outside wants of a running process.

use std::io;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Signals that a shield listens to.
pub(crate) struct Signals {
    hangup: Signal,
    interrupt: Signal,
    terminate: Signal,
}

/// What a signal asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// Check the configuration file and apply it.
    Reload,
    /// Drain and leave.
    Leave,
}

impl Signals {
    /// Listens from now on; needs a tokio runtime.
    ///
    /// # Errors
    /// The system does not let us.
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self {
            hangup: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// The next thing that is asked.
    pub(crate) async fn next(&mut self) -> Asked {
        tokio::select! {
            _ = self.hangup.recv() => Asked::Reload,
            _ = self.interrupt.recv() => Asked::Leave,
            _ = self.terminate.recv() => Asked::Leave,
        }
    }
}
