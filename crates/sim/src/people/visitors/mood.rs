//! What a person does whose page does not come: wait as told, reload once, leave.
//!
//! Shares and times are assumed.

use crate::Chance;
use crate::group::{Passing, Solving};
use crate::request::{Answer, Fate};
use seawall_types::Verdict;
use std::time::Duration;

/// People whose browsers solve what a check asks, of 100, and those whose browsers run no scripts and
/// who wait in the line instead; the others leave.
const SOLVERS: u32 = 93;
const WAITERS: u32 = 2;
/// Until the page of a check runs: at least, and longer on average by so much. With the sum this is the
/// 0.2 to 2.8 s that browsers took, a slowed one included (docs/challenge.md), and what a line adds.
const PAGE_LEAST: Duration = Duration::from_millis(300);
const PAGE_LONGER: Duration = Duration::from_millis(1_200);
const PAGE_MOST: Duration = Duration::from_secs(8);
/// The easiest sum on a phone: 8,192 hashes.
const SUM: Duration = Duration::from_millis(100);
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

/// How long a page takes to lead on.
const LED_ON: Duration = Duration::from_millis(50);
/// Waits that a person sits through for one page, and challenges passed for it.
const WAITS_MAX: u8 = 3;
const SOLVED_MAX: u8 = 2;

impl Mood {
    /// What a person does who has heard something else than the page.
    pub(crate) fn react(&mut self, answer: &Answer, chance: &mut Chance) -> Reaction {
        match answer.fate {
            Fate::Stopped(Verdict::Challenge) => self.solve(answer.has_passed),
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

    /// A page that was passed leads on by itself.
    fn solve(&mut self, has_passed: bool) -> Reaction {
        if !has_passed || self.solved == SOLVED_MAX {
            return Reaction::Leave;
        }
        self.solved += 1;
        Reaction::Again(LED_ON)
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

/// How a person passes a check.
pub(crate) fn passes(seed: u64, member: u32) -> Passing {
    let mut own = Chance::for_part(seed ^ 0x736f_6c76, u64::from(member));
    match own.below(100) {
        0..SOLVERS => {
            let page = PAGE_LEAST + own.exponential(PAGE_LONGER);
            Passing::Solves(Solving { page: page.min(PAGE_MOST), sum: SUM })
        }
        part if part < SOLVERS + WAITERS => Passing::Waits,
        _ => Passing::Never,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(fate: Fate, retry_after: Option<Duration>) -> u32 {
        let (mut mood, mut chance) = (Mood::default(), Chance::new(4));
        let (took, has_passed) = (Duration::ZERO, true);
        let answer = Answer { fate, took, retry_after, set_cookie: None, has_passed };
        let again = |_: &u32| mood.react(&answer, &mut chance) != Reaction::Leave;
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
    fn about_93_of_100_solve_and_2_wait_in_the_line() {
        let all: Vec<_> = (0..10_000).map(|member| passes(1, member)).collect();
        let solved = all.iter().filter(|one| one.usually().is_some()).count();
        let waited = all.iter().filter(|one| **one == Passing::Waits).count();
        assert!(solved.abs_diff(9_300) < 80 && waited.abs_diff(200) < 50, "{solved}, {waited}");
    }

    #[test]
    fn a_check_that_was_not_passed_is_left_alone() {
        let (fate, took) = (Fate::Stopped(Verdict::Challenge), Duration::ZERO);
        let answer = Answer { fate, took, retry_after: None, set_cookie: None, has_passed: false };
        assert_eq!(Mood::default().react(&answer, &mut Chance::new(4)), Reaction::Leave);
    }
}
