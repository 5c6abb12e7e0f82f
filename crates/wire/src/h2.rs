//! HTTP/2 as it passes by: what a client's frames cost, and what its first ones give away.
//!
//! Takes the decrypted bytes of one connection and the time; gives faults, counts, and a
//! fingerprint of the client's HTTP/2 stack.
//! Never answers, buffers or changes a frame: the HTTP engine behind reads the same bytes, and
//! judges the grammar that is not judged here (RFC 9113).
//! Bounds: [`FrameLimits`]; of the connection's bytes only the first SETTINGS and the first
//! [`BLOCK_BYTES_MAX`] of the first header block are kept, until they are read.

mod budget;
mod capture;
mod fault;
mod frame;
mod hpack;
mod huffman;
mod meter;
mod outbound;

pub use capture::{BLOCK_BYTES_MAX, PRIORITIES_MAX, SETTINGS_MAX};
pub use fault::{FrameFault, FrameLimits};
pub use hpack::{NAMES_BYTES_MAX, NAMES_MAX};
pub use meter::{FrameCounts, FrameMeter};
pub use outbound::{OutboundResets, PROVOKED_RESETS_MAX};

#[cfg(test)]
mod tests;
