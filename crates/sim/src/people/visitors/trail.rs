//! Visits as people really made them: the order of pages and what each brought, from a real log.
//!
//! `sessions.txt` says how it was made.
//! The log's times are not usable, so the time between pages is [`super::Habits::thinking`]'s
//! (assumed).

use crate::Chance;
use std::sync::OnceLock;

static TEXT: &str = include_str!("sessions.txt");
static SESSIONS: OnceLock<Vec<Vec<Stop>>> = OnceLock::new();

/// One page of a recorded visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stop {
    /// Its place by popularity; 0 is a picture that another site shows.
    pub(super) page: u16,
    /// What it brought.
    pub(super) parts: u8,
}

impl Stop {
    pub(super) fn opens_a_page(self) -> bool {
        self.page > 0
    }
}

/// A place in a recorded visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Trail {
    session: u16,
    at: u16,
}

impl Trail {
    /// The start of one of the recorded visits.
    pub(super) fn draw(chance: &mut Chance) -> Self {
        let count = u32::try_from(sessions().len()).unwrap_or(0);
        Self { session: u16::try_from(chance.below(count)).unwrap_or(0), at: 0 }
    }

    /// Somewhere in the middle of one: each page that is not a visit's last is as likely.
    pub(super) fn midway(chance: &mut Chance) -> Option<Self> {
        let mut left = chance.below(thoughts()) as usize;
        for (session, stops) in (0_u16..).zip(sessions()) {
            let here = stops.len().saturating_sub(1);
            match left.checked_sub(here) {
                Some(rest) => left = rest,
                None => return Some(Self { session, at: u16::try_from(left).unwrap_or(0) }),
            }
        }
        None
    }

    /// The page here.
    pub(super) fn stop(self) -> Stop {
        self.peek().unwrap_or(Stop { page: 0, parts: 0 })
    }

    /// The page after this one; none at the end of the visit.
    pub(super) fn next(self) -> Option<Self> {
        let next = Self { at: self.at + 1, ..self };
        next.peek().map(|_| next)
    }

    fn peek(self) -> Option<Stop> {
        sessions().get(usize::from(self.session))?.get(usize::from(self.at)).copied()
    }

    /// Requests of a recorded visit on average.
    pub(crate) fn mean_requests() -> f64 {
        let stops = sessions().iter().flatten();
        let requests: u32 = stops.map(|stop| 1 + u32::from(stop.parts)).sum();
        f64::from(requests) / visits()
    }

    /// Pages of a recorded visit that another follows, on average.
    pub(super) fn mean_thoughts() -> f64 {
        f64::from(thoughts()) / visits()
    }
}

fn visits() -> f64 {
    f64::from(u32::try_from(sessions().len()).unwrap_or(1).max(1))
}

fn thoughts() -> u32 {
    let followed = sessions().iter().map(|stops| stops.len().saturating_sub(1));
    u32::try_from(followed.sum::<usize>()).unwrap_or(0)
}

fn sessions() -> &'static [Vec<Stop>] {
    SESSIONS.get_or_init(|| {
        let lines = TEXT.lines().filter(|line| !line.starts_with('#'));
        lines.map(|line| line.split(' ').filter_map(stop).collect()).collect()
    })
}

fn stop(text: &str) -> Option<Stop> {
    let (page, parts) = text.split_once('+').unwrap_or((text, "0"));
    Some(Stop { page: page.parse().ok()?, parts: parts.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stop_of_the_table_is_read() {
        let written =
            TEXT.lines().filter(|line| !line.starts_with('#')).flat_map(|line| line.split(' '));
        assert_eq!(written.count(), sessions().iter().flatten().count());
        assert_eq!(sessions().len(), 811);
        assert!((Trail::mean_requests() - 3_166.0 / 811.0).abs() < 1e-9);
    }

    #[test]
    fn a_trail_comes_to_its_end() {
        let mut chance = Chance::new(1);
        for _ in 0..100 {
            let start = Trail::draw(&mut chance);
            let stops = std::iter::successors(Some(start), |trail| trail.next()).count();
            assert_eq!(stops, sessions()[usize::from(start.session)].len());
            assert!(Trail::midway(&mut chance).and_then(Trail::next).is_some());
        }
    }
}
