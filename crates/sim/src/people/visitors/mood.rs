//! What a person does whose page does not come: wait as told, reload once, leave.
//!
//! Shares and times are assumed.

use crate::Chance;
use crate::request::{Answer, Fate};
use seawall_types::Verdict;
use std::time::Duration;

/// People who pass a challenge, of 100 (assumed), and how long it takes them.
const SOLVERS: u32 = 97;
const SOLVING_MS: u32 = 2_500;
/// The longest wait that a person sits through when told to.
const SITS_THROUGH: Duration = Duration::from_mins(1);
/// People who reload, in percent: after an error of the site, a page that never came, a refusal.
const AFTER_FAILURE: u32 = 60;
const AFTER_SILENCE: u32 = 50;
const AFTER_REFUSAL: u32 = 25;

/// How often a person has tried for one page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Mood {
    reloads: u8,
    solved: u8,
    waits: u8,
}

/// What a person does now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reaction {
    /// Goes away.
    Leave,
    /// Asks again after so long.
    Again(Duration),
}

/// Waits that a person sits through for one page, and challenges passed for it.
const WAITS_MAX: u8 = 3;
const SOLVED_MAX: u8 = 2;

impl Mood {
    /// What a person does who has heard something else than the page.
    pub(crate) fn react(
        &mut self,
        answer: &Answer,
        solves: Option<u32>,
        chance: &mut Chance,
    ) -> Reaction {
        match answer.fate {
            Fate::Stopped(Verdict::Challenge) => self.solve(solves),
            Fate::Stopped(Verdict::Limit | Verdict::Hold) => {
                let told = answer.retry_after.filter(|wait| *wait <= SITS_THROUGH);
                told.map_or(Reaction::Leave, |wait| self.wait(wait, chance))
            }
            Fate::Stopped(Verdict::Refuse) => self.reload(AFTER_REFUSAL, chance),
            Fate::OriginFailed | Fate::Stopped(_) => self.reload(AFTER_FAILURE, chance),
            Fate::GaveUp => self.reload(AFTER_SILENCE, chance),
            Fate::Served | Fate::Cancelled => Reaction::Leave,
        }
    }

    fn solve(&mut self, solves: Option<u32>) -> Reaction {
        let Some(millis) = solves.filter(|_| self.solved < SOLVED_MAX) else {
            return Reaction::Leave;
        };
        self.solved += 1;
        Reaction::Again(Duration::from_millis(u64::from(millis)))
    }

    /// A waiting page reloads itself, a little later than told.
    fn wait(&mut self, wait: Duration, chance: &mut Chance) -> Reaction {
        if self.waits == WAITS_MAX {
            return Reaction::Leave;
        }
        self.waits += 1;
        Reaction::Again(wait + Duration::from_millis(u64::from(50 + chance.below(1_500))))
    }

    fn reload(&mut self, percent: u32, chance: &mut Chance) -> Reaction {
        let wants = chance.below(100) < percent;
        if !wants || self.reloads > 0 {
            return Reaction::Leave;
        }
        self.reloads += 1;
        Reaction::Again(Duration::from_millis(u64::from(1_000 + chance.below(4_000))))
    }
}

/// Whether a person can pass a challenge, and in how many milliseconds.
pub(crate) fn solves(seed: u64, member: u32) -> Option<u32> {
    let mut own = Chance::for_part(seed ^ 0x736f_6c76, u64::from(member));
    (own.below(100) < SOLVERS).then_some(SOLVING_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(fate: Fate, retry_after: Option<Duration>) -> u32 {
        let (mut mood, mut chance) = (Mood::default(), Chance::new(4));
        let answer = Answer { fate, took: Duration::ZERO, retry_after, set_cookie: None };
        let again = |_: &u32| mood.react(&answer, Some(2_500), &mut chance) != Reaction::Leave;
        (0..100).take_while(again).count().try_into().unwrap()
    }

    #[test]
    fn nobody_tries_for_ever() {
        let wait = Some(Duration::from_secs(5));
        assert_eq!(times(Fate::Stopped(Verdict::Hold), wait), u32::from(WAITS_MAX));
        assert_eq!(times(Fate::Stopped(Verdict::Challenge), None), u32::from(SOLVED_MAX));
        for fate in [Fate::OriginFailed, Fate::GaveUp, Fate::Stopped(Verdict::Refuse)] {
            assert!(times(fate, None) <= 1, "{fate:?}");
        }
    }

    #[test]
    fn nobody_waits_for_longer_than_a_minute_or_for_no_word() {
        assert_eq!(times(Fate::Stopped(Verdict::Limit), Some(Duration::from_secs(61))), 0);
        assert_eq!(times(Fate::Stopped(Verdict::Limit), None), 0);
    }

    #[test]
    fn about_97_of_100_pass_a_challenge() {
        let passed = (0..10_000).filter(|member| solves(1, *member).is_some()).count();
        assert!(passed.abs_diff(9_700) < 60, "{passed}");
    }
}
