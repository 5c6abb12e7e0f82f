//! What the kernel refuses, each in one sentence that says what to do.

use std::error::Error;
use std::fmt;
use std::io;
use thiserror::Error;

/// The program could not be loaded.
#[derive(Debug, Error)]
pub enum LoadFault {
    /// The process may not.
    #[error(
        "the kernel does not let this process load programs; it needs CAP_BPF, CAP_NET_ADMIN and \
         CAP_PERFMON, or root"
    )]
    NotAllowed,
    /// The object lacks a part.
    #[error("the object holds no {0}; rebuild it with `cargo x bpf`")]
    NotOurs(&'static str),
    /// The kernel refuses it.
    #[error("the kernel refuses the program: {0}")]
    Refused(String),
}

impl LoadFault {
    pub(super) fn of(cause: &(dyn Error + 'static)) -> Self {
        match errno(cause) {
            Some(libc::EPERM | libc::EACCES) if !told(cause).contains("verifier") => {
                Self::NotAllowed
            }
            _ => Self::Refused(told(cause)),
        }
    }
}

/// The program could not be attached to an interface.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{interface}: {why}")]
pub struct AttachFault {
    /// The interface.
    pub interface: String,
    /// Why.
    pub why: AttachWhy,
}

/// Why a program cannot be attached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttachWhy {
    /// No such interface.
    NoInterface,
    /// Another program is there.
    Occupied,
    /// The driver has no native mode.
    NotNative,
    /// Frames may be longer than one page.
    MtuTooLarge,
    /// The process may not.
    NotAllowed,
    /// The place for pins is missing.
    NoPins(String),
    /// Something else.
    Other(String),
}

impl fmt::Display for AttachWhy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoInterface => f.write_str("there is no such interface"),
            Self::Occupied => f.write_str(
                "another XDP program is attached, which is left alone; `ip link show` names it",
            ),
            Self::NotNative => f.write_str("its driver has no native XDP"),
            Self::MtuTooLarge => f.write_str(
                "its MTU is too large for native XDP, which takes about 3,500 bytes at most",
            ),
            Self::NotAllowed => {
                f.write_str("this process may not attach programs; it needs CAP_NET_ADMIN")
            }
            Self::NoPins(path) => write!(
                f,
                "{path} is no BPF file system, so nothing can be pinned; mount it with \
                 `mount -t bpf bpf /sys/fs/bpf`"
            ),
            Self::Other(cause) => f.write_str(cause),
        }
    }
}

impl AttachWhy {
    pub(super) fn of(cause: &(dyn Error + 'static)) -> Self {
        match errno(cause) {
            Some(libc::ENODEV) => Self::NoInterface,
            Some(libc::EBUSY | libc::EEXIST) => Self::Occupied,
            Some(libc::EOPNOTSUPP) => Self::NotNative,
            Some(libc::ERANGE) => Self::MtuTooLarge,
            Some(libc::EPERM | libc::EACCES) => Self::NotAllowed,
            _ => Self::Other(told(cause)),
        }
    }
}

/// A table could not be written or read.
#[derive(Debug, Error)]
#[error("the kernel's table {table} cannot be written or read")]
pub struct WriteFault {
    /// Which one.
    pub table: &'static str,
    /// What the kernel said.
    pub source: io::Error,
}

/// The number of the system's error behind a fault, where there is one.
fn errno(cause: &(dyn Error + 'static)) -> Option<i32> {
    std::iter::successors(Some(cause), |cause| (*cause).source())
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .find_map(io::Error::raw_os_error)
}

/// A fault with what lies behind it, cut to a line.
fn told(cause: &(dyn Error + 'static)) -> String {
    let chain: Vec<_> = std::iter::successors(Some(cause), |cause| (*cause).source())
        .map(ToString::to_string)
        .collect();
    let text = chain.join(": ");
    // A verifier's log ends with what is wrong.
    let last: Vec<_> = text.lines().filter(|line| !line.trim().is_empty()).rev().take(4).collect();
    last.into_iter().rev().collect::<Vec<_>>().join(" / ")
}
