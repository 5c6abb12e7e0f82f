use super::*;
use proptest::prelude::*;
use seawall_types::observation::NAMES_MAX;
use seawall_types::{FarEnd, PlatformId, Reason, SourceKey, Trait, Verdict};

fn observation(at: u64, cost_us: u32) -> RequestObservation {
    RequestObservation {
        at: Moment(at),
        platform: PlatformId(0),
        source: SourceKey::of("192.0.2.1".parse().unwrap()),
        far: FarEnd::default(),
        verdict: Verdict::Admit,
        reason: Reason::Clear,
        cost_us,
        is_proven: false,
        measure: None,
        traits: Traits::default(),
    }
}

fn listed(seed: u64, costs: impl Iterator<Item = u32>) -> Batch {
    let mut listing = Listing::new(seed);
    for (at, cost_us) in (0..).zip(costs) {
        listing.add(&observation(at, cost_us));
    }
    let mut batch = Batch::default();
    listing.cut(Moment(0), &mut batch);
    batch
}

/// What the listed requests that `are_meant` stand for.
fn estimate(batch: &Batch, are_meant: impl Fn(&RequestObservation) -> bool) -> f64 {
    let meant = batch.requests.iter().filter(|request| are_meant(request));
    meant.map(|request| f64::from(request.cost_us).max(batch.stands_for_us)).sum()
}

#[test]
fn as_many_as_fit_are_all_listed_in_their_order_and_one_more_is_not() {
    let full = u32::try_from(LISTED_MAX).unwrap();
    let batch = listed(1, (1..=full).map(|_| 10));
    assert_eq!((batch.requests.len(), batch.unlisted), (LISTED_MAX, 0));
    assert!(batch.stands_for_us.abs() < f64::EPSILON);
    assert!(batch.requests.is_sorted_by_key(|request| request.at));
    let batch = listed(1, (0..=full).map(|_| 10));
    assert_eq!((batch.requests.len(), batch.unlisted), (LISTED_MAX, 1));
    assert!(batch.requests.is_sorted_by_key(|request| request.at));
}

#[test]
fn a_batch_after_a_full_one_lists_all_again() {
    let mut listing = Listing::new(1);
    (0..20_000).for_each(|at| listing.add(&observation(at, 10)));
    let mut batch = Batch::default();
    listing.cut(Moment(1), &mut batch);
    assert_eq!((batch.requests.len(), batch.unlisted), (LISTED_MAX, 20_000 - 4_096));
    listing.add(&observation(1, 10));
    let mut batch = Batch::default();
    listing.cut(Moment(2), &mut batch);
    assert_eq!((batch.requests.len(), batch.unlisted), (1, 0));
    assert!(batch.stands_for_us.abs() < f64::EPSILON);
}

#[test]
fn what_costs_most_is_never_left_out() {
    let costs = (0..100_000).map(|n| if n % 1_000 == 7 { 3_000_000 } else { 100 });
    let batch = listed(3, costs);
    let costly = batch.requests.iter().filter(|request| request.cost_us == 3_000_000);
    assert_eq!(costly.count(), 100);
}

#[test]
fn sums_over_parts_are_unbiased() {
    // A tenth asks for twenty times as much; over 60 seeds the mean estimate is the truth.
    let costs = || (0..60_000_u64).map(|n| if n % 10 == 3 { 2_000 } else { 100 });
    let is_of_tenth = |request: &RequestObservation| request.at.0 % 10 == 3;
    let (tenth, rest) = (6_000.0 * 2_000.0, 54_000.0 * 100.0);
    let (mut of_tenth, mut of_rest) = (0.0, 0.0);
    for seed in 0..60 {
        let batch = listed(seed << 40, costs());
        of_tenth += estimate(&batch, is_of_tenth) / 60.0;
        of_rest += estimate(&batch, |request| !is_of_tenth(request)) / 60.0;
    }
    assert!((of_tenth / tenth - 1.0).abs() < 0.01, "{of_tenth} of {tenth}");
    assert!((of_rest / rest - 1.0).abs() < 0.02, "{of_rest} of {rest}");
}

#[test]
fn a_text_is_asked_for_once_and_again_after_a_minute() {
    let mut listing = Listing::new(1);
    let traits = Traits::default().with(Attribute::Agent, Trait::new(7));
    let mut told = |now: Moment| {
        for _ in 0..3 {
            listing.name(&traits, |attribute| Some(format!("{attribute} seven")));
        }
        let mut batch = Batch::default();
        listing.cut(now, &mut batch);
        batch.names.iter().map(|name| name.text.to_string()).collect::<Vec<_>>()
    };
    let second = 1_000_000_000;
    assert_eq!(told(Moment(second)), ["ua seven"]);
    assert!(told(Moment(60 * second)).is_empty());
    assert_eq!(told(Moment(61 * second)), ["ua seven"]);
}

#[test]
fn values_drawn_by_chance_leave_room_for_the_texts_of_other_attributes() {
    let mut listing = Listing::new(1);
    for value in 1..1_000 {
        let traits = Traits::default().with(Attribute::Agent, Trait::new(value));
        listing.name(&traits, |_| Some("é".repeat(100)));
    }
    let traits = Traits::default().with(Attribute::Ja4, Trait::new(9));
    listing.name(&traits, |_| Some("t13d".to_owned()));
    let mut batch = Batch::default();
    listing.cut(Moment(1), &mut batch);
    assert_eq!(batch.names.last().unwrap().text.as_ref(), "t13d");
    assert!(batch.names.len() <= NAMES_MAX);
    assert!(batch.names.iter().all(|name| name.text.len() <= 160));
}

/// Who is listed when each draws as it comes.
fn drawn_at_once(seed: u64, costs: &[u32]) -> Vec<u64> {
    let mut listing = Listing::new(seed);
    let priority = |cost_us: &u32| f64::from((*cost_us).max(1)) / listing.draw();
    let mut drawn: Vec<_> = costs.iter().map(priority).zip(0_u64..).collect();
    drawn.sort_by(|a, b| b.0.total_cmp(&a.0));
    drawn.truncate(LISTED_MAX);
    let mut listed: Vec<_> = drawn.into_iter().map(|(_, at)| at).collect();
    listed.sort_unstable();
    listed
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn who_draws_late_draws_what_it_would_have_drawn_as_it_came(
        before in 0_usize..=LISTED_MAX,
        costs in proptest::collection::vec(0_u32..1_000_000, 0..12_000),
        seed in any::<u64>(),
    ) {
        let mut listing = Listing::new(seed);
        (0..before).for_each(|_| listing.add(&observation(0, 10)));
        listing.cut(Moment(0), &mut Batch::default());
        for (at, cost_us) in (0..).zip(&costs) {
            listing.add(&observation(at, *cost_us));
        }
        let mut batch = Batch::default();
        listing.cut(Moment(1), &mut batch);
        let listed: Vec<_> = batch.requests.iter().map(|request| request.at.0).collect();
        let seed = seed.wrapping_add(STEP.wrapping_mul(before as u64));
        prop_assert_eq!(listed, drawn_at_once(seed, &costs));
    }

    #[test]
    fn the_same_seed_lists_the_same(
        costs in proptest::collection::vec(0_u32..1_000_000, 0..12_000),
        seed in any::<u64>(),
    ) {
        let batch = listed(seed, costs.iter().copied());
        prop_assert_eq!(&batch, &listed(seed, costs.iter().copied()));
        prop_assert_eq!(batch.requests.len() + batch.unlisted as usize, costs.len());
    }
}
