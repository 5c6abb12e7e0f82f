//! What the log writes about itself.

use super::{NodeName, Stamp};
use serde::{Deserialize, Serialize};

/// Something the log states about itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "snake_case")]
pub enum Bookkeeping {
    /// A segment begins; always its first record.
    SegmentOpened(SegmentHead),
    /// A signed tree head over all records before this one.
    Checkpoint {
        /// The signed note.
        note: String,
    },
    /// Something is not in the log that should be.
    Gap(Gap),
    /// The oldest records were taken away to keep to the disk budget.
    Removed(Removed),
}

/// How a segment begins: what an independent reader needs to go on from here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SegmentHead {
    /// Version of the format.
    pub format: u32,
    /// Counts segments from 0.
    pub segment: u64,
    /// Records before this one: the size of the tree.
    pub tree_size: u64,
    /// Hashes of the perfect subtrees over those records, largest first, in base64.
    pub peaks: Vec<String>,
    /// Who signs checkpoints: a verifier key of a signed note.
    pub key: String,
    /// Whose log it is; the name of the key holds it too.
    pub log_of: NodeName,
}

/// Something is not in the log that should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// Why.
    pub reason: GapReason,
    /// The last instant before it that is known.
    pub from: Stamp,
    /// The first instant after it that is known.
    pub to: Stamp,
    /// Records that are lost; `None` when nobody counted them.
    pub lost: Option<u64>,
    /// What the system said, or where the loss is.
    pub detail: String,
}

/// Why something is not in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GapReason {
    /// The run before did not end by itself: killed, or the machine lost power.
    UncleanEnd,
    /// The last bytes were no whole record and were cut off.
    Torn,
    /// Records that were signed before are not there any more.
    Missing,
    /// Records that were signed before are not what they were.
    Damaged,
    /// The disk was full.
    DiskFull,
    /// The folder could not be written to.
    DiskReadOnly,
    /// The disk failed.
    DiskFault,
    /// Another process wrote to the folder.
    Occupied,
    /// Records came faster than the disk takes them.
    DiskSlow,
    /// A record was longer than a record may be.
    TooLong,
}

impl GapReason {
    /// As records have it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::UncleanEnd => "unclean_end",
            Self::Torn => "torn",
            Self::Missing => "missing",
            Self::Damaged => "damaged",
            Self::DiskFull => "disk_full",
            Self::DiskReadOnly => "disk_read_only",
            Self::DiskFault => "disk_fault",
            Self::Occupied => "occupied",
            Self::DiskSlow => "disk_slow",
            Self::TooLong => "too_long",
        }
    }

    /// For people.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::UncleanEnd => "the run before did not end by itself",
            Self::Torn => "the last bytes are no whole record",
            Self::Missing => "records that were signed are not there any more",
            Self::Damaged => "records that were signed are not what they were",
            Self::DiskFull => "the disk was full",
            Self::DiskReadOnly => "the folder could not be written to",
            Self::DiskFault => "the disk failed",
            Self::Occupied => "another process wrote to the folder",
            Self::DiskSlow => "records came faster than the disk took them",
            Self::TooLong => "a record was longer than a record may be",
        }
    }

    /// Whether signed records are gone or changed, rather than never written.
    pub const fn breaks_the_log(self) -> bool {
        match self {
            Self::Missing | Self::Damaged => true,
            Self::UncleanEnd
            | Self::Torn
            | Self::DiskFull
            | Self::DiskReadOnly
            | Self::DiskFault
            | Self::Occupied
            | Self::DiskSlow
            | Self::TooLong => false,
        }
    }
}

/// The oldest records were taken away to keep to the disk budget.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Removed {
    /// All records before this number are gone.
    pub before: u64,
    /// Tree head over them, in base64.
    pub root: String,
    /// All segments before this number are gone.
    pub segments_before: u64,
    /// Bytes that became free this time.
    pub bytes: u64,
}
