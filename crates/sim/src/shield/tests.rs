use super::*;
use proptest::prelude::*;
use seawall_engine::policy::{AddressSet, OverRate, SourceBudget};
use seawall_types::{Mode, OriginCapacity, RequestRate};

const WWW: PlatformId = PlatformId(0);

fn setup(over_rate: OverRate, way: Way) -> Setup {
    let rate = RequestRate::new(10.0).unwrap();
    Setup {
        rules: Rules {
            allow: AddressSet::new(&["203.0.113.0/24".parse().unwrap()]),
            source_budget: Some(SourceBudget::new(rate, 2, over_rate)),
            source_connections: 8_192,
            modes: vec![Mode::Protect],
        },
        platforms: vec![PlatformSettings {
            name: "www".to_owned(),
            capacity: OriginCapacity::new(1_000.0),
            acts: false,
        }],
        way,
        seed: 1,
    }
}

fn asked(ms: u64, source: u8) -> Asked {
    Asked {
        at: Moment(0) + Duration::from_millis(ms),
        source: IpAddr::from([192, 0, 2, source]),
        platform: Some(WWW),
        cost: Duration::from_millis(20),
        traits: Traits::default(),
        fault: None,
        client: Client { is_trusted: false, navigates: true },
        passed: None,
    }
}

/// The words for five requests of one source at once.
fn words(setup: Setup) -> Vec<String> {
    let mut shield = Shield::new(setup);
    let word = |judgement: Judgement| format!("{} {}", judgement.verdict, judgement.reason);
    (0..5).map(|_| word(shield.request(&asked(0, 1)))).collect()
}

#[test]
fn a_source_over_its_rate_gets_what_the_rules_say_by_either_way() {
    let [clear, limit] = ["admit clear", "limit rate"];
    let [drop, refuse] = ["drop rate", "refuse rate"];
    for (over_rate, way, expected) in [
        (OverRate::Limit, Way::Direct, [clear, clear, limit, limit, limit]),
        (OverRate::Drop, Way::Direct, [clear, clear, drop, drop, drop]),
        (OverRate::Drop, Way::BehindProxy, [clear, clear, refuse, refuse, refuse]),
        (OverRate::ResetAtAccept, Way::Direct, [clear, clear, limit, drop, drop]),
        (OverRate::ResetAtAccept, Way::BehindProxy, [clear, clear, limit, limit, limit]),
    ] {
        assert_eq!(words(setup(over_rate, way)), expected, "{over_rate:?} {way:?}");
    }
}

#[test]
fn what_the_gate_turns_away_and_what_no_platform_serves_reaches_nobody() {
    let mut shield = Shield::new(setup(OverRate::Limit, Way::Direct));
    let broken = Asked { fault: Some(Reason::Malformed), ..asked(0, 1) };
    let foreign = Asked { platform: None, ..asked(0, 1) };
    for (asked, reason) in [(broken, Reason::Malformed), (foreign, Reason::Host)] {
        let judgement = shield.request(&asked);
        assert_eq!((judgement.verdict, judgement.reason), (Verdict::Error, reason));
    }
    shield.finish();
    let snapshot = shield.snapshot();
    assert_eq!(snapshot.no_platform[Reason::Malformed.index()], 1);
    assert_eq!(snapshot.no_platform[Reason::Host.index()], 1);
    assert_eq!(snapshot.platforms[0].totals, [[0; Reason::COUNT]; Verdict::COUNT]);
}

#[test]
fn a_flood_from_one_source_is_an_episode_that_begins_eases_and_ends() {
    let mut shield = Shield::new(setup(OverRate::Limit, Way::Direct));
    for number in 0..2_000 {
        shield.request(&asked(10_000 + number, 1));
    }
    shield.finish();
    let of_limits = |effect: &&Effect| {
        matches!(effect, Effect::MitigationBegan(_) | Effect::MitigationEnded(_))
    };
    let told = shield.effects().0.iter().filter(of_limits).map(|effect| match effect {
        Effect::MitigationBegan(began) => format!("began {:.2}", began.at.as_secs_f64()),
        Effect::MitigationEnded(ended) => {
            format!(
                "ended {:.2}: {} of {}",
                ended.at.as_secs_f64(),
                ended.stopped,
                ended.stopped + ended.admitted
            )
        }
        other => format!("{other:?}"),
    });
    assert_eq!(told.collect::<Vec<_>>(), ["began 10.00", "ended 12.00: 1979 of 2000"]);
}

/// Gaps between requests in milliseconds, with rests among them that are long.
fn gaps() -> impl Strategy<Value = Vec<(u64, u8, u64)>> {
    let gap = prop_oneof![4 => 0_u64..300, 1 => 20_000_u64..70_000];
    let cost = prop_oneof![9 => 0_u64..3_000, 1 => 40_000_u64..90_000];
    proptest::collection::vec((gap, 0_u8..4, cost), 1..40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn passing_over_a_rest_changes_nothing_that_is_decided_or_told(gaps in gaps()) {
        let play = |at_rest_after: Duration| {
            let mut shield = Shield::new(setup(OverRate::Limit, Way::Direct));
            shield.at_rest_after = at_rest_after;
            let mut at = 0;
            let mut judgements = Vec::new();
            for (gap, source, cost) in &gaps {
                at += gap;
                let cost = Duration::from_millis(*cost);
                judgements.push(shield.request(&Asked { cost, ..asked(at, *source) }));
            }
            // Both to the same moment, whenever they came to rest.
            shield.advance(Moment(0) + Duration::from_millis(at + 100_000));
            (judgements, shield.effects.clone(), shield.snapshot())
        };
        prop_assert_eq!(play(AT_REST_AFTER), play(Duration::MAX));
    }

    #[test]
    fn the_same_seed_decides_the_same(gaps in gaps(), seed in any::<u64>()) {
        let play = || {
            let mut shield = Shield::new(Setup { seed, ..setup(OverRate::Drop, Way::Direct) });
            let mut at = 0;
            let ask = |(gap, source, _): &(u64, u8, u64)| {
                at += gap;
                shield.request(&asked(at, *source))
            };
            gaps.iter().map(ask).collect::<Vec<_>>()
        };
        prop_assert_eq!(play(), play());
    }
}
