//! What people and programs do when they are refused, and that each stays one and the same.

use super::*;
use crate::surge::{crowd, sale};
use crate::world::cookie_of;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// Everything a group can hear.
const FATES: [Fate; 7] = [
    Fate::Served,
    Fate::Stopped(Verdict::Limit),
    Fate::Stopped(Verdict::Challenge),
    Fate::Stopped(Verdict::Refuse),
    Fate::Stopped(Verdict::Drop),
    Fate::OriginFailed,
    Fate::GaveUp,
];

fn fate(chance: &mut crate::Chance) -> Fate {
    *chance.pick(&FATES).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// `play` fails when a group sends in the moment of a refusal.
    #[test]
    fn who_is_refused_waits_and_does_not_ask_for_ever(seed: u64, kind in 0_usize..5) {
        let casters: [Caster<'_>; 5] = [
            &|casting| browsers::Parameters { rps: 60.0, ..Default::default() }.cast(casting),
            &|casting| crawlers::Parameters { rps: 60.0, ..Default::default() }.cast(casting),
            &|casting| apps::Parameters { rps: 60.0, ..Default::default() }.cast(casting),
            &|casting| feeds::Parameters { readers: 600, every_s: 10.0 }.cast(casting),
            &|casting| crowd::Parameters { rps: 60.0, ..Default::default() }.cast(casting),
        ];
        let mut chance = crate::Chance::new(seed);
        let all = play(cast(seed, casters[kind]), |_, _| fate(&mut chance));
        // Apps that are refused ask again, each time later: seeds differ by half.
        let most = 3 * 60 * 120;
        prop_assert!(all.len() < most, "{} requests of kind {}", all.len(), kind);
    }

    #[test]
    fn nothing_is_asked_otherwise_before_the_first_refusal(seed: u64) {
        let browsers = browsers::Parameters { rps: 100.0, ..Default::default() };
        let calm = offered(seed, |casting| browsers.cast(casting));
        let stormy = play(cast(seed, |casting| browsers.cast(casting)), |now, _| {
            if now < moment(60.0) { Fate::Served } else { Fate::Stopped(Verdict::Refuse) }
        });
        let before = |all: &[(Moment, Request)]| {
            all.iter().filter(|(at, _)| *at < moment(60.0)).copied().collect::<Vec<_>>()
        };
        prop_assert_eq!(before(&calm), before(&stormy));
    }
}

/// Those who come: when, who, from where.
fn entries(browsers: &browsers::Parameters) -> Vec<(Moment, u32, std::net::IpAddr)> {
    let all = offered(11, |casting| browsers.cast(casting));
    let enters =
        |request: &Request| request.navigates && !matches!(request.referer, Referer::Own(_));
    let entries = all.iter().filter(|(_, request)| enters(request));
    entries.map(|(at, request)| (*at, request.sender.member, request.source)).collect()
}

#[test]
fn other_searches_change_nothing_of_who_comes_when() {
    let as_usual = browsers::Parameters::default();
    let searching = browsers::Parameters { searches: 0.3, ..as_usual.clone() };
    assert_eq!(entries(&as_usual), entries(&searching));
}

#[test]
fn a_new_version_changes_the_looks_of_its_share_after_its_second_and_nothing_else() {
    let as_usual = browsers::Parameters::default();
    let version = browsers::NewVersion { share: 0.33, at: 60.0 };
    let updated = browsers::Parameters { update: Some(version), ..as_usual.clone() };
    let before = offered(12, |casting| as_usual.cast(casting));
    let after = offered(12, |casting| updated.cast(casting));
    assert_eq!(before.len(), after.len());
    let mut changed = [0_u32; 2];
    for ((_, before), (at, after)) in before.iter().zip(&after) {
        assert_eq!(*after, Request { look: after.look, ..*before });
        changed[usize::from(*at > moment(60.0))] += u32::from(before.look != after.look);
    }
    let late = after.iter().filter(|(at, _)| *at > moment(60.0)).count();
    assert_eq!(changed[0], 0);
    // Visits that began before go on with the old version.
    let share = f64::from(changed[1]) / f64::from(u32::try_from(late).unwrap());
    assert!(share > 0.25 && share < 0.34, "{share}");
}

#[test]
fn a_shield_may_know_the_usual_programs_and_not_a_new_one() {
    let known = |look| {
        let monitors = monitors::Parameters { probes: 50, look, ..Default::default() };
        cast(13, |casting| monitors.cast(casting)).remembered().len()
    };
    assert_eq!((known(Known::Usual), known(Known::New)), (50, 0));
}

#[test]
fn a_person_shows_one_address_one_look_and_one_language_and_only_the_own_cookie() {
    let mut seen = BTreeMap::new();
    for (_, request) in offered(3, |casting| browsers::Parameters::default().cast(casting)) {
        let Request { sender, source, look, language, cookie, .. } = request;
        let shown = (source, look.bits(), language);
        assert_eq!(*seen.entry(sender.member).or_insert(shown), shown, "{sender:?}");
        assert!(cookie.is_none_or(|cookie| cookie == cookie_of(0, sender.member)), "{sender:?}");
    }
}

#[test]
fn those_who_return_bear_a_cookie_at_once_and_the_shield_may_remember_just_them() {
    for returning in [0.0, 0.1, 0.35] {
        let browsers = browsers::Parameters { returning, people: 10_000, ..Default::default() };
        let group = cast(4, |casting| browsers.cast(casting));
        let known = group.remembered();
        let share = f64::from(u32::try_from(known.len()).unwrap()) / 10_000.0;
        assert!((share - returning).abs() < 1e-3, "{share} of {returning}");
        assert!(known.iter().all(|member| member.request.cookie.is_some()));
        let bears = |request: &Request| request.cookie.is_some();
        let mut first = BTreeMap::new();
        for (at, request) in play(group, |_, _| Fate::Served) {
            // Those in the middle of a visit at the start have their cookie from its first page.
            if at > moment(60.0) && request.navigates && !matches!(request.referer, Referer::Own(_))
            {
                first.entry(request.sender.member).or_insert(bears(&request));
            }
        }
        let count = |bears| first.values().filter(|first| **first == bears).count();
        let (with, without) = (count(true), count(false));
        #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
        let share = with as f64 / (with + without) as f64;
        assert!((share - returning).abs() < 0.04, "{share} of {returning}");
    }
}

#[test]
fn a_page_brings_its_parts_with_it_and_more_to_who_has_nothing() {
    let mut parts = BTreeMap::new();
    for (at, request) in offered(5, |casting| browsers::Parameters::default().cast(casting)) {
        if request.navigates {
            let first = request.cookie.is_none();
            parts.insert(request.sender.member, (at, request.route, first, 0));
        } else if let Some((page_at, page, first, count)) = parts.get_mut(&request.sender.member) {
            assert_eq!(request.referer, Referer::Own(*page));
            assert!(at > *page_at);
            *count += 1;
            assert!(*count <= if *first { 6 } else { 2 }, "{count} parts");
        }
    }
}

#[test]
fn whoever_wants_a_ticket_gets_one_when_the_site_is_up_again() {
    let sale = sale::Parameters { people: 300, opens_s: 10.0, ..Default::default() };
    let mut bought = 0;
    let form = Site::organisation().of(crate::site::Purpose::Form)[0].0;
    play(cast(6, |casting| sale.cast(casting)), |now, request| {
        let up = now < moment(5.0) || now > moment(60.0);
        bought += u32::from(up && request.route == form);
        if up { Fate::Served } else { Fate::OriginFailed }
    });
    assert_eq!(bought, 300);
}

#[test]
fn a_crawler_that_is_refused_asks_less() {
    let crawler = crawlers::Parameters { rps: 100.0, ..Default::default() };
    let all = play(cast(7, |casting| crawler.cast(casting)), |now, _| {
        if now < moment(30.0) { Fate::Served } else { Fate::Stopped(Verdict::Refuse) }
    });
    let count = |from, until| {
        all.iter().filter(|(at, _)| (moment(from)..moment(until)).contains(at)).count()
    };
    assert!(count(90.0, 120.0) * 8 < count(0.0, 30.0));
}

#[test]
fn a_client_that_hammers_multiplies_when_refused_and_one_that_backs_off_does_not() {
    let asked = |conduct| {
        let apps = apps::Parameters { rps: 30.0, clients: 300, conduct };
        play(cast(8, |casting| apps.cast(casting)), |_, _| Fate::OriginFailed).len()
    };
    let (hammering, backing_off) = (asked(apps::Retrying::Hammer), asked(apps::Retrying::BackOff));
    assert!(hammering > 20 * 120 * 30, "{hammering}");
    assert!(backing_off < 120 * 30, "{backing_off}");
}
