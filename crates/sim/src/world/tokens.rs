//! Who has passed a challenge, and since when.
//!
//! Whoever passes holds a token from then on; nobody else has it.
//! Bounds: one entry for each sender that passes challenges, which the groups of a world bound.

use crate::Chance;
use crate::defence::Token;
use crate::request::Sender;
use seawall_types::Moment;
use std::collections::{BTreeMap, BTreeSet};

/// Tokens by who holds them.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    old: BTreeSet<Sender>,
    fresh: BTreeMap<Sender, Moment>,
}

impl Tokens {
    /// One who was here before holds an old token with that chance, in every run alike.
    pub(super) fn hold_old(&mut self, sender: Sender, share: f64) {
        let Sender { group, member } = sender;
        let mut own = Chance::for_part(0x746f_6b65 ^ u64::from(group) << 32, u64::from(member));
        if own.unit() < share {
            self.old.insert(sender);
        }
    }

    /// One was challenged, and passes at `passes_at`.
    pub(super) fn challenged(&mut self, sender: Sender, passes_at: Moment) {
        self.fresh.entry(sender).or_insert(passes_at);
    }

    /// What a sender shows.
    pub(super) fn of(&self, now: Moment, sender: Sender) -> Option<Token> {
        if self.old.contains(&sender) {
            return Some(Token::Old);
        }
        let passed = self.fresh.get(&sender).is_some_and(|passes_at| *passes_at <= now);
        passed.then_some(Token::Fresh)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_token_is_held_from_when_its_challenge_was_passed() {
        let sender = Sender { group: 1, member: 2 };
        let mut tokens = Tokens::default();
        let passes_at = Moment(0) + Duration::from_millis(2_500);
        tokens.challenged(sender, passes_at);
        assert_eq!(tokens.of(Moment(0), sender), None);
        assert_eq!(tokens.of(passes_at, sender), Some(Token::Fresh));
        tokens.hold_old(sender, 1.0);
        assert_eq!(tokens.of(Moment(0), sender), Some(Token::Old));
    }

    #[test]
    fn about_the_share_that_is_asked_for_holds_old_tokens() {
        let mut tokens = Tokens::default();
        for member in 0..10_000 {
            tokens.hold_old(Sender { group: 0, member }, 0.35);
        }
        assert!(tokens.old.len().abs_diff(3_500) < 150, "{}", tokens.old.len());
    }
}
