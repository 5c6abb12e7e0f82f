//! Why something did not start.

use crate::{LoopbackTarget, OutOfBounds};
use std::io;

/// Why a part of the stage could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    /// A number of the specification is not allowed.
    #[error(transparent)]
    OutOfBounds(#[from] OutOfBounds),
    /// `::1` is a single address, so sources there would be one.
    #[error("{sources} sources cannot be told apart at {target}; use an IPv4 loopback address")]
    OneSourceOnly {
        /// Where they were to send.
        target: LoopbackTarget,
        /// How many there were to be.
        sources: u16,
    },
    /// A text cannot stand in a request: it is empty or holds a space or a control character.
    #[error("{what} is {text:?}, which cannot stand in a request")]
    Unsendable {
        /// Which part of the specification.
        what: &'static str,
        /// The text.
        text: String,
    },
    /// A list of the specification is empty, or all its weights are 0.
    #[error("{0} is empty, or everything on it has weight 0")]
    Nothing(&'static str),
    /// A ledger is written by one play.
    #[error("this ledger belongs to another play")]
    Begun,
    /// The stage makes origins fail, and no shield.
    #[error("the stage does not take the shield's own node away")]
    NodeFault,
    /// The caller is not inside a tokio runtime.
    #[error("the stage was started outside of a tokio runtime")]
    NoRuntime,
    /// No listening socket could be made on loopback.
    #[error("cannot listen on loopback for the origin of {platform}")]
    Listen {
        /// Whose origin.
        platform: String,
        /// What the system said.
        source: io::Error,
    },
    /// A certificate cannot be used to trust a TLS door.
    #[error("cannot trust the given certificate")]
    Certificate(#[source] rustls::Error),
    /// The origin has been stopped for good.
    #[error("the origin of {platform} has been stopped")]
    Stopped {
        /// Whose origin.
        platform: String,
    },
}
