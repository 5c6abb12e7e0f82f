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
}

/// What a line says before what it states; cheap to read, and enough to pass most lines over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Glance<'a> {
    /// All of it.
    pub(crate) line: &'a str,
    /// Of the node.
    pub(crate) node: &'a str,
    /// When it was told.
    pub(crate) stamp: Stamp,
    /// The name of what it states.
    pub(crate) word: &'a str,
}

impl<'a> Glance<'a> {
    /// Reads the beginning of a line as the log writes it; `None` when it has another form.
    fn read(line: &'a [u8]) -> Option<Self> {
        let line = std::str::from_utf8(line).ok()?;
        let rest = line.strip_prefix("{\"n\":")?;
        let (_, rest) = rest.split_once(",\"node\":\"")?;
        let (node, rest) = rest.split_once("\",\"wall_ms\":")?;
        let (wall, rest) = rest.split_once(",\"mono_ns\":")?;
        let (mono, rest) = rest.split_once(",\"prev\":\"")?;
        let (_, rest) = rest.split_once("\",\"record\":\"")?;
        let (word, _) = rest.split_once('"')?;
        let stamp =
            Stamp { wall: WallTime(wall.parse().ok()?), moment: Moment(mono.parse().ok()?) };
        Some(Self { line, node, stamp, word })
    }

    /// Every line of a segment; `None` for one that is no record.
    pub(crate) fn each(segment: &'a [u8]) -> impl Iterator<Item = Option<Self>> {
        let lines = segment.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        lines.map(Self::read)
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
    }

    #[test]
    fn a_glance_sees_what_the_whole_record_says() {
        let line = r#"{"n":7,"node":"a","wall_ms":1772366400020,"mono_ns":20000000,"prev":"OvEXXipetMEG8D+M","record":"node_stopped"}"#;
        let two = format!("{line}\nnot a record\n{line}\n");
        let seen: Vec<_> = Glance::each(two.as_bytes()).collect();
        let entry = Entry::read(line).expect("a record");
        let glance = seen[0].expect("a record");
        assert_eq!((glance.node, glance.stamp), (entry.node.as_str(), entry.stamp));
        assert_eq!((glance.word, glance.line), ("node_stopped", line));
        assert_eq!(seen, [Some(glance), None, Some(glance)]);
    }
}
