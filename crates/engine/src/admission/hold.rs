//! What a request is told that is not served now.

use super::Class;

/// Why a request is not served now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HoldReason {
    /// Others before it fill all that can be served within [`super::WAIT_MAX`].
    QueueFull,
    /// It waited for [`super::WAIT_MAX`].
    WaitedLong,
    /// All permits, or all slots of its kind that do not queue, are out.
    NoSlot,
}

/// Not now: a waiting page for people, `Retry-After` for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hold {
    /// Why.
    pub reason: HoldReason,
    /// The class it waited in.
    pub class: Class,
    /// When to come back; spread so that those who are sent away together do not return together.
    pub retry_after_s: u16,
}

/// Shortest time that anyone is sent away for.
pub const RETRY_MIN_S: u16 = 2;
/// Longest, before the spread: a person waits no longer on a page.
pub const RETRY_MAX_S: u16 = 30;

/// Seconds after which to return: `pressure` times the shortest, and up to as much again by chance.
///
/// `chance` is any number that is spread evenly.
pub fn retry_after_s(pressure: f64, chance: u64) -> u16 {
    let scaled = f64::from(RETRY_MIN_S) * pressure.clamp(1.0, 100.0);
    let base = u16::try_from(crate::admission::sums::whole(scaled)).unwrap_or(RETRY_MAX_S);
    let base = base.clamp(RETRY_MIN_S, RETRY_MAX_S);
    let spread = chance % (u64::from(base) + 1);
    base + u16::try_from(spread).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_away_for_less_than_two_or_more_than_sixty_seconds() {
        for pressure in [0.0, 1.0, 7.3, 1e9, f64::NAN] {
            for chance in [0, 1, 17, u64::MAX] {
                let seconds = retry_after_s(pressure, chance);
                assert!((RETRY_MIN_S..=2 * RETRY_MAX_S).contains(&seconds), "{pressure} {seconds}");
            }
        }
    }

    #[test]
    fn those_sent_away_together_return_spread() {
        let mut returns: Vec<_> = (0..1_000).map(|chance| retry_after_s(10.0, chance)).collect();
        returns.sort_unstable();
        returns.dedup();
        assert_eq!(returns.len(), 21);
    }
}
