use super::*;
use crate::detect::search::FIRST_BUDGET;

#[test]
fn a_flood_seconds_after_a_first_start_is_told_from_who_came_before_it_and_only_to_be_put_last() {
    let described = |homes: u32, flood: Party| {
        let mut world = World::new();
        world.pass(3, &[Party::Visits { people: 4, from: homes }]);
        world.pass(5, &[Party::Visits { people: 4, from: homes }, flood]);
        let active: Vec<_> = world.detector.active().map(|one| one.certificate).collect();
        let kind = world.detector.finding().unwrap().kind;
        assert_eq!(kind, IncidentKind::Unknown, "{}", world.story);
        (active, world)
    };
    let (active, world) = described(40, Party::OneTool { requests: 300, look: 500 });
    let [Certificate { hits: 0, bound, .. }] = active[..] else { panic!("{}", world.story) };
    let budget = crate::policy::budget::budget(seawall_types::Rung::Challenge).unwrap();
    assert!(bound > budget && bound <= FIRST_BUDGET, "{bound}");
    let covered = world.detector.finding().unwrap().covered;
    assert!(covered > 0.9, "{covered}: {}", world.story);
    // Of four homes, no part promises anything.
    assert_eq!(described(4, Party::OneTool { requests: 300, look: 500 }).0, []);
    // What those who were here show too is not told from them.
    assert_eq!(described(40, Party::Mimicry { requests: 300 }).0, []);
}

#[test]
fn twelve_who_were_here_are_enough_for_a_first_description_whatever_the_seed() {
    let people = Party::Visits { people: 4, from: 12 };
    for seed in 0..100 {
        let mut world = World::with_seed(seed);
        world.pass(4, &[people]);
        world.pass_tick(&[people, Party::OneTool { requests: 300, look: 500 }]);
        let why = world.detector.refusal.as_deref();
        assert_eq!(world.detector.active().count(), 1, "seed {seed}: {} {why:?}", world.story);
    }
}

#[test]
fn what_a_first_description_leaves_of_a_large_flood_is_described_too_and_who_is_new_is_not() {
    let known = Party::Visits { people: 2, from: 20 };
    let new = Party::NewBrowser { people: 2 };
    for seed in 0..20 {
        let mut world = World::with_seed(seed);
        world.pass(3, &[known]);
        // The tick in which it begins shows little of it.
        world.pass_tick(&[known, new, Party::UnevenTool { requests: 300 }]);
        world.pass(2, &[known, new, Party::UnevenTool { requests: 6_000 }]);
        let described = |traits: Traits| world.detector.describes(&traits);
        for query in [1, 2] {
            let flood = asks(look(500), 1, (query, 1));
            assert!(described(flood), "seed {seed}, query {query}: {}", world.story);
        }
        let visitor = asks(look(900), 1, (1, 1)).with(Attribute::Prefix, Trait::new(77));
        assert!(!described(visitor), "seed {seed}: {}", world.story);
        assert!(world.detector.active().all(|one| one.certificate.hits == 0));
    }
}
