//! The log that proves what happened: records to bytes, hashes, signatures, and the check of all.
//!
//! [`Log`] takes [`seawall_types::evidence::Fact`]s and the time and writes segments to a [`Store`].
//! [`Chronicle`] makes facts of what the engine concludes.
//! [`verify`] reads them back and names the first thing that does not hold, and every gap.
//! [`Cases`] and [`Report`] tell of incidents; [`index`] makes a database of them that an operator
//! can open.
//! Never waits for a caller, never starts a thread, and never loses a record without saying so.
//! Bounds: [`Limits`] of the log; [`line::LINE_MAX`] bytes of a record; [`segment::SEGMENT_MAX`]
//! bytes of a segment that is read.

pub mod bundle;
pub mod cases;
pub mod checkpoint;
pub mod chronicle;
pub mod cosignature;
pub mod incidents;
pub mod index;
pub mod key;
pub mod line;
pub mod log;
pub mod measures;
pub mod merkle;
pub mod note;
pub mod places;
pub mod report;
pub mod sealed;
pub mod segment;
pub mod sources;
pub mod store;
pub mod verify;

pub use cases::{Case, CaseState, Cases};
pub use chronicle::Chronicle;
pub use key::NodeKey;
pub use log::{Limits, Log, Status};
pub use places::{TableKind, Tables};
pub use report::Report;
pub use store::{DirectoryStore, Folder, Store};

/// The digest of all that can be read, as records name it, in 64 KiB of memory.
///
/// # Errors
/// It cannot be read to its end.
pub fn digest_of(reader: &mut impl std::io::Read) -> std::io::Result<String> {
    use sha2::Digest as _;
    let (mut hasher, mut buffer) = (sha2::Sha256::new(), vec![0; 64 << 10]);
    loop {
        match reader.read(&mut buffer)? {
            0 => break,
            read => hasher.update(&buffer[..read]),
        }
    }
    Ok(named(&hasher.finalize()))
}

/// The digest of a configuration as records name it.
pub fn digest(text: &[u8]) -> String {
    use sha2::Digest as _;
    named(&sha2::Sha256::digest(text))
}

fn named(digest: &[u8]) -> String {
    format!("sha256:{}", data_encoding::HEXLOWER.encode(digest))
}
