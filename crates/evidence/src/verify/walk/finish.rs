//! What can only be said when all segments were read.

use super::Walk;
use crate::merkle::Hash;
use crate::segment::CHECKPOINT;
use crate::verify::{Break, Difference, Verification};

impl Walk<'_> {
    /// Closes the check.
    pub(in crate::verify) fn finish(mut self) -> Verification {
        self.found.next = self.tree.size();
        self.found.has_ended = self.has_ended;
        if self.found.holds() {
            let what = self.beginning().or_else(|| self.beside());
            self.found.first_break = what.map(|(file, what)| {
                let record = self.tree.size();
                Break { file, record, offset: 0, what }
            });
        }
        let witnesses = &self.trusted.witnesses;
        if self.found.holds() && self.found.witnessed.is_empty() && !witnesses.is_empty() {
            self.found.unchecked.push(
                "no checkpoint that a trusted witness signed is here, so it is not shown that the \
                 log was never written anew"
                    .to_owned(),
            );
        }
        self.found
    }

    /// Whether what is gone from the beginning was told.
    fn beginning(&self) -> Option<(String, Difference)> {
        let first = self.found.first;
        let removed = self.found.removed.as_ref();
        if first == 0 {
            return None;
        }
        let file = String::new();
        match removed {
            Some(removed) if removed.before == first => {
                let fits = self.before == Hash::from_base64(&removed.root);
                (!fits).then_some((file, Difference::Removal { before: first }))
            }
            // Told, and not done yet.
            Some(removed) if removed.before > first => None,
            _ => Some((file, Difference::Beginning { first })),
        }
    }

    /// Whether the checkpoints beside the segments were all reached.
    fn beside(&mut self) -> Option<(String, Difference)> {
        if let Some(bad) = self.heads.bad.take() {
            return Some(bad);
        }
        if self.found.checkpoints > 0 && !self.heads.has_newest {
            return Some((CHECKPOINT.to_owned(), Difference::NoNewest));
        }
        let records = self.tree.size();
        let (node, key) = self.log.as_ref()?;
        for head in self.heads.rest() {
            if head.is_foreign(node) {
                let origin = &head.checkpoint.origin;
                self.found.unchecked.push(format!("a checkpoint of another log, {origin}"));
                continue;
            }
            let short = Difference::Short {
                whose: head.whose.clone(),
                size: head.checkpoint.size,
                records,
            };
            let what = head.fault(key, &self.trusted.witnesses).unwrap_or(short);
            return Some((CHECKPOINT.to_owned(), what));
        }
        None
    }
}
