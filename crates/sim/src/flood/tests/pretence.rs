//! What sources that pretend to be visitors do, and how far.

use super::*;
use crate::flood::forgery;
use crate::group::Passing;
use crate::request::Referer;
use crate::world::cookie_of;
use seawall_types::{Moment, Verdict};
use std::collections::BTreeMap;

fn sent(text: &str) -> Sent {
    play(text, 1, Fate::Served).unwrap()
}

fn cast(text: &str) -> Box<dyn Group> {
    let flood: Flood = toml::from_str(text).unwrap();
    let (site, mut pools) = (Site::organisation(), Pools::new());
    let casting = Casting {
        group: 3,
        platform: PlatformId(0),
        site: &site,
        pools: &mut pools,
        span: SPAN,
        seed: 1,
    };
    flood.cast(casting).unwrap()
}

#[test]
fn a_source_keeps_its_look_and_language() {
    for kind in ["mimicry", "headless", "hijacked-browsers", "warm-sources", "odd-headers"] {
        let mut known = BTreeMap::new();
        for (_, request) in sent(&by_default(kind)).requests {
            let traits = (request.look, request.language, request.source);
            let first = *known.entry(request.sender.member).or_insert(traits);
            assert_eq!(first, traits, "{kind}, member {}", request.sender.member);
        }
    }
}

#[test]
fn mimicry_loads_pages_alone_and_its_referers_are_pages_that_the_source_has_opened() {
    let mut opened: BTreeMap<u32, BTreeSet<_>> = BTreeMap::new();
    for (_, request) in sent("kind = \"mimicry\"").requests {
        let seen = opened.entry(request.sender.member).or_default();
        match request.referer {
            Referer::Own(page) => assert!(seen.contains(&page)),
            other => assert_eq!(other, Referer::Search),
        }
        assert!(request.navigates && request.cookie.is_none());
        seen.insert(request.route);
    }
}

#[test]
fn headless_browsers_load_all_parts_of_a_page_that_was_served_and_none_of_another() {
    let assets = usize::from(Site::organisation().assets_per_page);
    let pages = |sent: &Sent| sent.requests.iter().filter(|(_, r)| r.navigates).count();
    let served = sent("kind = \"headless\"");
    assert_eq!(served.requests.len(), pages(&served) * (1 + assets));
    let failed = play("kind = \"headless\"", 1, Fate::OriginFailed).unwrap();
    assert_eq!((failed.requests.len(), pages(&failed)), (pages(&served), pages(&served)));
}

#[test]
fn cookies_are_dropped_kept_or_had_as_is_said() {
    let bearing = |text: &str| {
        let sent = sent(text);
        sent.requests.iter().filter(|(_, r)| r.cookie.is_some()).count() * 100 / sent.requests.len()
    };
    assert_eq!(bearing("kind = \"mimicry\""), 0);
    let kept = bearing("kind = \"mimicry\"\ncookies = \"kept\"");
    assert!((80..100).contains(&kept), "{kept} %: all but the first request of each");
    assert_eq!(bearing("kind = \"warm-sources\""), 100);
}

#[test]
fn warm_sources_are_remembered_as_they_come_and_others_are_not_remembered() {
    let warm = cast("kind = \"warm-sources\"").remembered();
    assert_eq!(warm.len(), 2_000);
    let first = sent("kind = \"warm-sources\"").requests[0].1;
    let known = warm[first.sender.member as usize].request;
    let traits = |r: &Request| (r.sender, r.source, r.look, r.language, r.cookie);
    assert_eq!(traits(&known), traits(&first));
    assert_eq!(known.cookie, Some(cookie_of(3, first.sender.member)));
    assert!(cast("kind = \"mimicry\"").remembered().is_empty());
}

#[test]
fn sources_that_ask_first_ask_about_once_and_have_their_cookie_when_the_flood_begins() {
    let sent = sent("kind = \"warm-sources\"\nasks_first_s = 10");
    let (first, flood): (Vec<_>, Vec<_>) = sent.requests.iter().partition(|(at, _)| *at < 12.0);
    assert!(first.len().abs_diff(2_000) < 150, "{} asked", first.len());
    let known: BTreeSet<_> = first.iter().map(|(_, r)| r.sender.member).collect();
    assert!(known.len() > 1_850, "{} different ones", known.len());
    let bearing = flood.iter().filter(|(_, request)| request.cookie.is_some()).count();
    assert!(bearing * 100 > flood.len() * 92, "{bearing} of {}", flood.len());
    assert!(flood.len().abs_diff(20_000) < 1_000, "{}", flood.len());
    assert!(cast("kind = \"warm-sources\"\nasks_first_s = 10").remembered().is_empty());
}

#[test]
fn replayed_cookies_are_few_and_come_from_the_origin() {
    let sent = sent("kind = \"cookie-replay\"\ncookies = 200");
    let borne = distinct(&sent, |request| request.cookie);
    assert_eq!(borne, 201, "those of the jar, and none at all");
    let without = sent.requests.iter().filter(|(_, r)| r.cookie.is_none()).count();
    assert!((200..400).contains(&without), "{without} came while 200 were fetched");
    let refused = play("kind = \"cookie-replay\"", 1, Fate::Stopped(Verdict::Refuse)).unwrap();
    assert_eq!(distinct(&refused, |request| request.cookie), 1);
}

#[test]
fn a_browser_that_waits_opens_no_page_before_it_has_the_last_one_whole() {
    let sent = sent(
        "kind = \"headless\"\nsources = { count = 20 }\n\
         pace = { rps = 9000, answers = \"awaited\" }",
    );
    let mut last = BTreeMap::new();
    for (at, request) in &sent.requests {
        let before = last.insert(request.sender.member, *at).unwrap_or(0.0);
        assert!(!request.navigates || at - before > 0.0199, "{} s after the last", at - before);
    }
}

/// What a group sends on hearing an answer to its first request, and when.
fn after(text: &str, fate: Fate, retry_after: Option<Duration>) -> Option<(Duration, Request)> {
    let mut group = cast(text);
    let mut out = Outbox::of_group(3);
    let first = group.next_deadline().unwrap();
    group.on_deadline(first, &mut out);
    let (ticket, request): (Ticket, Request) = out.drain().next().unwrap();
    let now = first + Duration::from_millis(20);
    let took = Duration::from_millis(20);
    let answer = Answer { fate, took, retry_after, set_cookie: None, has_passed: true };
    let mut again = None;
    group.on_answer(now, Heard { ticket, request: &request, answer }, &mut out);
    while let Some(due) = group.next_deadline().filter(|due| again.is_none() && *due < moment(20.0))
    {
        let due: Moment = due;
        group.on_deadline(due, &mut out);
        let mut same = out.drain().filter(|(_, sent)| *sent == request);
        again = same.next().map(|(_, sent)| (due.since(now), sent));
    }
    again
}

#[test]
fn a_headless_browser_comes_back_after_a_challenge_or_the_wait_it_was_told() {
    let text = "kind = \"headless\"\nsolving = 1.0\nsolve_s = 2.5";
    let challenged = after(text, Fate::Stopped(Verdict::Challenge), None).unwrap();
    assert!(challenged.0 <= Duration::from_millis(5), "{challenged:?}");
    let told = Some(Duration::from_secs(4));
    let held = after(text, Fate::Stopped(Verdict::Hold), told).unwrap();
    assert_eq!(held.0, Duration::from_secs(4));
    for (fate, retry_after) in [
        (Fate::Stopped(Verdict::Refuse), None),
        (Fate::Stopped(Verdict::Hold), Some(Duration::from_secs(61))),
        (Fate::OriginFailed, None),
    ] {
        assert!(after(text, fate, retry_after).is_none(), "{fate:?}");
    }
    assert!(after("kind = \"mimicry\"", Fate::Stopped(Verdict::Challenge), None).is_none());
}

#[test]
fn a_headless_browser_that_is_challenged_again_and_again_gives_up() {
    let text = "kind = \"headless\"\nsolving = 1.0\nsources = { count = 50_000 }\n\
                pace = { rps = 70 }";
    let challenged = play(text, 1, Fate::Stopped(Verdict::Challenge)).unwrap();
    let failed = play(text, 1, Fate::OriginFailed).unwrap();
    let (tries, pages) = (challenged.requests.len(), failed.requests.len());
    assert!((pages * 23 / 4..=pages * 6).contains(&tries), "{tries} of {pages}: five more each");
}

#[test]
fn the_share_that_passes_challenges_is_the_one_that_was_said() {
    let share = |text: &str| {
        let group = cast(text);
        (0..3_000).filter(|member| group.passes(*member) != Passing::Never).count()
    };
    assert!((600..900).contains(&share("kind = \"headless\"\nsolving = 0.25")));
    assert_eq!(share("kind = \"mimicry\""), 0);
    assert_eq!(share("kind = \"one-tool\""), 0);
}

#[test]
fn odd_headers_differ_from_the_browser_in_the_order_of_headers_alone() {
    let pools = Pools::new();
    for (_, request) in sent("kind = \"odd-headers\"").requests.iter().take(500) {
        let browser = pools.stacks().row(request.look.stack).unwrap();
        let shown = forgery::shown(pools.stacks(), request.look).unwrap();
        assert_ne!(shown.headers, browser.headers);
        assert_eq!((&shown.ja4, &shown.user_agent), (&browser.ja4, &browser.user_agent));
    }
}
