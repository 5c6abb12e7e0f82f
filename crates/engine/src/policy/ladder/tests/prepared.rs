use super::*;
use crate::detect::{Reservoirs, Row};

#[test]
fn what_a_flood_may_come_again_with_is_put_last_and_challenged_once_it_does() {
    let mut course = Course::new();
    course.flood(5, 3.0, (&[active(TOOL, 0.002)], 10, 0));
    assert_eq!(course.rungs(), [Rung::Challenge]);
    course.prepared = Some(active(8, 0.002));
    course.flood(5, 0.3, (&[], 0, 0));
    assert_eq!(course.rungs(), [Rung::Challenge, Rung::Lane]);
    course.prepared = None;
    course.tick(3.0, &[active(8, 0.002)]);
    assert_eq!(course.rungs(), [Rung::Challenge, Rung::Challenge]);
}

#[test]
fn what_is_waited_for_in_vain_is_let_go_and_not_taken_up_again() {
    let mut course = Course::new();
    course.prepared = Some(active(8, 0.002));
    course.flood(5, 0.3, (&[], 0, 0));
    assert_eq!(course.rungs(), [], "nothing was described that could rest");
    course.flood(5, 3.0, (&[active(TOOL, 0.002)], 10, 0));
    course.flood(60, 0.3, (&[], 0, 0));
    assert_eq!(course.rungs(), []);
    let begun = course.changes.iter().filter(|one| matches!(one, MeasureChange::Began(_)));
    assert_eq!(begun.count(), 2);
}

#[test]
fn what_is_waited_for_is_let_go_with_the_episode_in_which_it_may_come() {
    let mut course = Course::new();
    course.flood(5, 3.0, (&[active(TOOL, 0.002)], 10, 0));
    course.prepared = Some(active(8, 0.002));
    // Calm enough for the episode to end, and not for what stands to be let go.
    course.flood(20, 0.65, (&[], 10, 0));
    assert_eq!(course.rungs(), [Rung::Challenge, Rung::Lane]);
    course.prepared = None;
    course.tick(0.65, &[]);
    assert_eq!(course.rungs(), [Rung::Challenge]);
}

#[test]
fn what_came_as_it_was_waited_for_stands_although_it_is_waited_for_no_longer() {
    let mut course = Course::new();
    course.flood(5, 3.0, (&[active(TOOL, 0.002)], 10, 0));
    course.prepared = Some(active(8, 0.002));
    course.flood(5, 0.3, (&[], 0, 0));
    course.prepared = None;
    course.tick(3.0, &[active(8, 0.002)]);
    course.flood(5, 0.3, (&[], 0, 0));
    assert_eq!(course.rungs(), [Rung::Challenge, Rung::Challenge]);
}

#[test]
fn who_becomes_known_while_a_flood_rests_is_not_new_any_more() {
    let mut course = Course::new();
    let mut visitors = Reservoirs::new([1, 2]);
    let shows = |value| Traits::default().with(Attribute::H2, Trait::new(value));
    let learn = |visitors: &mut Reservoirs, value: u32| {
        for number in 0..64 {
            let source = SourceKey::of(Ipv4Addr::from((value << 16) | (number << 8)).into());
            let row = Row { traits: shows(value), source, cost_us: 1_000, is_proven: true };
            visitors.learn(Moment(0), &row);
        }
    };
    learn(&mut visitors, 1);
    course.known = visitors.known().clone();
    let new = Signature::new(&[Term::Novel(Attribute::H2)]).unwrap();
    course.flood(5, 3.0, (&[active(TOOL, 0.002)], 10, 0));
    course.prepared = Some(Active { signature: new, ..active(8, 0.002) });
    course.flood(1, 0.3, (&[], 0, 0));
    let meets = |course: &Course, value| {
        let address = Ipv4Addr::LOCALHOST.into();
        let all = course.book.standing();
        all.iter().any(|one| one.matches.meets(address, "/", &shows(value)))
    };
    assert!(!meets(&course, 1) && meets(&course, 2) && meets(&course, 3));
    let before = course.book.compiled().version();
    course.flood(1, 0.3, (&[], 0, 0));
    assert_eq!(course.book.compiled().version(), before, "nobody became known");
    learn(&mut visitors, 2);
    course.known = visitors.known().clone();
    course.tick(0.3, &[]);
    assert!(!meets(&course, 2) && meets(&course, 3));
    assert!(course.book.compiled().version() > before, "cores must hear of it");
    // Others take the place of those who were known, as when proven ones replace calm ones.
    let mut others = Reservoirs::new([1, 2]);
    (3..=5).for_each(|value| learn(&mut others, value));
    course.known = others.known().clone();
    course.tick(0.3, &[]);
    assert!((1..=5).all(|value| !meets(&course, value)), "who is forgotten is not new");
    assert!(meets(&course, 6));
}
