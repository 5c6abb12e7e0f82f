//! Counts wrong tokens by source, so that guessing is slow and costs us nothing.
//!
//! A right token is never counted and never refused: the operator cannot be locked out from an
//! address that someone else shares.
//! Bounds: [`SOURCES_MAX`] sources; the one whose minute began first is forgotten.

use seawall_types::SourceKey;
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// Wrong tokens one source may show in a [`WINDOW`].
pub(crate) const TRIES_MAX: u32 = 10;

/// How long a wrong token is remembered.
pub(crate) const WINDOW: Duration = Duration::from_mins(1);

/// Sources remembered: few networks ever reach a control listener.
pub(crate) const SOURCES_MAX: usize = 1_024;

/// What a wrong token gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// 401, after a delay.
    Wrong,
    /// 429, at once.
    TooMany,
}

/// Wrong tokens of the last minute.
#[derive(Debug, Default)]
pub(crate) struct Tries {
    by_source: HashMap<SourceKey, Window>,
}

#[derive(Debug)]
struct Window {
    began: Instant,
    tries: u32,
}

impl Tries {
    /// Counts one wrong token.
    pub(crate) fn wrong(&mut self, now: Instant, source: SourceKey) -> Answer {
        self.make_room(now, source);
        let window = self.by_source.entry(source).or_insert(Window { began: now, tries: 0 });
        if now.duration_since(window.began) >= WINDOW {
            *window = Window { began: now, tries: 0 };
        }
        window.tries = window.tries.saturating_add(1);
        if window.tries > TRIES_MAX { Answer::TooMany } else { Answer::Wrong }
    }

    fn make_room(&mut self, now: Instant, source: SourceKey) {
        if self.by_source.len() < SOURCES_MAX || self.by_source.contains_key(&source) {
            return;
        }
        self.by_source.retain(|_, window| now.duration_since(window.began) < WINDOW);
        if self.by_source.len() < SOURCES_MAX {
            return;
        }
        let oldest = self.by_source.iter().min_by_key(|(_, window)| window.began);
        if let Some(oldest) = oldest.map(|(source, _)| *source) {
            self.by_source.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{IpAddr, Ipv4Addr};

    fn source(number: u32) -> SourceKey {
        SourceKey::of(IpAddr::V4(Ipv4Addr::from(0xc000_0200 + number)))
    }

    #[test]
    fn the_eleventh_wrong_token_in_a_minute_is_one_too_many() {
        let (mut tries, start) = (Tries::default(), Instant::now());
        for _ in 0..TRIES_MAX {
            assert_eq!(tries.wrong(start, source(1)), Answer::Wrong);
        }
        assert_eq!(tries.wrong(start, source(1)), Answer::TooMany);
        assert_eq!(tries.wrong(start, source(2)), Answer::Wrong);
        assert_eq!(tries.wrong(start + WINDOW, source(1)), Answer::Wrong);
    }

    #[test]
    fn the_table_forgets_the_oldest_and_never_grows_past_its_bound() {
        let (mut tries, start) = (Tries::default(), Instant::now());
        for number in 0..=u32::try_from(SOURCES_MAX).unwrap() {
            let now = start + Duration::from_millis(number.into());
            assert_eq!(tries.wrong(now, source(number)), Answer::Wrong);
        }
        assert_eq!(tries.by_source.len(), SOURCES_MAX);
        assert!(!tries.by_source.contains_key(&source(0)));
        tries.wrong(start + WINDOW * 2, source(u32::MAX >> 8));
        assert_eq!(tries.by_source.len(), 1);
    }
}
