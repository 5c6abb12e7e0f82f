//! Checks that senders are passing, and what those bear who passed.
//!
//! A browser that runs scripts answers once it has solved, one that runs none joins the line and waits
//! for its turn; the sender hears of its page when that is done, or when it gives up.
//! Whoever passes bears what was given last, as a browser keeps one cookie of a name.
//! Bounds: one entry for each challenge that is open, and one for each sender that has passed.

use super::telling::Told;
use super::{Due, Node, World};
use crate::Chance;
use crate::defence::{Check, Pass, Turn};
use crate::group::Passing;
use crate::request::Sender;
use seawall_types::Moment;
use std::collections::BTreeMap;
use std::time::Duration;

/// After how long the page of a check leads on to the line where no script runs.
const TO_THE_LINE: Duration = Duration::from_secs(3);
/// When one whom the line did not take tries again, and how often.
const FULL_RETRY: Duration = Duration::from_secs(30);
const JOINS_MAX: u8 = 3;
/// The longest wait that a person sits through.
const SITS_THROUGH: Duration = Duration::from_mins(1);

/// Checks that are being passed, and what was given for them.
#[derive(Debug, Default)]
pub(super) struct Checks {
    passes: BTreeMap<Sender, Pass>,
    open: BTreeMap<u64, Open>,
    last: u64,
}

/// A check that somebody is passing.
#[derive(Debug, Clone, Copy)]
struct Open {
    told: Told,
    check: Check,
    stage: Stage,
}

#[derive(Debug, Clone, Copy)]
enum Stage {
    Solves,
    Joins(u8),
    Waits(Turn),
}

impl Checks {
    /// What a sender shows of checks that it passed.
    pub(super) fn of(&self, sender: Sender) -> Option<Pass> {
        self.passes.get(&sender).copied()
    }

    pub(super) fn give(&mut self, sender: Sender, pass: Pass) {
        self.passes.insert(sender, pass);
    }
}

/// Whether one who was here before passed a check then: with that chance, in every run alike.
pub(super) fn has_passed_before(Sender { group, member }: Sender, share: f64) -> bool {
    let mut own = Chance::for_part(0x746f_6b65 ^ u64::from(group) << 32, u64::from(member));
    own.unit() < share
}

impl World {
    /// A sender is shown a check; says whether it goes about passing it, so that it hears later.
    pub(super) fn is_challenged(&mut self, now: Moment, told: &Told) -> bool {
        let Some(check) = told.check else { return false };
        let sender = told.sender();
        let passing = self.groups[usize::from(sender.group)].0.passes(sender.member);
        let (after, stage) = match passing {
            Passing::Never => return false,
            Passing::Solves(solving) => (solving.takes(check.difficulty), Stage::Solves),
            Passing::Waits => (TO_THE_LINE, Stage::Joins(1)),
        };
        self.goes_on(now + after, &Open { told: *told, check, stage });
        true
    }

    /// A sender goes on with its check.
    pub(super) fn check_is_due(&mut self, now: Moment, number: u64) {
        let Some(open) = self.checks.open.remove(&number) else { return };
        let request = open.told.request();
        let node_now = self.clock.monotonic(now);
        let is_away = self.node == Node::Away;
        let pass = match open.stage {
            _ if is_away => None,
            Stage::Solves => self.defence.answered(node_now, request, open.check),
            Stage::Waits(turn) => self.defence.turn_came(node_now, request, (turn, open.check)),
            Stage::Joins(tries) => match self.defence.joins(node_now, request) {
                Some(turn) => {
                    let at = self.clock.world(turn.at).max(now);
                    if at.since(now) <= SITS_THROUGH {
                        self.goes_on(at, &Open { stage: Stage::Waits(turn), ..open });
                        return;
                    }
                    None
                }
                None if tries < JOINS_MAX => {
                    self.goes_on(
                        now + FULL_RETRY,
                        &Open { stage: Stage::Joins(tries + 1), ..open },
                    );
                    return;
                }
                None => None,
            },
        };
        if let Some(pass) = pass {
            self.checks.give(open.told.sender(), pass);
        }
        let mut told = open.told;
        told.has_passed = pass.is_some();
        self.hear_of_page(now, &told);
    }

    fn goes_on(&mut self, at: Moment, open: &Open) {
        self.checks.last += 1;
        self.checks.open.insert(self.checks.last, *open);
        self.due.put(at, Due::Check(self.checks.last));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn about_the_share_that_is_asked_for_has_passed_before() {
        let passed = |member| has_passed_before(Sender { group: 0, member }, 0.35);
        let all = (0..10_000).filter(|member| passed(*member)).count();
        assert!(all.abs_diff(3_500) < 150, "{all}");
    }
}
