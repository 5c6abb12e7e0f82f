//! A finding that is open, and which kind it is believed to be.

use crate::detect::finding::{Finding, Why};
use crate::incident::IncidentKind;
use seawall_types::Moment;

/// Ticks in which another kind must come out before it is believed.
const KIND_TICKS: u32 = 4;
/// A flood of which nothing is described any more may rest between two pulses: it is called
/// something else only when it has been something else for so many ticks of pressure, 30 s.
const RESTS_TICKS: u32 = 120;
/// A surge whose senders are not seen to go on is still one for as long: it ebbs, and who came with it
/// reads on or asks again.
const EBBS_TICKS: u32 = RESTS_TICKS;

/// A finding that is open.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) finding: Finding,
    pub(super) told_at: Moment,
    pub(super) last_high: Moment,
    /// A kind that came out and is not believed yet, and in how many ticks.
    other_kind: Option<(IncidentKind, u32)>,
    /// Ticks without a break in which those who get nothing are seen to go on.
    seen_ticks: u32,
    pub(super) is_untold: bool,
}

impl Open {
    /// What is said for the first time.
    ///
    /// Nothing is a surge at once: who is served in its first ticks may be the usual visitors.
    pub(super) fn new(finding: Finding) -> Self {
        let kind = match finding.kind {
            IncidentKind::Flood => IncidentKind::Flood,
            IncidentKind::Surge | IncidentKind::Unknown => IncidentKind::Unknown,
        };
        let (told_at, last_high) = (finding.at, finding.at);
        let finding = Finding { kind, ..finding };
        Self { finding, told_at, last_high, other_kind: None, seen_ticks: 0, is_untold: false }
    }

    /// The kind to tell: a flood is told at once, any other change of mind after some ticks.
    pub(super) fn believed(&mut self, next: &Finding, is_described: bool) -> IncidentKind {
        let (told, kind) = (self.finding.kind, next.kind);
        // Not to be seen to do as visitors do is less than to be seen to do otherwise.
        let is_seen = matches!(next.why, Why::GoesOnUnserved(_) | Why::WantedYetGoesOn(_));
        self.seen_ticks = if is_seen { self.seen_ticks.saturating_add(1) } else { 0 };
        let needed = match (told, kind) {
            _ if kind == told => {
                self.other_kind = None;
                return told;
            }
            (IncidentKind::Flood, _) if !is_described => RESTS_TICKS,
            (IncidentKind::Surge, IncidentKind::Unknown) if self.seen_ticks < KIND_TICKS => {
                EBBS_TICKS
            }
            // Such a surge is believed by those ticks alone, however many there were of another reason.
            (IncidentKind::Unknown, IncidentKind::Flood)
            | (IncidentKind::Surge, IncidentKind::Unknown) => 1,
            _ => KIND_TICKS,
        };
        let ticks = match self.other_kind {
            Some((other, ticks)) if other == kind => ticks + 1,
            _ => 1,
        };
        self.other_kind = Some((kind, ticks));
        if ticks < needed {
            return told;
        }
        self.other_kind = None;
        kind
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::finding::{Elsewhere, Footing, Manners};
    use IncidentKind::{Flood, Surge, Unknown};
    use seawall_types::PlatformId;

    fn finding(kind: IncidentKind) -> Finding {
        Finding {
            platform: PlatformId(0),
            at: Moment(0),
            onset_at: Moment(0),
            kind,
            pressure: 2.0,
            signatures: Vec::new(),
            covered: 0.0,
            footing: Footing::Nobody,
            why: Why::NothingTouchesItAlone(Manners::default()),
            undescribed: None,
        }
    }

    fn open(kind: IncidentKind) -> Open {
        Open::new(finding(kind))
    }

    /// A surge that was believed.
    fn surge() -> Open {
        let mut open = open(Unknown);
        (0..KIND_TICKS).for_each(|_| {
            let kind = open.believed(&finding(Surge), false);
            open.finding.kind = kind;
        });
        assert_eq!(open.finding.kind, Surge);
        open
    }

    /// The tick in which a kind that comes out again and again is believed.
    fn believed_in(told: IncidentKind, kind: IncidentKind, is_described: bool) -> u32 {
        let mut open = open(told);
        assert_eq!(open.finding.kind, told);
        (1..1_000).find(|_| open.believed(&finding(kind), is_described) == kind).unwrap()
    }

    #[test]
    fn a_flood_is_believed_at_once_and_a_surge_and_a_change_of_mind_in_a_second() {
        assert_eq!(believed_in(Unknown, Flood, true), 1);
        assert_eq!(believed_in(Unknown, Surge, false), KIND_TICKS);
        assert_eq!(believed_in(Flood, Surge, true), KIND_TICKS);
        assert_eq!(open(Surge).finding.kind, Unknown);
    }

    #[test]
    fn a_flood_does_not_stay_one_for_ever() {
        assert_eq!(believed_in(Flood, Unknown, true), KIND_TICKS);
        assert_eq!(believed_in(Flood, Unknown, false), RESTS_TICKS);
    }

    #[test]
    fn a_surge_that_stops_going_about_as_visitors_is_one_no_longer() {
        let mut open = surge();
        let turned = (1..1_000).find(|_| open.believed(&finding(Unknown), false) == Unknown);
        assert_eq!(turned, Some(EBBS_TICKS));
    }

    #[test]
    fn a_surge_that_is_seen_to_go_on_unserved_is_one_no_longer_within_a_second() {
        let elsewhere = Elsewhere { came_back: 200, for_other: 100 };
        for why in [Why::GoesOnUnserved(elsewhere), Why::WantedYetGoesOn(elsewhere)] {
            let mut open = surge();
            let seen = Finding { why, ..finding(Unknown) };
            let turned = (1..1_000).find(|_| open.believed(&seen, false) == Unknown);
            assert_eq!(turned, Some(KIND_TICKS));
        }
    }

    #[test]
    fn a_surge_is_not_turned_by_one_tick_of_going_on_after_many_in_which_nothing_was_seen() {
        let mut open = surge();
        let plain = finding(Unknown);
        let why = Why::GoesOnUnserved(Elsewhere { came_back: 200, for_other: 100 });
        let seen = Finding { why, ..finding(Unknown) };
        for _ in 0..EBBS_TICKS / 2 {
            assert_eq!(open.believed(&plain, false), Surge);
        }
        for ticks in [1, KIND_TICKS - 1] {
            for _ in 0..ticks {
                assert_eq!(open.believed(&seen, false), Surge);
            }
            assert_eq!(open.believed(&plain, false), Surge, "that breaks it off");
        }
        let turned = (1..1_000).find(|_| open.believed(&seen, false) == Unknown);
        assert_eq!(turned, Some(KIND_TICKS));
    }
}
