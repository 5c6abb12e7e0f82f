//! When looks are told: at once when they change, else once in a while.

use super::Look;
use seawall_types::evidence::{Aspect, IntegrityLook, Seen, Stamp};
use std::collections::BTreeMap;
use std::time::Duration;

/// How often is told that nothing has changed since.
const TOLD_EVERY: Duration = Duration::from_secs(30);

/// Of which platform, if of one, and at what.
pub(super) type What = (Option<String>, Aspect);

/// Looks that are not told yet.
#[derive(Debug, Default)]
pub(super) struct Telling(BTreeMap<What, Span>);

#[derive(Debug)]
struct Span {
    since: Stamp,
    looks: u64,
    told: Option<(Seen, Stamp)>,
}

impl Telling {
    /// Takes a look; gives what is due to be told.
    pub(super) fn take(&mut self, at: Stamp, what: What, look: Look) -> Option<IntegrityLook> {
        let span = self.0.entry(what.clone()).or_insert(Span { since: at, looks: 0, told: None });
        if span.looks == 0 {
            span.since = at;
        }
        span.looks += 1;
        let is_due = span.told.is_none_or(|(seen, told)| {
            seen != look.seen || at.moment.since(told.moment) >= TOLD_EVERY
        });
        if !is_due {
            return None;
        }
        let (platform, aspect) = what;
        let (since, looks) = (span.since, std::mem::take(&mut span.looks));
        span.told = Some((look.seen, at));
        let Look { seen, detail } = look;
        Some(IntegrityLook { platform, aspect, since, until: at, looks, seen, detail })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use seawall_types::{Moment, WallTime};

    #[test]
    fn a_change_is_told_at_once_and_what_stays_every_half_minute() {
        let mut telling = Telling::default();
        let mut told = Vec::new();
        for round in 0..8_u64 {
            let at =
                Stamp { wall: WallTime(round * 15_000), moment: Moment(round * 15_000_000_000) };
            let seen = if round == 5 { Seen::Departs } else { Seen::AsBefore };
            let look = Look { seen, detail: String::new() };
            let fact = telling.take(at, (None, Aspect::Shield), look);
            told.extend(fact.map(|fact| (round, fact.seen, fact.looks)));
        }
        let as_before = Seen::AsBefore;
        let expected = [
            (0, as_before, 1),
            (2, as_before, 2),
            (4, as_before, 2),
            (5, Seen::Departs, 1),
            (6, as_before, 1),
        ];
        assert_eq!(told, expected);
    }
}
