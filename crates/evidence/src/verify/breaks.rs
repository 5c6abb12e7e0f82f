//! The first thing that does not hold, and where.

use thiserror::Error;

/// The first thing that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Break {
    /// The file in which it shows.
    pub file: String,
    /// Number of the record at which it shows.
    pub record: u64,
    /// Where that record begins in the file, in bytes.
    pub offset: u64,
    /// What differs.
    pub what: Difference,
}

/// What differs from what it should be.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Difference {
    /// Bytes that no log writes.
    #[error("record {record} is not of the form that records have")]
    Form {
        /// Which should stand there.
        record: u64,
    },
    /// A record is missing, is there twice, or stands elsewhere.
    #[error("record {expected} should stand here, {found} does")]
    Number {
        /// Which should.
        expected: u64,
        /// Which does.
        found: u64,
    },
    /// The hash of the record before is another.
    #[error("record {record} does not follow record {}: its hash differs", record - 1)]
    Link {
        /// The one that says what it follows.
        record: u64,
    },
    /// A record of another node.
    #[error("record {record} is of node {found:?}, not of {expected:?}")]
    Node {
        /// Which.
        record: u64,
        /// Whose log it is.
        expected: String,
        /// Whom it names.
        found: String,
    },
    /// A segment does not begin with what a segment begins with, or not with this one's.
    #[error("segment {segment} does not begin as it should: {why}")]
    Head {
        /// Which.
        segment: u64,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Whole segments are not there.
    #[error("segments {from} to {} are not here and nothing says that they were removed", until - 1)]
    Segments {
        /// The first that is missing.
        from: u64,
        /// The one that is there again.
        until: u64,
    },
    /// The beginning is not there, and no record says why.
    #[error("records 0 to {} are not here and nothing says that they were removed", first - 1)]
    Beginning {
        /// The first record that is there.
        first: u64,
    },
    /// A record stands where the log had ended.
    #[error("record {record} stands behind the end of its run")]
    BehindEnd {
        /// Which.
        record: u64,
    },
    /// Bytes behind the last whole record of a segment that is not the last, or had ended.
    #[error("{bytes} bytes behind record {} are no record", next.saturating_sub(1))]
    Torn {
        /// How many.
        bytes: u64,
        /// Number of the record that would stand there.
        next: u64,
    },
    /// A tree head is another than the one that was signed.
    #[error("the {whose} over {size} records is not the tree head of these records")]
    Root {
        /// What said so.
        whose: String,
        /// Over so many.
        size: u64,
    },
    /// A signature does not hold.
    #[error("the signature of the {whose} does not hold")]
    Signature {
        /// Of what.
        whose: String,
    },
    /// There are fewer records than were signed.
    #[error("the {whose} is over {size} records; only {records} are here")]
    Short {
        /// What said so.
        whose: String,
        /// Over so many.
        size: u64,
        /// That are here.
        records: u64,
    },
    /// A checkpoint that is none.
    #[error("the {whose} is not a checkpoint of this log")]
    NoCheckpoint {
        /// Of what.
        whose: String,
    },
    /// The newest checkpoint is not beside the segments.
    #[error("the file `checkpoint` is missing, though the log was signed")]
    NoNewest,
    /// The log is signed by another key than before, or than the one that is trusted.
    #[error(
        "signed by {found}, not by {expected}; if node.key was changed on purpose, check the parts before and after in folders of their own"
    )]
    Key {
        /// By whom it should be.
        expected: String,
        /// By whom it is.
        found: String,
    },
    /// The node itself found signed records gone or changed.
    #[error("the node found, when it started again, that {what}")]
    Told {
        /// In its words.
        what: String,
    },
    /// The removed beginning had another tree head than the records say.
    #[error(
        "what is told of the removal before record {before} does not fit the records that are here"
    )]
    Removal {
        /// Where the rest begins.
        before: u64,
    },
}
