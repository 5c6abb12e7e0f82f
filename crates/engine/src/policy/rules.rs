//! The compiled rule set that the hot path looks things up in: immutable, swapped whole.

use super::addresses::AddressSet;
use super::measures::{Asked, Measures, Met};
use super::sources::{Connect, Pace, Slot, SourceTable};
use seawall_types::{Mode, Moment, PlatformId, Reason, RequestRate, SourceKey, Verdict};
use std::net::IpAddr;

/// Everything that decides a verdict, compiled from one configuration.
#[derive(Debug, Clone, PartialEq)]
pub struct Rules {
    /// Networks that are never limited, challenged, refused or dropped.
    pub allow: AddressSet,
    /// The budget of one source; none for no limit.
    pub source_budget: Option<SourceBudget>,
    /// Connections that one source may hold.
    pub source_connections: u32,
    /// By platform index.
    pub modes: Vec<Mode>,
}

/// The budget of one source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourceBudget {
    pace: Pace,
    over_rate: OverRate,
}

impl SourceBudget {
    /// `rate` sustained, `burst` at once, and what happens to requests beyond.
    pub fn new(rate: RequestRate, burst: u32, over_rate: OverRate) -> Self {
        Self { pace: Pace::new(rate.interval(), burst), over_rate }
    }
}

/// What a request over its source's rate gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OverRate {
    /// 429.
    Limit,
    /// 403.
    Refuse,
    /// The connection is reset.
    Drop,
    /// 429 once; then the source's connections are reset at accept while it stays over.
    ResetAtAccept,
}

/// What is known of a connection's source: asked once, kept for its requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// On the allow list: first in the order of rules, never judged.
    Allowed,
    /// Counted in the source table.
    Counted(Slot),
    /// The source table had no room: admitted without a budget, and counted there.
    Unjudged,
    /// Behind a proxy, a source that holds as many connections as it may: not counted, refused.
    Crowded,
}

/// What happens to a new connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AtAccept {
    /// Serve it; give the standing back with [`Judge::at_close`].
    Serve(Standing),
    /// Reset it.
    Reset(Reason),
}

/// A verdict with its reason, and what it would have been were it carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Judgement {
    /// What happens.
    pub verdict: Verdict,
    /// Why.
    pub reason: Reason,
    /// The verdict that `mode = "observe"` did not carry out.
    pub would_have: Option<Verdict>,
}

impl Judgement {
    const CLEAR: Self = Self { verdict: Verdict::Admit, reason: Reason::Clear, would_have: None };
    const ALLOWED: Self =
        Self { verdict: Verdict::Admit, reason: Reason::Allowed, would_have: None };

    /// The same judgement where the connection belongs to a proxy, which also carries others: who
    /// would be dropped is refused.
    #[must_use]
    pub fn behind_proxy(self) -> Self {
        let spared = |verdict| match verdict {
            Verdict::Drop => Verdict::Refuse,
            Verdict::Admit
            | Verdict::Limit
            | Verdict::Challenge
            | Verdict::Hold
            | Verdict::Refuse
            | Verdict::Error => verdict,
        };
        Self {
            verdict: spared(self.verdict),
            reason: self.reason,
            would_have: self.would_have.map(spared),
        }
    }
}

/// The rule set in force and the table it counts in: what a core asks.
#[derive(Debug, Clone, Copy)]
pub struct Judge<'a> {
    /// The rule set in force.
    pub rules: &'a Rules,
    /// Shared by all cores, and kept over reloads.
    pub table: &'a SourceTable,
}

impl Judge<'_> {
    /// Judges a new connection of `address` before anything of it is read.
    ///
    /// A standing that is served must be given back with [`Self::at_close`].
    pub fn at_accept(self, now: Moment, address: IpAddr) -> AtAccept {
        let Self { rules, table } = self;
        if rules.allow.contains(address) {
            return AtAccept::Serve(Standing::Allowed);
        }
        let slot = match table.connect(now, SourceKey::of(address), rules.source_connections) {
            Connect::Counted(slot) => slot,
            Connect::TooMany if rules.protects_all() => {
                return AtAccept::Reset(Reason::Connections);
            }
            // A platform that is only observed admits everything; neither is counted, so neither
            // is given back.
            Connect::TooMany | Connect::Unjudged => return AtAccept::Serve(Standing::Unjudged),
        };
        match rules.source_budget {
            Some(SourceBudget { pace, over_rate: OverRate::ResetAtAccept })
                if table.is_in_debt(now, slot, pace) && rules.protects_all() =>
            {
                table.charge_over(now, slot, pace);
                table.disconnect(slot);
                AtAccept::Reset(Reason::Rate)
            }
            _ => AtAccept::Serve(Standing::Counted(slot)),
        }
    }

    /// Finds out how the client stands whose connection a proxy passes on.
    ///
    /// The questions of [`Self::at_accept`], but nothing is reset: the answer is in the standing,
    /// which must be given back with [`Self::at_close`].
    pub fn announced(self, now: Moment, address: IpAddr) -> Standing {
        self.standing(now, address, self.rules.source_connections)
    }

    /// Finds out how a client stands of which a proxy tells in a request.
    ///
    /// It holds no connection, so that it cannot hold too many; its standing must be given back
    /// with [`Self::at_close`] all the same.
    pub fn named(self, now: Moment, address: IpAddr) -> Standing {
        self.standing(now, address, u32::MAX)
    }

    fn standing(self, now: Moment, address: IpAddr, connections_max: u32) -> Standing {
        if self.rules.allow.contains(address) {
            return Standing::Allowed;
        }
        match self.table.connect(now, SourceKey::of(address), connections_max) {
            Connect::Counted(slot) => Standing::Counted(slot),
            Connect::TooMany => Standing::Crowded,
            Connect::Unjudged => Standing::Unjudged,
        }
    }

    /// Gives back what was counted when the standing was found.
    pub fn at_close(self, standing: Standing) {
        match standing {
            Standing::Counted(slot) => self.table.disconnect(slot),
            Standing::Allowed | Standing::Unjudged | Standing::Crowded => {}
        }
    }

    /// Judges one request and takes it from its source's budget.
    pub fn request(self, now: Moment, standing: Standing, platform: PlatformId) -> Judgement {
        let slot = match standing {
            Standing::Allowed => return Judgement::ALLOWED,
            Standing::Unjudged => return Judgement::CLEAR,
            Standing::Crowded => {
                return self.carried_out(platform, Verdict::Refuse, Reason::Connections);
            }
            Standing::Counted(slot) => slot,
        };
        let Some(SourceBudget { pace, over_rate }) = self.rules.source_budget else {
            return Judgement::CLEAR;
        };
        if self.table.take(now, slot, pace) {
            return Judgement::CLEAR;
        }
        if over_rate == OverRate::ResetAtAccept {
            self.table.charge_over(now, slot, pace);
        }
        self.carried_out(platform, over_rate.verdict(), Reason::Rate)
    }

    /// The verdict, or on a platform that is only observed what it would have been.
    fn carried_out(self, platform: PlatformId, verdict: Verdict, reason: Reason) -> Judgement {
        match self.rules.mode(platform) {
            Mode::Protect => Judgement { verdict, reason, would_have: None },
            Mode::Observe => {
                Judgement { verdict: Verdict::Admit, reason, would_have: Some(verdict) }
            }
        }
    }

    /// Whether the next request of this source would be over its rate; takes nothing.
    pub fn is_over(self, now: Moment, standing: Standing) -> bool {
        match (standing, self.rules.source_budget) {
            (Standing::Counted(slot), Some(budget)) => self.table.is_over(now, slot, budget.pace),
            _ => false,
        }
    }
}

impl Rules {
    /// The standing measure that decides about a request; an allowed network meets none, whatever
    /// measures say, and none from the moment on in which it is allowed.
    pub fn meet(&self, measures: &Measures, now: Moment, asked: &Asked<'_>) -> Option<Met> {
        if self.allow.contains(asked.address) { None } else { measures.look(now, asked) }
    }

    /// The same for somebody who is known by a lane, whom only an operator's measures meet.
    pub fn meet_in_lane(&self, measures: &Measures, now: Moment, asked: &Asked<'_>) -> Option<Met> {
        if self.allow.contains(asked.address) { None } else { measures.look_in_lane(now, asked) }
    }

    /// Whether the connection of a source over its rate is closed after the answer.
    pub fn closes_over_rate(&self) -> bool {
        matches!(self.source_budget, Some(SourceBudget { over_rate: OverRate::ResetAtAccept, .. }))
    }

    /// Whether this platform's verdicts are carried out; a platform that is gone is protected.
    pub fn mode(&self, platform: PlatformId) -> Mode {
        self.modes.get(platform.index()).copied().unwrap_or_default()
    }

    /// A connection is not yet for a platform: it is reset only where no platform just observes.
    fn protects_all(&self) -> bool {
        self.modes.iter().all(|mode| *mode == Mode::Protect)
    }
}

impl OverRate {
    /// The verdict on a request over the rate.
    pub const fn verdict(self) -> Verdict {
        match self {
            Self::Limit | Self::ResetAtAccept => Verdict::Limit,
            Self::Refuse => Verdict::Refuse,
            Self::Drop => Verdict::Drop,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const WWW: PlatformId = PlatformId(0);

    fn rules(over_rate: OverRate, mode: Mode) -> Rules {
        let rate = RequestRate::new(10.0).unwrap();
        Rules {
            allow: AddressSet::new(&["192.0.2.0/28".parse().unwrap()]),
            source_budget: Some(SourceBudget::new(rate, 2, over_rate)),
            source_connections: 4,
            modes: vec![mode],
        }
    }

    fn served(rules: &Rules, table: &SourceTable, address: &str) -> Standing {
        match (Judge { rules, table }).at_accept(Moment(0), address.parse().unwrap()) {
            AtAccept::Serve(standing) => standing,
            AtAccept::Reset(reason) => panic!("{address} was reset: {reason}"),
        }
    }

    fn verdicts(rules: &Rules, table: &SourceTable, standing: Standing) -> Vec<&'static str> {
        let judge = Judge { rules, table };
        (0..4).map(|_| judge.request(Moment(0), standing, WWW).verdict.word()).collect()
    }

    #[test]
    fn the_allow_list_wins_over_every_budget() {
        let (rules, table) = (rules(OverRate::Drop, Mode::Protect), SourceTable::new([1, 2]));
        let standing = served(&rules, &table, "192.0.2.1");
        assert_eq!(standing, Standing::Allowed);
        assert_eq!(verdicts(&rules, &table, standing), ["admit"; 4]);
    }

    #[test]
    fn a_source_over_its_rate_gets_what_the_operator_chose() {
        for (over_rate, word) in [
            (OverRate::Limit, "limit"),
            (OverRate::Refuse, "refuse"),
            (OverRate::Drop, "drop"),
            (OverRate::ResetAtAccept, "limit"),
        ] {
            let (rules, table) = (rules(over_rate, Mode::Protect), SourceTable::new([1, 2]));
            let standing = served(&rules, &table, "198.51.100.1");
            assert_eq!(verdicts(&rules, &table, standing), ["admit", "admit", word, word]);
        }
    }

    #[test]
    fn an_observed_platform_admits_and_says_what_would_have_been() {
        let (rules, table) = (rules(OverRate::Refuse, Mode::Observe), SourceTable::new([1, 2]));
        let standing = served(&rules, &table, "198.51.100.1");
        assert_eq!(verdicts(&rules, &table, standing), ["admit"; 4]);
        let judge = Judge { rules: &rules, table: &table };
        let judged = judge.request(Moment(0), standing, WWW);
        assert_eq!(judged.would_have, Some(Verdict::Refuse));
        assert_eq!(judged.reason, Reason::Rate);
    }

    #[test]
    fn a_source_over_its_rate_is_answered_once_and_reset_at_accept_until_it_stays_quiet() {
        let rules = rules(OverRate::ResetAtAccept, Mode::Protect);
        let table = SourceTable::new([1, 2]);
        let words: Vec<_> = (0..3)
            .map(|_| {
                let standing = served(&rules, &table, "198.51.100.1");
                let judge = Judge { rules: &rules, table: &table };
                judge.request(Moment(0), standing, WWW).verdict.word()
            })
            .collect();
        assert_eq!(words, ["admit", "admit", "limit"]);
        let address = "198.51.100.1".parse().unwrap();
        let judge = Judge { rules: &rules, table: &table };
        let at = |ms| Moment(0) + Duration::from_millis(ms);
        for ms in [0, 50, 100] {
            let again = judge.at_accept(at(ms), address);
            assert_eq!(again, AtAccept::Reset(Reason::Rate));
        }
        let later = judge.at_accept(at(1500), address);
        assert!(matches!(later, AtAccept::Serve(Standing::Counted(_))));
    }

    #[test]
    fn one_source_cannot_hold_more_connections_than_it_may() {
        let (rules, table) = (rules(OverRate::Limit, Mode::Protect), SourceTable::new([1, 2]));
        for _ in 0..4 {
            served(&rules, &table, "198.51.100.1");
        }
        let judge = Judge { rules: &rules, table: &table };
        let fifth = judge.at_accept(Moment(0), "198.51.100.1".parse().unwrap());
        assert_eq!(fifth, AtAccept::Reset(Reason::Connections));
        let observing = self::rules(OverRate::Limit, Mode::Observe);
        let judge = Judge { rules: &observing, table: &table };
        let sixth = judge.at_accept(Moment(0), "198.51.100.1".parse().unwrap());
        assert_eq!(sixth, AtAccept::Serve(Standing::Unjudged));
    }

    #[test]
    fn behind_a_proxy_a_source_with_too_many_connections_is_refused_and_never_reset() {
        for (mode, verdict, would_have) in [
            (Mode::Protect, Verdict::Refuse, None),
            (Mode::Observe, Verdict::Admit, Some(Verdict::Refuse)),
        ] {
            let (rules, table) = (rules(OverRate::Drop, mode), SourceTable::new([1, 2]));
            let judge = Judge { rules: &rules, table: &table };
            let address = "198.51.100.1".parse().unwrap();
            let held: Vec<_> = (0..4).map(|_| judge.announced(Moment(0), address)).collect();
            assert!(held.iter().all(|standing| matches!(standing, Standing::Counted(_))));
            let fifth = judge.announced(Moment(0), address);
            assert_eq!(fifth, Standing::Crowded);
            let reason = Reason::Connections;
            let judged = judge.request(Moment(0), fifth, WWW);
            assert_eq!(judged, Judgement { verdict, reason, would_have });
            assert!(matches!(judge.named(Moment(0), address), Standing::Counted(_)));
            judge.at_close(fifth);
            assert_eq!(judge.announced(Moment(0), address), Standing::Crowded);
            judge.at_close(held[0]);
            judge.at_close(held[1]);
            assert!(matches!(judge.announced(Moment(0), address), Standing::Counted(_)));
        }
    }

    #[test]
    fn behind_a_proxy_who_would_be_dropped_is_refused() {
        for mode in [Mode::Protect, Mode::Observe] {
            let (rules, table) = (rules(OverRate::Drop, mode), SourceTable::new([1, 2]));
            let judge = Judge { rules: &rules, table: &table };
            let standing = judge.named(Moment(0), "198.51.100.1".parse().unwrap());
            let judged = [(); 3].map(|()| judge.request(Moment(0), standing, WWW));
            let spared = judged[2].behind_proxy();
            let carried_out = spared.would_have.unwrap_or(spared.verdict);
            assert_eq!((carried_out, spared.reason), (Verdict::Refuse, Reason::Rate));
            let allowed = judge.named(Moment(0), "192.0.2.1".parse().unwrap());
            assert_eq!(allowed, Standing::Allowed);
        }
    }
}
