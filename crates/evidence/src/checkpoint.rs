//! Checkpoints: a signed statement that the log had this many records and this tree head.
//!
//! Source: C2SP tlog-checkpoint.

use crate::key::NodeKey;
use crate::merkle::{Hash, Peaks};
use crate::note::Note;

/// A tree head of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log.
    pub origin: String,
    /// Records that it is over.
    pub size: u64,
    /// The tree head.
    pub root: Hash,
}

impl Checkpoint {
    /// Signs the head of `tree`.
    pub fn sign(key: &NodeKey, tree: &Peaks) -> Note {
        let (origin, size, root) = (key.known().name(), tree.size(), tree.root());
        let text = format!("{origin}\n{size}\n{root}\n");
        let signatures = vec![key.sign(&text)];
        Note { text, signatures }
    }

    /// Reads a note's text; extension lines are left alone. `None` when it is no checkpoint.
    pub fn parse(text: &str) -> Option<Self> {
        let mut lines = text.strip_suffix('\n')?.split('\n');
        let (origin, size, root) = (lines.next()?, lines.next()?, lines.next()?);
        let is_plain = !origin.is_empty() && lines.all(|line| !line.is_empty());
        let digits = size == "0" || !size.starts_with('0');
        let digits = digits && size.bytes().all(|b| b.is_ascii_digit());
        if !is_plain || !digits {
            return None;
        }
        let (size, root) = (size.parse().ok()?, Hash::from_base64(root)?);
        Some(Self { origin: origin.to_owned(), size, root })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_is_read_in_two_ways_is_no_checkpoint() {
        let root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";
        let good = format!("example.com/behind-the-sofa\n20852163\n{root}\n");
        assert_eq!(Checkpoint::parse(&good).map(|c| c.size), Some(20_852_163));
        for bad in [
            format!("a\n007\n{root}\n"),
            format!("a\n+7\n{root}\n"),
            format!("a\n7\n{root}"),
            format!("a\n7\n{}\n", &root[1..]),
            format!("\n7\n{root}\n"),
            format!("a\n7\n{root}\n\nb\n"),
        ] {
            assert_eq!(Checkpoint::parse(&bad), None, "{bad:?}");
        }
    }
}
