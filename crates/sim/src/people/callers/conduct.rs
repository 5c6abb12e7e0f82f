//! What a program does when it is refused or hears nothing.

use crate::Chance;
use crate::request::Answer;
use std::time::Duration;

/// The longest that any program waits before it tries again.
const LONGEST: Duration = Duration::from_mins(1);
/// How far a crawler slows down.
const SLOWEST: f64 = 16.0;

/// What a program does when it is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Conduct {
    /// Waits until its next turn, and as long as told.
    NextTurn,
    /// Tries again so much later, so often; then waits until its next turn.
    Confirm {
        /// How much later.
        after: Duration,
        /// How often.
        times: u8,
    },
    /// Tries the same again, twice as late each time, and not before it is told.
    BackOff,
    /// Tries the same again at once, for ever, whatever it is told.
    Hammer,
    /// Asks half as often, for the same a few times more; more often again as it is served.
    SlowDown,
}

/// When a program asks for the same again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Retry {
    /// After so long.
    After(Duration),
    /// At its next turn, which its slowness puts off, and not before so long.
    NextTurn(Duration),
    /// Never: it asks for something else at its next turn.
    Never,
}

/// Turns at which a crawler asks for a page that it does not get.
const TURNS: u8 = 3;

/// How a program has fared.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Standing {
    failures: u8,
    slowness: f64,
}

impl Default for Standing {
    fn default() -> Self {
        Self { failures: 0, slowness: 1.0 }
    }
}

impl Standing {
    /// A factor on the time between requests.
    pub(super) fn slowness(self) -> f64 {
        self.slowness
    }

    pub(super) fn served(&mut self) {
        self.failures = 0;
        self.slowness = (self.slowness * 0.9).max(1.0);
    }

    /// When the same is asked again.
    pub(super) fn refused(
        &mut self,
        conduct: Conduct,
        answer: &Answer,
        chance: &mut Chance,
    ) -> Retry {
        self.failures = self.failures.saturating_add(1);
        let told = answer.retry_after.unwrap_or_default().min(LONGEST);
        match conduct {
            Conduct::NextTurn if told.is_zero() => Retry::Never,
            Conduct::NextTurn => Retry::After(told + jitter(1_000, chance)),
            Conduct::Confirm { after, times } if self.failures <= times => {
                Retry::After(after.max(told))
            }
            Conduct::Confirm { .. } => {
                self.failures = 0;
                Retry::Never
            }
            Conduct::BackOff => {
                let doubled = Duration::from_millis(500 << u32::from(self.failures.min(7)));
                let wait = doubled.mul_f64(0.5 + 0.5 * chance.unit()).min(LONGEST);
                Retry::After(wait.max(told + jitter(500, chance)))
            }
            Conduct::Hammer => Retry::After(Duration::from_millis(150) + jitter(200, chance)),
            Conduct::SlowDown => {
                self.slowness = (self.slowness * 2.0).min(SLOWEST);
                if self.failures < TURNS {
                    return Retry::NextTurn(told);
                }
                self.failures = 0;
                Retry::Never
            }
        }
    }
}

fn jitter(millis: u32, chance: &mut Chance) -> Duration {
    Duration::from_millis(u64::from(chance.below(millis)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::Fate;
    use seawall_types::Verdict;

    /// How long each of a dozen refusals is waited out, where the same is asked again.
    fn waits(conduct: Conduct, told: Option<Duration>) -> Vec<Option<Duration>> {
        let (mut standing, mut chance) = (Standing::default(), Chance::new(3));
        let fate = Fate::Stopped(Verdict::Limit);
        let (took, has_passed) = (Duration::ZERO, false);
        let answer = Answer { fate, took, retry_after: told, set_cookie: None, has_passed };
        let refused = |_| match standing.refused(conduct, &answer, &mut chance) {
            Retry::After(wait) => Some(wait),
            Retry::NextTurn(_) | Retry::Never => None,
        };
        (0..12).map(refused).collect()
    }

    #[test]
    fn who_backs_off_waits_longer_each_time_and_never_less_than_told() {
        let all = waits(Conduct::BackOff, None);
        assert!(all[0] < Some(Duration::from_millis(1_100)));
        assert!(all[11] > Some(Duration::from_secs(29)) && all[11] < Some(Duration::from_secs(62)));
        let told = Duration::from_secs(20);
        assert!(waits(Conduct::BackOff, Some(told)).iter().all(|wait| *wait >= Some(told)));
    }

    #[test]
    fn who_hammers_heeds_nothing() {
        let all = waits(Conduct::Hammer, Some(Duration::from_secs(20)));
        assert!(all.iter().all(|wait| *wait < Some(Duration::from_millis(400))));
    }

    #[test]
    fn a_monitor_confirms_so_often_and_no_more() {
        let conduct = Conduct::Confirm { after: Duration::from_secs(1), times: 2 };
        let confirmed: Vec<_> = waits(conduct, None).iter().map(Option::is_some).collect();
        assert_eq!(confirmed[..6], [true, true, false, true, true, false]);
    }
}
