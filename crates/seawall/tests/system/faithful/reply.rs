//! What a client got.

use crate::origins::Seen;

/// Name, in lower case, and value of each field, in order.
pub(crate) type Fields = Vec<(String, String)>;

/// All that came of one row, at one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) replies: Vec<Reply>,
    /// Behind a change of the protocol.
    pub(crate) tunnel: Vec<u8>,
    pub(crate) after: After,
    pub(crate) seen: Vec<Seen>,
}

/// One answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) interim: Vec<Head>,
    pub(crate) head: Option<Head>,
    pub(crate) body: Vec<u8>,
    pub(crate) trailers: Fields,
    pub(crate) ended: Ended,
}

/// A status with its fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) status: u16,
    pub(crate) fields: Fields,
}

/// How an answer ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Ended {
    Whole,
    /// After its head, before its end.
    BrokeOff,
    /// The connection, or stream, ended without an answer.
    #[default]
    Silent,
    /// Neither an end nor more came in time.
    Hung,
}

/// What became of the connection, where the request says what should.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum After {
    /// Each hop keeps or closes its connections as it likes.
    Free,
    Closed,
    /// It should have been closed.
    Kept,
}

impl Head {
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    /// Whether a field lists `word`.
    pub(crate) fn lists(&self, name: &str, word: &str) -> bool {
        let mut words = self.field(name).into_iter().flat_map(|value| value.split(','));
        words.any(|listed| listed.trim().eq_ignore_ascii_case(word))
    }
}
