//! How requests are sent, when, and what follows answers.

use super::*;
use crate::request::{Manner, Query, Referer};
use crate::site::Purpose;

fn sent(text: &str) -> Sent {
    play(text, 1, Fate::Served).unwrap()
}

#[test]
fn each_kind_that_has_a_manner_of_its_own_sends_in_no_other() {
    let minute = Duration::from_mins(1);
    let table = [
        ("slow-heads", Manner::SlowHead(minute)),
        ("slow-bodies", Manner::SlowBody(minute)),
        ("slow-reads", Manner::SlowRead(200)),
        ("socket-holds", Manner::Socket(minute * 2)),
        ("resets", Manner::Reset),
        ("handshakes", Manner::Handshake),
        ("mimicry", Manner::Plain),
        ("egress", Manner::Plain),
    ];
    for (kind, manner) in table {
        let sent = sent(&by_default(kind));
        assert!(sent.requests.iter().all(|(_, request)| request.manner == manner), "{kind}");
        if let Manner::SlowHead(hold) | Manner::SlowBody(hold) | Manner::Socket(hold) = manner {
            let patient = sent.requests.iter().all(|(_, request)| request.patience > hold);
            assert!(patient, "{kind} leaves before its hold is over");
        }
    }
}

#[test]
fn each_kind_asks_for_what_it_is_about() {
    let site = Site::organisation();
    let table = [
        ("costly-search", Purpose::Search),
        ("login-posts", Purpose::Login),
        ("slow-bodies", Purpose::Form),
        ("socket-holds", Purpose::Socket),
        ("egress", Purpose::Download),
        ("random-looks", Purpose::Page),
    ];
    for (kind, purpose) in table {
        for (_, request) in sent(&by_default(kind)).requests {
            let asked = site.route(request.route).map(|route| route.purpose);
            assert_eq!(asked, Some(purpose), "{kind}");
        }
    }
    let holds = sent("kind = \"slow-holds\"");
    let cost = site.route(holds.requests[0].1.route).unwrap().cost;
    assert!(cost >= Duration::from_secs(10), "{cost:?}");
}

#[test]
fn queries_are_new_where_caches_are_to_be_passed_and_known_where_they_are_to_be_asked() {
    for kind in ["one-tool", "cache-bust", "random-everything", "hijacked-browsers"] {
        let sent = sent(&by_default(kind));
        assert_eq!(distinct(&sent, |request| request.query), sent.requests.len(), "{kind}");
    }
    let words = sent("kind = \"costly-search\"\nwords = 7");
    assert_eq!(distinct(&words, |request| request.query), 7);
    let pages = sent("kind = \"mimicry\"");
    assert!(pages.requests.iter().all(|(_, request)| request.query == Query::None));
}

#[test]
fn hijacked_browsers_name_the_site_that_they_are_on_and_open_no_page() {
    let sent = sent("kind = \"hijacked-browsers\"\nsites = 3");
    assert_eq!(distinct(&sent, |request| request.referer), 3);
    for (_, request) in &sent.requests {
        assert!(matches!(request.referer, Referer::Elsewhere(_)) && !request.navigates);
    }
}

#[test]
fn pulses_are_silent_in_between_and_each_may_have_a_look_of_its_own() {
    let text = "kind = \"pulses\"\npace = { rps = 500, pulses = { on_s = 2, off_s = 3 } }";
    let same = sent(text);
    // Pulses begin at 2, 7, 12 and 17 s.
    for (at, _) in &same.requests {
        assert!((at - 2.0).rem_euclid(5.0) <= 2.0, "sent at {at} s");
    }
    let fresh = sent(&format!("{text}\nlooks = \"new-each-pulse\""));
    assert_eq!((distinct(&same, |r| r.look), distinct(&fresh, |r| r.look)), (1, 4));
    assert!(play("kind = \"pulses\"\npace = { rps = 500 }", 1, Fate::Served).is_err());
}

#[test]
fn all_sources_change_their_look_at_the_same_second() {
    let sent = sent("kind = \"rotating-look\"\nevery_s = 1");
    for second in 2..22_u32 {
        let from = f64::from(second);
        let in_it = sent.requests.iter().filter(|(at, _)| *at >= from && *at < from + 1.0);
        let looks: BTreeSet<_> = in_it.map(|(_, request)| request.look).collect();
        assert_eq!(looks.len(), 1, "second {second}");
    }
    assert_eq!(distinct(&sent, |request| request.look), 20);
}

#[test]
fn a_burst_comes_from_one_source_in_one_moment() {
    let sent = sent("kind = \"resets\"\npace = { rps = 1000, burst = 50 }");
    for burst in sent.requests.chunks(50) {
        let (at, first) = burst[0];
        assert_eq!(burst.len(), 50);
        assert!(
            burst
                .iter()
                .all(|(when, each)| when.total_cmp(&at).is_eq() && each.source == first.source)
        );
    }
}

#[test]
fn a_thin_source_never_sends_faster_than_a_visitor() {
    let sent = sent("kind = \"thin-sources\"");
    let mut last = std::collections::BTreeMap::new();
    for (at, request) in &sent.requests {
        if let Some(before) = last.insert(request.source, *at) {
            let pause: f64 = at - before;
            assert!((pause - 0.625).abs() < 0.1, "{pause} s");
        }
    }
}
