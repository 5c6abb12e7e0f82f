//! Slots that are held by bodies which come.

use super::world::prefix;
use crate::admission::{
    Alone, Body, Call, Class, Ending, Kind, MethodKind, Offer, Outcome, Permit, Request, RouteKey,
    RouteSeed, WAIT_MAX,
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
        call: Call::First,
    }
}

/// Asks so often; the permits of those who went at once. Each at its own time, so that no pace keeps it.
fn ask(alone: &mut Alone, who: (Class, Body), times: u32) -> Vec<Permit> {
    ask_from(START, alone, who, times)
}

/// The same from this moment on.
fn ask_from(
    began: Moment,
    alone: &mut Alone,
    (class, body): (Class, Body),
    times: u32,
) -> Vec<Permit> {
    let offers = (0..times).map(|nth| {
        let now = began + Duration::from_millis(u64::from(nth));
        alone.offer(now, &request(class, body))
    });
    let admitted = |offer| match offer {
        Offer::Admit(permit) => Some(permit),
        Offer::Wait(_) | Offer::Hold(_) => None,
    };
    offers.filter_map(admitted).collect()
}

/// Gives back what is out, and whatever is let in for it.
fn give_back(alone: &mut Alone, mut held: Vec<Permit>) {
    while let Some(permit) = held.pop() {
        alone.finished(START + Duration::from_millis(30), permit, Outcome::of(Ending::Left));
        held.extend(std::iter::from_fn(|| alone.poll_ready()).filter_map(|one| one.answer.ok()));
    }
}

#[test]
fn bodies_of_strangers_that_come_leave_a_quarter_of_the_slots_and_half_while_others_find_none() {
    for (slots, calm, crowded) in [(1, 1, 1), (2, 1, 1), (3, 2, 1), (4, 3, 2), (8, 6, 4)] {
        let mut alone = told(slots);
        let held = ask(&mut alone, (Class::Unknown, Body::Comes), calm + 1).len();
        assert_eq!(held, usize::try_from(calm).unwrap(), "of {slots}");
        let mut alone = told(slots);
        let held = ask(&mut alone, (Class::Unknown, Body::Whole), slots + 1);
        give_back(&mut alone, held);
        // When no pace keeps anybody, and the crowd is not forgotten.
        let later = START + Duration::from_secs(1);
        let held = ask_from(later, &mut alone, (Class::Unknown, Body::Comes), crowded + 1).len();
        assert_eq!(held, usize::try_from(crowded).unwrap(), "of {slots} in a crowd");
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
    let mut held = ask(&mut alone, (Class::Unknown, Body::Comes), 3);
    assert_eq!(held.len(), 3);
    let one = held.pop().expect("there are three");
    alone.finished(START + Duration::from_millis(5), one, Outcome::of(Ending::Left));
    assert_eq!(ask(&mut alone, (Class::Unknown, Body::Comes), 2).len(), 1);
}

#[test]
fn one_can_be_spared_while_a_quarter_is_not_held_and_nobody_waits() {
    assert!(!told(4).spares_one());
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

#[test]
fn a_body_whose_slot_hangs_still_counts_until_its_connection_closes() {
    let mut alone = told(8);
    // Answers in 20 ms tell the route: its deadline is the least there is.
    for nth in 0..64 {
        let at = START + Duration::from_millis(20 * nth);
        let offer = alone.offer(at, &request(Class::Unknown, Body::Whole));
        let Offer::Admit(permit) = offer else { panic!("{nth}: {offer:?}") };
        alone.finished(at + Duration::from_millis(20), permit, Outcome::answered(1));
    }
    let began = START + Duration::from_secs(3);
    let held = ask_from(began, &mut alone, (Class::Unknown, Body::Comes), 7);
    assert_eq!(held.len(), 6);
    let late = began + Duration::from_millis(1_150);
    alone.on_deadline(late);
    assert_eq!(alone.hung(), 6);
    let others = ask_from(late, &mut alone, (Class::Unknown, Body::Comes), 2);
    assert_eq!(others.len(), 0, "beside six that hang");
    for permit in held {
        alone.finished(late + Duration::from_millis(10), permit, Outcome::of(Ending::Left));
    }
    assert_eq!(alone.bodies(), 0);
}

#[test]
fn who_is_refused_for_its_body_or_goes_last_hurries_nobody() {
    let mut alone = told(8);
    let _held = ask(&mut alone, (Class::Unknown, Body::Comes), 10);
    assert_eq!(alone.in_flight(Kind::Brief), 6, "slots are free");
    assert!(!alone.bodies_press(START + Duration::from_millis(20)));
    let mut alone = told(1);
    let _held = ask(&mut alone, (Class::Unknown, Body::Comes), 1);
    let now = START + Duration::from_millis(10);
    let offer = alone.offer(now, &request(Class::Low, Body::Whole));
    assert!(matches!(offer, Offer::Wait(_)), "{offer:?}");
    assert!(!alone.bodies_press(now + WAIT_MAX / 2));
}
