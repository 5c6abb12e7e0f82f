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

#[test]
fn what_may_come_next_is_tried_once_in_an_episode_whoever_becomes_known_while_it_rests() {
    let mut world = World::new();
    for number in 0..4 * 40 {
        // A few people have clients that nobody else has: whatever is new touches some of them.
        world.send(4_000_000 + 16 * number, asks(look(20_000 + number), 1, (1, 1)), 10_000);
        world.pass_tick(&[CALM]);
    }
    (0..2).for_each(|_| world.pass_tick(&[CALM, Party::OneTool { requests: 300, look: 0 }]));
    world.pass(2, &[CALM]);
    let learned = |world: &World| world.detector.visitors.reservoirs().unwrap().learned();
    let (tried, known) = (world.detector.promises.tried(), learned(&world));
    world.pass(25, &[CALM]);
    assert!(world.detector.finding().is_some() && world.detector.active().next().is_none());
    assert!(learned(&world) > known, "people become known while it rests");
    assert_eq!(world.detector.prepared(), None, "what is new would touch some");
    assert_eq!(world.detector.promises.tried(), tried);
}
