//! When strangers are asked, and when no more.

use super::*;

impl Course {
    /// Some ticks in which this many of a hundred requests that come to the gate are of strangers.
    fn strangers_ask(&mut self, ticks: u32, (pressure, of_hundred): (f64, u32)) {
        for _ in 0..ticks {
            (0..100).for_each(|n| self.request(n, n >= of_hundred, None));
            self.tick(pressure, &[]);
        }
    }

    fn asks_strangers(&self) -> bool {
        self.book.standing().iter().any(|one| one.matches == Matches::Navigations)
    }

    /// Seconds in which strangers are challenged so often a tick, and pass so often.
    fn strangers_answer(&mut self, seconds: u32, pressure: f64, (out, passed): (u32, u32)) {
        for _ in 0..4 * seconds {
            for id in self.book.standing().iter().map(|one| one.id).collect::<Vec<_>>() {
                let counts = MeasureCounts::none(id);
                self.ladder.count(&MeasureCounts { met: out, challenged: out, passed, ..counts });
            }
            self.strangers_ask(1, (pressure, 100));
        }
    }
}

#[test]
fn strangers_are_challenged_after_two_seconds_in_which_they_alone_are_too_many() {
    for (kind, (pressure, of_hundred), challenged) in [
        (IncidentKind::Unknown, (2.0, 100), true),
        // A crowd is served as far as it can be: beyond that, who passes a challenge is.
        (IncidentKind::Surge, (2.0, 100), true),
        (IncidentKind::Unknown, (2.0, 50), true),
        (IncidentKind::Unknown, (2.0, 49), false),
        (IncidentKind::Unknown, (1.19, 100), false),
    ] {
        let mut course = Course::new();
        course.kind = kind;
        course.strangers_ask(8, (pressure, of_hundred));
        assert!(!course.asks_strangers(), "{kind:?} {pressure} {of_hundred}");
        course.strangers_ask(1, (pressure, of_hundred));
        assert_eq!(course.asks_strangers(), challenged, "{kind:?} {pressure} {of_hundred}");
    }
}

#[test]
fn nobody_is_asked_where_fewer_than_a_hundred_visitors_are_known() {
    for (visitors, asked) in [(99, false), (100, true)] {
        let mut course = Course::new();
        course.visitors = visitors;
        course.strangers_ask(12, (2.0, 100));
        assert_eq!(course.asks_strangers(), asked, "{visitors}");
    }
}

#[test]
fn an_origin_that_carries_less_is_no_reason_to_ask_anybody() {
    // 2,000 ms/s are asked for; half as much again as usual is more.
    for (usual, asked) in [(Some(1_334.0), false), (Some(1_333.0), true), (None, false)] {
        let mut course = Course::new();
        course.usual_ms_per_s = usual;
        course.strangers_ask(12, (2.0, 100));
        assert_eq!(course.asks_strangers(), asked, "{usual:?}");
    }
}

#[test]
fn a_crowd_that_passes_is_let_go_within_seconds_and_asked_again_later() {
    let mut course = Course::new();
    course.strangers_ask(9, (2.0, 100));
    course.strangers_answer(2, 2.0, (50, 0));
    course.strangers_answer(3, 2.0, (50, 45));
    assert!(course.asks_strangers(), "hardly anybody had time to pass");
    course.strangers_answer(2, 2.0, (50, 45));
    assert!(!course.asks_strangers());
    course.strangers_answer(36, 2.0, (0, 0));
    assert!(!course.asks_strangers(), "not so soon");
    course.strangers_answer(5, 2.0, (0, 0));
    assert!(course.asks_strangers(), "who asks now need not be who asked then");
}

#[test]
fn who_passes_and_is_called_nothing_is_put_last_until_all_can_be_carried() {
    let mut course = Course::new();
    course.kind = IncidentKind::Unknown;
    course.strangers_ask(9, (2.0, 100));
    course.strangers_answer(2, 2.0, (50, 0));
    assert_eq!(course.rungs(), [Rung::Challenge]);
    course.strangers_answer(60, 2.0, (50, 45));
    assert_eq!(course.rungs(), [Rung::Lane]);
    course.strangers_ask(39, (0.99, 100));
    assert_eq!(course.rungs(), [Rung::Lane], "a pulse may be back");
    course.strangers_ask(2, (0.99, 100));
    assert_eq!(course.rungs(), []);
}

#[test]
fn who_passes_is_let_go_once_it_is_called_a_crowd_or_a_flood_of_others() {
    for kind in [IncidentKind::Surge, IncidentKind::Flood] {
        let mut course = Course::new();
        course.kind = IncidentKind::Unknown;
        course.strangers_ask(9, (2.0, 100));
        course.strangers_answer(2, 2.0, (50, 0));
        course.strangers_answer(8, 2.0, (50, 45));
        assert_eq!(course.rungs(), [Rung::Lane]);
        course.kind = kind;
        course.strangers_answer(1, 2.0, (50, 45));
        assert_eq!(course.rungs(), [], "{kind:?}");
    }
}

#[test]
fn a_flood_of_few_senders_that_ask_often_is_no_crowd_though_people_pass_beside_it() {
    let mut course = Course::new();
    course.strangers_ask(9, (2.0, 100));
    course.strangers_answer(60, 2.0, (500, 10));
    assert!(course.asks_strangers());
}

#[test]
fn below_capacity_nobody_is_asked_for_longer_than_ten_seconds() {
    let mut course = Course::new();
    course.strangers_ask(12, (2.0, 100));
    course.strangers_ask(39, (0.99, 100));
    assert!(course.asks_strangers(), "a pulse may be back");
    course.strangers_ask(2, (0.99, 100));
    assert!(!course.asks_strangers());
    course.strangers_ask(12, (2.0, 100));
    course.strangers_ask(79, (0.99, 100));
    assert!(course.asks_strangers(), "it did come back: held for twice as long");
    course.strangers_ask(2, (0.99, 100));
    assert!(!course.asks_strangers());
}
