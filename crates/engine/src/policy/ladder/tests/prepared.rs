use super::*;

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
