//! One record of the evidence log, as a report reads it.
//!
//! A line of a segment holds all that is needed, so this reads it without the log beside it.
//! Trusts what it reads: whether the log holds is for its check to say, see [`crate::Check`].

use seawall_types::evidence::{Bookkeeping, Fact, Stamp};
use seawall_types::{Moment, WallTime};
use serde::Deserialize;

/// One record of the evidence log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Counts records from 0.
    pub number: u64,
    /// Of the node.
    pub node: String,
    /// When it was told.
    pub stamp: Stamp,
    /// What it states.
    pub statement: Statement,
}

/// What a record states.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Statement {
    /// Something of the shield.
    Fact(Box<Fact>),
    /// Something of the log itself.
    Own(Bookkeeping),
}

/// The fields of every record.
#[derive(Deserialize)]
struct Head {
    n: u64,
    node: String,
    wall_ms: u64,
    mono_ns: u64,
}

impl Entry {
    /// Reads a line without its line feed; `None` when it is no record that this version knows.
    pub fn read(line: &str) -> Option<Self> {
        let head: Head = serde_json::from_str(line).ok()?;
        let fact = serde_json::from_str(line).map(|fact| Statement::Fact(Box::new(fact)));
        let statement = fact.or_else(|_| serde_json::from_str(line).map(Statement::Own)).ok()?;
        let stamp = Stamp { wall: WallTime(head.wall_ms), moment: Moment(head.mono_ns) };
        Some(Self { number: head.n, node: head.node, stamp, statement })
    }

    /// Every line of the segments, in their order, and how many could not be read.
    pub fn read_all<'a>(segments: impl IntoIterator<Item = &'a [u8]>) -> (Vec<Self>, u64) {
        let (mut entries, mut unread) = (Vec::new(), 0);
        for segment in segments {
            for line in segment.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
                match std::str::from_utf8(line).ok().and_then(Self::read) {
                    Some(entry) => entries.push(entry),
                    None => unread += 1,
                }
            }
        }
        (entries, unread)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_log_reads_as_its_record() {
        let line = r#"{"n":7,"node":"a","wall_ms":1772366400020,"mono_ns":20000000,"prev":"OvEXXipetMEG8D+M","record":"node_stopped"}"#;
        let entry = Entry::read(line).expect("a record");
        assert_eq!((entry.number, entry.node.as_str()), (7, "a"));
        assert_eq!(entry.statement, Statement::Fact(Box::new(Fact::NodeStopped)));
        let own = line.replace("\"node_stopped\"", "\"checkpoint\",\"note\":\"x\"");
        let own = Entry::read(&own).expect("a record").statement;
        assert_eq!(own, Statement::Own(Bookkeeping::Checkpoint { note: "x".to_owned() }));
        let two = format!("{line}\nnot a record\n{line}\n");
        let (entries, unread) = Entry::read_all([two.as_bytes()]);
        assert_eq!((entries.len(), unread), (2, 1));
    }
}
