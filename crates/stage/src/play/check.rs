//! Passes the check of a page as the script in it does, for senders who can.
//!
//! A sender that has passed bears its pass from then on.
//! Bounds: [`MOST`] tries of one puzzle, one pass a sender that the groups of a play have.

use data_encoding::{BASE64, HEXLOWER};
use seawall_sim::request::Sender;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Where answers are taken.
pub(super) const DESK: &str = "/.well-known/seawall/answer";
/// Tries that no puzzle needs.
const MOST: u64 = 1 << 20;

/// What a page asks (ALTCHA's scheme).
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Puzzle {
    challenge: String,
    salt: String,
    signature: String,
    most: u64,
}

impl Puzzle {
    /// The puzzle of a page; none where it has none.
    pub(super) fn of(page: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(page).ok()?;
        let data = |name: &str| {
            let (_, behind) = text.split_once(&format!("data-{name}=\""))?;
            let (value, _) = behind.split_once('"')?;
            Some(value.replace("&amp;", "&"))
        };
        let most = data("most")?.parse().ok()?;
        let (challenge, salt, signature) = (data("challenge")?, data("salt")?, data("signature")?);
        Some(Self { challenge, salt, signature, most })
    }

    /// What the page's script would send; none where nothing solves it.
    pub(super) fn solved(&self) -> Option<String> {
        let target = HEXLOWER.decode(self.challenge.as_bytes()).ok()?;
        let begun = Sha256::new_with_prefix(&self.salt);
        let solves = |number: &u64| {
            let hash = begun.clone().chain_update(number.to_string()).finalize();
            hash.as_slice() == target
        };
        let number = (0..=self.most.min(MOST)).find(solves)?;
        let Self { challenge, salt, signature, .. } = self;
        let told = format!(
            r#"{{"algorithm":"SHA-256","challenge":"{challenge}","number":{number},"salt":"{salt}","signature":"{signature}"}}"#
        );
        Some(BASE64.encode(told.as_bytes()))
    }
}

/// Passes by whom they were given to.
#[derive(Debug, Default)]
pub(super) struct Passes(Mutex<BTreeMap<Sender, String>>);

impl Passes {
    /// `name=value` of a sender's pass.
    pub(super) fn of(&self, sender: Sender) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&sender).cloned()
    }

    pub(super) fn give(&self, sender: Sender, pass: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(sender, pass);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_read_and_its_puzzle_solved() {
        let salt = "ab?m=1&";
        let challenge = HEXLOWER.encode(&Sha256::digest(format!("{salt}417")));
        let page = format!(
            "<main data-challenge=\"{challenge}\" data-salt=\"ab?m=1&amp;\" \
             data-signature=\"sig\" data-most=\"999\">"
        );
        let puzzle = Puzzle::of(page.as_bytes()).unwrap();
        let told = BASE64.decode(puzzle.solved().unwrap().as_bytes()).unwrap();
        let told = String::from_utf8(told).unwrap();
        assert!(told.contains("\"number\":417,\"salt\":\"ab?m=1&\""), "{told}");
        assert_eq!(Puzzle { most: 400, ..puzzle }.solved(), None);
        assert_eq!(Puzzle::of(b"<p>One moment"), None);
    }
}
