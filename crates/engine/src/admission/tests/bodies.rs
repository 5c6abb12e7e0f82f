//! Slots that are held by bodies which come.

use super::world::prefix;
use crate::admission::{
    Alone, Body, Class, Ending, Kind, MethodKind, Offer, Outcome, Permit, Request, RouteKey,
    RouteSeed,
};
use seawall_types::{Moment, OriginCapacity};
use std::time::Duration;

const START: Moment = Moment(1_000_000_000);

/// An origin that is told to carry so many at once.
fn told(slots: u32) -> Alone {
    let carries = OriginCapacity::new(f64::from(slots) * 1_000.0);
    Alone::as_told(START, vec![carries], [1, 2])
}

fn request(class: Class, body: Body) -> Request {
    Request {
        route: RouteKey::of(RouteSeed([1, 2]), MethodKind::Write, "/form"),
        prefix: prefix(1),
        class,
        kind: Kind::Brief,
        body,
        bytes: 100,
    }
}

/// Asks so often; the permits of those who went at once. Each at its own time, so that no pace keeps it.
fn ask(alone: &mut Alone, (class, body): (Class, Body), times: u32) -> Vec<Permit> {
    let offers = (0..times).map(|nth| {
        let now = START + Duration::from_millis(u64::from(nth));
        alone.offer(now, &request(class, body))
    });
    let admitted = |offer| match offer {
        Offer::Admit(permit) => Some(permit),
        Offer::Wait(_) | Offer::Hold(_) => None,
    };
    offers.filter_map(admitted).collect()
}

#[test]
fn of_strangers_half_of_the_slots_are_held_while_their_bodies_come_and_one_at_least() {
    for (slots, held) in [(1, 1), (2, 1), (3, 1), (4, 2), (7, 3)] {
        let mut alone = told(slots);
        let went = ask(&mut alone, (Class::Unknown, Body::Comes), 20).len();
        assert_eq!(went, held, "of {slots}");
    }
}

#[test]
fn a_body_that_is_there_and_a_visitor_that_is_known_may_have_every_slot() {
    for who in [(Class::Unknown, Body::Whole), (Class::Proven, Body::Comes)] {
        assert_eq!(ask(&mut told(4), who, 20).len(), 4, "{who:?}");
    }
}

#[test]
fn what_a_body_held_is_anothers_when_it_is_over() {
    let mut alone = told(4);
    let mut held = ask(&mut alone, (Class::Unknown, Body::Comes), 2);
    assert_eq!(held.len(), 2);
    let one = held.pop().expect("there are two");
    alone.finished(START + Duration::from_millis(5), one, Outcome::of(Ending::Left));
    assert_eq!(ask(&mut alone, (Class::Unknown, Body::Comes), 2).len(), 1);
}

#[test]
fn one_can_be_spared_while_a_quarter_is_not_held_and_nobody_waits() {
    assert!(!told(3).spares_one());
    let mut alone = told(7);
    assert!(alone.spares_one());
    let held = ask(&mut alone, (Class::Unknown, Body::Comes), 1);
    assert!(!alone.spares_one(), "one of seven is held");
    for permit in held {
        alone.finished(START, permit, Outcome::of(Ending::Left));
    }
    assert!(alone.spares_one());
    let _held = ask(&mut alone, (Class::Unknown, Body::Whole), 8);
    assert!(!alone.spares_one(), "one waits");
}

#[test]
fn who_holds_a_slot_is_hurried_for_two_seconds_after_somebody_found_none() {
    let mut alone = told(1);
    let _held = ask(&mut alone, (Class::Unknown, Body::Comes), 1);
    let after = |ms| START + Duration::from_millis(ms);
    assert!(!alone.bodies_press(after(1)));
    let offer = alone.offer(after(10), &request(Class::Unknown, Body::Whole));
    assert!(matches!(offer, Offer::Wait(_)), "{offer:?}");
    assert!(alone.bodies_press(after(2_009)) && !alone.bodies_press(after(2_010)));
}
