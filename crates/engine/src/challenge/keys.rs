//! Keys that change by the day, all drawn from one secret: who has the secret and the time has them.
//!
//! So a reload and a successor with the same state folder keep every token valid, and nothing is
//! stored.

use super::mac::Mac;
use super::token::LIFE_DAYS;
use std::array;
use std::fmt;

/// How long a key vouches for what is new.
pub const SPAN_SECS: u32 = 24 * 60 * 60;
/// Spans whose tokens may still be valid: their whole life, and the day under way.
const TOKEN_SPANS: usize = LIFE_DAYS as usize + 1;
/// What lives for minutes may have been made yesterday.
const SHORT_SPANS: usize = 2;

/// The keys of a day and those of the days before that still count.
#[derive(Clone)]
pub struct Keys {
    root: Mac,
    span: u32,
    token: [Mac; TOKEN_SPANS],
    puzzle: [Mac; SHORT_SPANS],
    place: [Mac; SHORT_SPANS],
}

/// Secrets are not shown.
impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keys of day {}", self.span)
    }
}

impl Keys {
    /// The keys at a time, given in seconds since 1970.
    pub fn new(secret: &[u8; 32], now_secs: u32) -> Self {
        Self::of_span(Mac::new(secret).derived("seawall challenge", 1), now_secs / SPAN_SECS)
    }

    /// Changes the keys when the day has changed; call it now and then.
    pub fn follow(&mut self, now_secs: u32) {
        let span = now_secs / SPAN_SECS;
        if span != self.span {
            *self = Self::of_span(self.root.clone(), span);
        }
    }

    fn of_span(root: Mac, span: u32) -> Self {
        fn keys<const SPANS: usize>(root: &Mac, purpose: &str, span: u32) -> [Mac; SPANS] {
            let ages: [u32; SPANS] = array::from_fn(|age| u32::try_from(age).unwrap_or(0));
            ages.map(|age| root.derived(purpose, span.saturating_sub(age)))
        }
        Self {
            token: keys(&root, "token", span),
            puzzle: keys(&root, "puzzle", span),
            place: keys(&root, "place", span),
            span,
            root,
        }
    }

    /// The key of tokens that were issued then; none where they no longer count.
    pub(super) fn token(&self, issued_secs: u32) -> Option<&Mac> {
        self.token.get(self.age(issued_secs)?)
    }

    /// The key of puzzles that were set then.
    pub(super) fn puzzle(&self, set_secs: u32) -> Option<&Mac> {
        self.puzzle.get(self.age(set_secs)?)
    }

    /// The key of places that were taken then.
    pub(super) fn place(&self, joined_secs: u32) -> Option<&Mac> {
        self.place.get(self.age(joined_secs)?)
    }

    /// Days since; none for what comes from a day that has not begun.
    fn age(&self, then_secs: u32) -> Option<usize> {
        usize::try_from(self.span.checked_sub(then_secs / SPAN_SECS)?).ok()
    }
}
