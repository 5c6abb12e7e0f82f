//! People and a flood, as scenarios have them.

use super::*;
use crate::stack::Stacks;

const END: f64 = 45.0;
const FLOOD: Span = Span { from: 10.0, until: 35.0 };

fn casting<'a>(
    site: &'a Site,
    pools: &'a mut Pools,
    (group, span, seed): (u16, Span, u64),
) -> Casting<'a> {
    Casting { group, platform: PlatformId(0), site, pools, span, seed }
}

fn groups(site: &Site, seed: u64, flood_rps: Option<f64>) -> Vec<Box<dyn Group>> {
    let mut pools = Pools::new();
    let people = browsers::Parameters { rps: 300.0, ..Default::default() };
    let always = Span { from: 0.0, until: END };
    let mut groups = vec![people.cast(casting(site, &mut pools, (0, always, seed))).unwrap()];
    if let Some(rps) = flood_rps {
        let flood = one_tool::Parameters {
            pace: Pace::steady(rps),
            target: "/search".to_owned(),
            ..one_tool::Parameters::default()
        };
        groups.push(flood.cast(casting(site, &mut pools, (1, FLOOD, seed ^ 7))).unwrap());
    }
    groups
}

fn world(kind: DefenceKind, seed: u64, flood_rps: Option<f64>) -> World {
    let site = Site::organisation();
    let groups = groups(&site, seed, flood_rps);
    let origin = OriginSpec::default();
    let protected =
        [Protected { name: "www".to_owned(), capacity_ms_per_s: Some(origin.capacity_ms_per_s()) }];
    let setup = Setup {
        seed,
        platforms: &protected,
        stacks: &Stacks::default(),
        remembered: &[],
        calm_until: moment(FLOOD.from),
    };
    let platforms = vec![WorldPlatform::new(site, &origin)];
    World::new(groups, platforms, kind.build(&setup)).with_event(FLOOD)
}

fn run(kind: DefenceKind) -> Score {
    world(kind, 1, Some(1_500.0)).run(moment(END)).remove(0)
}

fn share_served(score: &Score, from: usize, until: usize) -> f64 {
    let person = Role::Person.index();
    let (served, offered) = score.seconds[from..until]
        .iter()
        .fold((0, 0), |(s, o), second| (s + second.served[person], o + second.offered[person]));
    f64::from(served) / f64::from(offered)
}

#[test]
fn a_flood_takes_an_unshielded_origin_from_its_visitors_and_calm_comes_back() {
    let score = run(DefenceKind::Nothing);
    assert!(share_served(&score, 3, 10) > 0.999);
    assert!(share_served(&score, 15, 34) < 0.5);
    assert!(share_served(&score, 40, 44) > 0.95);
    let summary = score.summary();
    assert!(summary.harm_people.unwrap() > 0.5, "{summary:?}");
    assert!(summary.leak_cost.unwrap() > 0.999, "{summary:?}");
    assert_eq!((summary.overload_s, summary.clocks.effective_s), (25, None));
    assert_eq!(summary.peaks.in_line, 512);
    assert!(summary.least_harm_work <= 0.0);
}

#[test]
fn every_defence_comes_to_the_same_score_twice() {
    for kind in DefenceKind::ALL {
        assert_eq!(run(kind), run(kind), "{}", kind.name());
    }
}

#[test]
fn what_is_offered_before_the_flood_is_the_same_with_and_without_it() {
    let with = run(DefenceKind::Nothing);
    let without = world(DefenceKind::Nothing, 1, None).run(moment(END)).remove(0);
    assert_eq!(with.seconds[..10], without.seconds[..10]);
    assert_eq!(without.summary().leak_cost, None);
}

#[test]
fn a_rate_of_five_sigma_sheds_visitors_with_the_flood_and_says_when() {
    let summary = run(DefenceKind::Ewma).summary();
    assert!(summary.leak_cost.unwrap() < 0.4, "{summary:?}");
    assert!(summary.harm_people.unwrap() > 0.8, "{summary:?}");
    let detected_s = summary.clocks.detected_s.unwrap();
    assert!((0.0..1.0).contains(&detected_s), "{detected_s}");
}

#[test]
fn a_profile_of_single_values_stops_one_tool_that_nobody_had() {
    let summary = run(DefenceKind::Profile).summary();
    assert!(summary.leak_cost.unwrap() < 0.05, "{summary:?}");
    assert!(summary.clocks.effective_s.unwrap() <= 0.25, "{summary:?}");
    assert!(summary.clocks.detected_s.unwrap() < 0.5, "{summary:?}");
}

#[test]
fn a_limit_for_each_address_does_not_see_a_flood_of_many() {
    let summary = run(DefenceKind::PerAddress).summary();
    assert!(summary.leak_cost.unwrap() > 0.9, "{summary:?}");
    assert!(summary.tables.iter().all(|table| table.entries <= table.capacity));
}

#[test]
fn the_shield_keeps_what_reaches_the_origin_within_what_it_carries() {
    let summary = run(DefenceKind::Shield).summary();
    let unshielded = run(DefenceKind::Nothing).summary();
    assert!(summary.peaks.in_line < 16 && summary.overload_s == 0, "{summary:?}");
    assert!(summary.goodput_ms_per_s > 2.0 * unshielded.goodput_ms_per_s, "{summary:?}");
    assert!(summary.lost_to_origin.unwrap() < 0.01, "{summary:?}");
    // Who passes a check first takes two and a half seconds for it.
    assert!(summary.p50.unwrap() < Duration::from_millis(100), "{summary:?}");
    assert!(summary.p99.unwrap() < Duration::from_secs(3), "{summary:?}");
}

#[test]
fn the_shield_holds_nobody_in_calm_times() {
    let score = world(DefenceKind::Shield, 1, None).run(moment(END)).remove(0);
    let stopped: u32 = score.seconds.iter().flat_map(|s| s.stopped.iter().flatten()).sum();
    // A burst may wait for its turn; nobody is sent away.
    assert_eq!(stopped, 0, "{} waited at once", score.peaks.held);
}

#[test]
fn half_the_capacity_is_half_of_what_is_carried() {
    let halved = fault::Parameters::Capacity { share: 0.5 };
    let faults = halved.faults(PlatformId(0), Span { from: 20.0, until: 27.0 });
    let world = world(DefenceKind::Nothing, 1, Some(1_500.0)).with_faults(faults);
    let score = world.run(moment(END)).remove(0);
    let served = |from: usize| -> f64 {
        let rows = &score.seconds[from..from + 5];
        rows.iter().map(|row| row.admitted_ms.iter().sum::<f64>().min(row.capacity.ms_per_s)).sum()
    };
    assert!((served(21) / served(12) - 0.5).abs() < 0.01, "{} {}", served(21), served(12));
    assert!((served(28) / served(12) - 1.0).abs() < 0.01);
}

#[test]
fn a_witness_changes_nothing_and_is_told_of_every_request() {
    #[derive(Default)]
    struct Counts(u32, u32);
    impl Witness for Counts {
        fn ended(&mut self, ended: &Witnessed) {
            self.0 += u32::from(ended.role == Role::Flood);
            self.1 += u32::from(ended.role == Role::Person);
            assert!(ended.sent_wall >= EPOCH);
        }
    }
    let mut counts = Counts::default();
    let world = world(DefenceKind::PerAddress, 1, Some(1_500.0));
    let score = world.run_before(&mut counts, moment(END)).remove(0);
    assert_eq!(score, run(DefenceKind::PerAddress));
    let offered = |role: Role| -> u32 {
        score.seconds.iter().map(|s| s.offered[role.index()] + s.again[role.index()]).sum()
    };
    assert_eq!(counts.0, offered(Role::Flood));
    // What was sent in the last moments is not over.
    assert!(offered(Role::Person).abs_diff(counts.1) < 10);
}

#[test]
fn a_node_that_is_started_again_stops_everything_while_it_is_away_and_nothing_after() {
    let faults =
        fault::Parameters::NodeRestart.faults(PlatformId(0), Span { from: 10.0, until: 12.0 });
    for (kind, is_away) in [(DefenceKind::Shield, true), (DefenceKind::Nothing, false)] {
        let score = world(kind, 1, None).with_faults(faults.clone()).run(moment(END)).remove(0);
        let (drop, person) = (Verdict::Drop.index(), Role::Person.index());
        let away = &score.seconds[10..12];
        let dropped: u32 = away.iter().map(|second| second.stopped[person][drop]).sum();
        let sent: u32 = away.iter().map(|second| second.offered[person]).sum();
        assert!(if is_away { dropped >= sent } else { dropped == 0 }, "{}", kind.name());
        assert!(share_served(&score, 13, 42) > 0.999, "{}", kind.name());
    }
}

#[test]
fn a_clock_that_drifts_and_steps_changes_little_for_a_rule_on_rates() {
    let steps = vec![Step { at_s: 30, by_ms: 86_400_000 }];
    let clock = NodeClock { drift_ppm: 50_000, steps };
    let drifted = world(DefenceKind::PerAddress, 1, Some(1_500.0))
        .with_clock(clock)
        .run(moment(END))
        .remove(0);
    let straight = run(DefenceKind::PerAddress);
    let stopped = |score: &Score| score.summary().leak_requests.unwrap();
    assert!((stopped(&drifted) - stopped(&straight)).abs() < 0.05);
}
