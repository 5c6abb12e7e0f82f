//! Whatever is said: the same seed gives the same flood, bounds hold, and one parameter changes only
//! what it should.

use super::*;
use proptest::prelude::*;

const KINDS: [&str; 25] = [
    "one-tool",
    "cache-bust",
    "costly-search",
    "pulses",
    "random-everything",
    "random-looks",
    "mimicry",
    "headless",
    "ipv6-rotation",
    "login-posts",
    "slow-ramp",
    "odd-headers",
    "hijacked-browsers",
    "slow-holds",
    "rotating-look",
    "thin-sources",
    "warm-sources",
    "cookie-replay",
    "resets",
    "slow-heads",
    "slow-bodies",
    "slow-reads",
    "socket-holds",
    "egress",
    "handshakes",
];

fn fates() -> impl Strategy<Value = Fate> {
    prop_oneof![Just(Fate::Served), Just(Fate::OriginFailed), Just(Fate::GaveUp)]
}

/// The first `count` requests of a kind, with moments.
fn beginning(text: &str, seed: u64, count: usize) -> Vec<(f64, Request)> {
    let mut sent = play(text, seed, Fate::OriginFailed).unwrap().requests;
    sent.truncate(count);
    sent
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]

    #[test]
    fn the_same_seed_gives_the_same_flood(at in 0..KINDS.len(), seed: u64, fate in fates()) {
        let text = by_default(KINDS[at]);
        let one = play(&text, seed, fate).unwrap().requests;
        let two = play(&text, seed, fate).unwrap().requests;
        prop_assert_eq!(one, two);
    }

    #[test]
    fn another_seed_gives_another_flood_from_the_same_networks(at in 0..KINDS.len(), seed: u64) {
        let text = by_default(KINDS[at]);
        let networks = |sent: &Sent| -> BTreeSet<u32> {
            sent.requests.iter().map(|(_, request)| request.network.index).collect()
        };
        let one = play(&text, seed, Fate::Served).unwrap();
        let two = play(&text, seed ^ 1, Fate::Served).unwrap();
        let end = |sent: &Sent| networks(sent).last().copied();
        prop_assert_ne!(&one.requests, &two.requests);
        prop_assert!(end(&one).unwrap().abs_diff(end(&two).unwrap()) < 200);
    }

    #[test]
    fn a_flood_is_one_group_of_bounded_members(at in 0..KINDS.len(), fate in fates()) {
        let sent = play(&by_default(KINDS[at]), 7, fate).unwrap();
        for (_, request) in &sent.requests {
            prop_assert_eq!(request.sender.group, 3);
            prop_assert!(request.sender.member < 100_000);
            prop_assert!(request.patience > Duration::ZERO);
        }
    }

    #[test]
    fn a_source_that_awaits_answers_has_at_most_one_burst_unanswered(
        rps in 50.0..2_000.0_f64, count in 1..40_u32, burst in 1..5_u32,
    ) {
        let text = format!(
            "kind = \"resets\"\nsources = {{ count = {count} }}\n\
             pace = {{ rps = {rps}, burst = {burst}, answers = \"awaited\" }}"
        );
        let sent = play(&text, 5, Fate::GaveUp).unwrap();
        let mut open = std::collections::BTreeMap::new();
        for (at, request) in &sent.requests {
            let times: &mut Vec<f64> = open.entry(request.sender.member).or_default();
            times.retain(|before| at - before < 0.0199);
            times.push(*at);
            prop_assert!(times.len() <= burst as usize, "{} at once", times.len());
        }
        let sent = f64::from(u32::try_from(sent.requests.len()).unwrap());
        prop_assert!(sent < rps * 20.0 * 1.5 + 100.0, "{sent} of {rps} rps");
    }
}

#[test]
fn another_tool_changes_looks_alone() {
    let one = beginning("kind = \"one-tool\"\ntool = \"go\"", 9, 5_000);
    let two = beginning("kind = \"one-tool\"\ntool = \"bare\"", 9, 5_000);
    for ((at, before), (then, after)) in one.iter().zip(&two) {
        assert!(at.total_cmp(then).is_eq());
        assert_eq!(Request { look: after.look, ..*before }, *after);
    }
}

#[test]
fn another_kind_of_content_changes_neither_times_nor_sources() {
    let of =
        |kind: &str| beginning(&format!("kind = \"{kind}\"\npace = {{ rps = 900 }}"), 9, 5_000);
    let (one, two) = (of("one-tool"), of("random-looks"));
    for ((at, before), (then, after)) in one.iter().zip(&two) {
        assert!(at.total_cmp(then).is_eq());
        assert_eq!((before.sender, before.source), (after.sender, after.source));
    }
}

#[test]
fn another_rate_changes_no_sources_place() {
    let place = |rps: u32| -> std::collections::BTreeMap<u32, _> {
        let text = format!("kind = \"one-tool\"\npace = {{ rps = {rps} }}");
        let sent = beginning(&text, 9, usize::MAX);
        sent.iter().map(|(_, r)| (r.sender.member, (r.source, r.network.index))).collect()
    };
    let (slow, fast) = (place(200), place(4_000));
    assert!(slow.iter().all(|(member, place)| fast.get(member) == Some(place)));
}

#[test]
fn sources_that_wait_are_slowed_by_an_origin_that_is_slow() {
    let flood = |answers: &str| {
        let text = format!(
            "kind = \"one-tool\"\nsources = {{ count = 100 }}\n\
             pace = {{ rps = 4000, answers = \"{answers}\" }}"
        );
        let flood: Flood = toml::from_str(&text).unwrap();
        let (site, mut pools) = (Site::organisation(), Pools::new());
        let casting = Casting {
            group: 3,
            platform: PlatformId(0),
            site: &site,
            pools: &mut pools,
            span: SPAN,
            seed: 4,
        };
        let mut group = flood.cast(casting).unwrap();
        drive_slowly(group.as_mut(), Duration::from_secs(1))
    };
    // Each waits 1 s for its answer and then 1/40 s for its turn.
    let (open, closed) = (flood("ignored"), flood("awaited"));
    assert!((78_000..82_000).contains(&open), "{open}");
    assert!((1_850..2_050).contains(&closed), "{closed}: 100 sources in 20 s");
}

fn drive_slowly(group: &mut dyn Group, took: Duration) -> usize {
    let mut out = Outbox::of_group(3);
    let mut answers: Agenda<(Ticket, Request)> = Agenda::default();
    let mut count = 0;
    while let Some(now) = group.next_deadline().into_iter().chain(answers.next_due()).min() {
        if let Some((_, (ticket, request))) = answers.take_due(now) {
            let answer = Answer {
                fate: Fate::Served,
                took,
                retry_after: None,
                set_cookie: None,
                has_passed: false,
            };
            group.on_answer(now, Heard { ticket, request: &request, answer }, &mut out);
        } else {
            group.on_deadline(now, &mut out);
        }
        for sent in out.drain() {
            count += 1;
            answers.put(now + took, sent);
        }
    }
    count
}

#[test]
fn what_is_unknown_or_cannot_be_is_refused() {
    let unread = [
        "kind = \"one-tool\"\nrsp = 5",
        "kind = \"no-such-kind\"",
        "kind = \"one-tool\"\npace = { rps = 5, brust = 3 }",
        "kind = \"one-tool\"\nsources = { count = 5, place = \"moon\" }",
    ];
    for text in unread {
        assert!(toml::from_str::<Flood>(text).is_err(), "{text}");
    }
    let uncast = [
        "kind = \"one-tool\"\npatience_s = 0",
        "kind = \"one-tool\"\ntarget = \"/nowhere\"",
        "kind = \"cache-bust\"\nuser_agents = 0",
        "kind = \"cookie-replay\"\ncookies = 0",
        "kind = \"slow-heads\"\nhold_s = 0",
        "kind = \"slow-reads\"\nbytes_per_s = 0",
        "kind = \"headless\"\nsolving = 1.5",
        "kind = \"rotating-look\"\nevery_s = 0",
        "kind = \"slow-ramp\"\nramp_s = 50",
        "kind = \"thin-sources\"\nrps_each = -1",
    ];
    for text in uncast {
        assert!(play(text, 1, Fate::Served).is_err(), "{text}");
    }
}
