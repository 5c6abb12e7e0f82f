//! What a helper may do: what the packet layer needs, and nothing else.

#![expect(unsafe_code, reason = "signals are ignored by a call of the C library")]

use rustix::thread::{
    CapabilitySet, CapabilitySets, capabilities, configure_capability_in_ambient_set,
    set_capabilities, set_no_new_privs,
};
use std::io;

/// Loads programs, attaches them and writes rules; all of it in the network, nothing of it in files.
const OWN: CapabilitySet =
    CapabilitySet::NET_ADMIN.union(CapabilitySet::BPF).union(CapabilitySet::PERFMON);
/// Gives up every right but those of the packet layer, as far as they are there; what is run from here
/// has them as well and gets no more.
///
/// # Errors
/// The kernel refuses it.
pub(super) fn keep_own() -> io::Result<()> {
    let own = capabilities(None)?.permitted & OWN;
    set_capabilities(None, CapabilitySets { effective: own, permitted: own, inheritable: own })?;
    for one in own.iter() {
        // Without it nft is run without rights, and says so.
        let _ = configure_capability_in_ambient_set(one, true);
    }
    Ok(set_no_new_privs(true)?)
}

/// Is not ended by what ends a shield: that is told by the pair of sockets, with what is to become of
/// what is attached.
pub(super) fn ignore_interruptions() {
    for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGHUP] {
        // SAFETY: to ignore a signal runs no code of ours.
        unsafe { libc::signal(signal, libc::SIG_IGN) };
    }
}
