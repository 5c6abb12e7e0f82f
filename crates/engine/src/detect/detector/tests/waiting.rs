use super::*;

#[test]
fn what_is_covered_is_of_what_was_listed_in_the_same_tick() {
    let flood = Party::OneTool { requests: 300, look: 0 };
    let mut world = World::new();
    world.pass(40, &[CALM]);
    // Half of what asks waits from its first tick on.
    (0..4).for_each(|_| world.pass_tick_asked(Some(8.6), &[CALM, flood]));
    let finding = world.detector.finding().unwrap();
    assert!(finding.covered > 0.95, "{}", finding.covered);
}
