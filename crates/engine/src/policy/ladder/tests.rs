mod prepared;
mod property;
mod strangers;
mod switch;

use super::*;
use crate::detect::{Certificate, Signature, Term};
use crate::policy::measure::Matches;
use seawall_types::{Attribute, FarEnd, SourceKey, Trait, Traits};
use std::net::Ipv4Addr;

/// A ladder before what a test says that it sees, tick by tick.
struct Course {
    ladder: Ladder,
    book: MeasureBook,
    now: Moment,
    known: Known,
    names: Names,
    kind: IncidentKind,
    acts: bool,
    visitors: u32,
    footing: Footing,
    usual_ms_per_s: Option<f64>,
    prepared: Option<Active>,
    /// Numbers of senders that were challenged.
    challenged: u32,
    changes: Vec<MeasureChange>,
}

/// A signature of this number, whose certificate bounds harm so.
fn active(number: u32, bound: f64) -> Active {
    let terms = [Term::Is(Attribute::Ja4, Trait::new(number))];
    Active {
        signature: Signature::new(&terms).unwrap(),
        certificate: Certificate { hits: 0, visitors: 8_000, bound },
        ms_per_s: 1_000.0,
    }
}

const TOOL: u32 = 7;

fn source(number: u32) -> SourceKey {
    SourceKey::of(Ipv4Addr::from(0x0A00_0000 + number).into())
}

impl Course {
    fn new() -> Self {
        Self {
            ladder: Ladder::new(PlatformId(0), 1),
            book: MeasureBook::default(),
            now: Moment(0),
            known: Known::nobody(),
            names: Names::default(),
            kind: IncidentKind::Flood,
            acts: true,
            visitors: 1_000,
            footing: Footing::Proven,
            usual_ms_per_s: Some(300.0),
            prepared: None,
            challenged: 0x10_0000,
            changes: Vec::new(),
        }
    }

    /// One tick under some pressure, in which these signatures act.
    fn tick(&mut self, pressure: f64, active: &[Active]) {
        self.now = self.now + crate::TICK;
        self.book.expire(self.now);
        let reading = Reading {
            pressure,
            demand_ms_per_s: pressure * 1_000.0,
            capacity_ms_per_s: 1_000.0,
            is_high: pressure >= 0.85,
            is_calm: pressure < 0.7,
            calm_under: 0.7,
            offered_pressure: pressure,
            fits: pressure < 0.7,
            may_learn: pressure < 0.7,
        };
        let sight = Sight {
            at: self.now,
            reading: Some(reading),
            kind: self.kind,
            active: active.to_vec(),
            prepared: self.prepared,
            known: Some(&self.known),
            visitors: self.visitors,
            footing: self.footing,
            usual_ms_per_s: self.usual_ms_per_s,
            names: &self.names,
            acts: self.acts,
        };
        self.changes.extend(self.ladder.tick(&sight, &mut self.book));
    }

    /// Seconds under pressure in which every standing measure challenges so many a tick, of whom so
    /// many pass.
    fn flood(&mut self, seconds: u32, pressure: f64, (active, out, passed): (&[Active], u32, u32)) {
        for _ in 0..4 * seconds {
            for id in self.book.standing().iter().map(|measure| measure.id).collect::<Vec<_>>() {
                self.met(id, out.max(1));
                self.challenged_and_passed(id, (out, passed));
            }
            self.tick(pressure, active);
        }
    }

    /// One tick in which so many pass of five that are challenged and a hundred that are met.
    fn tick_of_five(&mut self, passed: u32, active: &[Active]) {
        let id = self.book.standing()[0].id;
        self.met(id, 100);
        self.challenged_and_passed(id, (5, passed));
        self.tick(2.0, active);
    }

    fn met(&mut self, id: MeasureId, met: u32) {
        self.ladder.count(&MeasureCounts { met, ..MeasureCounts::none(id) });
    }

    /// So many senders that nobody has seen are challenged by a measure; so many of them pass.
    fn challenged_and_passed(&mut self, id: MeasureId, (out, passed): (u32, u32)) {
        for number in 0..out {
            self.challenged += 1;
            self.asks(self.challenged, (false, Verdict::Challenge), Some(id));
            if number < passed {
                self.passes(id, self.challenged);
            }
        }
    }

    /// A sender passes a challenge of a measure.
    fn passes(&mut self, measure: MeasureId, number: u32) {
        let source = source(number);
        self.ladder.passed(self.now, &CheckPassed { measure, source });
    }

    fn rungs(&self) -> Vec<Rung> {
        self.book.standing().iter().map(|measure| measure.rung).collect()
    }

    fn share(&self) -> Option<u16> {
        self.book.standing().first()?.partly.map(|partly| partly.share)
    }

    fn request(&mut self, number: u32, is_proven: bool, measure: Option<MeasureId>) {
        self.asks(number, (is_proven, Verdict::Admit), measure);
    }

    fn asks(
        &mut self,
        number: u32,
        (is_proven, verdict): (bool, Verdict),
        measure: Option<MeasureId>,
    ) {
        let request = RequestObservation {
            at: self.now,
            platform: PlatformId(0),
            source: source(number),
            far: FarEnd::default(),
            verdict,
            reason: Reason::Clear,
            cost_us: 1_000,
            is_proven,
            measure,
            traits: Traits::default(),
        };
        self.ladder.observe(&request, 0.0);
    }
}

#[test]
fn nothing_is_done_while_everything_can_be_served() {
    let mut course = Course::new();
    course.flood(30, 0.84, (&[active(TOOL, 0.001)], 0, 0));
    assert_eq!(course.rungs(), []);
    course.tick(0.85, &[active(TOOL, 0.001)]);
    assert_eq!(course.rungs(), [Rung::Lane], "everything still fits");
    course.tick(1.0, &[active(TOOL, 0.001)]);
    assert_eq!(course.rungs(), [Rung::Challenge]);
}

#[test]
fn what_is_described_is_challenged_at_once_and_refused_when_enough_have_failed() {
    let mut course = Course::new();
    let tool = [active(TOOL, 0.0015)];
    course.tick(2.0, &tool);
    assert_eq!(course.rungs(), [Rung::Challenge]);
    course.flood(10, 2.0, (&tool, 100, 0));
    assert_eq!(course.rungs(), [Rung::Challenge], "there was hardly time to pass");
    course.flood(1, 2.0, (&tool, 100, 0));
    assert_eq!((course.rungs(), course.share()), (vec![Rung::Refuse], Some(100)), "the canary");
    course.flood(1, 2.0, (&tool, 100, 0));
    assert_eq!((course.rungs(), course.share()), (vec![Rung::Refuse], Some(950)));
}

#[test]
fn fewer_than_three_hundred_trials_convict_nobody() {
    let mut course = Course::new();
    let tool = [active(TOOL, 0.0015)];
    course.tick(2.0, &tool);
    course.flood(60, 2.0, (&tool, 1, 0));
    assert_eq!(course.rungs(), [Rung::Challenge]);
}

#[test]
fn who_fails_one_time_in_twenty_is_not_refused() {
    let mut course = Course::new();
    let tool = [active(TOOL, 0.0015)];
    course.tick(2.0, &tool);
    course.flood(60, 2.0, (&tool, 100, 5));
    assert_eq!(course.rungs(), [Rung::Challenge]);
}

#[test]
fn where_people_pass_a_measure_only_puts_last() {
    let mut course = Course::new();
    let tool = [active(TOOL, 0.0015)];
    course.tick(2.0, &tool);
    course.flood(20, 2.0, (&tool, 20, 15));
    assert_eq!(course.rungs(), [Rung::Lane]);
    course.flood(60, 2.0, (&tool, 20, 0));
    assert_eq!(course.rungs(), [Rung::Lane], "for as long as it is remembered");
}

#[test]
fn a_certificate_decides_how_far_a_measure_may_go_whatever_is_proven() {
    for (bound, rung) in [
        (0.0101, Rung::Lane),
        (0.01, Rung::Challenge),
        (0.0021, Rung::Challenge),
        (0.002, Rung::Refuse),
        (0.0011, Rung::Refuse),
        (0.001, Rung::Drop),
    ] {
        let mut course = Course::new();
        let tool = [active(TOOL, bound)];
        course.flood(60, 4.0, (&tool, 100, 0));
        assert_eq!(course.rungs(), [rung], "{bound}");
    }
}

#[test]
fn nothing_is_dropped_while_refusing_holds() {
    let mut course = Course::new();
    course.flood(60, 2.9, (&[active(TOOL, 0.001)], 100, 0));
    assert_eq!(course.rungs(), [Rung::Refuse]);
}

#[test]
fn budgets_are_those_of_all_measures_together_and_idle_ones_make_room() {
    let mut course = Course::new();
    let three = [1, 2, 3].map(|number| active(number, 0.004));
    course.flood(1, 2.0, (&three, 1, 0));
    assert_eq!(course.rungs(), [Rung::Challenge, Rung::Challenge, Rung::Lane]);
    let mut first_day = Course::new();
    first_day.footing = Footing::Calm;
    first_day.flood(1, 2.0, (&three, 1, 0));
    assert_eq!(first_day.rungs(), [Rung::Challenge; 3]);
    let mut course = Course::new();
    course.flood(1, 2.0, (&three[..2], 1, 0));
    for _ in 0..16 {
        course.tick(2.0, &[]);
    }
    course.tick(2.0, &three[2..]);
    assert_eq!(course.rungs().last(), Some(&Rung::Challenge));
    assert!(course.book.standing().len() < 3);
}

#[test]
fn a_crowd_is_put_last_and_never_challenged() {
    let mut course = Course::new();
    course.flood(1, 2.0, (&[active(TOOL, 0.001)], 20, 0));
    course.kind = IncidentKind::Surge;
    course.flood(60, 2.0, (&[active(TOOL, 0.001)], 100, 0));
    assert_eq!(course.rungs(), [Rung::Lane]);
}

#[test]
fn a_minute_after_the_end_nothing_stands_and_it_was_let_go_by_parts() {
    for bound in [0.02, 0.005, 0.002, 0.001] {
        let mut course = Course::new();
        course.flood(60, 4.0, (&[active(TOOL, bound)], 100, 0));
        let mut shares = Vec::new();
        for _ in 0..4 * 60 {
            course.tick(0.3, &[]);
            let standing = course.book.standing().first();
            let share = standing.map(|one| (one.rung, one.partly.map(|partly| partly.share)));
            if shares.last() != Some(&share) {
                shares.push(share);
            }
        }
        assert_eq!(course.rungs(), [], "{bound}");
        let parts = shares.iter().flatten().filter(|(_, share)| *share == Some(700)).count();
        assert_eq!(parts, if bound <= 0.002 { 2 } else { 1 }, "{bound}: {shares:?}");
    }
}

#[test]
fn nothing_is_let_go_before_half_a_minute_of_ease() {
    let mut course = Course::new();
    let tool = [active(TOOL, 0.005)];
    course.flood(5, 4.0, (&tool, 100, 0));
    course.flood(29, 0.5, (&tool, 1, 0));
    assert_eq!((course.rungs(), course.share()), (vec![Rung::Challenge], None));
    course.flood(2, 0.5, (&tool, 1, 0));
    assert_eq!(course.share(), Some(900));
}

#[test]
fn what_comes_again_is_met_at_once_and_held_for_twice_as_long() {
    let mut course = Course::new();
    let tool = [active(TOOL, 0.005)];
    course.flood(5, 4.0, (&tool, 100, 0));
    course.flood(38, 0.5, (&tool, 1, 0));
    assert_eq!(course.share(), Some(700));
    course.tick(4.0, &tool);
    assert_eq!((course.rungs(), course.share()), (vec![Rung::Challenge], None));
    course.flood(59, 0.5, (&tool, 1, 0));
    assert_eq!(course.share(), None);
    course.flood(2, 0.5, (&tool, 1, 0));
    assert_eq!(course.share(), Some(900));
}

#[test]
fn a_measure_that_is_not_seen_any_more_expires_within_a_minute_even_under_pressure() {
    let mut course = Course::new();
    course.flood(5, 4.0, (&[active(TOOL, 0.005)], 100, 0));
    course.flood(53, 4.0, (&[], 0, 0));
    assert_eq!(course.rungs(), [Rung::Challenge]);
    course.flood(3, 4.0, (&[], 0, 0));
    assert_eq!(course.rungs(), []);
}

#[test]
fn a_measure_that_meets_more_known_visitors_than_it_may_is_withdrawn() {
    for (met, rung) in [(1, Rung::Refuse), (12, Rung::Lane)] {
        let mut course = Course::new();
        let tool = [active(TOOL, 0.0015)];
        course.flood(14, 2.0, (&tool, 100, 0));
        assert_eq!(course.rungs(), [Rung::Refuse]);
        let id = course.book.standing()[0].id;
        for number in 0..1_000 {
            course.request(number, true, (number < met).then_some(id));
        }
        course.tick(2.0, &tool);
        assert_eq!(course.rungs(), [rung], "{met} of 1,000");
    }
}

#[test]
fn a_refusal_whose_senders_begin_to_pass_is_withdrawn_within_ten_seconds() {
    // So many of a tick's five that are still challenged pass from then on.
    for (passed, within_ticks) in [(5, Some(12)), (3, Some(20)), (1, Some(40)), (0, None)] {
        let mut course = Course::new();
        let tool = [active(TOOL, 0.0015)];
        course.flood(14, 2.0, (&tool, 100, 0));
        course.flood(40, 2.0, (&tool, 5, 0));
        assert_eq!(course.rungs(), [Rung::Refuse]);
        let ticks = (1..=80).find(|_| {
            course.tick_of_five(passed, &tool);
            course.rungs() == [Rung::Challenge]
        });
        match (ticks, within_ticks) {
            (Some(ticks), Some(within)) => assert!(ticks <= within, "{passed} of 5: {ticks} ticks"),
            (ticks, within) => assert_eq!(ticks, within, "{passed} of 5"),
        }
    }
}

#[test]
fn one_sender_that_solves_again_and_again_has_no_refusal_withdrawn() {
    let mut course = Course::new();
    let tool = [active(TOOL, 0.0015)];
    course.flood(14, 2.0, (&tool, 100, 0));
    course.flood(40, 2.0, (&tool, 5, 0));
    assert_eq!(course.rungs(), [Rung::Refuse]);
    let (id, solver) = (course.book.standing()[0].id, 1);
    for tick in 1..=240 {
        for _ in 0..50 {
            course.asks(solver, (false, Verdict::Challenge), Some(id));
            course.passes(id, solver);
        }
        course.tick_of_five(0, &tool);
        assert_eq!(course.rungs(), [Rung::Refuse], "{tick} ticks after");
    }
}

#[test]
fn a_refusal_that_was_withdrawn_does_not_come_back_while_as_many_pass() {
    let mut course = Course::new();
    let tool = [active(TOOL, 0.0015)];
    course.flood(14, 2.0, (&tool, 100, 0));
    course.flood(40, 2.0, (&tool, 5, 0));
    let is_withdrawn = (1..=80).any(|_| {
        course.tick_of_five(1, &tool);
        course.rungs() == [Rung::Challenge]
    });
    assert!(is_withdrawn);
    for tick in 1..=20 {
        course.tick_of_five(1, &tool);
        assert_eq!(course.rungs(), [Rung::Challenge], "{tick} ticks after");
    }
}

#[test]
fn late_passes_of_many_are_no_passes_of_the_few_that_are_still_challenged() {
    let mut course = Course::new();
    let tool = [active(TOOL, 0.0015)];
    course.flood(40, 2.0, (&tool, 100, 1));
    assert_eq!(course.rungs(), [Rung::Refuse]);
    // One of a hundred passed of those before, whose last take six seconds for it.
    course.flood(6, 2.0, (&tool, 5, 1));
    course.flood(14, 2.0, (&tool, 5, 0));
    assert_eq!(course.rungs(), [Rung::Refuse]);
}

#[test]
fn a_platform_that_is_only_watched_has_no_measures_and_gives_back_those_it_had() {
    let mut course = Course::new();
    let tool = [active(TOOL, 0.001)];
    course.flood(5, 2.0, (&tool, 100, 0));
    course.acts = false;
    course.tick(2.0, &tool);
    assert_eq!(course.rungs(), []);
    assert!(matches!(course.changes.last(), Some(MeasureChange::Lifted { .. })));
    course.flood(5, 2.0, (&tool, 100, 0));
    assert_eq!(course.rungs(), []);
}

#[test]
fn what_a_person_lifted_is_not_taken_up_again() {
    let mut course = Course::new();
    let tool = [active(TOOL, 0.001)];
    course.tick(2.0, &tool);
    let id = course.book.standing()[0].id;
    course.book.lift(id);
    course.ladder.lifted(course.now, id);
    course.flood(60, 2.0, (&tool, 100, 0));
    assert_eq!(course.rungs(), []);
}

#[test]
fn every_change_of_a_rung_is_told_once() {
    let mut course = Course::new();
    course.flood(60, 4.0, (&[active(TOOL, 0.001)], 100, 0));
    let told: Vec<_> =
        course.changes.iter().map(|change| (change.word(), change.measure().rung)).collect();
    let began = ("began", Rung::Challenge);
    assert_eq!(told, [began, ("changed", Rung::Refuse), ("changed", Rung::Drop)]);
}

#[test]
fn a_full_ladder_says_so() {
    let mut course = Course::new();
    let many: Vec<_> = (1..=80).map(|number| active(number, 0.02)).collect();
    course.tick(2.0, &many);
    // A quarter of what may stand is kept for people.
    assert_eq!(course.book.standing().len(), CLIMBS_MAX - 16);
    assert_eq!(course.ladder.unclimbed(), 80 - 48);
}
