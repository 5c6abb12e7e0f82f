//! What a shield gives up before it reads a byte from the network.
//!
//! Ports are bound and the helper of the packet layer runs by then; nothing later needs a right.
//! Where files that the shield needs belong to another user, the right to reach them stays, and that is
//! said.
//! Bounds: none are needed; it is done once, before there is a second thread.

use rustix::thread::{CapabilitySet, CapabilitySets, set_capabilities, set_no_new_privs};
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// Reading, writing and giving away files of others.
const FILES: CapabilitySet = CapabilitySet::DAC_OVERRIDE.union(CapabilitySet::CHOWN);

/// Gives up every capability of this thread and of all that it starts, for good; `needed` are files and
/// folders that the shield reads and writes.
pub(crate) fn give_up<'a>(mut needed: impl Iterator<Item = &'a Path>) {
    let own = rustix::process::geteuid().as_raw();
    let is_foreign = |path: &&Path| fs::metadata(path).is_ok_and(|about| about.uid() != own);
    let kept = match needed.find(is_foreign) {
        Some(path) if own == 0 => {
            tracing::warn!(
                "root keeps the right to files of others, since {} belongs to another user: start the \
                 shield as that user instead",
                path.display()
            );
            FILES
        }
        _ => CapabilitySet::empty(),
    };
    let sets =
        CapabilitySets { effective: kept, permitted: kept, inheritable: CapabilitySet::empty() };
    let done = set_capabilities(None, sets).and_then(|()| set_no_new_privs(true));
    if let Err(cause) = done {
        tracing::warn!(%cause, "the shield keeps the rights that it was started with");
    }
}
