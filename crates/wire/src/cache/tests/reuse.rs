//! When what is kept may be used, and for whom: RFC 9111 §4.

use super::super::reuse::{invalidates, is_error};
use super::super::{Selecting, Standing, Terms};
use super::Head;

const TERMS: Terms = Terms {
    lifetime_s: 60,
    age_at_arrival_s: 10,
    while_revalidate_s: 20,
    if_error_s: 100,
    for_everyone: false,
};

/// Seconds since it came, its age, how it stands, and whether it may stand in for an error.
pub(super) const STANDINGS: [(u64, u64, Standing, bool); 8] = [
    (0, 10, Standing::Fresh, true),
    (49, 59, Standing::Fresh, true),
    (50, 60, Standing::WhileRevalidating, true),
    (69, 79, Standing::WhileRevalidating, true),
    (70, 80, Standing::IfError, true),
    (149, 159, Standing::IfError, true),
    (150, 160, Standing::Stale, false),
    (9_999_999_999, 10_000_000_009, Standing::Stale, false),
];

#[test]
fn an_answer_is_fresh_until_its_age_reaches_its_lifetime_and_then_as_its_origin_allows() {
    for (kept_s, age_s, standing, stands_in) in STANDINGS {
        assert_eq!(TERMS.age_s(kept_s), age_s, "{kept_s}");
        assert_eq!(TERMS.standing(kept_s), standing, "{kept_s}");
        assert_eq!(TERMS.may_stand_in(kept_s), stands_in, "{kept_s}");
    }
}

/// §4.1: the request that filled, the answer, the request that asks, whether it is selected.
pub(super) const SELECTIONS: [(&str, &str, &str, bool); 17] = [
    ("GET /", "200", "GET / | accept: x", true),
    (
        "GET / | accept-language: de",
        "200 | vary: accept-language",
        "GET / | accept-language: de",
        true,
    ),
    (
        "GET / | accept-language: de",
        "200 | vary: Accept-Language",
        "GET / | accept-language: cy",
        false,
    ),
    ("GET / | accept-language: de", "200 | vary: accept-language", "GET /", false),
    ("GET /", "200 | vary: accept-language", "GET / | accept-language: de", false),
    ("GET /", "200 | vary: accept-language", "GET /", true),
    (
        "GET / | accept-language: de, cy",
        "200 | vary: accept-language",
        "GET / | accept-language: de,cy",
        true,
    ),
    (
        "GET / | accept-language: de, cy",
        "200 | vary: accept-language",
        "GET / | accept-language: de | accept-language: cy",
        true,
    ),
    ("GET / | a: 1 | b: 2", "200 | vary: a | vary: b", "GET / | a: 1 | b: 3", false),
    ("GET / | a: 1 | b: 2", "200 | vary: a, b", "GET / | b: 2 | a: 1", true),
    (
        "GET / | accept-encoding: gzip, br",
        "200 | vary: accept-encoding",
        "GET / | accept-encoding: br;q=0.9, gzip",
        true,
    ),
    (
        "GET / | accept-encoding: gzip",
        "200 | vary: accept-encoding",
        "GET / | accept-encoding: gzip;q=0",
        false,
    ),
    (
        "GET / | accept-encoding: gzip",
        "200 | vary: accept-encoding",
        "GET / | accept-encoding: gzip, x-random-1",
        true,
    ),
    ("GET / | accept-encoding: gzip", "200 | content-encoding: gzip", "GET /", false),
    ("GET /", "200 | vary: accept-encoding", "GET / | accept-encoding: identity;q=0", false),
    (
        "GET / | origin: https://a.example",
        "200 | access-control-allow-origin: https://a.example",
        "GET / | origin: https://b.example",
        false,
    ),
    ("GET / | origin: https://a.example", "200 | access-control-allow-origin: *", "GET /", true),
];

#[test]
fn an_answer_is_for_requests_that_say_the_same_in_what_it_varies_by() {
    for (filled, answer, asks, selected) in SELECTIONS {
        let (filled, answer, asks) = (Head::of(filled), Head::of(answer), Head::of(asks));
        let selecting = Selecting::of(&answer, &filled).expect("it can be kept");
        assert_eq!(selecting.selects(&asks), selected, "{} {:?}", asks.first, asks.fields);
    }
}

/// §4.4: method, status, whether what is kept of the target is dropped.
pub(super) const INVALIDATIONS: [(&str, u16, bool); 9] = [
    ("POST", 200, true),
    ("PUT", 204, true),
    ("DELETE", 303, true),
    ("PATCH", 200, true),
    ("FROB", 200, true),
    ("POST", 403, false),
    ("POST", 502, false),
    ("GET", 200, false),
    ("OPTIONS", 200, false),
];

#[test]
fn a_method_that_may_change_things_drops_what_is_kept_unless_it_failed() {
    for (method, status, drops) in INVALIDATIONS {
        assert_eq!(invalidates(method, status), drops, "{method} {status}");
    }
}

#[test]
fn four_statuses_say_that_an_origin_failed() {
    let errors: Vec<u16> = (100..600).filter(|status| is_error(*status)).collect();
    assert_eq!(errors, [500, 502, 503, 504]);
}
