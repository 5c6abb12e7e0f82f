use super::*;

#[test]
fn a_flood_that_rests_is_described_before_it_comes_again_with_another_look() {
    let pulse = |look| Party::OneTool { requests: 300, look };
    let [next, usual] = [503, 3].map(|number| asks(look(number), 1, (1, 1)));
    let mut world = World::new();
    world.pass(40, &[CALM]);
    world.pass(5, &[CALM, pulse(0)]);
    assert!(!world.detector.describes(&next), "while it goes on it is what it shows");
    world.pass(15, &[CALM]);
    assert!(world.detector.describes(&next) && !world.detector.describes(&usual));
    world.pass_tick(&[CALM, pulse(3)]);
    let active: Vec<_> = world.detector.active().collect();
    let [Active { signature, .. }] = active[..] else { panic!("{}", world.story) };
    let known = world.detector.known().unwrap();
    assert!(signature.matches(&next, known) && !signature.matches(&usual, known));
    world.pass(35, &[CALM]);
    assert!(!world.detector.describes(&next), "the episode is over");
}
