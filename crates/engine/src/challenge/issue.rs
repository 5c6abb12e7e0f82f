//! Hands out tokens and places in a line, each once, and keeps what their bearers may ask for.
//!
//! Takes the time, whom something is for and what was passed; gives tokens, places and puzzles' work,
//! and says what a request with or without a token gets.
//! All cores share one without a lock. Never reads a clock, seals a text or learns who asks.
//! Bounds: two tables of [`spend::BUCKETS_MAX`] buckets, a line of each platform.

use super::bound::Bound;
use super::place::{Line, Place};
use super::puzzle::Difficulty;
use super::spend::{self, Purpose, Spend, Taken};
use super::token::Token;
use crate::admission::Fetch;
use seawall_types::Moment;

/// Turns in a second while the origins have room, and while they are pressed.
const TURN_MS: [u64; 2] = [50, 500];
/// When a program that is held should come back: at least, and spread over so much more, so that not
/// all return together.
const HELD_LEAST_S: u64 = 5;
const HELD_SPREAD_S: u64 = 10;

/// What all cores share of tokens, places and what they may ask for.
#[derive(Debug)]
pub struct Issue {
    /// What tokens and their networks asked for.
    pub spend: Spend,
    /// What may be used once: answers, places, webhooks.
    pub used: Spend,
    /// By platform index.
    lines: Box<[Line]>,
}

/// Whether the origins of a platform have room for more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origins {
    /// They have.
    HaveRoom,
    /// More is asked for than they carry.
    ArePressed,
}

impl Issue {
    /// Nothing handed out yet; `seed` keys the hashes of the tables.
    pub fn new(seed: [u64; 2], platforms: usize) -> Self {
        Self {
            spend: Spend::new(seed),
            used: Spend::new(seed),
            lines: (0..platforms).map(|_| Line::default()).collect(),
        }
    }

    /// The token for what was passed, once for each name; none when it was used before.
    pub fn token(
        &self,
        (now, now_secs): (Moment, u32),
        (bound, id): (&Bound, u64),
    ) -> Option<Token> {
        if self.used.take(now, (Purpose::Once, id), spend::ONCE) == Taken::Over {
            return None;
        }
        let _ = self.spend.take(now, (Purpose::Passes, bound.network()), spend::PASSES);
        Some(Token::fresh(id, now_secs))
    }

    /// How much work a puzzle for a network is, by how often it passed of late.
    pub fn difficulty(&self, now: Moment, bound: &Bound) -> Difficulty {
        let network = (Purpose::Passes, bound.network());
        Difficulty::after(self.spend.taken(now, network, spend::PASSES))
    }

    /// A place at the end of a platform's line; none where the line, or the network's part of it, is
    /// full.
    pub fn place(
        &self,
        (now, now_secs): (Moment, u32),
        (platform, bound): (usize, &Bound),
        origins: Origins,
    ) -> Option<Place> {
        let of_network = (Purpose::Places, bound.network());
        if self.spend.take(now, of_network, spend::PLACES) == Taken::Over {
            return None;
        }
        let turn_ms = TURN_MS[usize::from(origins == Origins::ArePressed)];
        let turn_ms = self.lines.get(platform)?.join(u64::from(now_secs) * 1_000, turn_ms)?;
        // One turn is never at once: who looks at the page has seen it.
        let turn_secs = u32::try_from(turn_ms.div_ceil(1_000)).ok()?.max(now_secs + 1);
        Some(Place { joined_secs: now_secs, turn_secs })
    }

    /// Takes a request from what a token may ask for.
    pub fn charge(&self, now: Moment, (token, bound): (Token, &Bound), fetch: Fetch) -> Taken {
        self.spend.charge(now, (token, bound.network()), fetch)
    }
}

/// Of whom a check would be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// Of nobody: the request may go on as it is.
    Nobody,
    /// Of somebody who opens a page, and can be shown one.
    Page,
    /// Of something that can be shown none.
    Other,
}

/// What a request gets in the light of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weighed {
    /// What it would get without.
    AsJudged,
    /// It goes on by its token.
    Borne,
    /// Its token has nothing left.
    Limited,
    /// The page of a check.
    Challenged,
    /// It is told to come back later, since it cannot be asked.
    Held,
}

/// What a request gets, by what is left of its token; `charged` is none without a valid one.
///
/// Who is not asked and has nothing left is only no longer put before others.
pub const fn weighed(asked: Asked, charged: Option<Taken>) -> Weighed {
    match (charged, asked) {
        // What a full table does not keep goes unrationed, and that is counted.
        (Some(Taken::Within | Taken::Unkept), _) => Weighed::Borne,
        (Some(Taken::Over) | None, Asked::Nobody) => Weighed::AsJudged,
        (Some(Taken::Over), Asked::Page | Asked::Other) => Weighed::Limited,
        (None, Asked::Page) => Weighed::Challenged,
        (None, Asked::Other) => Weighed::Held,
    }
}

/// After how many seconds a program that is held should come back.
pub fn held_s(now: Moment, source: u64) -> u16 {
    let chance = (now.0 ^ source).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
    u16::try_from(HELD_LEAST_S + chance % HELD_SPREAD_S).unwrap_or(5)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::admission::Prefix;
    use crate::challenge::{Family, PlatformMark};
    use std::net::Ipv4Addr;
    use std::time::Duration;

    fn bound(network: u8) -> Bound {
        Bound {
            platform: PlatformMark::of("www"),
            prefix: Prefix::of(Ipv4Addr::new(192, 0, network, 1).into()),
            family: Family::of(b"a browser", b""),
        }
    }

    #[test]
    fn what_was_passed_gives_one_token_and_makes_the_next_puzzle_of_its_network_no_easier() {
        let issue = Issue::new([1, 2], 1);
        let at = (Moment(0), 1_000);
        let easiest = issue.difficulty(at.0, &bound(2));
        for id in 0..64 {
            assert!(issue.token(at, (&bound(2), id)).is_some());
            assert!(issue.token(at, (&bound(2), id)).is_none());
        }
        assert!(issue.difficulty(at.0, &bound(2)) > easiest);
        assert_eq!(issue.difficulty(at.0, &bound(3)), easiest);
    }

    #[test]
    fn a_line_takes_turns_slower_while_the_origins_are_pressed_and_five_at_once_of_a_network() {
        let turns = |origins| {
            let issue = Issue::new([1, 2], 1);
            let places = (0..40).filter_map(|network| {
                issue.place((Moment(0), 1_000), (0, &bound(network)), origins)
            });
            places.last().map(|place| place.turn_secs - place.joined_secs)
        };
        assert_eq!(turns(Origins::HaveRoom), Some(2));
        assert_eq!(turns(Origins::ArePressed), Some(20));
        let issue = Issue::new([1, 2], 1);
        let join = |second: u64| {
            let now = Moment(0) + Duration::from_secs(second);
            issue.place((now, 1_000), (0, &bound(2)), Origins::HaveRoom).is_some()
        };
        assert_eq!((0..8).filter(|_| join(0)).count(), 5);
        assert!(join(3) && !join(3));
        assert!(issue.place((Moment(0), 1_000), (1, &bound(9)), Origins::HaveRoom).is_none());
    }

    #[test]
    fn a_token_with_nothing_left_is_worse_than_none_only_where_a_check_is_asked() {
        for (asked, charged, gets) in [
            (Asked::Nobody, None, Weighed::AsJudged),
            (Asked::Nobody, Some(Taken::Over), Weighed::AsJudged),
            (Asked::Nobody, Some(Taken::Within), Weighed::Borne),
            (Asked::Page, None, Weighed::Challenged),
            (Asked::Page, Some(Taken::Over), Weighed::Limited),
            (Asked::Page, Some(Taken::Unkept), Weighed::Borne),
            (Asked::Other, None, Weighed::Held),
            (Asked::Other, Some(Taken::Over), Weighed::Limited),
        ] {
            assert_eq!(weighed(asked, charged), gets, "{asked:?} {charged:?}");
        }
    }
}
